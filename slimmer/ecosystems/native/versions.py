"""The versions of symbols that programs need of glibc and libstdc++ against the target's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slimmer.ecosystems.shipped import Shipped, numbers
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.targets import System
from slimmer.text import and_more

_VERSION = re.compile(r"(GLIBC|GLIBCXX|CXXABI)_(\d+(?:\.\d+)+)")
# A mark that a program wants a way of relocating that glibc knows since this version.
_MARKS = {"GLIBC_ABI_DT_RELR": "GLIBC_2.36"}


class _Need(NamedTuple):
    """A program that needs more than there is: how much, and whether that is certain."""

    wanted: tuple[int, ...]
    version: str
    path: str
    certain: bool
    has_own: str


def check_versions(shipped: Shipped) -> Iterator[Finding]:
    """Yield one finding for each kind of version that is too new, naming the worst program."""
    system = shipped.target.system
    if system is None:
        return
    needs: dict[tuple[str, bool], list[_Need]] = {}
    for path, dynamic in shipped.programs.items():
        for library, asked in dynamic.versions:
            found = _VERSION.fullmatch(_MARKS.get(asked, asked))
            if found and (need := _unmet(shipped, path, dynamic, library, found, asked)):
                needs.setdefault((found[1], need.certain), []).append(need)
    for (kind, certain), those in sorted(needs.items()):
        yield _finding(shipped, system, kind, those, certain=certain)


def _unmet(
    shipped: Shipped,
    path: str,
    dynamic: Dynamic,
    library: str,
    found: re.Match[str],
    asked: str,
) -> _Need | None:
    system = shipped.target.system
    wanted = numbers(found[2])
    if system is None or wanted <= numbers(_there(system, found[1])):
        return None
    own = shipped.first_found(path, dynamic, library)
    brought = shipped.programs.get(own) if own else None
    defined = brought is not None and asked in brought.defines
    if defined and (dynamic.search_first or shipped.has_own_loader):
        return None  # RPATH comes before Lambda's LD_LIBRARY_PATH, and so before /lib64
    later = wanted <= numbers(_there(system, found[1], later=True))
    certain = not defined and not later and library not in shipped.sibling_names
    return _Need(wanted, asked, path, certain, own if defined and own else "")


def _there(system: System, kind: str, *, later: bool = False) -> str:
    if kind == "GLIBC":
        return system.glibc
    if kind == "GLIBCXX":
        return system.glibcxx_later if later else system.glibcxx
    return system.cxxabi_later if later else system.cxxabi


def _finding(
    shipped: Shipped, system: System, kind: str, needs: list[_Need], *, certain: bool
) -> Finding:
    size = shipped.context.tree.by_path
    worst = max(needs, key=lambda need: (need.wanted, size[need.path].size_bytes))
    others = {need.path for need in needs} - {worst.path}
    paths = and_more([worst.path, *sorted(others)])
    verb = "needs" if not others else "need up to"
    has = f"{shipped.target.name} has {_there(system, kind)}"
    later = _there(system, kind, later=True)
    if not certain and worst.has_own:
        has += (
            f", which Lambda's LD_LIBRARY_PATH finds before {worst.has_own}; start it with "
            "an LD_LIBRARY_PATH that names that first"
        )
    elif not certain and later != _there(system, kind):
        has += f", its later releases {later}; {_advice(shipped, kind, worst)}"
    else:
        has += f"; {_advice(shipped, kind, worst)}"
    severity = Severity.FAIL if certain else Severity.WARN
    message = f"{paths} {verb} {worst.version}; {has}"
    return finding(f"{kind.lower()}-too-old", message, severity=severity)


def _advice(shipped: Shipped, kind: str, worst: _Need) -> str:
    """Return what would help: a target that has it, or a build on the target's own system."""
    system = shipped.target.system
    build = f"build on {system.title}" if system else "build for it"
    for target in shipped.sisters():
        if target.system and worst.wanted <= numbers(_there(target.system, kind)):
            return f"use {target.name} or {build}"
    return build
