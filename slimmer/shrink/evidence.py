"""Reads the logs of a function that was built with ``--observe``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from slimmer.ecosystems.recorders import NOT_OBSERVED, Observed, observed_in
from slimmer.errors import InputError, reason_of
from slimmer.text import printable

_PIECE_BYTES = 1 << 20


def read_logs(logs: Iterable[Path]) -> Observed:
    """Return what logs say together. Raises InputError for one that cannot be read, or is none."""
    found = NOT_OBSERVED
    for log in logs:
        said = observed_in(_pieces(log))
        if not said.paths and not said.invocations:
            raise InputError(
                f"{printable(str(log))}: tells of no invocation and of nothing that was used; name "
                "a log of the function that was built with --observe"
            )
        found = Observed(found.paths | said.paths, found.invocations + said.invocations)
    return found


def _pieces(log: Path) -> Iterator[bytes]:
    try:
        with log.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        reason = reason_of(error)
        name = printable(str(log))
        raise InputError(f"{name}: cannot be read ({reason}); name another --evidence") from None
