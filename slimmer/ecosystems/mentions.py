"""What the user's own text mentions: one index over it, which all languages ask by name.

It is built once, and only if somebody asks. What only builds, tests or deploys (lock files, CI,
lists of packages for development) is not read, nor is prose. What the settings of a tool name
counts for whom the tool runs: such a name is told with its tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from slimmer.ecosystems.own_texts import COMPILER, inherited, tool_of, writing_of
from slimmer.formats.javascript.manifest import Manifest, Script, parse_manifest
from slimmer.formats.javascript.requires import without_type_names
from slimmer.formats.mentions import Writing, line_of, names
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import name_of

_HEAD_BYTES = 4_096  # a text has no zero byte in them
_TYPED = (".ts", ".cts", ".mts", ".tsx")
_RUNNERS = ("npm", "yarn", "pnpm", "bun", "deno")


class Mention(NamedTuple):
    """Where a name stands."""

    path: str
    #: Counted from 1.
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


_Place = tuple[str, int]  # a path, and an offset in its bytes


@dataclass
class _Index:
    """The first place of each name, and of each in the settings of each tool."""

    anywhere: dict[str, _Place] = field(default_factory=dict)
    of_tools: dict[str, dict[str, _Place]] = field(default_factory=dict)

    def add(self, tool: str, name: str, place: _Place) -> None:
        places = self.of_tools.setdefault(name, {}) if tool else self.anywhere
        places.setdefault(tool or name, place)


class Mentions:
    """Knows what the user's own files of one tree mention; reads each once, when first asked."""

    def __init__(self, tree: Tree, owners: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._owners = owners
        self._read = read

    def of(self, name: str) -> Mention | None:
        """Return where the user's own code, scripts or settings first mention a name."""
        place = self._index.anywhere.get(name)
        return None if place is None else self._mention(place)

    def in_tools(self, name: str) -> Iterator[tuple[str, Mention]]:
        """Yield the packages of tools whose settings name something, and where they do."""
        for tool, place in self._index.of_tools.get(name, {}).items():
            yield tool, self._mention(place)

    def declared(self, manifest: str, name: str) -> Mention:
        """Return where a package.json declares a package."""
        return self._mention(self._found(manifest, name))

    def inherited(self) -> Iterator[tuple[str, str]]:
        """Yield the names that a TypeScript compiler's settings extend, each with the file."""
        for path in self.own(".json"):
            if tool_of(name_of(path)) == COMPILER:
                for name, _ in _names(path, self._read(path), Writing.QUOTED):
                    yield path, name

    def own(self, *ends: str) -> Iterator[str]:
        """Yield the user's own files whose paths end so."""
        for entry in self._tree.ending_in(*ends):
            if self._is_own(entry):
                yield entry.path

    def is_own(self, path: str) -> bool:
        """Return whether a path is the user's own."""
        return self._owners.get(path) == OWN

    @cached_property
    def manifests(self) -> Mapping[str, Manifest]:
        """What each of the user's own package.json says, by its path."""
        paths = (path for path in self.own("package.json") if name_of(path) == "package.json")
        return {path: parse_manifest(self._read(path)) for path in paths}

    def _mention(self, place: _Place) -> Mention:
        path, offset = place
        return Mention(path, line_of(self._read(path), offset))

    def _is_own(self, entry: Entry) -> bool:
        return entry.kind is Kind.FILE and self.is_own(entry.path)

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        for entry in self._tree.entries:
            writing = writing_of(entry) if self._is_own(entry) else None
            text = b"" if writing is None else self._read(entry.path)
            if writing is not None and b"\0" not in text[:_HEAD_BYTES]:
                tool = tool_of(name_of(entry.path))
                for name, offset in _names(entry.path, text, writing):
                    index.add(tool, name, (entry.path, offset))
        for path, manifest in self.manifests.items():
            for key, text_of_key in manifest.tools:
                quoted = b'"' + text_of_key.encode("utf-8", "replace") + b'"'
                for name, _ in names(quoted, Writing.QUOTED):
                    index.add(tool_of(key) or key, name, self._found(path, name))
        self._add_scripts(index)
        return index

    def _add_scripts(self, index: _Index) -> None:
        """Add what those scripts of package.json mention that something starts."""
        todo = [(path, script) for path, m in self.manifests.items() for script in m.scripts]
        while started := [each for each in todo if _starts(each[1], index.anywhere)]:
            todo = [each for each in todo if each not in started]
            for path, script in started:
                for name, _ in names(script.command.encode("utf-8", "replace"), Writing.WORDS):
                    index.add("", name, self._found(path, script.name))

    def _found(self, path: str, text: str) -> _Place:
        return path, max(0, self._read(path).find(b'"' + text.encode("utf-8", "replace")))


def _starts(script: Script, mentioned: Iterable[str]) -> bool:
    """Return whether a script runs: by its name, or as the user's own text calls it."""
    called = script.name in mentioned and any(runner in mentioned for runner in _RUNNERS)
    return script.starts or called


def _names(path: str, text: bytes, writing: Writing) -> Iterator[tuple[str, int]]:
    parts = inherited(path, text)
    text = without_type_names(text) if path.endswith(_TYPED) else text
    for start, end in [(0, len(text))] if parts is None else parts:
        for name, offset in names(text[start:end], writing):
            yield name, start + offset
