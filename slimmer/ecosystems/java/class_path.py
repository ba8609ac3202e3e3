"""Which jars a Java application loads, so that they are code, and not data that it hands on.

A class path is known by where Lambda or a runtime beside it looks, and by the scripts that name
it. Source: AWS Lambda's documentation "Deploy Java Lambda functions" (``lib/``, ``java/lib/``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.model.rules import Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.paths import folder_of, name_of

JARS = (".jar", ".war")

_RUNTIMES = ("libjvm.so", "jvm.cfg")
_LIBRARIES = "lib"
_MAX_SCRIPT_BYTES = 1 << 16
# An application's own code in another language: what it has in jars it does not load.
_OTHERS = (".py", ".js", ".cjs", ".mjs", ".ts", ".rb", ".php", ".dll")


def on_class_path(
    context: Context, verdicts: Mapping[str, Verdict], jars: Iterable[str]
) -> frozenset[str]:
    """Return those of these jars that are on a class path. Raises what reading raises."""
    found = _ClassPath(context, verdicts)
    return frozenset(path for path in jars if found.holds(path))


class _ClassPath:
    def __init__(self, context: Context, verdicts: Mapping[str, Verdict]) -> None:
        self._context = context
        self._kept = [e for e in context.tree.entries if verdicts[e.path].kept]

    def holds(self, path: str) -> bool:
        folders = folder_of(self._context.in_zip(path)).split("/")
        is_place = folders == [""] or _LIBRARIES in folders
        return (is_place and self._is_java) or self._is_named(path)

    @cached_property
    def _is_java(self) -> bool:
        target = self._context.deployment.target
        language = target.language if target else None
        if language is not None:
            return language.name == "java"
        paths = [e.path for e in self._kept] + list(self._context.sibling_names)
        if any(path.endswith(_RUNTIMES) for path in paths):
            return True
        at_root = [self._context.in_zip(entry.path) for entry in self._kept]
        return not any("/" not in name and name.endswith(_OTHERS) for name in at_root)

    def _is_named(self, path: str) -> bool:
        folder = name_of(folder_of(path))
        words = [name_of(path), *([f"{folder}/*"] if folder else [])]
        named = re.compile(r"(?<![\w.-])(?:" + "|".join(map(re.escape, words)) + ")")
        return any(map(named.search, self._scripts))

    @cached_property
    def _scripts(self) -> list[str]:
        scripts = [e for e in self._kept if self._is_script(e)]
        return [self._context.read(e.path).decode("utf-8", "replace") for e in scripts]

    def _is_script(self, entry: Entry) -> bool:
        if entry.kind is not Kind.FILE or entry.size_bytes > _MAX_SCRIPT_BYTES:
            return False
        may_be = entry.executable or name_of(entry.path) == "bootstrap"
        return may_be and self._context.binaries.part(entry.path, 0, 2) == b"#!"
