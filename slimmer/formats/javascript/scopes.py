"""JavaScript sources: where in the code something stands.

``places`` reads the tokens of a file as far as needed and says of each offset whether it is
code at all, and whether it stands in a function or under a ``try``. It takes time linear in
the size of the source, whatever its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.quoted import end_of_quoted

MAX_SOURCE_BYTES = 16_000_000  # the largest bundles in wide use have about 10 MB
_MAX_DEPTH = 10_000  # of brackets; compiled code has some hundreds


class Place(NamedTuple):
    """Where code stands: in a function that may never be called; where a failure is caught."""

    in_function: bool
    caught: bool


def places(source: bytes, offsets: Collection[int]) -> dict[int, Place]:
    """Return where in the code these offsets stand; one in a comment or a string is left out.

    Raises FormatError where the source is too large, or ends inside a string or a block,
    so that what was found cannot be trusted.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise FormatError("a source of more than 16 MB")
    return _Reader(source, offsets).read()


_TOKEN = re.compile(
    rb"(?P<space>\s+|//[^\n]*)"
    rb"|(?P<word>[\w$\x80-\xff]+)"
    rb"|(?P<mark>=>|\.{3}|[-+]{2}|[^\s\w$\x80-\xff])",
)
_STRINGS = {
    b'"': re.compile(rb'\\(?:\r\n|.)|["\n]', re.DOTALL),
    b"'": re.compile(rb"\\(?:\r\n|.)|['\n]", re.DOTALL),
}
_TEMPLATE = re.compile(rb"\\.|`|\$\{", re.DOTALL)
_REGEX = re.compile(rb"\\[^\n]|[/\[\n]")
_REGEX_CLASS = re.compile(rb"\\[^\n]|[\]\n]")
_REGEX_FLAGS = re.compile(rb"\w*")
_PAIRS = {b")": b"(", b"]": b"[", b"}": b"{"}
_CONTROL = {b"if", b"for", b"while", b"switch", b"with", b"catch", b"await"}
_GROUP = b"()"  # stands for the word before a bracket right inside another one
_VALUE_ENDS = (b")", b"]", b"++", b"--", b".")
_BEFORE_REGEX = {
    *(b"return", b"typeof", b"case", b"in", b"of", b"do", b"else", b"void", b"delete"),
    *(b"instanceof", b"new", b"throw", b"yield", b"await"),
}


class _Frame(NamedTuple):
    """An open bracket, the word before it, and what held outside of it."""

    bracket: bytes
    head: bytes
    functions: int
    tries: tuple[int, ...]
    is_arrow: bool


class _Reader:
    """Goes once over a source, bracket by bracket, and notes where the offsets stand."""

    def __init__(self, source: bytes, offsets: Collection[int]) -> None:
        self._source = source
        self._offsets = sorted(offsets)
        self._next = 0  # the offset that is looked for
        self._is_doubted = False
        self._found: dict[int, Place] = {}
        self._frames: list[_Frame] = []
        self._functions = 0
        self._tries: tuple[int, ...] = ()  # numbers of the try blocks around, in this function
        self._is_arrow = False  # in the body of an arrow function that has no braces
        self._is_called_arrow = False  # the last arrow belongs to a function that is called at once
        self._tried: dict[int, list[int]] = {}
        self._open_tries = self._count = 0
        self._closed_try = -1
        self._last, self._head, self._closed_head = b"", b"", b""
        self._patience = len(source)  # bytes that vain looks for the end of a regex may cost
        self._unclosed = {b'"': -1, b"'": -1}

    def read(self) -> dict[int, Place]:
        position, size = 0, len(self._source)
        while position < size and not self._is_done():
            start = position
            position = self._step(position)
            self._pass(start, position)
        if not self._is_done() and self._frames:
            raise FormatError("it ends inside a block")
        return self._found

    def _is_done(self) -> bool:
        """Return whether the rest of the source can change nothing.

        What seems to be no code may be the fruit of a quote that was taken for another; then
        the brackets of the rest do not match, so all of it is read.
        """
        if self._next < len(self._offsets) or self._is_doubted:
            return False
        return not self._open_tries

    def _pass(self, start: int, end: int) -> None:
        """Go by the offsets inside a token; those at its start stand in code if it is a word."""
        while self._next < len(self._offsets) and self._offsets[self._next] < end:
            offset = self._offsets[self._next]
            if offset >= start and self._in_word:
                in_function = self._functions > 0 or self._is_arrow
                self._found[offset] = Place(in_function, caught=False)
                for number in self._tries:
                    self._tried.setdefault(number, []).append(offset)
            else:
                self._is_doubted = True
            self._next += 1

    def _step(self, position: int) -> int:
        """Take one token and return where it ends."""
        self._in_word = False
        source = self._source
        if source.startswith(b"/*", position):
            end = source.find(b"*/", position + 2)
            return len(source) if end < 0 else end + 2
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup == "space":
            return match.end() if match else position + 1
        if self._closed_try >= 0:
            self._end_try(match[0])
        if match.lastgroup == "word":
            self._in_word = True
            self._word(match[0])
            return match.end()
        return self._mark(match[0], position, match.end())

    def _mark(self, mark: bytes, position: int, end: int) -> int:
        """Take what begins with a mark: a string, a template, a regex, a bracket or itself."""
        if mark == b"`":
            return self._template(end)
        if mark in _PAIRS:
            return self._close(mark, end)
        if mark == b"/" and self._may_be_regex():
            return self._regex(position)
        if mark in _STRINGS:
            end = self._string(mark, position)
        elif mark in _PAIRS.values():
            self._open(mark)
        elif mark in (b",", b";"):
            self._is_arrow = False
        elif mark == b"=>":
            self._is_called_arrow = self._last == b")" and self._closed_head == _GROUP
        self._last = mark
        return end

    def _may_be_called(self) -> bool:
        """Return whether a function that begins here may be called at once: ``(() => {})()``."""
        return self._last == b"(" and bool(self._frames) and self._frames[-1].head in (b"", _GROUP)

    def _word(self, word: bytes) -> None:
        if word == b"async" and self._last in (b"(", b"!"):
            return
        if word == b"function":
            called = self._may_be_called() or self._last == b"!"
            self._head = b"if" if called else b"function"
        elif self._last != b"function" and self._last != b"*":
            self._head = b"" if self._last == b"." else word
        if self._last == b"=>":
            self._is_arrow = not self._is_called_arrow
        self._last = word if self._last != b"." else b"a"

    def _string(self, quote: bytes, position: int) -> int:
        if position < self._unclosed[quote]:
            return position + 1
        match = end_of_quoted(self._source, position + 1, _STRINGS[quote])
        if match and match[0] == quote:
            return match.end()
        line_end = self._source.find(b"\n", position)
        self._unclosed[quote] = len(self._source) if line_end < 0 else line_end
        return position + 1

    def _template(self, position: int) -> int:
        match = end_of_quoted(self._source, position, _TEMPLATE)
        if match is None:
            raise FormatError("a template has no end")
        if match[0] != b"`":
            self._push(b"`", b"")
        self._last = b")"  # a value; what follows is no regex
        return match.end()

    def _may_be_regex(self) -> bool:
        last = self._last
        if last == b")":
            return self._closed_head in _CONTROL
        if last in _VALUE_ENDS or last[:1] in (b'"', b"'", b"`"):
            return False
        return last in _BEFORE_REGEX or not re.match(rb"[\w$\x80-\xff]", last)

    def _regex(self, position: int) -> int:
        self._last = b"/"
        if self._patience <= 0:
            return position + 1
        end = _end_of_regex(self._source, position)
        if end < 0:
            line_end = self._source.find(b"\n", position)
            self._patience -= (line_end if line_end >= 0 else len(self._source)) - position
            return position + 1
        self._last = b")"
        return end

    def _open(self, bracket: bytes) -> None:
        last = self._last
        if bracket == b"(":
            is_word = re.match(rb"[\w$\x80-\xff]", last) is not None
            plain = last if last in _VALUE_ENDS else _GROUP if self._may_be_called() else b""
            self._push(bracket, self._head if is_word else plain)
            return
        self._push(bracket, b"")
        self._is_arrow = False
        if bracket != b"{":
            return
        if (last == b"=>" and not self._is_called_arrow) or (
            last == b")" and self._closed_head not in _CONTROL
        ):
            self._functions, self._tries = self._functions + 1, ()
        elif last == b"try":
            self._tries = (*self._tries[-31:], self._count)
            self._count += 1
            self._open_tries += 1

    def _push(self, bracket: bytes, head: bytes) -> None:
        if len(self._frames) == _MAX_DEPTH:
            raise FormatError("more than 10,000 brackets in each other")
        frame = _Frame(bracket, head, self._functions, self._tries, self._is_arrow)
        self._frames.append(frame)

    def _close(self, bracket: bytes, end: int) -> int:
        if not self._frames:
            raise FormatError("a bracket is closed that is not open")
        frame = self._frames.pop()
        if self._tries and self._tries != frame.tries and self._functions == frame.functions:
            self._closed_try = self._tries[-1]
        self._functions, self._tries = frame.functions, frame.tries
        self._is_arrow = frame.is_arrow
        if bracket == b"}" and frame.bracket == b"`":
            return self._template(end)
        if frame.bracket != _PAIRS[bracket]:
            raise FormatError("brackets do not match")
        self._closed_head = frame.head
        self._last = bracket
        return end

    def _end_try(self, following: bytes) -> None:
        number, self._closed_try = self._closed_try, -1
        self._open_tries -= 1
        offsets = self._tried.pop(number, ())
        if following == b"catch":
            for offset in offsets:
                self._found[offset] = self._found[offset]._replace(caught=True)


def _end_of_regex(source: bytes, position: int) -> int:
    """Return where the regex ends whose first slash is at ``position``; -1 for none."""
    first = position + 1
    match = end_of_quoted(source, first, _REGEX)
    while match and match[0] == b"[":
        match = end_of_quoted(source, match.end(), _REGEX_CLASS)
        if match is None or match[0] != b"]":
            return -1
        match = end_of_quoted(source, match.end(), _REGEX)
    if match is None or match[0] != b"/" or match.start() == first:
        return -1
    flags = _REGEX_FLAGS.match(source, match.end())
    return flags.end() if flags else match.end()
