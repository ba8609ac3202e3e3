"""Tables that fit the width of a terminal: prose wraps between words, names are cut inside."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from contextvars import ContextVar

#: How many columns a terminal has that is written to; nothing for a pipe, which has no width.
WIDTH: ContextVar[int] = ContextVar("WIDTH", default=0)

_UNIT = re.compile(r"(?<=\d) (?=(?:B|kB|MB|GB|KiB|MiB|ms|s)\b)")
_TIED = "\0"  # where textwrap breaks no line; nothing that is shown has it
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_GAP = 2
_LEAST = 16  # below that neither a name nor prose can be read


def cut_middle(text: str, width: int) -> str:
    """Return a name within ``width`` columns: its start and its end say what it is."""
    if len(text) <= width:
        return text
    end = (width - 1) * 2 // 3  # a path's end is its file
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}" if width > 1 else "…"


def fitting(widths: Sequence[int], soft: Collection[int], most: int) -> list[int]:
    """Return the widths of columns that fit ``most``; those in ``soft`` give way, widest first."""
    fitted = list(widths)
    over = sum(fitted) + _GAP * (len(fitted) - 1) - most
    while over > 0 and soft:
        widest = max(soft, key=lambda i: fitted[i])
        if fitted[widest] <= _LEAST:
            break
        others = [fitted[i] for i in soft if i != widest]
        step = min(over, max(1, fitted[widest] - max([_LEAST, *others])))
        fitted[widest] -= step
        over -= step
    return fitted


def cell_lines(text: str, width: int) -> list[str]:
    """Return a cell's lines within ``width``: between words, and inside a name where it must."""
    if len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    words = [cut_middle(word, width - len(indent)) for word in text.split()]
    if not words:
        return [""]
    return textwrap.wrap(
        " ".join(words),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def row_lines(cells: Sequence[str], widths: Sequence[int], left: Collection[int]) -> Iterator[str]:
    """Yield the lines of a row; all but the first hold what did not fit."""
    blocks = [cell_lines(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(map(len, blocks))):
        texts = [block[number] if number < len(block) else "" for block in blocks]
        padded = [
            text.ljust(width) if i in left else text.rjust(width)
            for i, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        yield (" " * _GAP).join(padded).rstrip()


def wrapped(text: str, first: int) -> str:
    """Return a line that wraps between words where a terminal ends; ``first`` columns are taken."""
    width = WIDTH.get()
    if not width or first + len(text) <= width:
        return text
    lines = textwrap.wrap(
        _with_units(text),
        width,
        initial_indent=" " * first,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)[first:].replace(_TIED, " ")


def lines_wrapped(text: str) -> str:
    """Return a text with each line that a terminal is too narrow for wrapped between words."""
    return "\n".join(map(_line_wrapped, text.split("\n"))) if WIDTH.get() else text


def _line_wrapped(line: str) -> str:
    shown = len(_STYLE.sub("", line))
    if shown <= WIDTH.get():
        return line
    indent = line[: len(line) - len(line.lstrip())]
    wrapper = textwrap.TextWrapper(
        WIDTH.get() + len(line) - shown,  # styles, which take no room, stand at a line's start
        subsequent_indent=f"{indent}  ",
        replace_whitespace=False,
        expand_tabs=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.wrap(_with_units(line))).replace(_TIED, " ")


def _with_units(text: str) -> str:
    """Return a text in which no line breaks between a number and its unit."""
    return _UNIT.sub(_TIED, text)
