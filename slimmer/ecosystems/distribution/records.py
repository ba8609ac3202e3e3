"""What the package managers' records at the top of a tree say, and where that lies in the tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from slimmer.formats import apk, dpkg
from slimmer.formats.stanzas import is_cut
from slimmer.model.packages import Package
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.model.tree_links import resolve
from slimmer.paths import folder_of, join, name_of
from slimmer.text import and_more

DEBIAN, ALPINE = "debian", "alpine"
_INFO = re.compile(re.escape(dpkg.INFO_FOLDER) + r"/([^/:]+)(?::[^/.]+)?\.[a-z0-9]+")
_STATUS_D = re.compile(re.escape(dpkg.STATUS_FOLDER) + r"/([^/]+?)(?:\.md5sums)?")
_LIST = ".list"
#: What of a package no program of it is: what people and package managers read.
_PAPERS = re.compile(
    r"(?:usr/)?share/(?:doc|doc-base|man|info|lintian|bug|menu|reportbug)/.*|"
    + re.escape(dpkg.INFO_FOLDER)
    + r"/.*|"
    + re.escape(dpkg.STATUS_FOLDER)
    + r"/.*"
)
#: What no list names and a package's own scripts made: the place, with all below, and the package.
_MADE = (
    ("var/lib/apt", "apt"),
    ("var/cache/apt", "apt"),
    ("var/log/apt", "apt"),
    ("var/lib/dpkg", "dpkg"),
    ("var/log/dpkg.log", "dpkg"),
    ("var/log/alternatives.log", "dpkg"),
    ("var/log/bootstrap.log", "dpkg"),
    ("var/cache/debconf", "debconf"),
    ("var/cache/ldconfig", "libc-bin"),
    ("etc/ld.so.cache", "libc-bin"),
    ("var/cache/dictionaries-common", "dictionaries-common"),
    ("var/cache/fontconfig", "fontconfig"),
    ("var/log/fontconfig.log", "fontconfig"),
    ("var/cache/man", "man-db"),
    ("var/lib/pam", "libpam-runtime"),
    ("var/lib/systemd", "systemd"),
    ("var/lib/dbus", "dbus"),
    ("usr/share/glib-2.0/schemas/gschemas.compiled", "libglib2.0-0"),
    ("usr/share/info/dir", "install-info"),
    ("lib/apk/db", "apk-tools"),
    ("var/cache/apk", "apk-tools"),
    ("etc/apk/world", "apk-tools"),
    *(
        (f"usr/share/mime/{name}", "shared-mime-info")
        for name in (
            *("XMLnamespaces", "aliases", "generic-icons", "globs", "globs2", "icons", "magic"),
            *("mime.cache", "subclasses", "treemagic", "types", "version", "application"),
            *("audio", "font", "image", "inode", "message", "model", "multipart", "text"),
            *("video", "x-content", "x-epoc", "chemical", "x-scheme-handler"),
        )
    ),
)
#: What says which packages are there, whoever wrote it: of no package, so that it stays.
STAYS = frozenset((dpkg.STATUS, dpkg.EXTENDED_STATES, dpkg.DIVERSIONS, apk.INSTALLED, apk.WORLD))
#: The same for files in the folder of a processor: what the place ends in, and the package.
_MADE_CACHES = (
    ("/loaders.cache", ("libgdk-pixbuf-2.0-0", "gdk-pixbuf")),
    ("/giomodule.cache", ("libglib2.0-0", "libglib2.0-0t64", "glib")),
    ("/Adwaita/icon-theme.cache", ("adwaita-icon-theme",)),
    ("/hicolor/icon-theme.cache", ("hicolor-icon-theme",)),
    ("/3.0.0/immodules.cache", ("libgtk-3-0", "libgtk-3-0t64", "gtk+3.0")),
    ("/2.10.0/immodules.cache", ("libgtk2.0-0", "libgtk2.0-0t64", "gtk+2.0")),
)
#: Data that the C library and many programs read, whose names no program says.
READ_BY_ALL = (
    *("alpine-baselayout", "alpine-baselayout-data", "alpine-release", "base-files", "base-passwd"),
    *("ca-certificates", "ca-certificates-bundle", "libc-bin", "libnss-nis", "libnss-nisplus"),
    *("media-types", "musl", "ncurses-base", "ncurses-terminfo-base", "netbase", "tzdata"),
)
#: The owner of what says which packages are there, below the distribution's kind.
RECORDS = "records"
Read = Callable[[str], bytes]


class Placer:
    """Says where in a tree a path of a package lies, over the links on its way (merged /usr)."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._folders: dict[str, str | None] = {}

    def place(self, path: str) -> str | None:
        """Return where a file or link that was placed at ``path`` lies; None where nowhere."""
        folder, known = folder_of(path), self._tree.by_path
        if folder not in self._folders:
            self._folders[folder] = resolve(self._tree, folder).end if folder else ""
        real = self._folders[folder]
        if real is None:
            return None
        entry = known.get(join(real, name_of(path)))
        is_merged = not folder and entry is not None and entry.kind is Kind.LINK  # /lib is a folder
        if entry is None or entry.kind is Kind.DIRECTORY or is_merged:
            return None
        return entry.path


class Records:
    """The packages of a tree; what they placed is looked up when it is first asked for."""

    def __init__(self, tree: Tree, read: Read) -> None:
        self._tree = tree
        self._read = read
        has_dpkg = self._is_file(dpkg.STATUS) or dpkg.STATUS_FOLDER in tree.by_path
        has_apk = self._is_file(apk.INSTALLED)
        #: Whether the records of two package managers are there, so that neither is the whole.
        self.is_doubtful = has_dpkg and has_apk
        #: The distribution's kind, as owners name it; empty without records.
        self.family = DEBIAN if has_dpkg else ALPINE if has_apk else ""

    @property
    def is_whole(self) -> bool:
        """Whether the records of one package manager are there, and tell of all packages."""
        return bool(self.family) and not self.doubt

    @cached_property
    def doubt(self) -> str:
        """Why the records do not tell of all packages, in a line; empty where they do."""
        if self.is_doubtful:
            return f"{dpkg.STATUS} and {apk.INSTALLED} are both there"
        place = {DEBIAN: dpkg.STATUS, ALPINE: apk.INSTALLED}.get(self.family, "")
        if is_cut(self._bytes(place)):
            return f"{place} ends early"
        if self.family != DEBIAN:
            return ""
        known = dpkg.parse_names(self._bytes(dpkg.STATUS)) | self.packages.keys()
        others = sorted({name for name, _ in self._lists() if name not in known})
        return (
            f"{place} does not tell of {and_more(others)}, whose files are listed beside it"
            if others
            else ""
        )

    @cached_property
    def packages(self) -> dict[str, Package]:
        """The packages by name; those of one name for several processors are one."""
        found: dict[str, Package] = {}
        for package in self._of_dpkg() if self.family == DEBIAN else self._of_apk():
            known = found.get(package.name)
            if known is not None:
                package = known._replace(
                    needs=known.needs + package.needs, is_required=known.is_required
                )
            found[package.name] = package
        return found

    @cached_property
    def automatic(self) -> frozenset[str]:
        """The packages that were installed for others only; none where nothing says so."""
        if self.doubt:
            return frozenset()
        if self.family == DEBIAN:
            return dpkg.parse_automatic(self._bytes(dpkg.EXTENDED_STATES)) & self.packages.keys()
        if not self._is_file(apk.WORLD):
            return frozenset()
        world = apk.parse_world(self._bytes(apk.WORLD))
        asked = {name for name in world for name in self.givers.get(name, ())}
        return frozenset(self.packages.keys() - asked - world)

    @cached_property
    def givers(self) -> dict[str, tuple[str, ...]]:
        """The packages that answer to a name: of that name, or that say they give it."""
        found: dict[str, list[str]] = {}
        for package in self.packages.values():
            for name in dict.fromkeys((package.name, *package.gives)):
                found.setdefault(name, []).append(package.name)
        placed = {path: name for name, paths in self.files.items() for path in paths}
        for package in self.packages.values() if self.family == ALPINE else ():
            for group in package.needs:
                for asked in group:
                    if asked.startswith("/") and (owner := self._owner_at(asked, placed)):
                        found.setdefault(asked, [owner])
        return {name: tuple(sorted(those)) for name, those in found.items()}

    @cached_property
    def files(self) -> dict[str, tuple[str, ...]]:
        """The files and links in the tree that each package placed, its own records among them."""
        placer = Placer(self._tree)
        found: dict[str, set[str]] = {name: set() for name in self.packages}
        for name, paths in self._listed():
            if name in found:
                found[name].update(filter(None, map(placer.place, paths)))
        for entry in self._tree.below(folder_of(dpkg.STATUS)):
            its = _INFO.fullmatch(entry.path) or _STATUS_D.fullmatch(entry.path)
            if its and its[1] in found and entry.kind is Kind.FILE:
                found[its[1]].add(entry.path)
        taken = frozenset(path for paths in found.values() for path in paths)
        for place, name in _MADE:
            below = self._tree.below(place) if name in found else ()
            made = (e.path for e in below if e.kind is not Kind.DIRECTORY and e.path not in STAYS)
            found.get(name, set()).update(path for path in made if path not in taken)
        for end, names in _MADE_CACHES:
            for name in names:
                caches = (entry.path for entry in self._tree.ending_in(end) if name in found)
                found.get(name, set()).update(path for path in caches if path not in taken)
        return {name: tuple(sorted(paths)) for name, paths in found.items()}

    def works(self, name: str) -> list[str]:
        """Return what a package placed that programs may run or read."""
        return [path for path in self.files.get(name, ()) if not is_paper(path)]

    def has_left(self, path: str, verdicts: Mapping[str, Verdict]) -> bool:
        """Return whether a path is kept, and for a link what it leads to."""
        if not verdicts[path].kept:
            return False
        is_link = self._tree.by_path[path].kind is Kind.LINK
        end = resolve(self._tree, path).end if is_link else None
        return not end or verdicts[end].kept

    def needed(self, name: str, *, with_liked: bool) -> Iterator[str]:
        """Yield the installed packages that one needs, or with them those that it likes."""
        package = self.packages[name]
        for group in (*package.needs, *(package.likes if with_liked else ())):
            for asked in group:
                yield from self.givers.get(asked, ())

    def _of_dpkg(self) -> Iterator[Package]:
        yield from dpkg.parse_status(self._bytes(dpkg.STATUS))
        for entry in self._tree.below(dpkg.STATUS_FOLDER):
            if entry.kind is Kind.FILE and not entry.path.endswith(".md5sums"):
                yield from dpkg.parse_status(self._bytes(entry.path))

    def _of_apk(self) -> tuple[Package, ...]:
        return apk.parse_installed(self._bytes(apk.INSTALLED))

    def _listed(self) -> Iterator[tuple[str, Iterable[str]]]:
        """Yield each package with the paths that it placed, where they went."""
        if self.family == ALPINE:
            for package in self._of_apk():
                yield package.name, package.files
            return
        away = dpkg.parse_diversions(self._bytes(dpkg.DIVERSIONS))
        for name, path in self._lists():
            yield name, _diverted(dpkg.parse_list(self._read(path)), name, away)
        for entry in self._tree.below(dpkg.STATUS_FOLDER):
            if entry.path.endswith(".md5sums") and (its := _STATUS_D.fullmatch(entry.path)):
                rows = self._bytes(entry.path).decode("utf-8", "surrogateescape").splitlines()
                yield its[1], [row[34:] for row in rows]

    def _lists(self) -> Iterator[tuple[str, str]]:
        """Yield each package that has a list of its files, with its place."""
        for entry in self._tree.below(dpkg.INFO_FOLDER):
            its = _INFO.fullmatch(entry.path)
            if its and entry.path.endswith(_LIST) and entry.kind is Kind.FILE:
                yield its[1], entry.path

    def _owner_at(self, path: str, placed: dict[str, str]) -> str:
        trail = resolve(self._tree, path.strip("/"))
        return placed.get(trail.over[-1] if trail.over else trail.end or "", "")

    def _is_file(self, path: str) -> bool:
        entry = self._tree.by_path.get(path)
        return entry is not None and entry.kind is Kind.FILE

    def _bytes(self, path: str) -> bytes:
        return self._read(path) if self._is_file(path) else b""


def is_paper(path: str) -> bool:
    """Return whether a path is what people or package managers read, and no program."""
    return _PAPERS.fullmatch(path) is not None


def goes_last(path: str, owner: str) -> bool:
    """Return whether a path of an owner goes only when all else of its package has gone.

    These are licences and records of a distribution's packages, which may cover what another owns:
    an application of OTP is placed by a package, too.
    """
    family, _, name = owner.partition("/")
    return family in (DEBIAN, ALPINE) and (name == RECORDS or is_paper(path))


def is_read_by_all(owner: str) -> bool:
    """Return whether an owner is a package whose data any program may read."""
    family, _, name = owner.partition("/")
    return family in (DEBIAN, ALPINE) and name in READ_BY_ALL


def _diverted(
    paths: Iterable[str], package: str, away: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    for path in paths:
        to, who = away.get(path, (path, package))
        yield path if who == package else to
