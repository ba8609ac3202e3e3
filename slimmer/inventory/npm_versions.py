"""The versions of npm packages in a tree, which only their package.json tells.

Source: npm's documentation, "package.json" (name, version) and "folders" (node_modules).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from slimmer.inputs.base import Source
from slimmer.model.tree import Kind

_MANIFEST = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*/package\.json")
_MAX_BYTES = 1_000_000  # a package.json is some kB
_MAX_TEXT = 100  # of a version


def npm_versions(source: Source) -> dict[str, str]:
    """Return the version of each package by the path of its package.json; broken ones are left out.

    Raises InputError for what cannot be read.
    """
    return dict(_found(source))


def _found(source: Source) -> Iterator[tuple[str, str]]:
    for entry in source.tree.entries:
        is_small = entry.kind is Kind.FILE and entry.size_bytes <= _MAX_BYTES
        if is_small and _MANIFEST.fullmatch(entry.path):
            try:
                said = json.loads(source.read(entry.path))
            except (ValueError, RecursionError):
                continue
            version = said.get("version") if isinstance(said, dict) else None
            if isinstance(version, str) and version[:1].isdigit():
                yield entry.path, version[:_MAX_TEXT]
