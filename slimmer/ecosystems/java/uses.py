"""Who uses which jar, and which artefact in a fat jar: by the names in classes and in lists.

A class asks for every class, resource, package and namespace whose name is in its pool. Lists of
providers (META-INF/services) ask for what they name as soon as their interface is reached; those
of Java's own interfaces do always. Files in a jar ask for what they name. What code loads by a
name that it puts together may be all below the name's beginning. ``Class-Path`` only says where
classes are looked for: Java passes over what is not there (JAR File Specification).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.java.class_path import JARS, on_class_path
from slimmer.ecosystems.java.jars import Asked, Jar, class_names
from slimmer.ecosystems.java.names import Names
from slimmer.ecosystems.java.platform import is_of_java, is_of_lambda
from slimmer.formats import FormatError
from slimmer.formats.java.classes import text
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry, Kind
from slimmer.model.uses import Use, Uses, own_part
from slimmer.paths import folder_of, name_of
from slimmer.sizes import count_text
from slimmer.text import printable

_KIND = "java/"
_MAX_TEXT_BYTES = 1_000_000
_ELSEWHERE = (".class", *JARS, ".py", ".js", ".mjs", ".cjs", ".ts")
_JAVA = re.compile(rb"\bjava\b")
_MODULES = re.compile(rb"--module-path|--add-modules|\s-p\s|\s-m\s")
_MANY = 8  # units that one beginning of a name reaches, above which it is told
_OFFERED = 200


def find_uses(request: UsesRequest) -> Uses:
    """Return who uses which jar or artefact, as far as anything of Java is known to run."""
    jars = [entry.path for entry in request.kept(*JARS) if request.owners[entry.path] == OWN]
    found = _Search(request, jars) if jars or request.entry else None
    return found.uses() if found else Uses()


_COMMAND = "the image's command"  # what uses the classes that it names


class _Search:
    """The jars of a tree, and all that is followed from what runs."""

    def __init__(self, request: UsesRequest, paths: list[str]) -> None:
        self._request = request
        self._read = request.context.read
        self._names = Names()
        self._jars: dict[str, Jar] = {}
        self._found: set[Use] = set()
        self._notes: list[str] = []
        self._entries: dict[str, str] = {}
        self._roots: set[str] = set()
        self._own = {e.path for e in request.kept(".class") if request.owners[e.path] == OWN}
        loaded = on_class_path(request.context, request.verdicts, paths)
        called = _called(paths)
        for path in paths:
            self._open(path, called[path], is_unit=path in loaded)
        for path in self._own:
            self._names.add(path, frozenset((own_part(path),)))
        self._parts = {part: jar for jar in self._jars.values() for part in jar.parts}
        self._units = {
            part
            for part, jar in self._parts.items()
            if jar.name.startswith(_KIND) and part not in jar.lists
        }

    def _open(self, path: str, name: str, *, is_unit: bool) -> None:
        try:
            jar = Jar(path, self._read(path), name)
            if not (is_unit and jar.has_code):
                jar = Jar(path, self._read(path), own_part(path))
        except FormatError:
            self._notes.append(
                f"{printable(path)} cannot be read as a jar; all others count as reached"
            )
            self._roots.add(own_part(path))
            return
        self._jars[path] = jar
        shared = {part: frozenset((part,)) for part in jar.parts}
        for member, part in jar.asked_names():
            self._names.add(member, shared[part])
        for each in {path, name_of(path)}:
            self._names.add_file(each, shared[jar.name])

    def uses(self) -> Uses:
        """Return who uses whom, followed from what runs; nothing where nothing of Java does."""
        starts = self._started()
        offers = tuple(self._offers()) if self._request.entry else ()
        if not starts:
            return Uses(entries=self._entries, offers=offers)
        for jar in self._jars.values():
            self._of_lists(jar)
            self._of_jar(jar)
        if self._roots - self._parts.keys():  # a jar that cannot be read
            for root in self._roots - self._parts.keys():
                self._found |= {Use(root, unit, "what cannot be read") for unit in self._units}
        self._follow()
        inside = {j.path: m for j in self._jars.values() if (m := j.inside()) and self._is_unit(j)}
        return Uses(
            units=frozenset(self._units),
            uses=tuple(self._found),
            roots=frozenset(self._roots & self._units),
            finer={j.path: j.name for j in self._jars.values() if self._is_unit(j)},
            notes=tuple(dict.fromkeys(self._notes)) if self._request.is_asked else (),
            inside=inside,
            inner_bytes=self._inner_bytes(inside),
            entries=self._entries,
            offers=offers,
        )

    def _is_unit(self, jar: Jar) -> bool:
        return jar.name in self._units

    def _inner_bytes(self, inside: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        return {
            part: sum(member.compressed_bytes for member in members)
            for path in inside
            for part, members in self._jars[path].parts.items()
            if part in self._units and part != self._jars[path].name
        }

    def _started(self) -> bool:
        """Look at all that runs, and return whether anything of Java is among it."""
        runs = bool(self._own)
        for path in self._own:
            asked = Asked()
            asked.add_class(path, self._read(path))
            self._ask(own_part(path), path, asked)
        self._beside(own_part(min(self._own)), {folder_of(p) for p in self._own}) if runs else None
        for name in self._request.entry:
            class_ = name.partition("::")[0]
            for part in self._names.of_class(class_):
                runs = True
                self._entries[name] = part
                self._beside(part, {folder_of(class_.replace(".", "/"))})
        runs |= self._of_texts()
        runs |= self._of_command()
        return self._of_siblings() or runs

    def _of_command(self) -> bool:
        """Add what an image's command and variables name; return whether any of it is Java's."""
        started = self._request.context.started
        if started is None:
            return False
        asked = Asked()
        asked.add_other(_COMMAND, "\n".join((*started.command, *started.environment)).encode())
        before = len(self._found)
        self._ask(own_part(_COMMAND), _COMMAND, asked)
        return len(self._found) > before

    def _of_texts(self) -> bool:
        """Add what the user's own files name, and return whether one of them starts Java."""
        starts = False
        for entry in self._request.context.tree.entries:
            if not self._may_name(entry):
                continue
            data = self._read(entry.path)
            asked = Asked()
            asked.add_other(entry.path, data)
            before = len(self._found)
            self._ask(own_part(entry.path), entry.path, asked)
            if len(self._found) > before and _JAVA.search(data):
                starts |= entry.executable or name_of(entry.path) == "bootstrap"
            if _MODULES.search(data) and _JAVA.search(data):
                self._all(own_part(entry.path), f"{entry.path} starts Java with modules")
        return starts

    def _may_name(self, entry: Entry) -> bool:
        path = entry.path
        is_own = entry.kind is Kind.FILE and self._request.owners[path] == OWN
        if not is_own or not self._request.verdicts[path].kept or path.endswith((".class", *JARS)):
            return False
        return entry.size_bytes <= _MAX_TEXT_BYTES or path.endswith(".jsa")

    def _of_siblings(self) -> bool:
        """Add what classes and jars of zips beside name; return whether there are any."""
        runs = False
        for zip_ in self._request.context.deployment.siblings:
            for entry in zip_.tree.entries:
                if entry.kind is Kind.FILE and entry.path.endswith((".class", *JARS)):
                    runs = True
                    name = f"{zip_.name}: {entry.path}"
                    for asked in _asked(entry.path, zip_.read(entry.path)):
                        self._ask(name, name, asked)
        return runs

    def _of_lists(self, jar: Jar) -> None:
        """Add that whoever has an interface uses the providers that lists name."""
        has_others = bool(self._request.context.deployment.siblings) or _is_web(jar)
        for service, provided in jar.services():
            users = self._names.of_class(service)
            used = {p for word in provided for each in self._names.named(word) for p in each}
            self._found |= {Use(u, p, service) for u in users for p in used if u != p}
            path = service.replace(".", "/")
            is_asked = not users and has_others
            if is_asked or is_of_java(path) or is_of_lambda(path):
                self._roots |= used

    def _of_jar(self, jar: Jar) -> None:
        """Add what a jar starts, and that its artefacts bring the jar."""
        verdict = self._request.verdicts[jar.path]
        if jar.is_agent or verdict.kept_by_user or not self._is_unit(jar) or _is_web(jar):
            self._roots.add(jar.name)
        self._found |= {Use(jar.name, part, "what web servers look for") for part in jar.searched()}
        if verdict.kept_by_user:
            self._roots |= jar.parts.keys()
        self._found |= {Use(part, jar.name, jar.path) for part in jar.parts if part != jar.name}
        for name in jar.starts:
            for part in self._names.of_class(name):
                self._found.add(Use(jar.name, part, "the manifest"))
                self._beside(part, {folder_of(name.replace(".", "/"))})

    def _beside(self, part: str, folders: set[str]) -> None:
        """Add that what runs uses all of its own packages, which frameworks search."""
        for folder in folders:
            self._found |= {
                Use(part, other, folder) for other in self._names.below(folder) - {part}
            }

    def _follow(self) -> None:
        """Read the parts that are reached from anything that may be a root, and no others."""
        by_user: dict[str, set[str]] = {}
        for use in self._found:
            by_user.setdefault(use.user, set()).add(use.used)
        todo = [*self._roots, *self._entries.values()]
        users = by_user.keys() - self._parts.keys()
        todo += [used for user in users for used in by_user[user]]
        done: set[str] = set()
        while todo:
            part = todo.pop()
            if part in done:
                continue
            done.add(part)
            todo += by_user.get(part, ())
            if part in self._parts:
                jar = self._parts[part]
                todo += self._ask(part, jar.path, jar.asked_by(part))

    def _ask(self, user: str, where: str, asked: Asked) -> set[str]:
        """Add what somebody asks for, and return the parts."""
        names, used = self._names, set[str]()
        for each in (text(raw) for raw in asked.texts):
            for found in names.named(each):
                used |= found
        for each in asked.words:
            for found in names.named(each):
                used |= found
        for folder, word in asked.loads:
            used |= names.loaded(folder, word)
        used.discard(user)
        self._found |= {Use(user, part, where) for part in used}
        for prefix in asked.prefixes:
            more = names.below(text(prefix)) - used - {user}
            self._found |= {Use(user, part, where) for part in more}
            if len(more) > _MANY:
                self._notes.append(
                    f"{printable(where)} loads classes by names that begin with "
                    f"{printable(text(prefix))}; {count_text(len(more), 'unit')} count as reached"
                )
            used |= more
        if asked.broken:
            inner = "" if asked.broken[0] == where else f", {asked.broken[0]}"
            self._all(user, f"{where}{inner} cannot be read")
            used |= self._units
        return used

    def _all(self, user: str, why: str) -> None:
        self._notes.append(f"{printable(why)}; all jars count as reached")
        self._found |= {Use(user, unit, why) for unit in self._parts if unit != user}

    def _offers(self) -> Iterator[str]:
        """Yield classes that an entry could have meant: those with the same last part."""
        for name in self._request.entry:
            last = name.partition("::")[0].rpartition(".")[2]
            for jar in self._jars.values():
                paths = (path for path, _ in jar.asked_names())
                same = [p for p in paths if p.endswith(".class") and last in name_of(p)]
                yield from class_names(same[:_OFFERED])


def _is_web(jar: Jar) -> bool:
    """Return whether web servers start a jar, whoever names it."""
    return jar.path.endswith(".war")


def _asked(path: str, data: bytes) -> Iterator[Asked]:
    """Yield what a class or a jar beside asks for."""
    if path.endswith(".class"):
        asked = Asked()
        asked.add_class(path, data)
        yield asked
        return
    try:
        jar = Jar(path, data, path)
    except FormatError:
        yield Asked(broken=[path])
        return
    yield from (jar.asked_by(part) for part in jar.parts)


def _called(paths: list[str]) -> dict[str, str]:
    """Return what each jar is called as a unit: its name, or its path where others share that."""
    names = [name_of(path) for path in paths]
    return {
        path: _KIND
        + (path if names.count(name) > 1 else name).removesuffix(".jar").removesuffix(".war")
        for path, name in zip(paths, names, strict=True)
    }
