"""What is wrong with a zip as a zip, whoever made it: findings on its central directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slimmer.formats.zip.reader import Zip, ZipMember, is_unsafe
from slimmer.formats.zip.records import DEFLATED, STORED
from slimmer.model.findings import Finding, finding
from slimmer.paths import parents
from slimmer.sizes import count_text
from slimmer.text import printable

_EXAMPLES = 3


def zip_findings(name: str, archive: Zip) -> list[Finding]:
    """Return what Lambda, or whatever else unpacks it, would stumble over in the zip ``name``."""
    members = archive.members
    if not members:
        return [_finding("empty-zip", name, "nothing is in it, and Lambda takes no empty zip")]
    broken = [
        (
            "duplicate-name",
            "{} there more than once, and what is unpacked depends on by whom",
            archive.duplicates,
        ),
        ("encrypted", "{} encrypted, and Lambda has no password", _encrypted(members)),
        ("unsafe-name", "{} outside, or through a link", _unsafe(members)),
        ("unsafe-kind", "{} no file, folder or link", _special(members)),
        ("unusual-method", "{} packed by neither deflate nor store", _unusual(members)),
    ]
    findings = [
        _finding(code, name, words.format(_named(names))) for code, words, names in broken if names
    ]
    if archive.is_zip64:
        words = "it is a zip64, which Lambda is not known to take; make it without"
        findings.append(_finding("zip64", name, words))
    return findings


def _finding(code: str, name: str, words: str) -> Finding:
    return finding(code, f"{printable(name)}: {words}")


def _named(names: Sequence[str]) -> str:
    """Return ``3 members (a, b, c) are``, as far as there is room for names."""
    shown = ", ".join(printable(name)[:100] for name in names[:_EXAMPLES])
    more = ", …" if len(names) > _EXAMPLES else ""
    return (
        f"{count_text(len(names), 'member')} ({shown}{more}) {'is' if len(names) == 1 else 'are'}"
    )


def _encrypted(members: Iterable[ZipMember]) -> list[str]:
    return [member.name for member in members if member.encrypted]


def _special(members: Iterable[ZipMember]) -> list[str]:
    return [member.name for member in members if member.kind == "special"]


def _unusual(members: Iterable[ZipMember]) -> list[str]:
    return [member.name for member in members if member.method not in (STORED, DEFLATED)]


def _unsafe(members: Iterable[ZipMember]) -> list[str]:
    """Return the names that climb out, and those below what is no folder."""
    no_folders = {member.name for member in members if member.kind != "directory"}
    folders: set[str] = set()

    def is_below_a_folder(name: str) -> bool:
        for above in parents(name.rstrip("/")):
            if above in folders:
                break
            if above in no_folders:
                return False
            folders.add(above)
        return True

    return [m.name for m in members if is_unsafe(m.name) or not is_below_a_folder(m.name)]
