"""Which libraries the programs in a function's zip are linked to (DT_NEEDED).

Nothing is judged without a target whose system is known. Nobody can see whether the function uses
what is linked to a library, so what is missing is never certain. A layer may hold much that its
function never starts; ``slim build`` speaks of that.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimmer.ecosystems.interface import NeedsRequest
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.inputs.base import Sibling
from slimmer.model.needs import Need, Needs
from slimmer.paths import name_of


def find_needs(request: NeedsRequest) -> Needs:
    """Return which libraries are asked for, and which are there."""
    function, target = request.function, request.target
    if function is None or target.system is None:
        return Needs()
    placed = {name_of(path) for zip_ in (*request.layers, function) for path in zip_.placed}
    return Needs(tuple(_of_zip(function)), target.libraries | placed)


def _of_zip(zip_: Sibling) -> Iterator[Need]:
    binaries = Binaries(zip_.tree, zip_.read_part)
    for entry in binaries.candidates:
        binary = binaries.of(entry)
        if binary is None or binary.dynamic is None or binary.native.system != "linux":
            continue
        here = () if binary.other_libc else binary.dynamic.needed
        for library in map(posixpath.basename, here):
            yield Need(f"{zip_.name}: {entry.path}", f"the library {library}", library, False)
