"""Boot files of Erlang's releases without what a shrink drops.

In embedded mode, which releases start in, each module that the boot file names is loaded at the
start, and without one of them nothing starts. So what is dropped is taken out of these lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from slimmer.formats import FormatError
from slimmer.formats.erlang.applications import without_modules
from slimmer.paths import name_of

BOOT = ".boot"
BEAM = ".beam"
#: What makes Erlang load a module when it is asked for, whatever its command line says (erl(1)).
FLAGS, ON_DEMAND = "ERL_AFLAGS", "-mode interactive"


def boots_without(
    dropped: Iterable[str], kept: Iterable[str], read: Callable[[str], bytes]
) -> dict[str, bytes]:
    """Return the kept boot files that name a dropped module of which no other copy is kept.

    A boot file that cannot be understood stays as it is. Raises what ``read`` raises.
    """
    gone = {name_of(path).removesuffix(BEAM) for path in dropped if path.endswith(BEAM)}
    if not gone:
        return {}
    files = list(kept)
    gone -= {name_of(path).removesuffix(BEAM) for path in files if path.endswith(BEAM)}
    made: dict[str, bytes] = {}
    for path in files:
        if path.endswith(BOOT):
            data = read(path)
            try:
                shorter = without_modules(data, gone)
            except FormatError:
                continue
            if shorter != data:
                made[path] = shorter
    return made
