"""Whatever the names and links of a zip: what is unpacked stays in its folder, or nothing is."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from slimmer.errors import InputError
from slimmer.verify.model import ArtifactRef, Bounds
from slimmer.verify.unpack import unpack
from tests.support.zips import Content, link, zip_of

BOUNDS = Bounds(1_000_000, 100)
PARTS = st.sampled_from(["a", "b", "c", "..", ".", ""])
NAMES = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
TARGETS = st.one_of(NAMES, NAMES.map(lambda name: f"/opt/{name}"), st.just("/etc/passwd"))
MEMBERS: st.SearchStrategy[list[tuple[str, Content]]] = st.lists(
    st.tuples(NAMES, st.one_of(st.just("x"), TARGETS.filter(bool).map(link))), max_size=6
)


@given(MEMBERS, st.one_of(st.none(), MEMBERS))
def test_nothing_leads_out(
    members: list[tuple[str, Content]], above: list[tuple[str, Content]] | None
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        zips = [zip_of(folder / f"{n}.zip", m) for n, m in enumerate((members, above)) if m]
        before = sorted(folder.iterdir())
        dest = folder / "opt"
        try:
            unpack([ArtifactRef(str(path)) for path in zips], dest, "/opt", BOUNDS)
        except InputError:
            assert sorted(folder.iterdir()) == before
            return
        assert sorted(folder.iterdir()) == sorted([*before, dest])
        links = [path for path in dest.rglob("*") if path.is_symlink()]
        for path in links:  # as they would lead if the folder were mounted at /opt
            target = str(path.readlink())
            if target.startswith("/"):
                path.unlink()
                path.symlink_to(f"{dest}{target.removeprefix('/opt')}")
        for path in links:
            if not goes_round(path):
                assert Path(os.path.realpath(path)).is_relative_to(dest)


def goes_round(path: Path) -> bool:
    """Say whether the kernel gives up on a link, which then leads nowhere."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False
