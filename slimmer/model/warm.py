"""What ``slim warm`` made, as values: caches that a runtime loads instead of compiling."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

#: The folder of the caches, in the tree's own.
FOLDER: Final = "slim-warm"
NODE, JAVA = "node", "java"
#: What the caches of a kind hold.
PARTS: Final[Mapping[str, str]] = {NODE: "module", JAVA: "type"}
#: How the names of the files end that a cache is made of, by its kind.
MADE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    NODE: (".js", ".cjs", ".mjs", "/package.json"),
    JAVA: (".jar", "/lib/modules", "/libjvm.so", "/classes.jsa"),
}


class Cache(NamedTuple):
    """A cache, what it is for, and what was seen of it."""

    #: NODE or JAVA.
    kind: str
    #: The version that wrote it, as people call it.
    title: str
    #: The managed runtime; empty for a bootstrap.
    runtime: str
    #: The processor, as ``--arch`` has it.
    arch: str
    #: The variable of the function that switches it on, with its value.
    env: str
    #: How many modules or classes a fresh start took from it.
    hits: int
    #: The digest of the files that it is made of, as they ship.
    digest: str


@dataclass(frozen=True)
class Warm:
    """Caches, and their files by their paths in the tree."""

    #: The name of the file that holds them.
    name: str = ""
    #: What the tree lay under in the zip, as ``--prefix`` has it.
    prefix: str = ""
    caches: tuple[Cache, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


COLD: Final = Warm()


def is_made_of(kind: str, path: str) -> bool:
    """Return whether a cache of a kind is made of a file, as its path in the zip says."""
    return f"/{path}".endswith(MADE_OF[kind])


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the digest of files, by their paths and bytes, in any order."""
    whole = hashlib.sha256()
    for path, data in sorted((path, hashlib.sha256(data).hexdigest()) for path, data in files):
        whole.update(f"{data} {path}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()
