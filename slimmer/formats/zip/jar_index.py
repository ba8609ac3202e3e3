"""META-INF/INDEX.LIST: the packages of jars that are loaded together.

Java up to 21 looks packages up in it. Where a jar has nothing of a package that is listed for it,
Java raises InvalidJarIndexError instead of ClassNotFoundException. Source: JAR File Specification,
"JAR Index".
"""

from __future__ import annotations

from collections.abc import Iterable

from slimmer.formats import FormatError
from slimmer.paths import folder_of, name_of

NAME = "META-INF/INDEX.LIST"
_VERSION = b"JarIndex-Version: 1."


def without_absent(index: bytes, jar: str, members: Iterable[str]) -> bytes:
    """Return an index without the packages of this jar of which it has no member.

    ``jar`` is the jar's path. The sections of other jars stay as they are. Raises FormatError.
    """
    lines = index.splitlines(keepends=True)
    if not index.startswith(_VERSION):
        raise FormatError("it is no index of jars")
    places = {place for name in members for place in (name, folder_of(name))}
    kept = lines[:1]
    is_own, starts = False, True
    for line in lines[1:]:
        said = line.strip().decode("utf-8", "replace")
        if not said:
            starts = True
        elif starts:
            is_own, starts = name_of(said) == name_of(jar), False
        elif is_own and said not in places:
            continue
        kept.append(line)
    return b"".join(kept)
