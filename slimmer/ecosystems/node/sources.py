"""The JavaScript of one tree: what each file asks for, and which files nobody asks for.

Files are read when they are first asked about, and looked at once.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.javascript.requires import IN_ANY, Asked, asked, without_types
from slimmer.formats.javascript.scopes import Place, places

ENDINGS = (".js", ".cjs", ".mjs")
# Node 22.18 and later run most of them, but none in node_modules; tsx, Bun and Deno run all.
TYPED = (".ts", ".cts", ".mts", ".tsx", ".jsx")
_PACKAGE = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+(?=/|$)")
_BUILDS = re.compile(  # inside its package, a file that only builds and tests start
    r"(?:scripts?|tests?|spec|bench(?:marks?)?|examples?|docs?|dist-tools)/.*"
    r"|(?:.*/)?__(?:benchmarks|tests)__/.*"
    r"|(?:[Gg]runtfile|[Gg]ulpfile|[Bb]ench(?:mark)?|[\w.-]+\.(?:config|conf|test|spec)|\.\w+rc)"
    r"\.[cm]?[jt]s"
)
_TYPES = re.compile(r"\.d\.(?:\w+\.)?[cm]?ts$")
_COMMANDS = "bin/"  # of a package: a person starts them at a terminal


class Find(NamedTuple):
    """What a source asks for, and the files of the tree that it may get."""

    asked: Asked
    targets: tuple[str, ...]


class Sources:
    """Reads sources and remembers what they ask for; ``resolve`` turns a name into paths."""

    def __init__(
        self, read: Callable[[str], bytes], resolve: Callable[[str, str, str], tuple[str, ...]]
    ) -> None:
        self._read = read
        self._resolve = resolve
        self._found: dict[str, tuple[Find, ...]] = {}
        self._places: dict[str, Mapping[int, Place]] = {}

    def finds(self, path: str) -> tuple[Find, ...]:
        """Return what a source asks for, as far as the tree has it."""
        if path not in self._found:
            source = self._read(path)
            found = asked(without_types(source) if path.endswith(TYPED) else source)
            resolved = (Find(a, self._resolve(path, a.specifier, a.how)) for a in found)
            self._found[path] = tuple(find for find in resolved if find.targets)
        return self._found[path]

    def place(self, path: str, offset: int) -> Place | None:
        """Return where an offset stands, None for a comment; what cannot be told is code."""
        if path not in self._places:
            offsets = [find.asked.offset for find in self._found[path]]
            try:
                self._places[path] = places(self._read(path), offsets)
            except FormatError:
                plain = Place(in_function=False, caught=False)
                self._places[path] = dict.fromkeys(offsets, plain)
        return self._places[path].get(offset)

    def only_building(self, paths: Iterable[str], entries: Collection[str]) -> set[str]:
        """Return those that look like a build's or a test's, and that no other asks for.

        ``paths`` are the sources that are kept, ``entries`` what packages promise.
        """
        every = list(paths)
        builds = sorted(path for path in every if _looks_like_build(path))
        rest = set(builds).difference(entries)
        todo = [path for path in every if path not in rest]
        seen: set[str] = set()
        while todo and rest:
            finds = (find for find in self.finds(todo.pop()) if find.asked.how != IN_ANY)
            targets = {target for find in finds for target in find.targets}
            for target in targets - seen:
                reached = [path for path in _reached(builds, target) if path in rest]
                rest.difference_update(reached)
                todo += reached
            seen |= targets
        return rest


def may_run(path: str) -> bool:
    """Return whether Node would run a file by its name: JavaScript, or TypeScript of its own."""
    if path.endswith(TYPED):
        return not home_of(path) and not _TYPES.search(path)
    return path.endswith(ENDINGS)


def home_of(path: str) -> str:
    """Return the folder of the package that a path lies in; "" for the application's own."""
    match = _PACKAGE.match(path)
    return match[0] if match else ""


def _looks_like_build(source: str) -> bool:
    home = home_of(source)
    inside = source[len(home) :].lstrip("/")
    return bool(_BUILDS.fullmatch(inside) or (home and inside.startswith(_COMMANDS)))


def _reached(builds: list[str], target: str) -> list[str]:
    """Return the target itself, or what lies in it, where it is a folder of such files alone.

    A folder above, such as the package's own, is asked for to find other things in it.
    """
    first = bisect.bisect_left(builds, target)
    found = [target] if first < len(builds) and builds[first] == target else []
    if _looks_like_build(f"{target}/index.js"):
        for place in range(bisect.bisect_left(builds, target + "/"), len(builds)):
            if not builds[place].startswith(target + "/"):
                break
            found.append(builds[place])
    return found
