"""Names in any text: what code, settings and scripts name by a string or by a word.

Nothing is parsed. In code and in JSON a name stands right behind a quote, or behind what starts a
program (``npx NAME``, ``-r NAME``, ``node_modules/.bin/NAME``), or Deno's ``npm:``; in a shell's
and in other settings each word counts. What follows a name in the same word is part of it:
``jest.config.js`` is no mention of jest. Comments that fill their lines are none. It takes time
linear in the size of the text, whatever its bytes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator


class Writing(enum.Enum):
    """How names are written in a text."""

    QUOTED = "quoted"  # code, and JSON
    WORDS = "words"  # shells, and settings in which strings need no quotes
    IMAGE = "image"  # a Dockerfile, of which only what starts something counts


_NAME = rb"(@?[A-Za-z0-9_][\w.-]{0,213}(?:/@?[\w.-]{1,100}){0,16})"
_NO_FLAG = rb"(?![\"']?\s{0,8}:\s{0,8}(?:true|false)\b)"  # "jest": true says what there may be
_IN_MODULES = rb"node_modules/(?:\.bin/)?"
_STARTS = (
    rb"(?<![\w-])(?:npx|bunx|pnpx|dlx|exec|yarn|pnpm|-[rmp]|--require|--import|--loader"
    rb"|--experimental-loader)[ =]{1,4}"
)
# It passes a name only once it has looked at it: ``npx x`` is a string that names two.
_QUOTED = re.compile(
    rb"(?:[\"'`](?:npm:/?)?|" + _IN_MODULES + rb"|" + _STARTS + rb")"
    rb"(?=" + _NAME + rb"(?=[\"'`\s@?!)\\])" + _NO_FLAG + rb")"
)
_WORD = re.compile(rb"(?:(?<![\w@./\\$-])|" + _IN_MODULES + rb")" + _NAME + _NO_FLAG)
_COMMENT = re.compile(rb"(?m)(?:^|(?<=\s))#[^\n]*")
_COMMENT_LINE = re.compile(rb"(?m)^[ \t]*(?://|/\*|\*|#(?=[\s#!]))[^\n]*")
# What an image is built by. An instruction goes on behind a backslash at the end of a line.
_BUILT = re.compile(rb"(?im)^[ \t]*(?:RUN|FROM|COPY|ADD|ARG|LABEL)\b(?:[^\\\n]|\\[\r]?\n|\\)*")


_PART = rb"[\w@+~.%\x80-\xff-]"
_PATH = re.compile(rb"(?<!" + _PART + rb")" + _PART + rb"++(?:/++" + _PART + rb"++)+")

_ENDING = re.compile(rb"""(?:[\n"'`*]|\A)(-[\w-]++(?:\.\w++)+)(?=[\s"'`)\]]|\Z)""")


def names(text: bytes, writing: Writing) -> Iterator[tuple[str, int]]:
    """Yield the names that a text mentions, and where: a package's, and with what follows it.

    ``@scope/name/file`` is a mention of itself and of ``@scope/name``. It never raises.
    """
    text = _said(text, writing)
    pattern = _QUOTED if writing is Writing.QUOTED else _WORD
    for match in pattern.finditer(text):
        word = match[1].decode("ascii", "replace")
        word = word.rpartition("node_modules/")[2].removeprefix(".bin/")
        yield word, match.start(1)
        parts = word.split("/")
        package = "/".join(parts[: 2 if word.startswith("@") else 1])
        if package != word:
            yield package, match.start(1)


def line_of(text: bytes, offset: int) -> int:
    """Return the line, counted from 1, that an offset stands in."""
    return text.count(b"\n", 0, offset) + 1


def _blank(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\n]", b" ", match[0])


def paths(text: bytes, writing: Writing) -> Iterator[tuple[str, int]]:
    """Yield what reads like a path of two parts or more, and where; variables end one.

    It never raises.
    """
    for match in _PATH.finditer(_said(text, writing)):
        yield match[0].decode("utf-8", "surrogateescape"), match.start()


def endings(text: bytes, writing: Writing) -> Iterator[tuple[str, int]]:
    """Yield what reads like the ending of names, as ``-sources.jar``, and where it stands.

    It is all of a quoted text or line, or stands behind a star. It never raises.
    """
    for match in _ENDING.finditer(_said(text, writing)):
        yield match[1].decode("ascii"), match.start(1)


def _said(text: bytes, writing: Writing) -> bytes:
    """Return a text as long as it was, without comments and what only builds an image."""
    if writing is Writing.IMAGE:
        text = _BUILT.sub(_blank, text)
    comment = _COMMENT_LINE if writing is Writing.QUOTED else _COMMENT
    return comment.sub(_blank, text)
