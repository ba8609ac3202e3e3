"""Writes the table of docs/runtimes.md: the newest runtimes, built at each tier, and run.

``make prove`` runs the same as tests. It takes root, Debian's archive, npm and some minutes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from trees import REAL, Unavailable, newest

PAGE = Path(__file__).parents[1] / "docs/runtimes.md"
TIERS = ("safe", "default", "aggressive")
_TABLE = re.compile(r"(<!-- runtimes -->\n)(.*?)(<!-- /runtimes -->)", re.DOTALL)
_HEAD = (
    f"| runtime | tried | tree | {' | '.join(TIERS)} | what ran |\n|---|---|--:|--:|--:|--:|---|\n"
)
_VERSION = re.compile(r"\d+\.\d+[.\d]*")


class Cell(NamedTuple):
    """What a build at one tier gave. Sizes are whole bytes."""

    unzipped_bytes: int
    zip_bytes: int
    #: Whether the probe printed the same as before.
    same: bool


class Row(NamedTuple):
    """A runtime with its cells, by tier."""

    name: str
    version: str
    does: str
    tree_bytes: int
    cells: dict[str, Cell]


def measured(runtime: newest.Runtime, tiers: tuple[str, ...] = TIERS) -> Row:
    """Build a runtime at each tier and run its probe before and after. Raises Unavailable."""
    place = newest.root(runtime)
    before = newest.run(place, runtime.run)
    said = newest.run(place, runtime.version)
    cells = {}
    with tempfile.TemporaryDirectory(dir=REAL) as temp:
        folder = Path(temp)
        tree = folder / "tree"
        listed = newest.copy_tree(runtime, place, tree)
        files = [tree / path for path in listed]
        tree_bytes = sum(file.lstat().st_size for file in files)
        for tier in tiers:
            artifact, after = folder / f"{tier}.zip", folder / tier
            unzipped_bytes = built(tree, artifact, tier)
            newest.with_artifact(place, listed, artifact, after)
            same = newest.run(after, runtime.run) == before
            cells[tier] = Cell(unzipped_bytes, artifact.stat().st_size, same)
    versions = _VERSION.findall(said)
    version = versions[-1] if "Elixir" in said else versions[0]
    return Row(runtime.name, version, runtime.does, tree_bytes, cells)


def built(tree: Path, artifact: Path, tier: str) -> int:
    """Build a tree at a tier; return what the artifact unpacks to, in bytes."""
    command = [sys.executable, "-m", "slimmer", "build", str(tree), "-o", str(artifact)]
    command += ["--tier", tier, "--fail-on", "secret", "--quiet", "--json", "-"]
    done = subprocess.run(  # noqa: S603 - slim itself
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"slim build: {done.stderr.strip()}")
    sizes = re.search(r'"artifacts": \[\s*\{[^}]*?"unzipped_bytes": (\d+)', done.stdout)
    return int(sizes[1]) if sizes else 0


def line(row: Row) -> str:
    """Return a row of the table, as Markdown."""
    cells = " | ".join(_cell(row.cells[tier]) for tier in TIERS)
    return f"| {row.name} | {row.version} | {row.tree_bytes:,} | {cells} | {row.does} |\n"


def _cell(cell: Cell) -> str:
    sizes = f"{cell.unzipped_bytes:,} / {cell.zip_bytes:,}"
    return sizes if cell.same else f"{sizes}, other answers"


def with_lines(text: str, made: dict[str, str]) -> str:
    """Return the page with these rows, by the runtime's name; the others stay."""

    def table(match: re.Match[str]) -> str:
        old = {row.split(" | ")[0].removeprefix("| "): f"{row}\n" for row in match[2].splitlines()}
        rows = {**old, **made}
        names = [runtime.name for runtime in newest.RUNTIMES if runtime.name in rows]
        return f"{match[1]}\n{_HEAD}{''.join(rows[name] for name in names)}\n{match[3]}"

    return _TABLE.sub(table, text)


def main(words: list[str]) -> None:
    """Write the rows of the runtimes whose names hold one of these words, or of all."""
    for runtime in newest.RUNTIMES:
        if not words or any(word in runtime.name for word in words):
            row = line(measured(runtime))
            sys.stderr.write(row)
            text = with_lines(PAGE.read_text("utf-8"), {runtime.name: row})
            PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
