"""What a distribution, or a project, says that it cannot run without.

Sources: PyPA specifications, "Dependency specifiers" and "pyproject.toml"; pip's "Requirements File
Format".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from slimmer.formats.python.metadata import normal_name, requirements

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
_MAX_CHARS = 1_000_000


def required(metadata: bytes) -> frozenset[str]:
    """Return what a METADATA requires whatever extras are chosen; names are normal ones."""
    return frozenset(each.name for each in requirements(metadata) if not each.extra)


def listed(text: str) -> frozenset[str]:
    """Return what a requirements.txt lists; names are normal ones."""
    return _names(text[:_MAX_CHARS].splitlines())


def of_project(text: str) -> frozenset[str]:
    """Return what a pyproject.toml or Pipfile lists for run time; empty where it is broken."""
    try:
        found = tomllib.loads(text[:_MAX_CHARS])
    except (ValueError, RecursionError):
        return frozenset()
    project, pipenv = _table(found, "project"), _table(found, "packages")
    poetry = _table(_table(_table(found, "tool"), "poetry"), "dependencies")
    listed = project.get("dependencies")
    lines = [str(line) for line in listed] if isinstance(listed, list) else []
    return _names([*lines, *poetry, *pipenv])


def _table(found: dict[str, object], key: str) -> dict[str, object]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _names(lines: Iterable[str]) -> frozenset[str]:
    matches = (_NAME.match(line.strip()) for line in lines)
    return frozenset(normal_name(match[0]) for match in matches if match)
