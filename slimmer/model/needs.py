"""Needs: what zips that are deployed together ask for, and what of it nothing has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Need(NamedTuple):
    """That a file cannot do without something."""

    #: Who asks, as the user is told: ``function.zip: fn.app``.
    who: str
    #: What is asked for, as the user is told: ``the application ssh``.
    what: str
    #: The name by which it is provided.
    name: str
    #: Whether what asks certainly fails without it.
    certain: bool


@dataclass(frozen=True)
class Needs:
    """What one ecosystem's files ask for, and what provides it."""

    asked: tuple[Need, ...] = ()
    #: The names of all that the zips and the target have.
    provided: frozenset[str] = frozenset()
    #: The files that cannot be understood, and why.
    broken: tuple[tuple[str, str], ...] = ()


class Missing(NamedTuple):
    """Something that nothing provides, and all that ask for it."""

    what: str
    who: tuple[str, ...]
    certain: bool


def missing(found: Iterable[Needs]) -> list[Missing]:
    """Return what is asked for and not provided, in the order of its name.

    It is certain where one that asks is.
    """
    asked: dict[str, list[Need]] = {}
    for needs in found:
        for need in needs.asked:
            if need.name not in needs.provided:
                asked.setdefault(need.what, []).append(need)
    return [
        Missing(
            what,
            tuple(
                dict.fromkeys(n.who for n in sorted(those, key=lambda n: (not n.certain, n.who)))
            ),
            any(need.certain for need in those),
        )
        for what, those in sorted(asked.items())
    ]
