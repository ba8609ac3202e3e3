"""What a comparison says adds up, whatever is compared."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from slimmer.inventory.diff import ADDED, CHANGED, MOVED, REMOVED, compare
from slimmer.inventory.inventory import Inventory, Item
from slimmer.model.tree import Kind
from slimmer.rules.components import without_version
from tests.laws.strategies import paths

versions = st.sampled_from(("", "-1", "-1.2", "-2.0"))
sizes = st.integers(0, 3)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Return a zip's inventory of a few paths, folders with versions among them."""
    items = {}
    for path in draw(st.lists(paths, max_size=12)):
        path = path + draw(versions) + "/f" if draw(st.booleans()) else path
        size_bytes = draw(sizes)
        crc32 = draw(st.integers(0, 2)) if size_bytes else 0
        component = draw(st.sampled_from(("p/a", "p/b", "other/root")))
        items[path] = Item(path, Kind.FILE, component, size_bytes, draw(sizes), crc32)
    return Inventory("x.zip", tuple(items[path] for path in sorted(items)), 100)


def _one(*components: str) -> Inventory:
    """Return a zip of files of a byte, each of a component."""
    items = (Item(f"f{n}", Kind.FILE, name, 1, 1, 0) for n, name in enumerate(components))
    return Inventory("x.zip", tuple(items), 100)


@given(inventories(), inventories())
@example(_one("p/a"), _one("p/b", "p/a"))  # the first is the same file, of another component now
def test_the_differences_and_the_components_add_up_to_the_sizes(
    old: Inventory, new: Inventory
) -> None:
    found = compare(old, new)
    unzipped_bytes = new.size.unzipped_bytes - old.size.unzipped_bytes
    assert sum(d.unzipped_bytes for d in found.differences) == unzipped_bytes
    assert sum(growth.unzipped_bytes for growth in found.components) == unzipped_bytes
    # What is the same in every byte may be packed otherwise; that is no difference.
    same = {p for p in old.by_path if p in new.by_path} - {d.item.path for d in found.differences}
    repacked = sum(
        (new.by_path[path].compressed_bytes or 0) - (old.by_path[path].compressed_bytes or 0)
        for path in same
    )
    compressed_bytes = new.size.compressed_bytes - old.size.compressed_bytes
    assert sum(d.compressed_bytes for d in found.differences) + repacked == compressed_bytes


@given(inventories(), inventories())
def test_every_path_that_is_not_the_same_is_in_one_difference(
    old: Inventory, new: Inventory
) -> None:
    found = compare(old, new)
    gone = [d.old.path for d in found.differences if d.old]
    come = [d.new.path for d in found.differences if d.new]
    assert len(gone) == len(set(gone))
    assert len(come) == len(set(come))
    for path in old.by_path.keys() | new.by_path.keys():
        before, after = old.by_path.get(path), new.by_path.get(path)
        assert (path in gone) == (before is not None and not _alike(before, after))
        assert (path in come) == (after is not None and not _alike(before, after))


def _alike(before: Item | None, after: Item | None) -> bool:
    """Return whether both are there with the same bytes."""
    if before is None or after is None:
        return False
    return (before.unzipped_bytes, before.crc32) == (after.unzipped_bytes, after.crc32)


@given(inventories(), inventories())
def test_each_difference_is_what_it_says(old: Inventory, new: Inventory) -> None:
    for what, before, after in compare(old, new).differences:
        if what == ADDED:
            assert before is None
            assert after is not None
        elif what == REMOVED:
            assert after is None
        else:
            assert before is not None
            assert after is not None
            assert _alike(before, after) == (what == MOVED)
            if what == CHANGED:
                plain = [
                    "/".join(map(without_version, item.path.split("/"))) for item in (before, after)
                ]
                assert plain[0] == plain[1]


@given(inventories())
def test_nothing_differs_from_itself(inventory: Inventory) -> None:
    assert compare(inventory, inventory).differences == ()
