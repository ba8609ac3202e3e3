"""Start scripts that name a place of the machine on which an installation was made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import ROOTS, Context
from slimmer.ecosystems.start_scripts import Script, programs
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind
from slimmer.paths import join, parents
from slimmer.text import printable

_ASSIGNED = re.compile(r"^\s*(?:export\s+)?(\w+)=([\"']?)(/[\w.+/-]+)\2\s*(?:;|$)")
_FEWEST_PARTS = 2  # of a path that is found below another folder: "lib" alone tells nothing


def advise(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
    """Yield a warning for each script that assigns a place whose copy is in the tree."""
    for script in programs(context, verdicts):
        for name, path, inside in _misplaced(context, script):
            place = printable(context.in_zip(inside)) or "the top of the zip"
            yield finding(
                "start-path",
                f"{printable(script.name)} sets {name} to {printable(path)}, and that is {place} "
                "here: it fails there, or runs another installation; let it find its own place, "
                'as with $(dirname "$0")',
            )
            break  # one place is enough to say


def _misplaced(context: Context, script: Script) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the path, and the folder of the tree that is meant, of assignments."""
    for line in script.lines:
        found = _ASSIGNED.match(line)
        if found and not (found[3] + "/").startswith(ROOTS):
            inside = _same_folder(context, found[3].strip("/").split("/"))
            if inside is None:
                inside = _holding(context, script, found[1])
            if inside is not None:
                yield found[1], found[3], inside


def _same_folder(context: Context, parts: list[str]) -> str | None:
    """Return the folder of the tree in which the last parts of an absolute path lie, or None."""
    for start in range(len(parts) - _FEWEST_PARTS + 1):
        path = "/".join(parts[start:])
        entry = context.tree.by_path.get(path)
        if entry is not None and entry.kind is Kind.DIRECTORY:
            return path
    return None


def _holding(context: Context, script: Script, name: str) -> str | None:
    """Return the folder around a script that has what the script looks for in ``$name``."""
    used = re.compile(rf"\$(?:{name}|{{{name}}})/([\w.+-]+/[\w.+/-]*[\w+-])")
    wanted = {found[1] for line in script.lines for found in used.finditer(line)}
    for folder in (*parents(script.name), ""):
        if any(join(folder, path) in context.tree.by_path for path in wanted):
            return folder
    return None
