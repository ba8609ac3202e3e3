"""Maven's project files inside a jar: those that its own code may read stay.

An application may show its own ``pom.xml``; of a library nobody does. What another project of
the same jar depends on is a library, and code that reads one names it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from slimmer.formats.zip.reader import ZipMember
from slimmer.formats.zip.repack import Archive

_POM = re.compile(r"META-INF/maven/([^/]+)/([^/]+)/pom\.xml")
_DEPENDENCY = b"<dependency>", b"</dependency>"
_GROUP = re.compile(rb"<groupId>\s*([^<\s]+)\s*</groupId>")
_ARTIFACT = re.compile(rb"<artifactId>\s*([^<\s]+)\s*</artifactId>")
_ASKS = (b"pom.xml", b"META-INF/maven")


def asked_poms(archive: Archive, dropped: Collection[str]) -> list[str]:
    """Return those of the dropped project files that must stay. Raises FormatError."""
    every = [m for m in archive.members if _POM.fullmatch(m.name)]
    poms = [m for m in every if m.name in dropped]
    if not poms or any(_asks(archive, member) for member in archive.members):
        return [member.name for member in poms]
    libraries = {each for pom in every for each in _dependencies(archive.read(pom))}
    return [m.name for m in poms if libraries.isdisjoint(_names(m.name))]


def _asks(archive: Archive, member: ZipMember) -> bool:
    """Return whether a class holds the name of such a file, or of their folder."""
    if not member.name.endswith(".class"):
        return False
    data = archive.read(member)
    return any(word in data for word in _ASKS)


def _dependencies(pom: bytes) -> Iterator[tuple[str, str]]:
    begin, end = _DEPENDENCY
    for text in (part.partition(end)[0] for part in pom.split(begin)[1:]):
        group, artifact = _GROUP.search(text), _ARTIFACT.search(text)
        if group and artifact:
            yield group[1].decode("utf-8", "replace"), artifact[1].decode("utf-8", "replace")


def _names(path: str) -> set[tuple[str, str]]:
    """Return the coordinates of a project file, as another may write them."""
    found = _POM.fullmatch(path)
    if found is None:
        return set()
    return {(found[1], found[2]), ("${project.groupId}", found[2])}
