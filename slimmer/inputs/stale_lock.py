"""What a uv.lock was not made for: ``uv export --frozen`` takes it as it is, without a word.

``uv export --locked`` would tell, but it needs a Python that the project takes, which need not be
here. Poetry and npm tell themselves. Sources: uv's "Project structure" (uv.lock), PyPA's
"pyproject.toml specification" (project.dependencies).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from slimmer.model.findings import Finding, finding
from slimmer.text import and_more

LOCK = "uv.lock"
_MOST_BYTES = 64_000_000
_ELSEWHERE = ("git", "url", "path", "editable", "directory", "virtual")


def stale_lock(lock: Path) -> list[Finding]:
    """Return a warning where a uv.lock does not hold what the project beside it requires."""
    if lock.name != LOCK:
        return []
    try:
        locked = _table(lock)
        project = _table(lock.with_name("pyproject.toml"))["project"]
        wrong = list(_unlocked(project, locked))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []  # uv has read them; of what it takes and slim does not know, nothing is said
    if not wrong:
        return []
    message = (
        f"{LOCK} was made before pyproject.toml required {and_more(wrong)}, and what it locks "
        "ships; run uv lock"
    )
    return [finding("lock-stale", message)]


def _unlocked(project: Mapping[str, Any], locked: Mapping[str, Any]) -> Iterator[str]:
    """Yield the requirements of a project that are not among those that a lock was made for."""
    if "dependencies" in project.get("dynamic", ()):
        return
    name = canonicalize_name(project["name"])
    own = next((row for row in locked["package"] if row["name"] == name), None)
    if own is None:
        return
    rows = own.get("metadata", {}).get("requires-dist", [])
    for text in project.get("dependencies", ()):
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        if not any(_is_for(row, wanted) for row in rows):
            yield text


def _is_for(row: Mapping[str, Any], wanted: Requirement) -> bool:
    if row["name"] != canonicalize_name(wanted.name):
        return False
    is_elsewhere = wanted.url is not None or any(key in row for key in _ELSEWHERE)
    return is_elsewhere or SpecifierSet(row.get("specifier", "")) == wanted.specifier


def _table(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.loads(file.read(_MOST_BYTES).decode())
