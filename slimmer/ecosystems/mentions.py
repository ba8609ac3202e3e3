"""What the user's own text mentions: one index over it, which all languages ask by name.

It is built once, and only if somebody asks. Texts of zips beside the tree count like its own. What
only builds, tests or deploys (lock files, CI, lists of packages for development) is not read, nor
is prose. What the settings of a tool name counts for whom the tool runs: such a name is told with
its tool.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

from slimmer.ecosystems.own_texts import COMPILER, inherited, tool_of, writing_of
from slimmer.formats.javascript.manifest import Manifest, Script, parse_manifest
from slimmer.formats.javascript.requires import without_type_names
from slimmer.formats.mentions import Writing, line_of, names
from slimmer.inputs.base import Sibling
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import name_of

_HEAD_BYTES = 4_096  # a text has no zero byte in them
_TYPED = (".ts", ".cts", ".mts", ".tsx")
COMMAND = "the image's command"
_RUNNERS = ("npm", "yarn", "pnpm", "bun", "deno")


class Mention(NamedTuple):
    """Where a name stands."""

    path: str
    #: Counted from 1; 0 for what has no lines.
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Beside(NamedTuple):
    """A zip beside the tree, and who installed each of its paths, or OWN."""

    zip: Sibling
    owners: Mapping[str, str]


class _Text(NamedTuple):
    """One of the user's own files: what reports call it, and how it is read."""

    name: str
    entry: Entry
    read: Callable[[], bytes]


_Place = tuple[_Text, int]  # a file, and an offset in its bytes


@dataclass
class _Index:
    """The first place of each name, and of each in the settings of each tool."""

    anywhere: dict[str, _Place] = field(default_factory=dict)
    of_tools: dict[str, dict[str, _Place]] = field(default_factory=dict)

    def add(self, tool: str, name: str, place: _Place) -> None:
        places = self.of_tools.setdefault(name, {}) if tool else self.anywhere
        places.setdefault(tool or name, place)


class Mentions:
    """Knows what the user's own files mention, of a tree and of zips beside it.

    Each is read once, when somebody first asks.
    """

    def __init__(
        self,
        tree: Tree,
        owners: Mapping[str, str],
        read: Callable[[str], bytes],
        beside: Callable[[], Iterable[Beside]] = tuple,
        silent: Collection[str] = (),
        command: Collection[str] = (),
    ) -> None:
        """Take a tree, what gives the zips beside it, and the files that mention nothing.

        ``command`` is what starts the image that a tree is of: it mentions like a script.
        """
        self._tree = tree
        self._owners = owners
        self._read = read
        self._beside = beside
        self._silent = silent
        self._command = command

    def of(self, name: str) -> Mention | None:
        """Return where the user's own code, scripts or settings first mention a name."""
        place = self._index.anywhere.get(name)
        return None if place is None else _mention(place)

    def in_tools(self, name: str) -> Iterator[tuple[str, Mention]]:
        """Yield the packages of tools whose settings name something, and where they do."""
        for tool, place in self._index.of_tools.get(name, {}).items():
            yield tool, _mention(place)

    def declared(self, manifest: str, name: str) -> Mention:
        """Return where a package.json declares a package."""
        return _mention(_found(self._text(manifest), name))

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

    def _is_own(self, entry: Entry) -> bool:
        is_silent = entry.path in self._silent
        return entry.kind is Kind.FILE and self.is_own(entry.path) and not is_silent

    def _text(self, path: str) -> _Text:
        return _Text(path, self._tree.by_path[path], partial(self._read, path))

    @cached_property
    def _texts(self) -> list[_Text]:
        """The user's own files, those of zips beside behind those of the tree."""
        texts = [self._text(e.path) for e in self._tree.entries if self._is_own(e)]
        for zip_, owners in self._beside():
            for entry in zip_.tree.entries:
                if entry.kind is Kind.FILE and owners.get(entry.path) == OWN:
                    name = f"{zip_.name}: {entry.path}"
                    texts.append(_Text(name, entry, partial(zip_.read, entry.path)))
        return texts

    @cached_property
    def _index(self) -> _Index:
        index, manifests = _Index(), list[tuple[_Text, Manifest]]()
        _add_command(index, self._command)
        for text in self._texts:
            path = text.entry.path
            writing = writing_of(text.entry)
            data = b"" if writing is None else text.read()
            if writing is not None and b"\0" not in data[:_HEAD_BYTES]:
                tool = tool_of(name_of(path))
                for name, offset in _names(path, data, writing):
                    index.add(tool, name, (text, offset))
            elif name_of(path) == "package.json":
                manifests.append((text, parse_manifest(text.read())))
        for text, manifest in manifests:
            for key, text_of_key in manifest.tools:
                quoted = b'"' + text_of_key.encode("utf-8", "replace") + b'"'
                for name, _ in names(quoted, Writing.QUOTED):
                    index.add(tool_of(key) or key, name, _found(text, name))
        _add_scripts(index, manifests)
        return index


def _add_command(index: _Index, command: Iterable[str]) -> None:
    """Add what starts an image: the words, and of a path its last part too."""
    words = [word for each in command for word in each.split()]
    said = " ".join((*words, *map(name_of, words))).encode("utf-8", "surrogateescape")
    text = _Text(COMMAND, Entry(COMMAND, Kind.FILE), lambda: said)
    for name, offset in names(said, Writing.WORDS):
        index.add("", name, (text, offset))


def _add_scripts(index: _Index, manifests: Iterable[tuple[_Text, Manifest]]) -> None:
    """Add what those scripts of package.json mention that something starts."""
    todo = [(text, script) for text, m in manifests for script in m.scripts]
    while started := [each for each in todo if _starts(each[1], index.anywhere)]:
        todo = [each for each in todo if each not in started]
        for text, script in started:
            for name, _ in names(script.command.encode("utf-8", "replace"), Writing.WORDS):
                index.add("", name, _found(text, script.name))


def _mention(place: _Place) -> Mention:
    text, offset = place
    return Mention(text.name, 0 if text.name == COMMAND else line_of(text.read(), offset))


def _found(text: _Text, name: str) -> _Place:
    return text, max(0, text.read().find(b'"' + name.encode("utf-8", "replace")))


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
