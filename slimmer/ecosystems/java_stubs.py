"""What a list of what is dropped says of Java, and which of it an error names.

A class of a module without its bytes is a ClassFormatError with the name of the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_JAVA = "jrt:/"
_ERRORS = (
    *("ClassFormatError", "NoClassDefFoundError", "ClassNotFoundException"),
    *("ServiceConfigurationError", "Incompatible magic value", "Could not initialize class"),
)
_NAME = re.compile(r"(?:[A-Za-z_$][\w$]{0,200}[./]){1,30}[\w$]{1,200}")


def java_lines(packages: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each package, as ``a/b``, with the file and line that drop it."""
    yield from (f"{_JAVA}{package} {place}\n" for package, place in packages.items())


def java_named(places: Mapping[str, str], said: str) -> dict[str, str]:
    """Return the classes that an error names and whose packages are listed, each with its place."""
    if not any(name.startswith(_JAVA) for name in places) or not any(e in said for e in _ERRORS):
        return {}
    found = {}
    for name in _NAME.findall(said):
        path = name.replace(".", "/")
        if place := places.get(_JAVA + path.rpartition("/")[0]):
            found[path.replace("/", ".")] = place
    return found
