"""A path through the links of a tree leads where the kernel goes, or nowhere."""

from __future__ import annotations

import contextlib
import os
import posixpath
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.errors import InputError
from slimmer.inputs.folder import scan
from slimmer.model.tree_links import MAX_HOPS, follow, resolve
from tests.support.trees import MemorySource

PARTS = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=4)
WAYS = PARTS.map("/".join)
NAMES = WAYS.map(posixpath.normpath).filter(lambda name: not name.startswith((".", "/")))


def planted(root: Path, names: dict[str, str | None]) -> None:
    """Make files, and links where there is a target, as far as they stay inside."""
    root.mkdir(parents=True)
    (root / "always").touch()
    for name, target in names.items():
        with contextlib.suppress(OSError):  # it is there, or would lie below a file
            place = root / name
            if Path(os.path.realpath(place.parent)).is_relative_to(root):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(target) if target else place.touch()


@given(st.dictionaries(NAMES, st.one_of(st.none(), WAYS), max_size=6), WAYS)
def test_a_path_leads_where_the_kernel_goes(names: dict[str, str | None], path: str) -> None:
    path = path.lstrip("/")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary).resolve() / "x/x/x/x"  # what leaves it never finds back
        planted(root, names)
        end = resolve(scan(root).tree, path).end
        if (root / path).exists():
            there = Path(os.path.realpath(root / path))
            inside = there.relative_to(root).as_posix() if there.is_relative_to(root) else None
            assert end == ("" if inside == "." else inside)
        else:  # the kernel looks for no ".." of a file, which a tree takes for its folder's
            assert end is None or ".." in path or any(".." in (t or "") for t in names.values())


@pytest.mark.parametrize(("hops", "end"), [(MAX_HOPS, "file"), (MAX_HOPS + 1, None)])
def test_as_many_links_are_followed_as_linux_follows(hops: int, end: str | None) -> None:
    links = {f"l{hop}": f"l{hop + 1}" for hop in range(hops - 1)} | {f"l{hops - 1}": "file"}
    tree = MemorySource({"file": b""}, links).tree
    assert resolve(tree, "l0").end == end
    if end is None:
        with pytest.raises(InputError, match="l0: the link goes in a circle"):
            follow(tree, tree.by_path["l0"])


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "gone/../../x", "a/../../x"])
def test_a_link_that_leaves_the_tree_is_an_error_for_a_kept_one_only(target: str) -> None:
    tree = MemorySource({"a/b": b""}, {"out": target}).tree
    assert resolve(tree, "out").over == ("out",)
    assert resolve(tree, "out").end is None
    with pytest.raises(InputError, match=f"out: the link to {target} leaves the tree"):
        follow(tree, tree.by_path["out"])


def test_the_trail_says_over_which_links_and_through_which_folders() -> None:
    tree = MemorySource({"lib/x.so": b""}, {"lib64": "lib", "a/l": "../lib64/x.so"}).tree
    assert resolve(tree, "a/l") == (("a/l", "lib64"), ("a",), "lib/x.so")
    assert follow(tree, tree.by_path["a/l"]) == resolve(tree, "a/l")
