"""One zip's members as several layers: units whole, and each layer within what one zip may have.

A unit is what people install, or one of the user's own files; links lie with what they lead to.
Each unit has an order of preference among the layers by its name alone, and takes the first that
has room, those of the larger classes of size first. So a unit that grows within its class moves
nothing as long as its layer holds it, and the same members always give the same layers. Where that
order leaves one without room, the largest come first instead, and growth may move others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from slimmer.build.report import members_by_path
from slimmer.formats.zip.records import END
from slimmer.model.artifact import Artifact, Layer, Member
from slimmer.model.owners import OWN, SHARED
from slimmer.model.plan import Generated, Link, Plan, Shipped
from slimmer.model.tree import Kind, Tree
from slimmer.model.tree_links import resolve
from slimmer.paths import parents
from slimmer.targets import Target

MOST_LAYERS = 5  # of a function


class Sizes(NamedTuple):
    """What something takes in a zip, and unpacked. Units: bytes."""

    zip_bytes: int = 0
    unzipped_bytes: int = 0

    def plus(self, other: Sizes) -> Sizes:
        """Return both together."""
        return Sizes(self.zip_bytes + other.zip_bytes, self.unzipped_bytes + other.unzipped_bytes)

    def within(self, most: Sizes) -> bool:
        """Return whether neither is more than it may be."""
        return self.zip_bytes <= most.zip_bytes and self.unzipped_bytes <= most.unzipped_bytes


def layers_of(
    artifact: Artifact,
    plan: Plan,
    tree: Tree,
    owners: Mapping[str, str],
    most: Sizes,
    count: int,
    prefix: str = "",
) -> tuple[Layer, ...]:
    """Return the layers that the members of a zip are to be parted into, at most ``count``.

    ``most`` is what one layer may have, where that can be: a unit is never parted for it.
    """
    members = members_by_path(plan, prefix, artifact)
    units = dict(_units(plan.shipped, owners))
    groups = _joined(plan.shipped, tree, units)
    sizes: dict[str, Sizes] = {}
    for path, unit in units.items():
        member = members[path]
        size = Sizes(member.zip_bytes, member.size_bytes)
        sizes[groups[unit]] = sizes.get(groups[unit], Sizes()).plus(size)
    room = most._replace(zip_bytes=most.zip_bytes - END.size)
    placed = part(sizes, room, count)
    stem = artifact.name.removesuffix(".zip")
    return tuple(
        _layer(f"{stem}-{number}.zip", names, units, groups, members)
        for number, names in enumerate(placed, start=1)
    )


def part(sizes: Mapping[str, Sizes], most: Sizes, count: int) -> list[frozenset[str]]:
    """Return the groups by layer: as few layers as hold them within ``most``, or ``count``.

    Where no such layers hold them, the largest groups come first, each where most room is left.
    """
    for layers in range(1, count + 1):
        found = by_preference(sizes, most, layers)
        if found is not None:
            return [names for names in found if names]
    return [names for names in _largest_first(sizes, most, count) if names]


def by_preference(
    sizes: Mapping[str, Sizes], most: Sizes, layers: int
) -> list[frozenset[str]] | None:
    """Return the groups by layer, each in the first of its preference that has room.

    None where one has room in none.
    """
    full = [Sizes()] * layers
    found: list[set[str]] = [set() for _ in full]
    for name in sorted(sizes, key=lambda name: (-_class(sizes[name]), _number(name, -1), name)):
        order = sorted(range(layers), key=partial(_number, name))
        fits = (layer for layer in order if full[layer].plus(sizes[name]).within(most))
        layer = next(fits, None)
        if layer is None:
            return None
        full[layer] = full[layer].plus(sizes[name])
        found[layer].add(name)
    return list(map(frozenset, found))


def _largest_first(sizes: Mapping[str, Sizes], most: Sizes, layers: int) -> list[frozenset[str]]:
    full = [Sizes()] * layers
    found: list[set[str]] = [set() for _ in full]
    for name in sorted(sizes, key=lambda name: (-sizes[name].zip_bytes, name)):
        rows = range(layers)
        fits = [layer for layer in rows if full[layer].plus(sizes[name]).within(most)]
        layer = min(fits or rows, key=lambda row: (full[row].zip_bytes, row))
        full[layer] = full[layer].plus(sizes[name])
        found[layer].add(name)
    return list(map(frozenset, found))


def _class(size: Sizes) -> int:
    """Return a class of size, each of four times the one before: a unit rarely changes its own."""
    return size.zip_bytes.bit_length() // 2


def _number(name: str, layer: int) -> int:
    """Return a number that a name and a layer always have, and that no other pair has likely."""
    text = f"{layer}:{name}".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def _units(steps: Iterable[Shipped], owners: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the unit of each path that ships: its owner or, of the user's own, its top folders."""
    for step in steps:
        path = step.source if isinstance(step, Generated) else step.entry.path
        owner = owners.get(path, OWN)
        top = "/".join(step.entry.path.split("/")[:2])
        yield step.entry.path, f"/{top}" if owner in (OWN, SHARED) else owner


def _joined(steps: Iterable[Shipped], tree: Tree, units: Mapping[str, str]) -> dict[str, str]:
    """Return the group of each unit: units that links join are one, called by the first name."""
    above = {unit: unit for unit in units.values()}

    def top(unit: str) -> str:
        while above[unit] != unit:
            above[unit] = above[above[unit]]
            unit = above[unit]
        return unit

    shipped = _units_at(units)
    for path, end in _links(steps, tree):
        for unit in shipped.get(end, ()):
            first, second = sorted((top(units[path]), top(unit)))
            above[second] = first
    return {unit: top(unit) for unit in above}


def _links(steps: Iterable[Shipped], tree: Tree) -> Iterator[tuple[str, str]]:
    for step in steps:
        path = step.entry.path
        if isinstance(step, Link):
            yield path, step.to
        elif step.entry.kind is Kind.LINK:
            trail = resolve(tree, path)
            yield from ((path, over) for over in trail.over if over != path)
            if trail.end:
                yield path, trail.end


def _units_at(units: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the units of what ships at each path, or below it where the path does not ship."""
    found: dict[str, set[str]] = {}
    for path, unit in units.items():
        for above in parents(path):
            found.setdefault(above, set()).add(unit)
    return found | {path: {unit} for path, unit in units.items()}


def _layer(
    name: str,
    placed: frozenset[str],
    units: Mapping[str, str],
    groups: Mapping[str, str],
    members: Mapping[str, Member],
) -> Layer:
    """Return a layer with the names of its members, and what each unit takes in it."""
    taken: dict[str, Sizes] = {}
    names = []
    for path, unit in units.items():
        if groups[unit] in placed:
            member = members[path]
            names.append(member.name)
            size = Sizes(member.zip_bytes, member.size_bytes)
            taken[unit] = taken.get(unit, Sizes()).plus(size)
    largest = sorted(taken.items(), key=lambda item: (-item[1].zip_bytes, item[0]))
    return Layer(
        name=name,
        members=frozenset(names),
        units=tuple(unit for unit, _ in largest),
        zip_bytes=sum(size.zip_bytes for size in taken.values()) + END.size,
        unzipped_bytes=sum(size.unzipped_bytes for size in taken.values()),
    )


def at_most(target: Target) -> Sizes:
    """Return what one layer may have: a zip that goes without S3, and what Lambda unpacks."""
    return Sizes(target.direct_upload_bytes, target.unzipped_below_bytes - 1)
