"""Compiled forms in a tree or a zip: which times must stay, and what no runtime would use.

A zip of fixed times makes all times equal. So what a runtime compares keeps its order, or, where
the time of a source is stated, that time; and of what cannot be kept the user is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.java import cds
from slimmer.formats.ruby import bootsnap
from slimmer.formats.zip.reader import read_zip
from slimmer.model.findings import Finding, finding
from slimmer.model.times import ZIP_TIME_S, member_ns, of_rank
from slimmer.paths import name_of
from slimmer.rules.compiled import (
    ORDER,
    RECORD,
    STAMP,
    WARN,
    Form,
    Pair,
    forms_in,
    load_forms,
    pairs_of,
    ranks,
)
from slimmer.sizes import count_text
from slimmer.text import and_more, printable

_NS = 1_000_000_000


class Looked(NamedTuple):
    """Files, and how to learn more of each."""

    #: The sizes of the files in bytes, by path.
    sizes: Mapping[str, int]
    mtime_ns: Callable[[str], int]
    read: Callable[[str], bytes]


class Compiled(NamedTuple):
    """What becomes of compiled forms and their sources."""

    #: The times of the members that do not have the zip's own, in seconds since 1970, by path.
    times_s: Mapping[str, int]
    #: Files that ship byte for byte, since an archive states their size.
    as_they_are: frozenset[str]
    findings: tuple[Finding, ...]


def find_compiled(looked: Looked) -> Compiled:
    """Return what becomes of the compiled forms among files. Raises what reading raises."""
    times_s: dict[str, int] = {}
    as_they_are: set[str] = set()
    findings: list[Finding] = []
    for form in forms_in(looked.sizes):
        if form.action == STAMP:
            stamped_s = _stamped(form, looked)
            times_s |= stamped_s
            as_they_are |= stamped_s.keys()
            findings += _stamp_findings(form, looked, stamped_s)
            continue
        if form.action == WARN:
            findings += _unkept(form, [path for path in looked.sizes if form.matches(path)])
            continue
        pairs = pairs_of(form, looked.sizes)
        if form.action == ORDER:
            times_s |= {path: of_rank(rank) for path, rank in ranks(pairs, looked.mtime_ns).items()}
            findings += _unused(
                form, [p.compiled for p in pairs if not _is_used(p, looked.mtime_ns)]
            )
        for pair in pairs if form.action == RECORD else ():
            stated = _stated(pair, looked)
            as_they_are |= {*stated, pair.compiled} if stated else set()
            times_s |= {jar: time_s for jar, time_s in stated.items() if time_s}
            findings += _archive_findings(pair, stated)
    findings += _unused_in_jars(looked)
    return Compiled(times_s, frozenset(as_they_are), tuple(findings))


def _stamped(form: Form, looked: Looked) -> dict[str, int]:
    """Return the sources of which an entry states size and time, with that time."""
    entries = {bootsnap.stamp(looked.read(path)) for path in looked.sizes if form.matches(path)}
    times_s = {
        path: looked.mtime_ns(path) // _NS for path in looked.sizes if path.endswith(form.sources)
    }
    return {
        path: time_s
        for path, time_s in times_s.items()
        if time_s >= ZIP_TIME_S and bootsnap.Stamp(looked.sizes[path], time_s) in entries
    }


def _stamp_findings(form: Form, looked: Looked, stamped_s: Mapping[str, int]) -> Iterable[Finding]:
    """Say which sources ship with the time that an entry states; where none does, warn."""
    if not stamped_s:
        return _unkept(form, [path for path in looked.sizes if form.matches(path)])
    message = (
        f"{form.title} state size and time of {and_more(sorted(stamped_s))}, which ships byte for "
        "byte with that time; they are used where the zip is unpacked with its times, to the place "
        "that they were made at"
    )
    return [finding("compiled-recorded", message)]


def _is_used(pair: Pair, time_ns: Callable[[str], int]) -> bool:
    """Return whether a runtime would use a compiled form; ``time_ns`` tells the time of a path."""
    compiled_ns = time_ns(pair.compiled)
    return all(pair.form.is_used(compiled_ns, time_ns(source)) for source in pair.sources)


def _stated(pair: Pair, looked: Looked) -> dict[str, int]:
    """Return the jars that an archive names: with the time that it states, or 0 for another jar."""
    data = looked.read(pair.compiled)
    if not cds.is_archive(data):
        return {}
    stated = {}
    for jar in pair.sources:
        if cds.names(data, name_of(jar)):
            time_s = looked.mtime_ns(jar) // _NS
            is_it = time_s >= ZIP_TIME_S and time_s in cds.recorded_s(data, looked.sizes[jar])
            stated[jar] = time_s if is_it else 0
    return stated


def _archive_findings(pair: Pair, stated: Mapping[str, int]) -> Iterator[Finding]:
    """Say which jars an archive of classes is for, and which are not those that it was made of."""
    form, archive = pair.form, printable(pair.compiled)
    others = [jar for jar, time_s in stated.items() if not time_s]
    if others:
        yield finding(
            "compiled-unused",
            f"{archive}: {and_more(others)} is of another time or size than it says, so a JVM does "
            f"not use it, nor start with -Xshare:on; {form.cure}",
        )
    elif stated:
        yield finding(
            "compiled-recorded",
            f"{archive} states the time and size of {and_more(list(stated))}, which ships byte for "
            "byte with that time; a JVM uses it where the zip is unpacked with its times, and with "
            "-Xshare:auto starts without it elsewhere",
        )


def _unused(form: Form, compiled: list[str]) -> Iterator[Finding]:
    if compiled:
        verb = "is" if len(compiled) == 1 else "are"
        message = f"{_files(form, compiled)} {verb} not used, as {form.why}; {form.cure}"
        yield finding("compiled-unused", message)


def _unkept(form: Form, compiled: list[str]) -> Iterator[Finding]:
    if compiled:
        message = f"{_files(form, compiled)} may not be used, as {form.why}, and a zip gives "
        yield finding("compiled-unkept", f"{message}all sources the same time; {form.cure}")


def _files(form: Form, compiled: list[str]) -> str:
    return f"{form.title}: {count_text(len(compiled), 'file')} ({and_more(compiled)})"


def _unused_in_jars(looked: Looked) -> Iterator[Finding]:
    """Yield what jars hold that no runtime uses, as the times of their members say."""
    forms = [form for form in load_forms() if form.action == ORDER]
    ends = {form.end.encode() for form in forms if form.end.endswith(".class")}
    for jar in (path for path in looked.sizes if path.endswith(".jar")):
        data = looked.read(jar)
        if any(end in data for end in ends):
            for form in forms:
                unused = sorted(_unused_in(form, data))
                yield from _unused(form, [f"{jar}!/{path}" for path in unused])


def _unused_in(form: Form, data: bytes) -> Iterable[str]:
    try:
        members = read_zip(data).members
    except FormatError:
        return
    times = {member.path: member_ns(member.dos_time, member.extra) for member in members}
    for pair in pairs_of(form, times):
        if not _is_used(pair, times.__getitem__):
            yield pair.compiled
