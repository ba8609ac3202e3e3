"""The user's own archives: data stays byte for byte, and what is on a class path is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slimmer.decide.decide import Decision, context_of
from slimmer.decide.question import Question
from slimmer.ecosystems.java.class_path import JARS, on_class_path
from slimmer.formats import FormatError
from slimmer.formats.zip import ARCHIVES
from slimmer.formats.zip.reader import read_zip
from slimmer.model.artifact import Member
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.text import and_more
from slimmer.transforms import ARCHIVE_REPACK

_EZ = ".ez"  # what Erlang loads modules from


def own_data(question: Question, decision: Decision) -> frozenset[str]:
    """Return the archives that no installer wrote and neither a class path nor Erlang reads.

    A program may hand them on, and compare their checksums. Raises what reading raises.
    """
    own = [
        entry.path
        for entry in question.source.tree.ending_in(*ARCHIVES)
        if decision.owners[entry.path] == OWN and decision.verdicts[entry.path].kept
    ]
    jars = [path for path in own if path.endswith(JARS)]
    loaded = on_class_path(context_of(question), decision.verdicts, jars) if jars else frozenset()
    modules = {path for path in own if path.endswith(_EZ) and _has_modules(question, path)}
    return frozenset(own) - loaded - modules


def _has_modules(question: Question, path: str) -> bool:
    """Return whether Erlang may load modules from an archive."""
    try:
        members = read_zip(question.source.read(path)).members
    except FormatError:
        return False
    return any(member.name.endswith(".beam") for member in members)


def own_repacked(members: Mapping[str, Member], owners: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note that names the user's own archives that do not ship byte for byte."""
    changed = [
        path
        for path, member in members.items()
        if owners.get(path) == OWN and member.change and member.change.applied
        if member.change.transform == ARCHIVE_REPACK
    ]
    if changed:
        yield finding(
            "own-repacked",
            f"{and_more(changed)}: repacked, as on the class path; if something else reads them, "
            "keep their bytes with --keep-bytes",
        )
