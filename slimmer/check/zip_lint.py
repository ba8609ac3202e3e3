"""What is wrong with a zip as a zip, made by any tool: findings on its central directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import Zip, ZipMember
from slimmer.formats.zip.records import DEFLATED, STORED
from slimmer.model.findings import Finding, finding
from slimmer.model.tree_links import leading_out
from slimmer.sizes import count_text
from slimmer.text import printable

_EXAMPLES = 3


def zip_findings(name: str, archive: Zip) -> list[Finding]:
    """Return what Lambda, or whatever else unpacks it, would stumble over in the zip ``name``."""
    members = archive.members
    if not members:
        return [_finding("empty-zip", name, "nothing is in it, and Lambda takes no empty zip")]
    unsafe = find_unsafe(members)
    broken = [
        (
            "duplicate-name",
            "{} there more than once, and what is unpacked depends on by whom",
            unsafe.duplicates,
        ),
        ("encrypted", "{} encrypted, and Lambda has no password", _encrypted(members)),
        ("unsafe-name", "{} outside, through a link, or named as no file can be", unsafe.names),
        ("unsafe-kind", "{} no file, folder or link", unsafe.kinds),
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


def _unusual(members: Iterable[ZipMember]) -> list[str]:
    return [member.name for member in members if member.method not in (STORED, DEFLATED)]


def leading_out_findings(name: str, links: Mapping[str, str], place: str) -> Iterator[Finding]:
    """Yield a finding for the links that lead out of where the zip ``name`` is unpacked.

    ``links`` are the targets of its links by their paths.
    """
    broken = [path for path, target in links.items() if not target or "\0" in target]
    out = list(leading_out(links, links.keys() - broken, place))
    if out:
        yield _finding("unsafe-link", name, f"{_named(sorted(out))} linked out of {place}")
    if broken:
        yield _finding("unsafe-link", name, f"{_named(broken)} linked to what is no path")


def broken_findings(name: str, broken: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield a finding for members that do not unpack to what the zip ``name`` says of them."""
    if broken:
        names = [member for member, _ in broken]
        of_which = f"{_named(names)} not what the zip says" if names[0] else "not measured"
        yield _finding("broken-member", name, f"{of_which}: {printable(broken[0][1])}")
