"""Archives in a plan: which stay as they are, which may grow, and what is dropped inside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from slimmer import caps
from slimmer.build.contents import may_be_stored, plain_bytes
from slimmer.build.steps import checksum_beside
from slimmer.decide.decide import Decision
from slimmer.decide.question import Question
from slimmer.decide.shake import component_of
from slimmer.ecosystems.java.maven import asked_poms
from slimmer.ecosystems.native.archives import foreign_members
from slimmer.ecosystems.native.foreign import brings_libc
from slimmer.formats import FormatError, Refused
from slimmer.formats.checksums import states
from slimmer.formats.zip import ARCHIVES
from slimmer.formats.zip.repack import NESTED, Archive, LeftOut, repack, unpacked_bytes
from slimmer.inputs.base import Source
from slimmer.model.artifact import DeployedZip
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.model.plan import Plan
from slimmer.model.rules import Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.paths import folder_of, name_of, parents
from slimmer.rules.archives import drops_inside
from slimmer.text import and_more, printable
from slimmer.transforms import packed_bytes

#: The endings of files that may list others with their checksums, beside those without one.
_LIST_WORDS = (
    "txt json xml idx md5 sha1 sha256 sha384 sha512 md5sum sha1sum sha256sum sha512sum md5sums "
    "sha256sums sums list lst csv tsv yaml yml toml properties lock mf manifest spdx cdx"
)
_LIST_ENDS = frozenset(_LIST_WORDS.split())
#: The endings of sources: of those above an archive, one may hold the checksum that it compares.
_SOURCE_ENDS = frozenset(("py", "js", "mjs", "cjs", "sh", "rb", "php", "pl", "pm"))
_MAX_LIST_BYTES = 8 << 20
_MAX_NAME_BYTES = 255  # NAME_MAX of Linux
_ARCHIVE_END = re.compile(b"|".join(re.escape(end.encode()) for end in ARCHIVES))
_NO_WORD = re.compile(rb"[\s\"'`/\\<>,;:=()*|\[\]{}]")


class _Gain(NamedTuple):
    """What an archive gains by being stored: in the zip, and what that costs unzipped."""

    path: str
    saved_bytes: int
    grown_bytes: int

    @property
    def weight(self) -> float:
        """How much is saved for each byte that it costs."""
        return self.saved_bytes / max(self.grown_bytes, 1)


def stated_archives(source: Source, verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Return the kept archives whose checksum a kept list states, each with that list.

    An installer's list of its own files, ``RECORD``, is none: nothing compares it at run time.
    """
    kept = [e for e in source.tree.entries if e.kind is Kind.FILE and verdicts[e.path].kept]
    archives = [entry.path for entry in kept if entry.path.endswith(ARCHIVES)]
    if not archives:
        return {}
    beside = {path: by for path in archives if (by := checksum_beside(source.tree, path))}
    by_name: dict[bytes, list[str]] = {}
    for path in archives:
        by_name.setdefault(_last_word(name_of(path).encode("utf-8", "surrogateescape")), []).append(
            path
        )
    above = {folder for path in archives for folder in (*parents(path), "")}
    naming: dict[str, dict[str, bytes]] = {}
    for entry in (e for e in kept if _may_be_list(e, above)):
        text = source.read(entry.path)
        for archive in {path for name in _names_in(text) for path in by_name.get(name, ())}:
            naming.setdefault(archive, {})[entry.path] = text
    found = ((a, _stating(source.read(a), lists)) for a, lists in naming.items())
    return {archive: by for archive, by in found if by} | beside


def _names_in(text: bytes) -> set[bytes]:
    """Return the last words of all names in a text that end as archives do."""
    ends = (found.end() for found in _ARCHIVE_END.finditer(text))
    return {_last_word(text[max(0, end - _MAX_NAME_BYTES) : end]) for end in ends}


def _last_word(text: bytes) -> bytes:
    return _NO_WORD.split(text)[-1]


def _may_be_list(entry: Entry, above: Collection[str]) -> bool:
    """Return whether a file may state checksums; ``above`` are the folders that hold archives."""
    name = name_of(entry.path)
    _, dot, end = name.rpartition(".")
    is_named = not dot or end.lower() in _LIST_ENDS
    is_named |= end.lower() in _SOURCE_ENDS and folder_of(entry.path) in above
    return is_named and name != "RECORD" and 0 < entry.size_bytes <= _MAX_LIST_BYTES


def _stating(data: bytes, lists: Mapping[str, bytes]) -> str:
    return next((path for path, text in lists.items() if states([text], data)), "")


def stated_findings(stated: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each list because of which archives stay as they are."""
    by_list: dict[str, list[str]] = {}
    for archive, by in sorted(stated.items()):
        by_list.setdefault(by, []).append(archive)
    for by, archives in by_list.items():
        yield finding(
            "archives-listed",
            f"{and_more(archives)}: kept byte for byte, as {printable(by)} states the checksum",
        )


def drops_in_archives(question: Question, decision: Decision, plan: Plan) -> LeftOut:
    """Return what says which members of an archive are dropped.

    Rules speak of archives in the tree, not of those inside others. What the user keeps by name
    keeps its native libraries.
    """
    settings = question.settings
    siblings = (path for each in question.deployment.siblings for path in each.placed)
    own_libc = brings_libc([*(step.entry.path for step in plan.shipped), *siblings])
    reach = decision.reach if settings.tree_shake else None

    def left_out(archive: Archive) -> dict[str, str]:
        outer, nested, _ = archive.path.partition(NESTED)
        dropped: dict[str, str] = {}
        if not nested:
            names = [member.name for member in archive.members]
            dropped = drops_inside(archive.path, names, decision.pack_roots)
            for name in asked_poms(archive, dropped):
                del dropped[name]
            unreached = reach.unreached_in(archive.path) if reach else {}
            dropped |= {name: component_of(unit) for name, unit in unreached.items()}
        if settings.foreign == "keep" or decision.verdicts[outer].kept_by_user:
            return dropped
        return foreign_members(archive, settings.arch, own_libc=own_libc) | dropped

    return left_out


def without_room(
    question: Question, plan: Plan, left_out: LeftOut, zips: Sequence[DeployedZip]
) -> list[str]:
    """Return the archives that must stay packed, so that what is unzipped stays below the caps.

    Archives whose members are stored make the zip smaller and what is unzipped larger. Those
    that save most for what they cost come first. ``zips`` are deployed beside the tree's own.
    """
    source, target, steps = question.source, question.deployment.target, plan.shipped
    archives = {s.entry.path for s in steps if may_be_stored(s)}
    if not archives or target is None:
        return []
    plain = {s.entry.path: plain_bytes(s) for s in steps}
    most = {path: max(plain[path], unpacked_bytes(source.read(path))) for path in archives}
    if not any(usage.over for usage in _caps(question, {**plain, **most}, zips)):
        return []
    gains = [_gain(path, source.read(path), left_out) for path in sorted(archives)]
    packed = []
    for gain in sorted(gains, key=lambda gain: (-gain.weight, gain.path)):
        grown = plain | {gain.path: plain[gain.path] + gain.grown_bytes}
        if gain.grown_bytes <= 0 or not any(u.over for u in _caps(question, grown, zips)):
            plain = grown
        elif gain.saved_bytes > 0:
            packed.append(gain.path)
    return packed


def _caps(
    question: Question, sizes: Mapping[str, int], zips: Sequence[DeployedZip]
) -> list[LimitUsage]:
    target = question.deployment.target
    return caps.before_packing(sum(sizes.values()), len(sizes), zips, target) if target else []


def _gain(path: str, data: bytes, left_out: LeftOut) -> _Gain:
    try:
        stored = repack(data, left_out, path).data
    except (FormatError, Refused):
        return _Gain(path, 0, 0)
    saved_bytes = packed_bytes(data) - packed_bytes(stored)
    return _Gain(path, saved_bytes, len(stored) - len(data) if saved_bytes > 0 else 0)


def packed_finding(paths: Iterable[str]) -> Finding:
    """Return the note on archives that stay packed for want of room."""
    return finding(
        "archives-packed",
        f"{', '.join(map(printable, sorted(paths)))}: archives stay packed, as with their members "
        "stored what is unzipped could pass the cap",
    )
