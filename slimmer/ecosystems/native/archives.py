"""Native libraries inside archives: those of other platforms, beside the same one for Lambda.

A library for Java brings its native part for each platform in one jar, and loads the one for
where it runs (JNI, ``System.load``). What no Lambda function loads is dropped by the rules for
files, where the same library for Lambda lies in the same archive. Programs stay: a jar may hold
them to give them to others.
"""

from __future__ import annotations

import re

from slimmer.ecosystems.native.binaries import Binary, may_be_native_name, read_binary
from slimmer.ecosystems.native.foreign import foreign_rule
from slimmer.ecosystems.native.platforms import family, library_name
from slimmer.formats.native import HEAD_BYTES, identify
from slimmer.formats.zip.reader import ZipMember
from slimmer.formats.zip.repack import Archive

# The endings of what System.mapLibraryName gives, or gave; DuckDB's is .so_linux_amd64.
_LIBRARY = re.compile(r".+\.(?:so|dll|dylib|jnilib|a)(?:[._-][^/]*)?")


def foreign_members(archive: Archive, arch: str, *, own_libc: bool) -> dict[str, str]:
    """Return the libraries in an archive that no Lambda function on ``arch`` loads.

    Each comes with the component that drops it. ``own_libc``: the tree brings another C library
    than glibc. Raises FormatError.
    """
    ours: set[tuple[str, str]] = set()
    foreign: dict[str, str] = {}
    for member in archive.members:
        binary = _library(archive, member)
        if binary is not None:
            rule = foreign_rule(binary, arch, own_libc=own_libc)
            if rule is None:
                ours.add(_kin(member.name))
            else:
                foreign[member.name] = rule.component
    return {name: why for name, why in foreign.items() if _kin(name) in ours}


def _library(archive: Archive, member: ZipMember) -> Binary | None:
    if member.kind != "file" or not _LIBRARY.fullmatch(member.name):
        return None
    head = archive.head(member, HEAD_BYTES) if may_be_native_name(member.name) else b""
    if identify(head) is None:
        return None
    data = archive.read(member) if head.startswith(b"\x7fELF") else head
    binary = read_binary(data[:HEAD_BYTES], lambda start, size: data[start : start + size])
    is_program = binary is not None and binary.dynamic and binary.dynamic.interpreter
    return None if is_program else binary


def _kin(name: str) -> tuple[str, str]:
    """Return what a library has in common with the same one for another platform."""
    folder, _, last = name.rpartition("/")
    return family(f"{folder}/_").removesuffix("/_"), library_name(last)
