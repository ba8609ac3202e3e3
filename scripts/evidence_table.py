"""Writes the table of evidence in docs/packs.md from its vocabulary; ``make docs`` runs it."""

from __future__ import annotations

import re
from pathlib import Path

from slimmer.rules.evidence.words import WORDS

PAGE = Path(__file__).parents[1] / "docs/packs.md"
_TABLE = re.compile(r"(<!-- evidence -->\n)(.*?)(<!-- /evidence -->)", re.DOTALL)


def with_table(text: str) -> str:
    """Return the page with the table of words as the vocabulary is now."""
    rows = [f"| `{name}` | {word.meaning} |\n" for name, word in WORDS.items()]
    table = "".join(["| word | what must hold |\n|---|---|\n", *rows])
    return _TABLE.sub(lambda match: f"{match[1]}\n{table}\n{match[3]}", text)


def main() -> None:
    """Write the table."""
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
