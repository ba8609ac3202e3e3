"""Python sources as logical lines of tokens, read alike by every Python that runs slim.

Source: the Python Language Reference, chapter 2 "Lexical analysis". Any text can be read: a
string that is not closed ends with its line, or with the text, and a bracket with the next
line that no bracket can hold. Every character past ASCII belongs to a word, since which of them are
letters differs from one Python to the next. The time is in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from slimmer.formats.quoted import end_of_quoted

Line: TypeAlias = tuple[int, list[str]]

# Said by what is none, which compiles in a fraction of the time.
FIRST = r"[^\x00-@[-^`{-\x7f]"  # a character that can begin a name
WORD = r"[^\x00-/:-@[-^`{-\x7f]"  # and one inside it
_PREFIX = r"[rRbBuUfFtT]{0,2}"
_TOKEN = re.compile(
    rf"""
    [ \t\f]*+(?:
        (?P<string>{_PREFIX}(?P<quote>\"\"\"|'''|"|'))  # where a string begins
        | (?P<word>{WORD}++)
        | (?P<skip>\#[^\r\n]*+|\\(?:\r\n|\r|\n))
        | (?P<newline>\r\n|\r|\n)
        | (?P<sign>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING_STOPS = {
    quote: re.compile(r"\\(?:\r\n|.)|" + quote + ("" if len(quote) > 1 else r"|[\r\n]"), re.DOTALL)
    for quote in ('"""', "'''", '"', "'")
}
_LITERAL = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')([^\\]*)\1", re.DOTALL)
_MAX_TEXT = 1000  # characters; no name of a module, a distribution or a group is as long
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_RESTART = frozenset(("import", "def", "class"))  # none begins a line inside brackets


def logical_lines(text: str) -> Iterator[Line]:
    """Yield the logical lines: the column at which each begins, and its tokens."""
    column, depth, tokens = 0, 0, list[str]()
    start_of_line = 0
    for kind, start, end in _tokens(text):
        if kind == "newline":
            start_of_line = end
            if tokens and not depth:
                yield column, tokens
                tokens = []
            continue
        token = text[start:end]
        if not tokens:
            column = len(text[start_of_line:start].replace("\f", "").expandtabs())
            depth = 0
        elif depth and token in _RESTART and start == start_of_line:
            yield column, tokens  # a bracket that is not closed
            column, depth, tokens = 0, 0, []
        tokens.append(token)
        if token in _OPEN:
            depth += 1
        elif token in _CLOSE:
            depth = max(depth - 1, 0)
    if tokens:
        yield column, tokens


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the tokens of a text, and its line ends: the kind, and where it begins and ends."""
    position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "string":
            position = _end_of_string(text, position, match["quote"])
        if kind != "skip":
            yield kind, match.start(kind), position


def _end_of_string(text: str, position: int, quote: str) -> int:
    stop = end_of_quoted(text, position, _STRING_STOPS[quote])
    if stop is None:
        return len(text)
    return stop.end() if stop[0] == quote else stop.start()


def header_end(tokens: Sequence[str]) -> int:
    """Return where the colon of a compound statement's header stands, or -1."""
    depth = lambdas = 0
    for number, token in enumerate(tokens):
        if token in _OPEN:
            depth += 1
        elif token in _CLOSE:
            depth -= 1
        elif depth == 0 and token == "lambda":  # noqa: S105 - a word of Python's
            lambdas += 1
        elif depth == 0 and token == ":":  # noqa: S105 - a sign of Python's
            if lambdas:
                lambdas -= 1
            elif tokens[number + 1 : number + 2] != ["="]:  # not a walrus
                return number
    return -1


def split(tokens: Sequence[str], at: str) -> Iterator[Sequence[str]]:
    """Yield the tokens between each two that are ``at``."""
    start = 0
    for number, token in enumerate(tokens):
        if token == at:
            yield tokens[start:number]
            start = number + 1
    yield tokens[start:]


def inside(tokens: Sequence[str], start: int) -> Sequence[str]:
    """Return the tokens from ``start``, behind an open bracket, to the one that closes it."""
    depth = 1
    for number in range(start, len(tokens)):
        depth += (tokens[number] in _OPEN) - (tokens[number] in _CLOSE)
        if not depth:
            return tokens[start:number]
    return tokens[start:]


def texts(tokens: Sequence[str]) -> Iterator[str]:
    """Yield what the plain string literals among tokens say."""
    for token in tokens:
        if token[-1] in "\"'" and (text := text_of(token)):
            yield text


def text_of(token: str) -> str | None:
    """Return what a plain string literal says; None for any other token, and for a long one."""
    literal = _LITERAL.fullmatch(token) if len(token) <= _MAX_TEXT else None
    return literal[2] if literal else None
