"""The user's own package.json: what it declares for run time, what it starts, its tools' settings.

Source: npm's documentation of package.json, "scripts" and "dependencies".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_MAX_BYTES = 4_000_000
_MAX_DEPTH = 32
# A script of such a name builds, checks or publishes, unless something else calls it.
_DEVELOPS = re.compile(
    r"(?:pre|post)?(?:test|tests|lint|build|compile|bundle|format|fmt|check|type|types|typecheck|tsc"
    r"|dev|develop|watch|clean|prepare|prepublish|prepublishonly|prepack|pack|package|publish"
    r"|release|version|install|uninstall|docs?|cover|coverage|ci|bench|benchmark|e2e|storybook"
    r"|deploy|generate|codegen|prettier|eslint|tslint|style|audit|changelog|changeset|commit|husky"
    r"|unit|integration|spec|mocha|jest|vitest|debug|local|offline)(?:[:._-].*)?",
    re.IGNORECASE,
)
# What no tool reads as its settings.
_PLAIN = frozenset(
    (
        *("name", "version", "description", "keywords", "license", "author", "contributors"),
        *("repository", "homepage", "bugs", "funding", "files", "engines", "os", "cpu", "type"),
        *("main", "module", "browser", "exports", "imports", "bin", "types", "typings", "man"),
        *("dependencies", "devDependencies", "peerDependencies", "peerDependenciesMeta"),
        *("optionalDependencies", "bundleDependencies", "bundledDependencies", "overrides"),
        *("resolutions", "scripts", "private", "publishConfig", "packageManager", "workspaces"),
        *("lint-staged", "husky", "pnpm", "volta", "directories", "sideEffects"),
    )
)


class Script(NamedTuple):
    """A script, and whether it starts something by its name alone."""

    name: str
    command: str
    starts: bool


class Manifest(NamedTuple):
    """What a package.json says; what is missing, or cannot be read, is empty."""

    #: The packages of ``dependencies`` and ``optionalDependencies``.
    declared: frozenset[str] = frozenset()
    scripts: tuple[Script, ...] = ()
    #: The strings in the settings of tools, each with the key that they stand under.
    tools: tuple[tuple[str, str], ...] = ()


def parse_manifest(data: bytes) -> Manifest:
    """Return what a package.json says. It never raises."""
    try:
        found = json.loads(data) if len(data) <= _MAX_BYTES else {}
    except (ValueError, RecursionError):
        return Manifest()
    if not isinstance(found, dict):
        return Manifest()
    declared = (_table(found.get(key)) for key in ("dependencies", "optionalDependencies"))
    scripts = _table(found.get("scripts"))
    return Manifest(
        declared=frozenset(name for table in declared for name in table),
        scripts=tuple(
            Script(name, command, not _DEVELOPS.fullmatch(name))
            for name, command in scripts.items()
            if isinstance(command, str)
        ),
        tools=tuple(
            (key, text)
            for key in found
            if key not in _PLAIN
            for text in _strings(found[key], _MAX_DEPTH)
        ),
    )


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _strings(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner, depth - 1)
