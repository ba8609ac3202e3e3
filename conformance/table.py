"""The table of the suite in docs/verify.md, from the shapes and what is known of them."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.languages import LANGUAGES

PAGE = Path(__file__).parents[1] / "docs/verify.md"
_TABLE = re.compile(r"(<!-- conformance -->\n)(.*?)(<!-- /conformance -->)", re.DOTALL)


def with_table(text: str) -> str:
    """Return the page with the table as a run of all shapes leaves it that passes."""
    return _TABLE.sub(lambda match: f"{match[1]}\n{_table()}\n{_differences()}\n{match[3]}", text)


def _table() -> str:
    rows = ["| functions | AWS's client | shapes | alike |\n", "|---|---|---|---|\n"]
    for language in LANGUAGES.values():
        found = language.shapes()
        alike = sum(not shape.differs for shape in found)
        rows.append(f"| {language.title} | {language.client} | {len(found)} | {alike} |\n")
    return "".join(rows)


def _differences() -> str:
    return "".join(
        f"- {language.title}, “{shape.name}”: {shape.differs}.\n"
        for language in LANGUAGES.values()
        for shape in language.shapes()
        if shape.differs
    )
