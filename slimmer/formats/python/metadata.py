"""What a distribution's METADATA says that it requires.

Sources: PyPA specifications, "Core metadata" (Requires-Dist), "Dependency specifiers" and "Names
and normalization".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_REQUIREMENT = re.compile(r"([\w.-]+)\s?(?:\[([^\]]*)\])?", re.ASCII)
_EXTRA = re.compile(r"""\bextra ?== ?["']([\w.-]+)["']""", re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")


class Requirement(NamedTuple):
    """Another distribution that is required: its normal name, and the extras asked of it.

    ``extra`` is the extra for which alone it is required, or empty.
    """

    name: str
    extras: tuple[str, ...]
    extra: str


def requirements(metadata: bytes) -> Iterator[Requirement]:
    """Yield what the headers of a METADATA or PKG-INFO require; broken lines are passed over."""
    headers = metadata.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")[0]
    for line in headers.split("\n"):
        key, _, value = line.partition(":")
        wanted, _, marker = value.strip().partition(";")
        found = _REQUIREMENT.match(wanted)
        if key.lower() == "requires-dist" and found:
            extra = _EXTRA.search(marker)
            extras = tuple(
                normal_name(each.strip()) for each in (found[2] or "").split(",") if each
            )
            only_for = normal_name(extra[1]) if extra else ""
            yield Requirement(normal_name(found[1]), extras, only_for)


def normal_name(name: str) -> str:
    """Return a distribution's or an extra's name in the form in which names are compared."""
    return _SEPARATORS.sub("-", name).lower()


def file_name(name: str) -> str:
    """Return a distribution's name as files and folders have it (PEP 427, PEP 503)."""
    return _SEPARATORS.sub("_", name)
