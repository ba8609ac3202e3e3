"""Java's class files, plain or in jars, against the highest version that the runtime takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.formats import FormatError
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.unpack import content
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Kind
from slimmer.text import and_more

_OTHER_VERSIONS = re.compile(r"(?:.*/)?(?:META-INF/versions/.+|module-info\.class)")
_FIRST = 44  # a class of version 45 is of Java 1.1, and Java N of 44 + N
_MAX_JAR_BYTES = 262_144_000
_MAX_CLASS_BYTES = 16 << 20
_PER_JAR = 3  # classes that are looked at; a jar is compiled at one go


def check_classes(shipped: Shipped) -> Iterator[Finding]:
    """Yield a failure naming the newest class that is too new for the runtime."""
    language = shipped.language("java")
    if language is None:
        return
    found = [(version, name) for version, name in _versions(shipped) if version > int(language.abi)]
    if not found:
        return
    newest, first = max(found)
    names = [first, *sorted({name for _, name in found} - {first})]
    java = newest - _FIRST
    fitting = [t for t in shipped.sisters() if t.language and int(t.language.abi) >= newest]
    use = f"use {fitting[0].name} or " if fitting else ""
    yield finding(
        "class-version",
        f"{and_more(names)}: compiled for Java {java}; {shipped.target.name} runs up to "
        f"{language.version}; {use}compile with --release {language.version}",
    )


def _versions(shipped: Shipped) -> Iterator[tuple[int, str]]:
    files = [entry for entry in shipped.entries if entry.kind is Kind.FILE]
    classes = [e for e in files if e.path.endswith(".class") and _is_loaded(e.path)]
    for entry in classes:
        if version := _version(shipped.context.binaries.part(entry.path, 0, 8)):
            yield version, entry.path
    for entry in files:
        if entry.path.endswith(".jar") and entry.size_bytes <= _MAX_JAR_BYTES:
            yield from ((version, entry.path) for version in _in_jar(shipped, entry.path))


def _in_jar(shipped: Shipped, path: str) -> Iterator[int]:
    data = shipped.context.read(path)
    try:
        members = [m for m in read_zip(data).members if m.name.endswith(".class")]
        for member in [m for m in members if _is_loaded(m.name)][:_PER_JAR]:
            if version := _version(_class(data, member)):
                yield version
    except FormatError:
        return  # what cannot be read as a jar may be none


def _class(data: bytes, member: ZipMember) -> bytes:
    return content(data, member, _MAX_CLASS_BYTES)


def _is_loaded(path: str) -> bool:
    """Return whether every Java would load a class, as it would not one for newer ones only."""
    return _OTHER_VERSIONS.fullmatch(path) is None


def _version(data: bytes) -> int:
    """Return the major version of a class file (Java Virtual Machine Specification 4.1), or 0."""
    return int.from_bytes(data[6:8], "big") if data.startswith(b"\xca\xfe\xba\xbe") else 0
