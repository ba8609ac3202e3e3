"""Python sources: the files and folders that code names by where it lies itself.

Source: the library's os.path, pathlib, pkgutil and importlib.resources; setuptools'
pkg_resources. Expressions of these are worked out, from ``__file__`` or a package on, as far as
they are plain: names are followed within one source, and what is put together from a variable
ends the path at the folder before it. Nothing is executed, and any bytes can be read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from slimmer.formats.python.tokens import inside, logical_lines, split, text_of

#: One of these words, or a plain ``__file__``, is in each source that names anything.
MARKS = (
    *(b"files(", b"get_data(", b"resource_filename", b"resource_string", b"resource_stream"),
    *(b"resource_listdir", b"resource_exists", b"resource_isdir", b"importlib.resources"),
    *(b"importlib_resources", b"open_text(", b"open_binary(", b"PackageLoader("),
)

_MOST_READS = 20  # of each token, on average; those in calls in calls are read again
_MAX_DEPTH = 50  # of calls and brackets in each other
_WILD = re.compile(r"[*?\[]")
_SAME = frozenset(
    (
        *("abspath", "realpath", "normpath", "normcase", "expanduser", "fspath", "str", "resolve"),
        *("absolute", "as_posix", "Path", "PurePath", "PosixPath", "as_file", "decode"),
    )
)
_JOINS = frozenset(("join", "joinpath", "Path", "PurePath", "safe_join"))
_OF_PACKAGE = frozenset(
    (
        *("files", "get_data", "open_text", "open_binary", "read_text", "read_binary", "contents"),
        *("resource_filename", "resource_string", "resource_stream", "resource_listdir"),
        *("resource_exists", "resource_isdir", "path", "PackageLoader"),
    )
)
_OWN = ("__name__", "__package__")
_UP = "..\0"  # no text has it: os.pardir


class Named(NamedTuple):
    """What a source names: a path, below its own folder or below a package.

    ``package`` is the dotted name of a package, or "" for the folder of the source. ``path`` is
    relative to that, "" for the folder itself, and may begin with "..".
    """

    package: str
    path: str


_FILE = Named("", "\0")  # the source itself, whose folder is ""


def named(source: bytes) -> tuple[Named, ...]:
    """Return what a source names by its own place or by a package; it never raises."""
    text = source.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    lines = [tokens for _, tokens in logical_lines(text)]
    reader = _Reader(_MOST_READS * sum(map(len, lines)))
    for tokens in lines:  # what a function uses may be set further down
        reader.assign(tokens)
    found = dict[Named, None]()
    for tokens in lines:
        reader.assign(tokens)
        for value in reader.values(tokens):
            found[value] = None
    return tuple(value for value in found if value != _FILE)


class _Reader:
    """Works out the expressions of one source, and remembers what names stand for."""

    def __init__(self, patience: int) -> None:
        self._names: dict[str, Named | str] = {}
        self._places = {"__file__", *_OF_PACKAGE}  # words without which a line names none
        self._patience = patience
        self._depth = 0

    def assign(self, tokens: Sequence[str]) -> None:
        """Take what ``NAME = …``, ``x.NAME: T = …`` or ``NAME, REST = split(…)`` sets."""
        is_text = len(tokens) == 3 and tokens[2][-1] in "\"'"
        if "=" not in tokens or not (is_text or self._speaks_of_places(tokens)):
            return
        equals = tokens.index("=")
        target = tokens[: tokens.index(":")] if ":" in tokens[:equals] else tokens[:equals]
        name = target[0] if "," in target else target[-1] if target else ""
        is_plain = len(target) == 1 or "," in target or list(target[-2:-1]) == ["."]
        if is_plain and (value := self._value(tokens[equals + 1 :])) is not None:
            self._names[name] = value
            if isinstance(value, Named):
                self._places.add(name)

    def _speaks_of_places(self, tokens: Sequence[str]) -> bool:
        return not self._places.isdisjoint(tokens)

    def values(self, tokens: Sequence[str]) -> Iterator[Named]:
        """Yield each place that the expressions of a line name, the longest of each."""
        number = 0 if self._speaks_of_places(tokens) else len(tokens)
        while number < len(tokens):
            value, end = self._operand(tokens, number)
            if isinstance(value, Named):
                value, end = self._joined(tokens, value, end)
                if isinstance(value, Named):
                    yield value
            number = max(end, number + 1) if isinstance(value, Named) else number + 1

    def _value(self, tokens: Sequence[str]) -> Named | str | None:
        self._patience -= len(tokens)
        if self._patience < 0 or self._depth == _MAX_DEPTH:
            return None
        self._depth += 1
        value, end = self._operand(tokens, 0)
        value, _ = self._joined(tokens, value, end)
        self._depth -= 1
        return value

    def _joined(
        self, tokens: Sequence[str], value: Named | str | None, end: int
    ) -> tuple[Named | str | None, int]:
        """Return a value with what is joined to it by ``/`` or ``+``."""
        while tokens[end : end + 1] in (["/"], ["+"]):
            other, after = self._operand(tokens, end + 1)
            is_sum = tokens[end] == "+"
            if isinstance(value, Named) and isinstance(other, str):
                if is_sum and not other.startswith(("/", "\\")) and other:
                    return _folder_before(value), after
                value = _join(value, other)
            elif isinstance(value, str) and isinstance(other, str):
                value = value + other if is_sum else None
            elif isinstance(value, Named) and tokens[end + 1 : end + 4] == ["os", ".", "sep"]:
                after = end + 4  # the text after it is joined in the next turn
                nxt, behind = self._operand(tokens, after + 1)
                if tokens[after : after + 1] == ["+"] and isinstance(nxt, str):
                    value, after = _join(value, nxt), behind
            else:
                return value, after
            end = after
        if tokens[end : end + 1] == ["%"] and isinstance(value, str):
            value = None
        return value, end

    def _operand(self, tokens: Sequence[str], start: int) -> tuple[Named | str | None, int]:
        """Return what the operand at a token means, and where it ends."""
        if start >= len(tokens) or self._patience < 0:
            return None, start + 1
        token = tokens[start]
        if token[-1] in "\"'":
            return self._text(tokens, start)
        if token == "(":  # noqa: S105 - a sign of Python's
            held = inside(tokens, start + 1)
            self._patience -= len(held)
            return self._trailer(tokens, self._value(held), start + 2 + len(held))
        value = self._name(tokens, start)
        return self._trailer(tokens, value, start + 1, token)

    def _text(self, tokens: Sequence[str], start: int) -> tuple[Named | str | None, int]:
        """Return a text; with ``% __file__`` or the like behind it, the place that it makes."""
        text, end = text_of(tokens[start]), start + 1
        if text is not None and text.startswith("%s/") and tokens[end : end + 1] == ["%"]:
            value, after = self._operand(tokens, end + 1)
            if isinstance(value, Named) and "%" not in text[3:]:
                return _join(value, text[3:]), after
        return text, end

    def _name(self, tokens: Sequence[str], start: int) -> Named | str | None:
        """Return what a plain name stands for; ``module.__file__`` is another's place."""
        token = tokens[start]
        is_attribute = start > 0 and tokens[start - 1] == "."
        if token == "__file__":  # noqa: S105 - a word of Python's
            return None if is_attribute else _FILE
        return self._names.get(token)

    def _trailer(
        self, tokens: Sequence[str], value: Named | str | None, end: int, last: str = ""
    ) -> tuple[Named | str | None, int]:
        """Follow ``.NAME``, ``(…)`` and ``[…]`` behind an operand; ``last`` is its name."""
        while end < len(tokens) and self._patience >= 0:
            if tokens[end] == "." and end + 1 < len(tokens):
                last = tokens[end + 1]
                if last == "parent" and isinstance(value, Named):
                    value = _up(value)
                elif last in ("pardir", "curdir"):
                    value = _UP if last == "pardir" else "."
                elif not isinstance(value, Named):
                    value = self._names.get(last)
                elif last in ("name", "stem", "suffix"):
                    value = None
                end += 2
            elif tokens[end] in ("(", "["):
                held = inside(tokens, end + 1)
                self._patience -= len(held)
                value = self._called(value, last, held, is_call=tokens[end] == "(")
                end += 2 + len(held)
            else:
                break
        return value, end

    def _called(
        self, value: Named | str | None, function: str, held: Sequence[str], *, is_call: bool
    ) -> Named | str | None:
        """Return what a call, or an index, of a function or method gives."""
        arguments = [part for part in split_outside(held) if part]
        if not is_call:
            return _indexed(value, function, arguments)
        if function in _OF_PACKAGE and not (isinstance(value, Named) and function == "read_text"):
            return self._in_package(function, arguments)
        if isinstance(value, Named):  # a method of a path
            if function in _JOINS:
                return self._join_all(value, arguments)
            if function == "with_name":
                return self._join_all(_up(value), arguments)
            return value
        first = self._value(arguments[0]) if arguments else None
        if not isinstance(first, Named):
            return None
        if function in ("dirname", "split"):
            return _up(first)
        if function in _JOINS:
            return self._join_all(first, arguments[1:])
        return first if function in _SAME else None

    def _in_package(self, function: str, arguments: Sequence[Sequence[str]]) -> Named | None:
        """Return what one of the functions names that take a package first."""
        if not arguments:
            return None
        first = arguments[0]
        own = len(first) == 1 and first[0] in _OWN
        text = "" if own else (text_of(first[0]) if len(first) == 1 else None)
        if text is None or not (own or text.replace(".", "").isidentifier()):
            return None
        return self._join_all(Named(text, ""), () if function == "files" else arguments[1:])

    def _join_all(self, value: Named, arguments: Sequence[Sequence[str]]) -> Named:
        """Return a path with the arguments of a join, up to the first that is not plain."""
        for argument in arguments:
            part = self._value(argument)
            if not isinstance(part, str):
                break
            value = _join(value, part)
        return value


def split_outside(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the arguments of a call: what stands between the commas that are in no bracket."""
    if {"(", "[", "{"}.isdisjoint(tokens):
        yield from split(tokens, ",")
        return
    start = depth = 0
    for number, token in enumerate(tokens):
        depth += (token in ("(", "[", "{")) - (token in (")", "]", "}"))
        if token == "," and not depth:  # noqa: S105 - a sign of Python's
            yield tokens[start:number]
            start = number + 1
    yield tokens[start:]


def _indexed(
    value: Named | str | None, name: str, arguments: Sequence[Sequence[str]]
) -> Named | str | None:
    """Return ``split(…)[0]``, which is a folder already, or ``parents[NUMBER]``."""
    if not isinstance(value, Named) or len(arguments) != 1 or len(arguments[0]) != 1:
        return None
    index = arguments[0][0]
    if name == "parents" and index.isdigit() and len(index) < 3:
        for _ in range(int(index) + 1):
            value = _up(value)
        return value
    return value if name == "split" and index == "0" else None


def _up(value: Named) -> Named:
    if value.path == _FILE.path:
        return Named("", "")
    return _join(value, "..")


def _join(value: Named, part: str) -> Named:
    """Return a path with one more part; the source itself has none below it."""
    if value.path == _FILE.path:
        return value
    part = part.replace(_UP, "..").strip("/\\")
    if wild := _WILD.search(part):  # glob
        part = part[: wild.start()].rpartition("/")[0]
    path = posixpath.normpath(posixpath.join(value.path, part))
    return Named(value.package, "" if path == "." else path)


def _folder_before(value: Named) -> Named:
    """Return the folder of a path whose last part goes on with a text."""
    return value if value.path == _FILE.path else _join(value, "..")
