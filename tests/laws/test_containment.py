"""Whatever the names and links of any form: nothing is read or written outside of its root."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from slimmer.inputs.open import open_source
from tests.support.archives import PACKED, docker_save, member, oci_layout, tar_of, tar_of_files
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import Content, link, zip_of

SECRET = b"what lies outside"
OUTSIDE = "outside/file"
GOOD = ("good.txt", b"good")

#: A name, and what a link leads to; a file where that is empty.
Row = tuple[str, str]
PARTS = st.sampled_from(["a", "b", "..", ".", "outside", "file"])
RELATIVE = st.lists(PARTS, min_size=1, max_size=5).map("/".join)
PLACES = RELATIVE | RELATIVE.map("/{}".format) | st.just("{work}/" + OUTSIDE)
ROWS = st.lists(st.tuples(PLACES, st.just("") | PLACES), max_size=5)


def as_folder(work: Path, rows: Sequence[Row]) -> None:
    """Make a folder of the rows that a folder can have; a name that climbs is another name."""
    root = write_tree(work / "tree", dict([GOOD]))
    for name, target in rows:
        path = root.joinpath(*(part for part in name.split("/") if part not in ("", ".", "..")))
        if os.path.lexists(path) or not _are_folders(root, path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if target:
            path.symlink_to(target)
        else:
            path.write_bytes(b"x")


def _are_folders(root: Path, path: Path) -> bool:
    """Say whether all above a path that is there is a folder, and no link to one."""
    above = [each for each in path.parents if each.is_relative_to(root) and os.path.lexists(each)]
    return all(each.is_dir() and not each.is_symlink() for each in above)


def members(rows: Sequence[Row], kind: bytes) -> bytes:
    infos = [member(name, kind if to else tarfile.REGTYPE, to) for name, to in rows]
    good = member(GOOD[0])
    return tar_of([(good, GOOD[1]), *((info, b"" if info.linkname else b"x") for info in infos)])


def as_tar(end: str, kind: bytes) -> Callable[[Path, Sequence[Row]], None]:
    return lambda work, rows: _write(work / "tree", PACKED[end](members(rows, kind)))


def as_zip(work: Path, rows: Sequence[Row]) -> None:
    content: list[tuple[str, Content]] = [(name, link(to) if to else b"x") for name, to in rows]
    zip_of(work / "tree", [GOOD, *content])


def as_layout(work: Path, rows: Sequence[Row]) -> None:
    write_tree(work / "tree", oci_layout([members(rows, tarfile.SYMTYPE), members(rows, HARD)]))


def as_saved(work: Path, rows: Sequence[Row]) -> None:
    _write(work / "tree", docker_save([members(rows, tarfile.SYMTYPE)]))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


HARD = tarfile.LNKTYPE
FORMS: dict[str, Callable[[Path, Sequence[Row]], None]] = {
    "folder": as_folder,
    "zip": as_zip,
    "tar": as_tar(".tar", tarfile.SYMTYPE),
    "tar.gz of hard links": as_tar(".tar.gz", HARD),
    "tar.zst": as_tar(".tar.zst", tarfile.SYMTYPE),
    "layout": as_layout,
    "docker save": as_saved,
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(rows=ROWS)
def test_no_member_is_read_or_written_outside(form: str, rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary).resolve()
        write_tree(work, {OUTSIDE: SECRET})
        placed = [(a.format(work=work), b.format(work=work)) for a, b in rows]
        FORMS[form](work, placed)
        for output in ("new.zip", "new/"):
            before = everything(work)
            done = slim("build", "tree", "-o", output, "--drop", "/dev/", cwd=work)
            assert done.code in (0, 3), done.text
            made = work / output.strip("/")
            new = everything(work) - before
            assert {path.partition("/")[0] for path in new} <= (
                {made.name} if not done.code else set()
            )
            assert (work / OUTSIDE).read_bytes() == SECRET
            assert not any(SECRET in data for data in contents(made))


def everything(work: Path) -> set[str]:
    return {str(path.relative_to(work)) for path in work.rglob("*")}


def contents(made: Path) -> list[bytes]:
    """Return the bytes of all files of what was made, links not followed."""
    if made.is_dir():
        return [p.read_bytes() for p in made.rglob("*") if p.is_file() and not p.is_symlink()]
    if not made.exists():
        return []
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_the_law_would_see_what_a_form_let_in(tmp_path: Path) -> None:
    write_tree(tmp_path, {"tree/in": SECRET})
    assert slim("build", "tree", "-o", "new.zip", cwd=tmp_path).code == 0
    assert any(SECRET in data for data in contents(tmp_path / "new.zip"))
    _write(tmp_path / "f.tar", tar_of_files({"in": SECRET}))
    assert open_source(tmp_path / "f.tar").read("in") == SECRET
