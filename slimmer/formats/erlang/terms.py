"""Erlang terms as ``file:consult/1`` reads them: the text of .app and .rel files.

Written from the Erlang Reference Manual, "Data Types". Only what such files hold is
understood: atoms, numbers, strings, binaries of one string, lists, tuples and maps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from slimmer.formats import FormatError

MAX_DEPTH = 100
MAX_BYTES = 4 * 1024 * 1024


class Atom(str):
    """An Erlang atom; a plain ``str`` is an Erlang string."""

    __slots__ = ()


Term: TypeAlias = (
    "Atom | str | int | float | bytes | list[Term] | tuple[Term, ...] | dict[str, Term]"
)

_TOKEN = re.compile(
    r"""(?P<space>\s+|%[^\n]*)
      | (?P<float>-?\d+\.\d+(?:[eE][+-]?\d+)?)
      | (?P<based>-?\d+\#[0-9A-Za-z]+)
      | (?P<int>-?\d+)
      | (?P<fun>fun\s+[\w@'.]+:[\w@'.]+/\d+)
      | (?P<atom>[a-z\u00df-\u00f6\u00f8-\u00ff][\w@]*)
      | (?P<quoted>'(?:[^'\\]|\\.)*')
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<char>\$(?:\\.|[^\\]))
      | (?P<open><<|\#\{|[\[{])
      | (?P<close>>>|[\]}])
      | (?P<mark>=>|:=|[,.|])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\^.|.)", re.DOTALL)
_NAMED = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "s": " ",
    "d": "\x7f",
}
_CLOSES = {"[": "]", "{": "}", "#{": "}", "<<": ">>"}


def parse_terms(data: bytes) -> list[Term]:
    """Return the terms of a file, each of which ends in a full stop.

    Raises FormatError for anything else, for terms nested deeper than MAX_DEPTH and for
    files longer than MAX_BYTES.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"longer than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return _Parser(text).terms()


@dataclass
class _Open:
    bracket: str
    items: list[Term]
    tail: bool = False


class _Parser:
    """Reads tokens onto a stack, so that no nesting can exhaust Python's own."""

    def __init__(self, text: str):
        self._text = text
        self._stack: list[_Open] = [_Open("", [])]
        self._terms: list[Term] = []

    def terms(self) -> list[Term]:
        position = 0
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise FormatError(f"unexpected {self._text[position]!r} at offset {position}")
            position = match.end()
            self._take(match.lastgroup or "", match[0])
        if len(self._stack) > 1 or self._stack[0].items:
            raise FormatError("the last term has no end")
        return self._terms

    def _take(self, kind: str, token: str) -> None:
        if kind == "space":
            return
        if kind == "open":
            if len(self._stack) > MAX_DEPTH:
                raise FormatError(f"nested deeper than {MAX_DEPTH}")
            self._stack.append(_Open(token, []))
        elif kind == "close":
            self._close(token)
        elif kind == "mark":
            self._mark(token)
        else:
            self._stack[-1].items.append(_value(kind, token))

    def _mark(self, mark: str) -> None:
        if mark == ".":
            top = self._stack[0]
            if len(self._stack) > 1 or len(top.items) != 1:
                raise FormatError("a full stop inside a term")
            self._terms.append(top.items.pop())

    def _close(self, token: str) -> None:
        group = self._stack.pop()
        if not self._stack or _CLOSES.get(group.bracket) != token:
            raise FormatError(f"unexpected {token!r}")
        self._stack[-1].items.append(_group(group))


def _group(group: _Open) -> Term:
    if group.bracket == "[":
        return group.items
    if group.bracket == "{":
        return tuple(group.items)
    if group.bracket == "<<":
        return "".join(str(item) for item in group.items).encode("utf-8", "replace")
    pairs = zip(group.items[::2], group.items[1::2], strict=False)
    return {str(key): value for key, value in pairs}


def _value(kind: str, token: str) -> Term:
    if kind == "int":
        if len(token) > 1000:
            raise FormatError("a number of more than 1000 digits")
        return int(token)
    if kind == "float":
        return float(token)
    if kind == "based":
        base, _, digits = token.removeprefix("-").partition("#")
        try:
            number = int(digits, int(base[:4]))
            return -number if token.startswith("-") else number
        except ValueError:
            raise FormatError(f"{token[:40]!r} is not a number") from None
    if kind in ("atom", "fun"):
        return Atom(token)
    if kind == "quoted":
        return Atom(_unescape(token[1:-1]))
    if kind == "char":
        return ord(_unescape(token[1:])[0])
    return _unescape(token[1:-1])


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        number = int(code[1:].strip("{}"), 16)
    elif code[0] in "01234567":
        number = int(code, 8)
    elif code[0] == "^" and len(code) > 1:
        number = ord(code[1]) & 31
    else:
        return _NAMED.get(code, code)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise FormatError(f"\\{code} is not a character")
    return chr(number)
