"""The records of Alpine's apk: which packages are installed, what they need, what they placed.

Source: apk-package(5), apk-world(5) and Alpine's description of the installed database. A record
may hold anything: what is not understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from slimmer.formats.stanzas import stanzas, without
from slimmer.model.packages import Package

INSTALLED = "lib/apk/db/installed"
SCRIPTS = "lib/apk/db/scripts.tar"
TRIGGERS = "lib/apk/db/triggers"
WORLD = "etc/apk/world"
_RELATION = re.compile(r"(?!!)[^\s<>=~@]+")  # what follows is a version, or a tagged repository


def parse_installed(data: bytes) -> tuple[Package, ...]:
    """Return the packages of apk's database, in its order."""
    found = (_package(stanza) for stanza in stanzas(data))
    return tuple(package for package in found if package is not None)


def without_stanzas(data: bytes, goes: Callable[[str], bool]) -> bytes:
    """Return apk's database without the packages that go; the rest byte for byte."""
    return without(data, lambda stanza: goes(_name(stanza)))


def without_files(data: bytes, stays: Callable[[str], bool]) -> bytes:
    """Return apk's database without the files that do not stay; the rest byte for byte."""
    lines: list[bytes] = []
    folder, goes = "", False
    for line in data.splitlines(keepends=True):
        key = line[:2]
        value = line[2:].decode("utf-8", "surrogateescape").rstrip("\r\n")
        if key == b"F:":
            folder, goes = value, False
        elif key == b"R:":
            goes = not stays(f"{folder}/{value}" if folder else value)
        elif key not in (b"a:", b"Z:"):  # a file's owner and digest, which follow it
            goes = False
        if not goes:
            lines.append(line)
    return b"".join(lines)


def parse_world(data: bytes) -> frozenset[str]:
    """Return the names of what a person installed, as ``etc/apk/world`` has them."""
    return frozenset(_relations(data.decode("utf-8", "replace")))


def _package(stanza: bytes) -> Package | None:
    values: dict[str, str] = {}
    files: list[str] = []
    folder = ""
    for line in stanza.decode("utf-8", "surrogateescape").split("\n"):
        key, colon, value = line.partition(":")
        if not colon or len(key) != 1:
            continue
        if key == "F":
            folder = value
        elif key == "R":
            files += _inside(f"{folder}/{value}" if folder else value)
        else:
            values.setdefault(key, value.strip())
    if not values.get("P"):
        return None
    return Package(
        name=values["P"],
        version=values.get("V", ""),
        architecture=values.get("A", ""),
        origin=values.get("o", ""),
        needs=tuple((name,) for name in _relations(values.get("D", ""))),
        likes=(),
        gives=tuple(_relations(values.get("p", ""))),
        files=tuple(files),
    )


def _inside(path: str) -> list[str]:
    """Return a path below the root as a list, an empty one for what is none."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return [] if ".." in parts else ["/".join(parts)]


def _relations(text: str) -> Iterator[str]:
    """Yield the names of relations such as ``so:libc.musl-x86_64.so.1 zlib>=1.3 !conflict``."""
    for word in text.split():
        if found := _RELATION.match(word):
            yield found[0]


def _name(stanza: bytes) -> str:
    found = re.search(rb"^P:(.*)$", stanza, re.MULTILINE)
    return found[1].decode("utf-8", "replace").strip() if found else ""
