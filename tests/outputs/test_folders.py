"""Folders that are written: whole, with the modes of their source, or not at all."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.outputs.test_images import BASE, TOP
from tests.support.archives import oci_layout
from tests.support.command import slim
from tests.support.faults import slim_with_signal
from tests.support.trees import write_tree


def test_a_folder_is_what_the_zip_unpacks_to(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"bin/run": "#!/bin/sh\n", "lib/a.py": "a = 1\n", "e/x~": ""})
    (tmp_path / "tree/empty").mkdir()
    (tmp_path / "tree/l").symlink_to("lib/a.py")
    for args in (("-o", "out.zip"), ("-o", "out/"), ("--form", "folder")):
        done = slim("build", "tree", *args, cwd=tmp_path)
        assert done.code == 0, done.text
    subprocess.run(["unzip", "-q", "out.zip", "-d", "unzipped"], cwd=tmp_path, check=True)
    assert picture(tmp_path / "out") == picture(tmp_path / "unzipped")
    assert picture(tmp_path / "tree-slim") == picture(tmp_path / "unzipped")


def picture(root: Path) -> dict[str, tuple[str, bytes]]:
    found = {}
    for path in root.rglob("*"):
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        data = os.fsencode(path.readlink()) if path.is_symlink() else data
        found[str(path.relative_to(root))] = stat.filemode(path.lstat().st_mode), data
    return found


def test_a_folder_of_an_image_has_its_modes_and_links_inside(tmp_path: Path) -> None:
    write_tree(tmp_path / "layout", oci_layout([BASE, TOP]))
    done = slim("build", "layout", "-o", "out/", cwd=tmp_path)
    assert done.code == 0, done.text
    root = tmp_path / "out"
    assert stat.S_IMODE((root / "tmp").stat().st_mode) & 0o777 == 0o777
    assert stat.S_IMODE((root / "app/run.sh").stat().st_mode) == 0o700
    assert (root / "lib").readlink() == Path("usr/lib")
    assert (root / "usr/bin/su").samefile(root / "usr/bin/su2")
    if os.geteuid() == 0:
        assert (root / "etc/shadow").stat().st_gid == 42
        assert (root / "usr/bin/su").stat().st_mode & stat.S_ISUID
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layout", "out"]


def test_a_folder_takes_the_place_of_nothing_but_an_empty_one(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"a.txt": "a"})
    write_tree(tmp_path / "full", {"b.txt": "b"})
    (tmp_path / "empty").mkdir()
    done = slim("build", "tree", "-o", "full/", cwd=tmp_path)
    assert done.code == 2
    assert "full: --output names a folder that is not empty; remove it" in done.err
    assert sorted(p.name for p in (tmp_path / "full").iterdir()) == ["b.txt"]
    assert slim("build", "tree", "-o", "empty/", cwd=tmp_path).code == 0
    assert sorted(p.name for p in (tmp_path / "empty").iterdir()) == ["a.txt"]


@pytest.mark.parametrize("form", ["folder", "layout"])
def test_a_dry_run_writes_no_folder(tmp_path: Path, form: str) -> None:
    write_tree(tmp_path / "layout", oci_layout([BASE]))
    done = slim("build", "layout", "-o", "out/", "--form", form, "--dry-run", cwd=tmp_path)
    assert done.code == 0, done.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layout"]


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    for at in range(1, 100):
        work = tmp_path / f"at-{at}"
        write_tree(work / "tree", {"a/b.txt": "b", "c.txt": "c"})
        ended = slim_with_signal(
            "build", "tree", "-o", "out/", cwd=work, at=at, number=signal.SIGTERM
        )
        left = {str(p.relative_to(work)) for p in work.rglob("*")} - {
            "tree",
            "tree/a",
            "tree/a/b.txt",
            "tree/c.txt",
        }
        assert left in (set(), {"out", "out/a", "out/a/b.txt", "out/c.txt"}), ended.err
        if ended.code == 0:
            return
    raise AssertionError("the run never ended by itself")


def test_the_root_of_an_image_keeps_modes_owners_and_hard_links(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "root", {"usr/bin/run": "#!/bin/sh\n", "etc/key": "k"})
    (root / "usr/bin/run").chmod(0o4711)
    (root / "etc/key").chmod(0o640)
    (root / "usr/bin/other").hardlink_to(root / "usr/bin/run")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "bin").symlink_to("/usr/bin")
    os.mkfifo(root / "tmp/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "tmp/socket"))
    args = ("-o", "out/", "--rootfs", "--entry", "/usr/bin/run")
    done = slim("build", "root", *args, cwd=tmp_path)
    assert done.code == 0, done.text
    out = tmp_path / "out"
    is_root = os.geteuid() == 0
    assert stat.S_IMODE((out / "usr/bin/run").stat().st_mode) == (0o4711 if is_root else 0o711)
    assert stat.S_IMODE((out / "etc/key").stat().st_mode) == 0o640
    assert stat.S_IMODE((out / "tmp").stat().st_mode) == (0o1777 if is_root else 0o777)
    assert (out / "usr/bin/run").samefile(out / "usr/bin/other")
    assert (out / "bin").readlink() == Path("usr/bin")
    assert stat.S_ISFIFO((out / "tmp/pipe").stat().st_mode)
    assert not (out / "tmp/socket").exists()
    assert "tmp/socket: devices, sockets or extended attributes that cannot be made" in done.out


def test_the_root_of_an_image_is_one_folder(tmp_path: Path) -> None:
    write_tree(tmp_path / "root", {"a": "a"})
    (tmp_path / "x.tar").write_bytes(BASE)
    for trees, words in (
        (("root", "root"), "--rootfs is of one folder"),
        (("x.tar",), "x.tar: --rootfs is of a folder"),
    ):
        done = slim("build", *trees, "--rootfs", "-o", "out/", cwd=tmp_path)
        assert done.code in (2, 3)
        assert words in done.err
