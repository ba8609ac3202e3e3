"""The libraries that programs need: in the artifact, in a zip beside it, or on the target."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.text import and_more, printable


def check_libraries(shipped: Shipped) -> Iterator[Finding]:
    """Yield one warning for each library that is not found, with all that need it."""
    missing: dict[str, list[str]] = {}
    aside: dict[str, list[str]] = {}
    for path, dynamic in shipped.programs.items():
        for library in dynamic.needed:
            name = posixpath.basename(library)
            if name in shipped.target.libraries or name in shipped.sibling_names:
                continue
            if name not in shipped.by_name:
                missing.setdefault(name, []).append(path)
            elif dynamic.interpreter and not _is_found(shipped, path, name):
                aside.setdefault(name, []).append(path)
    for name, paths in sorted(missing.items()):
        yield _missing(shipped, name, paths)
    for name, paths in sorted(aside.items()):
        yield _aside(shipped, name, paths)


def _is_found(shipped: Shipped, path: str, library: str) -> bool:
    beside = posixpath.join(posixpath.dirname(path), library)
    if beside in shipped.by_name[library]:
        return True  # a program beside its library is started so that it finds it
    return shipped.first_found(path, shipped.programs[path], library) is not None


def _missing(shipped: Shipped, name: str, paths: list[str]) -> Finding:
    verb = "needs" if len(paths) == 1 else "need"
    system, target = shipped.target.system, shipped.target.name
    if system is not None and name in system.doubtful:
        where = f"which AWS's image of {target} has, but was found missing where zips run"
    else:
        where = f"which is neither in this artifact nor beside it, nor known to be in {target}"
    return finding(
        "library-missing",
        f"{and_more(paths)} {verb} {printable(name)}, {where}; {_advice(shipped, name)}",
    )


def _advice(shipped: Shipped, name: str) -> str:
    put = f"put {printable(name)} into lib/"
    for target in shipped.sisters():
        if name in target.libraries:
            return f"use {target.name} or {put}"
    return f"{put} if the function uses what needs it"


def _aside(shipped: Shipped, name: str, paths: list[str]) -> Finding:
    verb = "needs" if len(paths) == 1 else "need"
    return finding(
        "library-elsewhere",
        f"{and_more(paths)} {verb} {printable(name)}, which lies in "
        f"{printable(shipped.by_name[name][0])}, where the loader does not look; put it into "
        "lib/, or start it with LD_LIBRARY_PATH",
    )
