"""The scripts that start a function or a runtime, and what advice looks for in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.errors import InputError
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind

_BOOTSTRAP = "bootstrap"
_MAX_BYTES = 256 * 1024
_SHELL = re.compile(rb"#![ \t]*/(?:usr/)?bin/(?:env[ \t]+)?(?:ba|da|k|z)?sh\b")
_CONTINUED = re.compile(r"\\\n")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)


class Script(NamedTuple):
    """A shell script: how people name it, and its lines without comments, continued ones joined."""

    name: str
    lines: tuple[str, ...]


def bootstraps(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Script]:
    """Yield the bootstrap of the tree and those of the zips beside it. Raises what reading does."""
    if context.in_zip(_BOOTSTRAP) == _BOOTSTRAP:
        entry = context.tree.by_path.get(_BOOTSTRAP)
        if entry and entry.kind is Kind.FILE and verdicts[_BOOTSTRAP].kept:
            yield from _script(_BOOTSTRAP, context.read(_BOOTSTRAP))
    for zip_ in context.deployment.siblings:
        placed = zip_.placed.get(_BOOTSTRAP)
        if placed is not None and placed.size_bytes <= _MAX_BYTES:
            try:
                data = zip_.read(_BOOTSTRAP)
            except InputError:
                continue  # told where the zip is looked at
            yield from _script(f"{zip_.name}: {_BOOTSTRAP}", data)


def programs(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Script]:
    """Yield the kept shell scripts that may be run. Raises what reading raises."""
    for entry in context.tree.entries:
        may_run = entry.executable and entry.kind is Kind.FILE and verdicts[entry.path].kept
        if may_run and 0 < entry.size_bytes <= _MAX_BYTES:
            yield from _script(entry.path, context.read(entry.path))


def _script(name: str, data: bytes) -> Iterator[Script]:
    if _SHELL.match(data):
        text = _COMMENT.sub("", data.decode("utf-8", "replace"))
        yield Script(name, tuple(_CONTINUED.sub(" ", text).splitlines()))
