"""A report as one HTML page of tables, which loads nothing and needs no script.

Its sheets are those of the page of a build, so that all reports look alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from slimmer import __version__
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding
from slimmer.model.limits import LimitUsage
from slimmer.report.sheets import policy, sheet
from slimmer.report.terminal import cap_texts
from slimmer.sizes import count_text

PLAIN, NUMBER, TIER, WHY = "", "number", "tier", "why"  # classes of cells, for the sheet
UNKNOWN = "-"
Columns = Sequence[tuple[str, str]]
SIZES: Columns = (("files", NUMBER), ("unzipped", NUMBER), ("zipped", NUMBER))


# A browser breaks lines where people would not: behind a hyphen or a slash, and before a unit.
_BREAKS = re.compile(r"(?<!\S)(?!->)[^\s/-]*+[-/]\S*")
_PIECE = re.compile(r"[^/]*/|[^/]+")
_LONG = 32  # characters of a word that may break behind its slashes
_UNIT = re.compile(r"(?<=\d) (?=(?:[kMGT]i?)?B\b)")


class Step(NamedTuple):
    """A figure at the top of a page: what it is of, the figure, and what to say below it."""

    name: str
    figure: str
    below: Sequence[str] = ()


class Title(NamedTuple):
    """What a page is about, its verdict in the sheet's class (``fine``, ``fail``), and the rest."""

    name: str
    verdict: str = ""
    kind: str = ""
    told: str = ""


def whole_words(text: str) -> str:
    """Return a text as HTML whose lines break behind spaces, in paths behind slashes, else not."""
    text = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    parts, end = [], 0
    for found in _BREAKS.finditer(text):
        pieces = _PIECE.findall(found[0]) if len(found[0]) > _LONG else [found[0]]
        spans = (f'<span class="word">{escape(piece)}</span>' for piece in pieces)
        parts += [escape(text[end : found.start()]), "<wbr>".join(spans)]
        end = found.end()
    return "".join((*parts, escape(text[end:])))


def page(title: Title, head: Iterable[str], body: Iterable[str]) -> str:
    """Return the page; the same bytes for the same parts, which are HTML already."""
    light, dark = sheet("page.css"), sheet("dark.css")
    said = f'<p class="{title.kind}">{escape(title.verdict)}</p>' if title.verdict else ""
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy([light, dark])}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta name="generator" content="slim {__version__}">',
        f"<title>{escape(title.name)} · slim</title>\n<style>{light}</style>",
        f'<style media="(prefers-color-scheme: dark)">{dark}</style>\n</head>\n<body>\n<header>',
        f'<div class="title"><h1>{escape(title.name)}</h1>{said}',
        f"<p>{whole_words(title.told)}</p></div>",
        *(part for part in head if part),
        "</header>\n<main>",
        *(part for part in body if part),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def way(steps: Iterable[Step]) -> str:
    """Return the figures at the top of a page, each leading to the next."""
    items = []
    for step in steps:
        below = "".join(f"<span>{escape(line)}</span>" for line in step.below)
        items.append(
            f"<li><span>{escape(step.name)}</span><b>{escape(step.figure)}</b>{below}</li>"
        )
    arrow = '<li class="to" aria-hidden="true">→</li>'
    return f'<ul class="way">{arrow.join(items)}</ul>'


def overview(left: str, right: str) -> str:
    """Return two parts side by side, where there is room."""
    return f'<div class="overview"><div>{left}</div>{right or "<div></div>"}</div>'


def caps_html(usages: Iterable[LimitUsage]) -> str:
    """Return the table that says how full each cap is, with bars."""
    rows = []
    for usage in usages:
        actual, limit, percent = cap_texts(usage)
        bar = (
            f'<svg role="img" aria-label="{percent}">'
            f'<rect width="{min(usage.share, 1) * 100:.1f}%" height="100%"/></svg>'
        )
        kind = ' class="over"' if usage.over else ""
        rows.append(
            f'<tr{kind}><th scope="row">{escape(usage.title)}</th><td>{actual}</td>'
            f'<td class="limit">{escape(limit)}</td><td class="bar">{bar}</td>'
            f"<td>{percent}</td></tr>"
        )
    caption = '<caption class="unseen">Caps: what it is, what it may be</caption>'
    return f'<table class="caps">{caption}{"".join(rows)}</table>' if rows else "<div></div>"


def findings_html(findings: Sequence[Finding]) -> str:
    """Return the findings, folded unless one fails; nothing for none."""
    if not findings:
        return ""
    counts = Counter(finding.severity for finding in findings)
    nouns = {Severity.FAIL: "failure", Severity.WARN: "warning", Severity.NOTE: "note"}
    told = ", ".join(count_text(counts[s], noun) for s, noun in nouns.items() if counts[s])
    items = "".join(
        f'<li><b class="{f.severity.value}">{f.severity.value}</b> {whole_words(f.message)}</li>'
        for f in findings
    )
    is_open = " open" if counts[Severity.FAIL] else ""
    opening = f'<details class="findings"{is_open}><summary>Found: {told}</summary>'
    return f"{opening}<ul>{items}</ul></details>"


def folded(
    title: str, columns: Columns, rows: Sequence[Sequence[str]], *, is_open: bool = False
) -> str:
    """Return a table, or nothing where it has no rows; a column of which nothing is known goes."""
    if not rows:
        return ""
    known = [n for n in range(len(columns)) if any(row[n] not in (UNKNOWN, "") for row in rows)]
    heads = [columns[n] for n in known]
    head = "".join(f'<th scope="col"{_class(kind)}>{escape(name)}</th>' for name, kind in heads)
    body = "".join(f"<tr>{_cells(heads, [row[n] for n in known])}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    summary = f"<summary>{escape(title)}</summary>"
    opened = " open" if is_open else ""
    return f'<details class="sums"{opened}>{summary}<div>{table}</div></details>'


def _cells(heads: Columns, texts: Sequence[str]) -> str:
    """Return the cells of a row; a number has its column's name too, for screens too narrow."""
    cells = []
    for (name, kind), text in zip(heads, texts, strict=True):
        unit = name.removesuffix("s") if text in ("1", "+1", "-1") else name
        named = f' data-name="{escape(unit)}"' if kind == NUMBER else ""
        shown = escape(text) if kind == NUMBER else whole_words(text)
        cells.append(f"<td{_class(kind)}{named}>{shown}</td>")
    return "".join(cells)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
