"""Pieces of GitHub Flavored Markdown: cells that no name breaks out of, tables, folded parts.

The format is the GitHub Flavored Markdown Spec 0.29. On top of it GitHub turns @names, #123
and GH-123 outside code into links that notify people, so none of these leave here whole.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from slimmer.text import printable

MAX_BYTES = 65_536  # a comment's limit in characters, and of these none takes less than a byte
WIDTH = 160  # of a name or a sentence in a cell

T = TypeVar("T")

_LITERAL = re.compile(r"[^`|\\]+")
_SPECIAL = re.compile(
    r"(?P<escaped>[\\`*_\[\]<>&~$])"
    r"|(?P<entity>\||(?<=\bwww)\.|:(?=//))"  # a cell's end, and what GitHub makes a link of
    r"|(?P<notifying>@(?=\w)|#(?=\d)|\bGH-(?=\d))",
    re.IGNORECASE,
)
_INERT = re.compile(r"[\x00-\x1f!-,.:-@[-`{-\x7f]")
SHORTENED = "_Shortened to fit GitHub's 65,536 characters; `--json` has everything._"
_TOO_LONG = "The rest is cut: GitHub takes 65,536 characters."


def code(name: str) -> str:
    """Return a name as code: shown as it is, whatever it holds; too long a one is cut."""
    shown = middle_out(printable(name))
    if shown == shown.strip() and _LITERAL.fullmatch(shown):
        return f"`{shown}`"
    return f"<code>{_INERT.sub(lambda found: f'&#{ord(found[0])};', shown)}</code>"


def prose(text: str) -> str:
    """Return a sentence as text and nothing else: no markup, no link, nobody notified."""
    line = middle_out(printable(" ".join(text.split())), 4 * WIDTH)
    return _SPECIAL.sub(_as_text, line)


def _as_text(found: re.Match[str]) -> str:
    if found["escaped"]:
        return "\\" + found[0]
    return f"&#{ord(found[0])};" if found["entity"] else found[0] + "&#8203;"


def middle_out(text: str, width: int = WIDTH) -> str:
    """Return the text, with an ellipsis for its middle where it is longer than ``width``."""
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[-half:]}"


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset({0})
) -> list[str]:
    """Return the lines of a table of cells that are Markdown already.

    The columns in ``left`` are flush left, others right.
    """
    marks = [":--" if column in left else "--:" for column in range(len(header))]
    return [f"| {' | '.join(cells)} |" for cells in (header, marks, *rows)]


def details(summary: str, lines: Sequence[str]) -> list[str]:
    """Return the lines folded behind a summary, which is plain text."""
    return ["<details>", f"<summary>{html.escape(summary)}</summary>", "", *lines, "", "</details>"]


def cut(items: Sequence[T], rows: int) -> tuple[Sequence[T], int]:
    """Return the first ``rows`` items, and how many more there are."""
    return items[:rows], max(0, len(items) - rows)


def more_rows(more: int, columns: int) -> list[tuple[str, ...]]:
    """Return the row of a table that says how many more there are; none for none."""
    return [(f"and {more:,} more", *[""] * (columns - 1))] if more else []


def fitted(render: Callable[[int], str], most: int, max_bytes: int = MAX_BYTES) -> str:
    """Return what ``render`` makes with as many rows a table as fit, ``most`` at most.

    Where not even one does, the text ends at a whole line, and says so.
    """
    low, high = 1, max(1, most)
    whole = render(high)
    if _fits(whole, max_bytes):
        return whole
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(render(middle), max_bytes):
            low = middle
        else:
            high = middle - 1
    text = render(low)
    return text if _fits(text, max_bytes) else _cut_off(text, max_bytes)


def _fits(text: str, max_bytes: int) -> bool:
    return len(text.encode()) <= max_bytes


def _cut_off(text: str, max_bytes: int) -> str:
    end = f"\n</details>\n\n{_TOO_LONG}\n"
    room = text.encode()[: max_bytes - len(end.encode())]
    kept = room[: room.rfind(b"\n") + 1].decode()
    is_open = kept.count("\n<details>\n") > kept.count("\n</details>\n")
    return kept + (end if is_open else end.replace("</details>\n\n", ""))
