"""Modules of a Java runtime of which no class is loaded: what a shrink may leave without its bytes.

A module without which Java goes on and says nothing stays whole: one that gives algorithms, the
formats of languages, encodings or file systems. ``rules/java/modules.toml`` lists them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.ecosystems.java.module_facts import ModuleFacts
from slimmer.formats.java.jimage import DESCRIPTOR, Resource, read_jimage
from slimmer.formats.java.module_info import read_module_info
from slimmer.paths import folder_of

#: What makes a JVM write each class that it loads to a file, and the variable that it reads.
ENV = "JAVA_TOOL_OPTIONS"
LOG = "-Xlog:class+load:file="
_LOADED = re.compile(rb"\] ([^\s/]+)(?:/\S*)? source: ")


class Hollowable(NamedTuple):
    """A module that may be left hollow."""

    module: str
    #: What of it goes.
    size_bytes: int
    #: A name for what it holds, by paths and sizes.
    digest: str
    #: The packages whose classes would be missed, as ``a/b``.
    packages: frozenset[str]


def loaded_packages(log: bytes) -> set[str]:
    """Return the packages, as ``a/b``, of the classes that a JVM loaded, as its log says."""
    names = set(_LOADED.findall(log))
    return {name.decode("utf-8", "replace").rpartition(".")[0].replace(".", "/") for name in names}


def hollowable(data: bytes, facts: ModuleFacts) -> dict[str, Hollowable]:
    """Return the modules in ``lib/modules`` that may be left hollow, the largest first.

    Raises FormatError where it cannot be understood.
    """
    resources: dict[str, list[Resource]] = {}
    stays = set(facts.always)
    for each in read_jimage(data):
        resources.setdefault(each.module, []).append(each)
        if each.is_packed:
            stays.add(each.module)
        elif each.path == DESCRIPTOR:
            info = read_module_info(data[each.start : each.start + each.size_bytes])
            if facts.silent.intersection(info.provides):
                stays.add(each.module)
    found = [_of(name, every) for name, every in resources.items() if name not in stays]
    going = sorted((each for each in found if each.size_bytes), key=lambda e: (-e.size_bytes, e))
    return {each.module: each for each in going}


def _of(module: str, resources: Iterable[Resource]) -> Hollowable:
    going = [each for each in resources if each.path != DESCRIPTOR]
    said = "".join(
        f"{path}\0{size}\n" for path, size in sorted((e.path, e.size_bytes) for e in going)
    )
    return Hollowable(
        module,
        sum(each.size_bytes for each in going),
        hashlib.sha256(said.encode()).hexdigest()[:16],
        frozenset(folder_of(each.path) for each in going if each.path.endswith(".class")),
    )
