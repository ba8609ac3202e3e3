"""Which parts are linked to libraries of others (DT_NEEDED), or started by their programs (#!)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimmer.ecosystems.interface import UsesRequest
from slimmer.model.tree import Entry
from slimmer.model.uses import Use, Uses


def find_uses(request: UsesRequest) -> Uses:
    """Return who is linked to whom, wherever a library lies; nothing installed is a unit.

    A part that has a library of the name itself asks for no other's.
    """
    if request.context.started is not None and request.context.package_records.is_whole:
        return Uses()  # the packages' own search knows parts of them
    verdicts, places = request.verdicts, dict[str, set[str]]()
    for entry in request.context.tree.entries:
        if ".so" in entry.path and verdicts[entry.path].kept:
            places.setdefault(posixpath.basename(entry.path), set()).add(request.part(entry.path))
    uses: set[Use] = set()
    for entry in request.context.binaries.candidates:
        if verdicts[entry.path].kept:
            part = request.part(entry.path)
            others = [places.get(name, set()) for name in _libraries(request, entry)]
            others += [{request.part(path)} for path in _interpreter(request, entry)]
            uses |= {Use(part, o, entry.path) for each in others if part not in each for o in each}
    return Uses(uses=tuple(uses))


def _libraries(request: UsesRequest, entry: Entry) -> Iterator[str]:
    binary = request.context.binaries.of(entry)
    if binary and binary.dynamic:
        yield from map(posixpath.basename, binary.dynamic.needed)


def _interpreter(request: UsesRequest, entry: Entry) -> Iterator[str]:
    words = request.context.binaries.script(entry).split()
    path = request.context.inside(words[0]) if words else None
    if path is not None and path in request.verdicts:
        yield path
