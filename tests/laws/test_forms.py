"""What holds for every form of input: the same tree in any of them gives the same artifact."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.streams import plain_pieces
from slimmer.formats.tar import tar_members
from slimmer.inputs.open import open_source
from tests.support.archives import PACKED, member, tar_of
from tests.support.command import slim
from tests.support.trees import write_tree

NAMES = ("a.txt", "lib/b.py", "lib/c", "lib/d/e.md", "META-INF/MANIFEST.MF", "node_modules/x/y.js")
FORMS = ("folder", ".zip", ".jar", *PACKED)

contents = st.binary(max_size=50) | st.sampled_from([b"#!/bin/sh\n", b"same"])
others = st.dictionaries(st.sampled_from(NAMES), st.tuples(contents, st.booleans()))
always = st.fixed_dictionaries({path: st.tuples(contents, st.booleans()) for path in NAMES[:2]})
trees = st.builds(lambda other, own: other | own, others, always)
targets = st.dictionaries(st.sampled_from(["l1", "lib/l2"]), st.sampled_from(["a.txt", "lib"]))


def artifact(work: Path, form: str, root: Path) -> bytes:
    """Return what a build makes of a tree in a form."""
    path = root
    if form in PACKED:
        path = work / f"f{form}"
        path.write_bytes(PACKED[form](tar_of(sorted_members(root))))
    elif form != "folder":
        path = work / f"f{form}"
        zip_of_tree(path, root)
    done = slim("build", str(path), "-o", f"out-{path.name}.zip", cwd=work)
    assert done.code == 0, done.text
    return (work / f"out-{path.name}.zip").read_bytes()


def sorted_members(root: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    members = []
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as tar:
        for path in sorted(root.rglob("*"), reverse=True):
            info = tar.gettarinfo(path, str(path.relative_to(root)))
            data = path.read_bytes() if info.isreg() else b""
            members.append((info, data))
    return members


def zip_of_tree(path: Path, root: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in root.rglob("*"):
            info = zipfile.ZipInfo(str(file.relative_to(root)) + "/" * is_folder(file))
            info.create_system, info.external_attr = 3, file.lstat().st_mode << 16
            if file.is_symlink():
                archive.writestr(info, str(file.readlink()))
            else:
                archive.writestr(info, b"" if is_folder(file) else file.read_bytes())


def is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(trees, targets)
def test_each_form_of_a_tree_gives_the_same_artifact(
    files: dict[str, tuple[bytes, bool]], links: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        root = write_tree(work / "f", {path: data for path, (data, _) in files.items()})
        for path, (_, may_run) in files.items():
            (root / path).chmod(0o755 if may_run else 0o644)
        for path, target in links.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).symlink_to(target if "/" not in path else f"../{target}")
        assert len({artifact(work, form, root) for form in FORMS}) == 1


wild = st.sampled_from(
    ["a", "b", "a/b", "./a", "../x", "/x", "a/../../x", "", ".", "..", "c\\..\\..\\x", "x" * 300]
)
kinds = st.sampled_from(
    [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE]
)
members = st.lists(st.builds(member, wild, kinds, wild), min_size=1, max_size=5)


@settings(deadline=None)
@given(members)
def test_no_member_of_a_tar_is_outside_its_root(infos: list[tarfile.TarInfo]) -> None:
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        file.write(tar_of(infos))
        file.flush()
        try:
            tree = open_source(Path(file.name)).tree
        except InputError:
            return
    no_folders = {e.path for e in tree.entries if e.kind.value != "directory"}
    for entry in tree.entries:
        parts = entry.path.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert not no_folders & {"/".join(parts[:n]) for n in range(1, len(parts))}


whole = tar_of([(member("a"), b"abc"), (member("b" * 150), b"x" * 600)])


@given(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=20))
def test_a_tar_of_any_bytes_is_read_or_refused(at: int, other: bytes) -> None:
    data = whole[:at] + other + whole[at + len(other) :]
    found = []
    try:
        for each in tar_members(lambda start, size: data[start : start + size], len(data)):
            found.append(each)
            assert 0 <= each.start <= each.start + each.size_bytes <= len(data)
    except FormatError:
        pass
    assert len(found) <= 4


@pytest.mark.parametrize("form", [".tar.gz", ".tar.zst"])
@given(data=st.data())
def test_a_stream_of_any_bytes_is_read_or_refused(form: str, data: st.DataObject) -> None:
    packed = PACKED[form](whole)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(packed) - 1), max_size=4)))
    pieces = [packed[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    assert b"".join(plain_pieces(pieces, len(whole))) == whole
    assert b"".join(plain_pieces([*pieces, *pieces, b"\0" * 9], 2 * len(whole))) == whole * 2
    for wrong, most in ((pieces, len(whole) - 1), ([packed[: len(packed) // 2]], len(whole))):
        with pytest.raises(FormatError):
            list(plain_pieces(wrong, most))
    at = data.draw(st.integers(4, len(packed) - 1))
    with suppress(FormatError):
        list(plain_pieces([packed[:at] + b"\x55\xaa" + packed[at + 2 :]], len(whole)))
