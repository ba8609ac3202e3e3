"""Which Pythons a lock file is for: for another one its tool fails, and does not say why.

Sources: uv's "Project structure" (uv.lock), Poetry's "The lock file" (python-versions), PyPA's
"pyproject.toml specification" (requires-python).
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

_MOST_BYTES = 64_000_000
_MOST_PATCH = 99  # of a version: some release of 3.12 meets >=3.12.4
_AGAIN = {"uv.lock": "uv lock", "poetry.lock": "poetry lock"}


def wrong_python(file: Path, version: str) -> str:
    """Return why the requirements of a file are not for a Python, such as 3.13; empty if they are.

    Of a file that cannot be read, or does not say, nothing is said: its tool will.
    """
    try:
        stated = _stated(file)
        if not stated or any(SpecifierSet(stated).contains(v) for v in _releases(version)):
            return ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    again = f", and {_AGAIN[file.name]}" if file.name in _AGAIN else ""
    return (
        f"{file.name} is for Python {stated}, not {version}; name another --target, or change that "
        f"in pyproject.toml{again}"
    )


def _stated(file: Path) -> str:
    if file.name not in (*_AGAIN, "pyproject.toml") or file.stat().st_size > _MOST_BYTES:
        return ""
    table = tomllib.loads(file.read_text("utf-8"))
    place, key = {
        "uv.lock": (table, "requires-python"),
        "poetry.lock": (table.get("metadata", {}), "python-versions"),
        "pyproject.toml": (table.get("project", {}), "requires-python"),
    }[file.name]
    stated = place.get(key, "")
    return stated if isinstance(stated, str) else ""


def _releases(version: str) -> list[str]:
    return [f"{version}.{patch}" for patch in range(_MOST_PATCH + 1)]
