"""Which packages of an image are used: by links, interpreters, names and paths in what runs.

A unit is a package. Each of its programs and libraries is one too, which is used by links and
names. So is what converts between character sets, which programs open by the C library's
``iconv_open``. What a package depends on is used whole, unless it is plain what for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from slimmer.ecosystems.distribution import by_name
from slimmer.ecosystems.distribution.aside import is_nobodys, standard_libraries
from slimmer.ecosystems.distribution.binaries import converts, is_library, opened
from slimmer.ecosystems.distribution.emulator import asked_for, part_of_emulator
from slimmer.ecosystems.distribution.modules import Modules
from slimmer.ecosystems.distribution.names import BIN, paths_in, said_in
from slimmer.ecosystems.distribution.openers import Openers
from slimmer.ecosystems.distribution.reading import Reading
from slimmer.ecosystems.distribution.records import READ_BY_ALL, STAYS, Records, is_paper
from slimmer.ecosystems.distribution.starters import Starters
from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.own_texts import ACCOUNTS
from slimmer.model.owners import OWN, SHARED
from slimmer.model.started import Started, named_paths
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import resolve
from slimmer.model.uses import Use, Uses, part_of
from slimmer.paths import folder_of, join, name_of

#: What packages state only for the scripts that install them.
_INSTALLERS = (
    *("adduser", "apk-tools", "apt", "cdebconf", "debconf", "debianutils", "dpkg", "install-info"),
    *("init-system-helpers", "libpam-runtime", "menu", "passwd", "perl-base", "sensible-utils"),
    *("systemd", "ucf"),
)
_GCONV = re.compile(r"(?:usr/)?lib(?:64)?/(?:[^/]+/)?gconv(?:/.*)?")
_GCONV_PART = ":gconv"
#: The scripts of a package that run when it is installed or removed.
_INSTALLING = (".preinst", ".postinst", ".prerm", ".postrm", ".config")
_UTF8 = re.compile(r"(?i)(?:C|POSIX|.*\.utf-?8(?:@.*)?|)")
_MODULES = "node_modules/"


def find_uses(request: UsesRequest) -> Uses:
    """Return which packages are used in an image; nothing of what was not started as one.

    Raises what reading raises.
    """
    started = request.context.started
    records = request.context.package_records
    if started is None or not records.is_whole:
        return Uses()
    return _Search(request, records, started).find()


class _Search:
    """Looks at the kept files of an image."""

    def __init__(self, request: UsesRequest, records: Records, started: Started) -> None:
        self._request = request
        self._records = records
        self._started = started
        self._tree = request.context.tree
        self._placed = {path: name for name, those in records.files.items() for path in those}
        self._said: dict[str, set[str]] = {}  # the programs that a file names
        self._starters = Starters(request, self._placed)
        self._modules = Modules(self._tree, self._placed)
        self._libraries_by_name = Openers(records, self._finer, self._placed)
        self._links: dict[str, frozenset[str]] = {}  # the parts that it is linked to

    def find(self) -> Uses:
        uses = {use for entry in self._kept for use in self._of(entry)}
        uses |= set(self._of_packages())
        standard = standard_libraries(self._placed, self._request.owners)
        uses |= {Use(self._unit(self._placed[p]), owner, p) for p, owner in standard.items()}
        names = self._records.packages
        units = {self._unit(name) for name in names}.union(map(self._whole, names))
        return Uses(
            units=frozenset(units.union(self._finer.values(), standard.values())),
            uses=tuple(uses),
            roots=frozenset(self._roots()),
            finer=self._finer,
        )

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self._request, self._records, self._placed, self._programs, self._starters)

    @cached_property
    def _kept(self) -> list[Entry]:
        verdicts = self._request.verdicts
        return [e for e in self._tree.entries if e.kind is Kind.FILE and verdicts[e.path].kept]

    @cached_property
    def _finer(self) -> dict[str, str]:
        """The parts of packages, by path."""
        found: dict[str, str] = {}
        for path, owner in self._request.owners.items():
            family, _, name = owner.partition("/")
            if part := part_of_emulator(path):
                found[path] = part
            if family != self._records.family or name not in self._records.packages:
                continue
            if _GCONV.fullmatch(path):
                found[path] = f"{self._unit(name)}{_GCONV_PART}"
            elif kind := by_name.part_of_system(path):
                found[path] = f"{self._unit(name)}{kind}"
            elif BIN.fullmatch(folder_of(path)) or is_library(path):
                found[path] = f"{self._unit(name)}:{path}"
        return found

    def _finer_of(self, kind: str) -> Iterator[str]:
        return (part for part in self._finer.values() if by_name.is_asked(part, kind))

    @cached_property
    def _programs(self) -> dict[str, tuple[str, ...]]:
        """The programs in the folders that the image looks in: the parts on the way to each."""
        found: dict[str, tuple[str, ...]] = {}
        for folder in self._started.search:
            real = resolve(self._tree, folder).end
            for entry in self._tree.below(real) if real else ():
                is_here = folder_of(entry.path) == real and entry.kind is not Kind.DIRECTORY
                if is_here and name_of(entry.path) not in found:
                    found[name_of(entry.path)] = tuple(self._parts(entry.path))
        return found

    @cached_property
    def _libraries(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for entry in self._tree.entries:
            is_library = ".so" in entry.path and entry.kind is not Kind.DIRECTORY
            if is_library and self._request.verdicts[entry.path].kept:
                found.setdefault(name_of(entry.path), set()).update(self._parts(entry.path))
        return found

    @cached_property
    def _apart(self) -> frozenset[str]:
        """The packages of Node.js that lie apart from the distribution's, too.

        A copy inside one of its packages is found by that package only, so who asks for the other
        needs nothing of the distribution's.
        """
        paths = (e.path for e in self._kept if _MODULES in e.path and e.path not in self._placed)
        return frozenset(self._part(path) for path in paths)

    @cached_property
    def _there(self) -> frozenset[str]:
        """The packages of which a file is kept."""
        verdicts = self._request.verdicts
        return frozenset(
            n for n, those in self._records.files.items() if any(verdicts[p].kept for p in those)
        )

    @cached_property
    def _with_libraries(self) -> frozenset[str]:
        """The packages with libraries, which programs are linked to or not."""
        libraries = (path for path in self._placed if ".so" in name_of(path))
        return frozenset(self._placed[path] for path in libraries)

    def _unit(self, name: str) -> str:
        return f"{self._records.family}/{name}"

    def _whole(self, name: str) -> str:
        """Return the part that stands for a package with its programs.

        Of what every system has it stands for what is no program.
        """
        required = self._records.packages[name].is_required
        return self._unit(name) if required else f"{self._unit(name)}:all"

    def _is_of_distribution(self, path: str) -> bool:
        return self._request.owners.get(path, OWN) == self._unit(self._placed.get(path, ""))

    def _part(self, path: str) -> str:
        return self._finer.get(path) or part_of(path, self._request.owners.get(path, OWN))

    def _parts(self, path: str) -> Iterator[str]:
        """Yield the parts of the links that a path leads over, and of what it leads to."""
        trail = resolve(self._tree, path)
        for place in (*trail.over, *([trail.end] if trail.end else ())):
            if place in self._request.owners:
                yield self._part(place)

    def _of(self, entry: Entry) -> Iterator[Use]:
        """Yield what a file uses."""
        path = entry.path
        part = self._part(path)
        if is_paper(path) or path in ACCOUNTS or path in STAYS:
            return
        name = self._placed.get(path)
        if name is not None and not self._is_of_distribution(path) and part not in self._apart:
            yield Use(part, self._unit(name), path)  # an application of OTP, in its package
        if path.startswith("etc/") and self._request.owners[path] != OWN:
            return  # scripts of services, which nothing starts
        used = set(self._linked(entry))
        self._links[path] = frozenset(used)
        used.update(p for kind in by_name.unseen_in(path) for p in self._finer_of(kind))
        is_own, is_read = self._request.owners[path] == OWN, self._reading.is_read(entry)
        if is_own or is_read:
            used.update(self._starters.of_emulator(path, is_own=is_own))
        if is_read:
            data = self._request.context.read(path)
            dynamic = b.dynamic if (b := self._request.context.binaries.of(entry)) else None
            if self._reading.may_start(path, data, dynamic):
                said = self._starters.named_in(path, data, dynamic, self._programs)
                self._said[path] = {*said} & self._programs.keys()
                used |= {p for word in self._said[path] for p in self._programs[word]}
            used.update(self._named(paths_in(data, of_base=self._reading.is_base(path))))
            yield from self._starters.of_pipe(path, data, self._programs)
            modules = self._modules.asked_by(path, data) if is_own else ()
            used.update(self._unit(name) for name in modules)
            used.update(self._libraries_by_name.of(path, opened(path, data, dynamic)))
            asks = dynamic and converts(path, data, dynamic)
            if asks and (name_of(path) == "iconv" or not self._reading.is_base(path)):
                used.update(self._finer_of(_GCONV_PART))
            used.update(p for kind in by_name.named_by(path, data) for p in self._finer_of(kind))
        yield from (Use(part, other, path) for other in used if other != part)

    def _linked(self, entry: Entry) -> Iterator[str]:
        """Yield the parts that a program is linked to, or that a script is started by."""
        binaries = self._request.context.binaries
        binary = binaries.of(entry)
        dynamic = binary.dynamic if binary else None
        for library in dynamic.needed if dynamic else ():
            yield from self._libraries.get(name_of(library), ())
        words = binaries.script(entry).split()
        interpreter = dynamic.interpreter if dynamic else words[0] if words else ""
        yield from self._parts(interpreter.strip("/")) if interpreter else ()
        for word in words[1:]:
            yield from self._programs.get(word, ())

    def _named(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the parts of the files, and of the folders of one package, whose paths are said."""
        for said in set(paths):
            end = resolve(self._tree, said.strip("/").rstrip(".")).end
            entry = self._tree.by_path.get(end or "")
            if entry is None:
                continue
            if entry.kind is not Kind.DIRECTORY:
                parts = self._parts(said.strip("/").rstrip("."))
                yield from (part for part in parts if not part.endswith(_GCONV_PART))
            elif is_nobodys(self._tree, entry.path):
                continue
            elif (owner := self._request.owners.get(entry.path, OWN)) not in (OWN, SHARED):
                name = owner.partition("/")[2] if owner.startswith(self._records.family) else ""
                yield self._unit(name) if name in self._there else owner

    def _is_plain(self, name: str, asked: str) -> bool:
        """Return whether it is plain what for a package depends on another.

        It is linked to a library of the other, or it or its own scripts start a program of it.
        """
        files, theirs = self._records.files[name], self._records.files[asked]
        parts = {self._finer[path] for path in theirs if path in self._finer}
        if any(not parts.isdisjoint(self._links.get(path, ())) for path in files):
            return True
        programs = {name_of(path) for path in theirs if BIN.fullmatch(folder_of(path))}
        if any(not programs.isdisjoint(self._said.get(path, ())) for path in files):
            return True
        scripts = (path for path in files if path.endswith(_INSTALLING) and is_paper(path))
        read = self._request.context.read
        return any(not programs.isdisjoint(said_in(path, read(path), ())) for path in scripts)

    def _of_packages(self) -> Iterator[Use]:
        """Yield what packages need, and what programs of one need of the same."""
        for name in self._records.packages:
            unit, whole = self._unit(name), self._whole(name)
            if name not in self._there:
                continue
            if whole != unit:
                yield Use(whole, unit, name)
            for asked in self._records.needed(name, with_liked=False):
                is_linked = whole == unit and asked in self._with_libraries
                if asked not in _INSTALLERS and asked != name and not is_linked:
                    is_plain = self._is_plain(name, asked)
                    part = self._unit if is_plain or whole == unit else self._whole
                    yield Use(unit, part(asked), f"Depends of {name}")
            for path in self._records.files[name]:
                if path in self._finer and not self._is_asked_for(path):
                    yield Use(self._finer[path], unit, path)
                    if whole != unit:
                        yield Use(whole, self._finer[path], path)
                    if path in self._libraries_by_name.maybe:
                        yield Use(unit, self._finer[path], path)

    def _is_asked_for(self, path: str) -> bool:
        """Return whether a file is of a part that only those use who ask for it."""
        is_by_name = self._finer[path].endswith(_GCONV_PART) or by_name.part_of_system(path)
        return bool(is_by_name) or path in self._starters.emulator

    def _roots(self) -> Iterator[str]:
        """Yield what runs first, what the variables name, and what every program may read."""
        for name in self._records.packages.keys() & {*READ_BY_ALL}:
            yield self._whole(name)
        for word in self._words():
            yield from self._programs.get(word, ())
            for path in (word.strip("/"), join(self._started.folder.strip("/"), word)):
                if path in self._tree.by_path:
                    yield from self._parts(path)
        if self._started.variable("TZ").lstrip(":").startswith("right/"):
            yield from self._finer_of(by_name.RIGHT_PART)
        switch = self._tree.by_path.get(by_name.SWITCH)
        is_file = switch is not None and switch.kind is Kind.FILE
        asked = by_name.services(self._request.context.read(by_name.SWITCH) if is_file else None)
        yield from (part for kind in asked for part in self._finer_of(kind))
        said = "\n".join((*self._started.command, *self._started.environment))
        yield from asked_for(said.encode("utf-8", "surrogateescape"), is_own=True)
        for path in named_paths(self._started):
            below = self._tree.below(path) if path in self._tree.by_path else ()
            yield from (self._part(entry.path) for entry in below)
        locales = (self._started.variable(n) for n in ("LC_ALL", "LC_CTYPE", "LANG"))
        if not all(_UTF8.fullmatch(locale) for locale in locales):
            yield from self._finer_of(_GCONV_PART)

    def _words(self) -> Iterable[str]:
        """Return the words of the command, and those in the scripts that it hands to a shell."""
        return [word for each in self._started.command for word in (each, *each.split())]
