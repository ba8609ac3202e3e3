"""Compiled forms: what runtimes keep beside sources, and which orders of times they compare.

The forms are data, ``rules/compiled.toml``, whose keys are described at its top.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from slimmer.paths import folder_of, name_of
from slimmer.rules.packs import COMPILED_FILE
from slimmer.rules.patterns import compile_pattern
from slimmer.toml import Table, data_folder, read_text

BY_NAME, ALL = "name", "all"
NEWER, NOT_OLDER, RECORDED = "newer", "not-older", "recorded"
ORDER, RECORD, STAMP, WARN = "order", "record", "stamp", "warn"
_UNITS_NS: Final = {"ns": 1, "ms": 1_000_000, "s": 1_000_000_000}


@dataclass(frozen=True, eq=False, repr=False)
class Form:
    """A compiled form; the fields are the keys of ``rules/compiled.toml``."""

    name: str
    title: str
    compiled: tuple[str, ...]
    #: What the name of a compiled file has in the place of its source's ending.
    end: str
    sources: tuple[str, ...]
    pairs: str
    compares: str
    #: The nanoseconds of the unit that the runtime compares times in.
    unit_ns: int
    action: str
    why: str
    cure: str

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(compile_pattern(pattern) for pattern in self.compiled)

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """A literal part of each pattern, which tells most paths apart at no cost."""
        parts = (re.split(r"[*?\[\]]+", pattern) for pattern in self.compiled)
        return tuple(max(each, key=len).strip("/") for each in parts)

    def matches(self, path: str) -> bool:
        """Return whether a path is one of its compiled files."""
        return any(mark in path for mark in self.marks) and any(
            pattern.match(path) for pattern in self._patterns
        )

    def is_used(self, compiled_ns: int, source_ns: int) -> bool:
        """Return whether the runtime uses what was compiled at one time of a source of another."""
        newer = compiled_ns // self.unit_ns - source_ns // self.unit_ns
        return newer > 0 or (newer == 0 and self.compares == NOT_OLDER)


class Pair(NamedTuple):
    """A compiled file, and the sources whose times are compared with its own."""

    form: Form
    compiled: str
    sources: tuple[str, ...]


@functools.cache
def load_forms() -> tuple[Form, ...]:
    """Return slim's own forms. Raises UsageError, with file and line, for what is wrong there."""
    file = data_folder() / COMPILED_FILE
    return parse_forms(read_text(file), f"rules/{COMPILED_FILE}")


def forms_in(paths: Iterable[str]) -> list[Form]:
    """Return the forms of which there may be compiled files among paths."""
    text = "\n".join(paths)  # one search of it is far cheaper than one of each path
    return [form for form in load_forms() if any(mark in text for mark in form.marks)]


def parse_forms(text: str, source: str) -> tuple[Form, ...]:
    """Return the forms in a text. Raises UsageError, with file and line."""
    top = Table.parse(text, source)
    forms = tuple(_form(name, table) for name, table in top.tables("form").items())
    top.finish()
    return forms


def _form(name: str, table: Table) -> Form:
    form = Form(
        name=name,
        title=table.text("title"),
        compiled=table.texts("compiled"),
        end=table.text("end", "-").removeprefix("-"),
        sources=table.texts("sources"),
        pairs=table.choice("pairs", (BY_NAME, ALL), ALL),
        compares=table.choice("compares", (NEWER, NOT_OLDER, RECORDED)),
        unit_ns=_UNITS_NS[table.choice("unit", _UNITS_NS, "s")],
        action=table.choice("action", (ORDER, RECORD, STAMP, WARN)),
        why=table.text("why"),
        cure=table.text("cure"),
    )
    if not form.compiled:
        table.fail("compiled", "compiled must name at least one pattern")
    if form.action != WARN and not form.sources:
        table.fail("sources", f"the action {form.action} needs sources")
    table.finish()
    return form


def pairs_of(form: Form, paths: Iterable[str]) -> list[Pair]:
    """Return the compiled files of a form that have sources among these paths, in path order."""
    known = sorted(paths)
    compiled = [path for path in known if form.matches(path)]
    if not compiled:
        return []
    if form.pairs == ALL:
        sources = tuple(p for p in known if p.endswith(form.sources) and p not in set(compiled))
        return [Pair(form, path, sources) for path in compiled if sources]
    by_name: dict[str, list[str]] = {}
    for path in known:
        if path.endswith(form.sources):
            by_name.setdefault(name_of(path), []).append(path)
    found = [Pair(form, path, tuple(_named(form, path, by_name))) for path in compiled]
    return [pair for pair in found if pair.sources]


def _named(form: Form, compiled: str, by_name: Mapping[str, list[str]]) -> list[str]:
    """Return the sources of a name, in the folders that end as the compiled file's does."""
    stem = name_of(compiled).removesuffix(form.end)
    for end in form.sources:
        likeness = {path: _shared(path, compiled) for path in by_name.get(stem + end, ())}
        if likeness:
            best = max(likeness.values())
            return [path for path, shared in likeness.items() if shared == best]
    return []


def _shared(one: str, other: str) -> int:
    """Return how many folders above two files have the same names, from the files upwards."""
    count = 0
    above = zip(
        reversed(folder_of(one).split("/")), reversed(folder_of(other).split("/")), strict=False
    )
    for mine, theirs in above:
        if mine != theirs:
            break
        count += 1
    return count


def ranks(pairs: Iterable[Pair], mtime_ns: Callable[[str], int]) -> dict[str, int]:
    """Return the place of files in the order of their times, as far as a runtime compares them.

    Of two files in a pair the newer has the higher rank, and files of the same time have the
    same. Files of rank 0 are left out.
    """
    times: dict[str, int] = {}
    beside: dict[str, set[str]] = {}
    for pair in pairs:
        for source in pair.sources:
            for path, other in ((pair.compiled, source), (source, pair.compiled)):
                times[path] = mtime_ns(path) // pair.form.unit_ns
                beside.setdefault(path, set()).add(other)
    found: dict[str, int] = {}
    for path in sorted(times, key=lambda path: (times[path], path)):
        if path not in found:
            same = _same_time(path, times, beside)
            below = {n for each in same for n in beside[each] if times[n] < times[path]}
            rank = max((found[n] + 1 for n in below), default=0)
            found.update(dict.fromkeys(same, rank))
    return {path: rank for path, rank in found.items() if rank}


def _same_time(path: str, times: Mapping[str, int], beside: Mapping[str, set[str]]) -> set[str]:
    """Return the files that are compared with one, over others or not, and have its time."""
    same, waiting = {path}, [path]
    while waiting:
        more = {n for n in beside[waiting.pop()] if times[n] == times[path]} - same
        same |= more
        waiting += more
    return same
