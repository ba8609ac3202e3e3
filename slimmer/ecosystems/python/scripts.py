"""Programs in ``bin`` that pip wrote for the machine of the build: no Lambda function starts them.

Their first line names an interpreter in somebody's home, a virtual environment or a tool's cache.
What a program with such a line does can be had by ``python -m`` and by the module itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.model.rules import Action, Rule, Tier, Verdict
from slimmer.model.tree import Entry, Kind

_RULE = Rule(
    "scripts/build-machine",
    Action.DROP,
    "bin/*",
    "Their first line names an interpreter of the build's machine, which Lambda lacks.",
    "--keep",
    "Scripts that cannot start",
)
_IMAGE = "lambda-image"  # where any interpreter may lie anywhere
_OWNERS = "python/"
# The first is what distlib writes for an interpreter whose path is long or has spaces.
_INTERPRETER = re.compile(rb"#!(?:/bin/sh\n'''exec' \"?(/[^\"\n]+?)\"? \"\$0\"|[ \t]*(/[^\s]+))")
# Folders that a machine of Lambda has, or that a zip is unpacked to.
_THERE = ("/bin/", "/sbin/", "/usr/", "/opt/", "/var/task/", "/var/lang/", "/var/runtime/")
_MAX_HEAD_BYTES = 1024
_NAMING = (
    ".py",
    ".sh",
    ".bash",
    ".js",
    ".cjs",
    ".mjs",
    ".ts",
    ".rb",
    ".json",
    ".toml",
    ".yaml",
    ".yml",
)
_MAX_NAMING_BYTES = 1 << 20


def drop_scripts(request: DropRequest) -> Drops:
    """Return drops of scripts that cannot start. Raises what reading raises."""
    target = request.context.deployment.target
    if request.tier < Tier.DEFAULT or target is None or target.name == _IMAGE:
        return Drops()
    return Drops(_Scripts(request).drops())


class _Scripts:
    def __init__(self, request: DropRequest) -> None:
        self._request = request
        self._context = request.context

    def drops(self) -> dict[str, Verdict]:
        return {
            entry.path: Verdict(Action.DROP, _RULE)
            for entry in self._context.tree.entries
            if self._is_pips(entry) and self._is_lost(entry) and not self._is_named(entry)
        }

    def _is_pips(self, entry: Entry) -> bool:
        folder, name = posixpath.split(entry.path)
        is_program = posixpath.basename(folder) == "bin" and "." not in name
        verdict = self._request.verdicts[entry.path]
        if entry.kind is not Kind.FILE or not is_program or verdict.dropped:
            return False
        is_said = verdict.rule is not None and verdict.rule.action is Action.KEEP
        return not is_said and self._request.owners[entry.path].startswith(_OWNERS)

    def _is_lost(self, entry: Entry) -> bool:
        head = self._context.binaries.part(entry.path, 0, _MAX_HEAD_BYTES)
        found = _INTERPRETER.match(head)
        return found is not None and not (found[1] or found[2]).decode().startswith(_THERE)

    def _is_named(self, entry: Entry) -> bool:
        name = re.escape(posixpath.basename(entry.path).encode("utf-8", "surrogateescape"))
        named = re.compile(rb"[/\"']" + name + rb"[\"'\s]")
        return any(map(named.search, self._texts))

    @cached_property
    def _texts(self) -> list[bytes]:
        return [self._context.read(entry.path) for entry in self._own()]

    def _own(self) -> Iterator[Entry]:
        """Yield the user's own files that may call a program by its path."""
        for entry in self._context.tree.entries:
            is_text = entry.path.endswith(_NAMING) or "." not in posixpath.basename(entry.path)
            is_small = entry.kind is Kind.FILE and entry.size_bytes <= _MAX_NAMING_BYTES
            is_kept = self._request.verdicts[entry.path].kept
            if is_text and is_small and is_kept and self._request.is_own(entry.path):
                yield entry
