"""The records of dpkg and APT: which packages are installed, what they need, what they placed.

Sources: deb-control(5), dpkg(1), dpkg-divert(1), update-alternatives(1); Debian Policy, chapter 7;
APT's ``extended_states``. A record may hold anything: what is not understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from slimmer.formats.stanzas import stanzas, without
from slimmer.model.packages import Package

STATUS = "var/lib/dpkg/status"
STATUS_FOLDER = "var/lib/dpkg/status.d"  # of images without dpkg: a file for each package
INFO_FOLDER = "var/lib/dpkg/info"
EXTENDED_STATES = "var/lib/apt/extended_states"
DIVERSIONS = "var/lib/dpkg/diversions"
_REQUIRED = ("required",)  # of what no system works without (Policy, 2.5)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_MD5 = re.compile(r"[0-9a-f]{32}")


class Alternative(NamedTuple):
    """A link that leads over ``/etc/alternatives`` to one of several programs."""

    #: The link that programs use, relative to the root.
    link: str
    #: The files that it can lead to, relative to the root.
    choices: tuple[str, ...]


def parse_status(data: bytes) -> tuple[Package, ...]:
    """Return the packages of a status file that are on the disk, in its order."""
    found = (_package(_fields(stanza)) for stanza in stanzas(data))
    return tuple(package for package in found if package is not None)


def parse_names(data: bytes) -> frozenset[str]:
    """Return the names of all packages that a status file tells of, on the disk or not."""
    return frozenset(_names_in(stanza)[0] for stanza in stanzas(data))


def _names_in(stanza: bytes) -> tuple[str, str]:
    """Return the name and the processor of a stanza, empty where it says none."""
    fields = _fields(stanza)
    return fields.get("package", ""), fields.get("architecture", "")


def without_stanzas(data: bytes, goes: Callable[[str, str], bool]) -> bytes:
    """Return a file of stanzas without those whose name and processor go; the rest byte for byte.

    Takes a status file or APT's ``extended_states``.
    """
    return without(data, lambda stanza: goes(*_names_in(stanza)))


def parse_automatic(data: bytes) -> frozenset[str]:
    """Return the packages of ``extended_states`` that were installed for others only.

    One that a person installed for any processor is none of them.
    """
    said: dict[str, bool] = {}
    for stanza in stanzas(data):
        fields = _fields(stanza)
        if name := fields.get("package", ""):
            said[name] = said.get(name, True) and fields.get("auto-installed") == "1"
    return frozenset(name for name, is_automatic in said.items() if is_automatic)


def parse_list(data: bytes) -> tuple[str, ...]:
    """Return the paths of an ``info/NAME.list``, relative to the root and without the root."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return tuple(path for line in lines if (path := _relative(line)))


def parse_diversions(data: bytes) -> Mapping[str, tuple[str, str]]:
    """Return where files that others placed went: by path the new one, and who said so.

    The package that said so, or ``:`` for a person, has its own file at the first path.
    """
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    rows = zip(lines[0::3], lines[1::3], lines[2::3], strict=False)
    return {_relative(place): (_relative(to), who) for place, to, who in rows if _relative(place)}


def parse_alternative(data: bytes) -> Alternative | None:
    """Return what a file of ``var/lib/dpkg/alternatives`` says; None for what is none."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) < 3 or lines[0] not in ("auto", "manual") or not _relative(lines[1]):
        return None
    at, others = 2, 0
    while at + 1 < len(lines) and lines[at]:  # the name and the link of each that goes along
        at, others = at + 2, others + 1
    at += 1
    choices = []
    while at + 1 < len(lines) and lines[at]:  # a path, its priority, the paths that go along
        choices.append(_relative(lines[at]))
        at += 2 + others
    return Alternative(_relative(lines[1]), tuple(choices))


def groups(text: str) -> tuple[tuple[str, ...], ...]:
    """Return what a field such as Depends asks for: of each group one package."""
    each = (tuple(_names(group.split("|"))) for group in text.split(","))
    return tuple(group for group in each if group)


def _names(relations: list[str]) -> Iterator[str]:
    """Yield the packages of relations such as ``libc6:any (>= 2.36)``."""
    for relation in relations:
        if found := _NAME.match(relation.strip()):
            yield found[0]


def _package(fields: Mapping[str, str]) -> Package | None:
    name, status = fields.get("package", ""), fields.get("status", "install ok installed").split()
    if not _NAME.fullmatch(name) or status[2:] in (["not-installed"], ["config-files"]):
        return None
    needs = groups(f"{fields.get('pre-depends', '')},{fields.get('depends', '')}")
    says = {fields.get("essential"), fields.get("protected"), fields.get("important")}
    return Package(
        name=name,
        version=fields.get("version", ""),
        architecture=fields.get("architecture", ""),
        origin=fields.get("source", "").partition(" ")[0],
        needs=needs,
        likes=groups(f"{fields.get('recommends', '')},{fields.get('suggests', '')}"),
        gives=tuple(name for group in groups(fields.get("provides", "")) for name in group),
        is_required="yes" in says or fields.get("priority") in _REQUIRED,
        settings=tuple(_settings(fields.get("conffiles", ""))),
    )


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the rows of Conffiles: a path and a digest, for some the word obsolete."""
    for line in text.splitlines():
        path, _, digest = line.removesuffix(" obsolete").strip().rpartition(" ")
        if _MD5.fullmatch(digest) and _relative(path):
            yield _relative(path), digest


def _fields(stanza: bytes) -> dict[str, str]:
    """Return the fields of a stanza by their names in small letters; of two the first."""
    found: dict[str, str] = {}
    name = ""
    for line in stanza.decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t"):
            if name:
                found[name] += f"\n{line[1:]}"
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower() if colon and name.strip().lower() not in found else ""
        if name:
            found[name] = value.strip()
    return found


def _relative(path: str) -> str:
    """Return an absolute path as it lies below the root; empty for the root and what is none."""
    path = path.rstrip("\r")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts) if path.startswith("/") and ".." not in parts else ""
