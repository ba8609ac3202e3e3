"""The plan: one step for each entry, and what becomes a member."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from slimmer.model.rules import Rule
from slimmer.model.times import ZIP_TIME_S
from slimmer.model.tree import Entry, Kind
from slimmer.paths import parents


class Keep(NamedTuple):
    """A step: the entry goes into the artifact; these transforms may make it smaller."""

    entry: Entry
    rule: Rule | None
    transforms: tuple[str, ...] = ()
    #: The time of its member, in seconds since 1970.
    time_s: int = ZIP_TIME_S


class Drop(NamedTuple):
    """A step: the entry stays out; ``rule`` matches it, or the target of the link it is."""

    entry: Entry
    rule: Rule


class Link(NamedTuple):
    """A step: the file goes in as a link to ``to``, a kept file with the same bytes."""

    entry: Entry
    to: str


Step: TypeAlias = Keep | Drop | Link


class Generated(NamedTuple):
    """A file that is not in the tree and goes into the artifact: bytecode of ``source``."""

    entry: Entry
    source: str


Shipped: TypeAlias = Keep | Link | Generated


@dataclass(frozen=True)
class Plan:
    """One step for each entry of a tree, in path order; and what is made beside them."""

    steps: tuple[Step, ...]
    generated: tuple[Generated, ...] = ()

    @cached_property
    def shipped(self) -> tuple[Shipped, ...]:
        """What becomes members, in path order: files, links, empty folders, what is made.

        A folder that is kept while all in it is dropped stays as an empty one, since a
        program may list it; the folders around what is kept need no member of their own.
        """
        members: list[Shipped] = []
        around: set[str] = set()
        every = sorted((*self.steps, *self.generated), key=lambda step: step.entry.path)
        for step in reversed(every):  # what is in a folder comes after it
            if isinstance(step, Drop):
                continue
            if step.entry.kind is Kind.DIRECTORY and step.entry.path in around:
                continue
            members.append(step)
            for folder in parents(step.entry.path):
                if folder in around:
                    break
                around.add(folder)
        return tuple(reversed(members))
