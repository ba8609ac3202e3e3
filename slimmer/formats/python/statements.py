"""Python statements: what one statement, as tokens, imports or asks for by name.

Sources: the Python Language Reference, 7.11 "The import statement"; the library's importlib,
importlib.metadata, importlib.resources, pkgutil and runpy; setuptools' pkg_resources;
lazy_loader's README.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from slimmer.formats.python.tokens import FIRST, WORD, inside, split, text_of, texts

STUB = "__init__.pyi"  # what attach_stub asks for: the stub beside the file
READERS = frozenset((b"metadata", b"importlib_metadata", b"pkg_resources"))

_NAME = re.compile(f"{FIRST}{WORD}*")
_DOTTED = re.compile(rf"({FIRST}{WORD}*(?:\.{FIRST}{WORD}*)+)(?::{WORD}[\w.]*)?")
_REQUIREMENT = re.compile(r"[\w.-]+", re.ASCII)
_GROUP = re.compile(rf"(?:{WORD}|[.:-])+")
_MODULES = {"import_module": True, "__import__": True, "run_module": True, "get_data": True}
_MODULES |= dict.fromkeys(("files", "open_text", "open_binary", "read_binary"), True)
_MODULES["import_optional_dependency"] = False  # pandas' own, which takes a failure
_METADATA = frozenset(
    ["version", "metadata", "distribution", "requires", "files", "get_distribution", "require"]
)
_GROUPS = frozenset(["entry_points", "iter_entry_points"])
_LAZY = frozenset(["attach", "attach_stub"])
_ASKING = frozenset((*_MODULES, *_METADATA, *_GROUPS, *_LAZY))
_OWN = ("__name__", "__package__")


class Import(NamedTuple):
    """An import: ``level`` dots, the dotted ``module``, the ``name`` taken from it or "".

    ``certain``: it happens whenever the code around it runs, and nothing catches its
    failure. ``how`` says where it stands. ``kind`` is "module"; "metadata" for a
    distribution's own data, where ``module`` is its name, or "" for the one that the code
    belongs to; or "group" for the entry points of a group.
    """

    level: int
    module: str
    name: str
    certain: bool
    how: str
    kind: str = "module"
    #: Whether it stands in a function, and happens only when that is called.
    deferred: bool = False
    #: Whether it happens only where something went wrong: in a handler, in a function that is
    #: called after errors, or in the block of a ``raise``.
    failing: bool = False

    @property
    def top(self) -> str:
        """The outermost module of an absolute import; "" of any other."""
        return "" if self.level or self.kind != "module" else self.module.partition(".")[0]


class Statements:
    """Reads the statements of one source in their order.

    ``about_metadata``: the source speaks of a library that reads metadata. Elsewhere
    ``version`` and the like mean something else.
    """

    def __init__(self, *, about_metadata: bool) -> None:
        self._about_metadata = about_metadata
        self._reads_groups = False
        self._strings: dict[str, None] = {}
        self._functions = {name: name for name in _ASKING}
        self._constants: dict[str, str] = {}

    def asked(self, tokens: Sequence[str]) -> Iterator[Import]:
        """Yield what a simple statement, or the header of a compound one, asks for."""
        if tokens[0] == "import":
            for part in split(tokens[1:], ","):
                module = "".join(part[: part.index("as")] if "as" in part else part)
                if module:
                    yield Import(0, module, "", True, "import")
        elif tokens[0] == "from" and "import" in tokens:
            yield from self._taken(tokens)
        else:
            yield from self._in_expression(tokens)

    def groups(self) -> Iterator[Import]:
        """Yield, at the end, the groups of entry points that the source may ask for.

        Those are all its strings without blanks, if it asks for any: the name may stand in a
        constant, or behind the call (``entry_points().select(group="x")``).
        """
        if self._reads_groups and self._about_metadata:
            for text in filter(_GROUP.fullmatch, self._strings):
                yield Import(0, text, "", True, "entry_points", "group")

    def _taken(self, tokens: Sequence[str]) -> Iterator[Import]:
        """Yield what ``from MODULE import NAMES`` asks for."""
        middle = tokens.index("import")
        origin = "".join(tokens[1:middle])
        module = origin.lstrip(".")
        names = [token for token in tokens[middle + 1 :] if token not in ("(", ")")]
        for part in split(names, ","):
            if part:
                yield Import(len(origin) - len(module), module, part[0], True, "import")
            if len(part) == 3 and part[0] in _ASKING:  # NAME as OTHER
                self._functions[part[2]] = part[0]

    def _in_expression(self, tokens: Sequence[str]) -> Iterator[Import]:
        if tokens[0] == "__all__":
            yield from _own_names(texts(tokens), "__all__")
        if len(tokens) == 3 and tokens[1] == "=" and (text := text_of(tokens[2])):
            self._constants[tokens[0]] = text
        done = 0  # up to where the names in a call are known; calls in calls are not read twice
        for number, token in enumerate(tokens):
            if token[-1] in "\"'":
                yield from self._in_string(text_of(token) or "")
                continue
            function = self._functions.get(token)
            if function is None or tokens[number + 1 : number + 2] != ["("]:
                continue
            if function == "attach" and number >= done:
                listed = inside(tokens, number + 2)
                done = number + 2 + len(listed)
                yield from _own_names(texts(listed), "lazy_loader")
            yield from self._called(function, tokens[number + 2 : number + 8])

    def _in_string(self, text: str) -> Iterator[Import]:
        if self._about_metadata:
            self._strings[text] = None
        if dotted := _DOTTED.fullmatch(text):
            yield Import(0, dotted[1], "", False, "a string")

    def _called(self, function: str, arguments: Sequence[str]) -> Iterator[Import]:
        """Yield what a call asks for by its first argument; these are its first few tokens."""
        if function in _GROUPS:
            self._reads_groups = True
        if function == "attach_stub":
            yield Import(1, "", STUB, True, "lazy_loader")
        if arguments[1:2] == ["="]:  # name="x"
            arguments = arguments[2:]
        first = arguments[0] if arguments else ""
        text = text_of(first) or self._constants.get(first, "")
        if function in _METADATA and self._about_metadata and (text or first in _OWN):
            name = _REQUIREMENT.match(text)
            yield Import(0, name[0] if name else "", "", True, function, "metadata")
        if function in _MODULES and text:
            package = next(texts(arguments[1:]), "")
            yield _meant(text, package, _MODULES[function], function)


def _own_names(names: Iterable[str], how: str) -> Iterator[Import]:
    """Yield the names that a module says it has; each may be a module inside it."""
    for name in names:
        if _NAME.fullmatch(name):
            yield Import(1, "", name, True, how)


def _meant(text: str, package: str, certain: bool, function: str) -> Import:
    """Return what ``import_module`` loads, relative to a package that is named or its own."""
    module = text.lstrip(".")
    level = len(text) - len(module)
    if level == 1 and package:
        return Import(0, f"{package}.{module}", "", certain, function)
    return Import(level, module, "", certain, function)
