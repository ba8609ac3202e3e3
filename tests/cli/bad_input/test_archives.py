"""Archives that cannot be built: one line says why, and nothing is written."""

import tarfile
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import Bad, assert_refused, build, file
from tests.support.archives import PACKED, member, tar_of, tar_of_files
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import pack, zipped

LINK, HARD, FIFO, DEVICE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE
GOOD = tar_of([(member("a.txt"), b"a" * 2000)])
SPARSE = tarfile.TarInfo("disk.img")
SPARSE.type, SPARSE.mode = b"S", 0o644
PAX_SPARSE = member("disk.img")
PAX_SPARSE.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.realsize": str(10**10)}


def of(*members: tarfile.TarInfo) -> bytes:
    return tar_of([*members, (member("good"), b"good")])


def bad(name: str, data: bytes, *words: str, path: str = "f.tar", where: str = "") -> Bad:
    return Bad(name, (where or path, *words), file(path, data), build(path), code=3)


def huge(name: str, size_bytes: int) -> bytes:
    info = member(name)
    info.size = size_bytes
    return info.tobuf(tarfile.GNU_FORMAT)


BAD = [
    bad("a truncated tar", GOOD[:1500], "ends early", "again"),
    bad("a tar that ends behind a member", GOOD[: 512 + 2048], "ends early"),
    bad("a tar with a broken header", b"b" + GOOD[1:], "header"),
    bad("an empty tar", tar_of([]), "cannot be read"),
    bad("a tar with a folder alone", tar_of([member(".", tarfile.DIRTYPE)]), "empty"),
    bad("a tar that climbs out", of(member("../x")), "leads outside"),
    bad("an absolute name in a tar", of(member("/etc/passwd")), "leads outside"),
    bad("a tar that writes through a link", of(member("d", LINK, "/etc"), member("d/x")), "link"),
    bad("a link out of a tar", of(member("l", LINK, "/etc/passwd")), "leaves the tree", where="l"),
    bad("a hard link out of a tar", of(member("l", HARD, "/etc/passwd")), "outside"),
    bad("a hard link to nothing", of(member("l", HARD, "none")), "hard link"),
    bad("a sparse file", of(SPARSE), "sparse"),
    bad("a sparse file of pax", of(PAX_SPARSE), "sparse"),
    bad("a member of 10 GB that is not there", huge("x", 10**10), "ends early"),
    bad("a tar.gz cut off", PACKED[".tar.gz"](GOOD)[:-20], "ends early", path="f.tar.gz"),
    bad("a tar.zst cut off", PACKED[".tar.zst"](GOOD)[:-6], "ends early", path="f.tar.zst"),
    bad("a gzip that is no tar", PACKED[".tar.gz"](b"text"), "no tar", path="f.gz"),
    bad("a device in a tar", of(member("dev/null", DEVICE)), "device", where="dev/null"),
    bad("a fifo in a tar", of(member("pipe", FIFO)), "fifo", where="pipe"),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_an_archive_that_cannot_be_built_is_named_in_a_line(tmp_path: Path, case: Bad) -> None:
    assert_refused(tmp_path, case)


def test_a_tar_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "f.tar").write_bytes(GOOD)
    done = slim("build", "f.tar", "-o", "f.tar", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert (tmp_path / "f.tar").read_bytes() == GOOD


def test_a_zip_in_a_jar_in_a_zip_ships_as_it_would_from_a_folder(tmp_path: Path) -> None:
    jar = zipped({"META-INF/MANIFEST.MF": b"", "in.zip": zipped({"a.txt": b"a"})})
    pack(tmp_path / "outer.zip", {"lib/app.jar": jar})
    write_tree(tmp_path / "outer", {"lib/app.jar": jar})
    for tree in ("outer", "outer.zip"):
        done = slim("build", tree, "-o", f"new-{tree}.zip", cwd=tmp_path)
        assert done.code == 0, done.text
    assert (tmp_path / "new-outer.zip").read_bytes() == (
        tmp_path / "new-outer.zip.zip"
    ).read_bytes()


@pytest.mark.parametrize(
    ("tree", "output"),
    [
        ("f.tar.gz", "f.zip"),
        ("app.jar", "app.zip"),
        ("f.zip", "f-slim.zip"),
        ("x.bin", "x.bin.zip"),
    ],
)
def test_the_output_is_called_as_the_archive(tmp_path: Path, tree: str, output: str) -> None:
    data = PACKED[".tar.gz"](GOOD) if tree == "f.tar.gz" else zipped({"a.txt": b"a"})
    (tmp_path / tree).write_bytes(data)
    assert slim("build", tree, cwd=tmp_path).code == 0
    assert (tmp_path / output).is_file()


def test_explain_and_rules_and_inspect_read_a_tar(tmp_path: Path) -> None:
    (tmp_path / "f.tar").write_bytes(tar_of_files({"a.txt": b"a", "lib/b.py": b"b"}))
    for args in (("explain", "f.tar", "lib/b.py"), ("rules", "f.tar"), ("inspect", "f.tar")):
        done = slim(*args, cwd=tmp_path)
        assert done.code == 0, done.text
