"""Every form of input is one Source: the same files are the same, wherever they lie."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from slimmer.errors import InputError
from slimmer.inputs.base import LayerFile, Source
from slimmer.inputs.folder import Folder
from slimmer.inputs.open import open_source
from slimmer.inputs.zip_tree import ZipTree, open_zip
from slimmer.model.tree import Kind
from tests.support import archives
from tests.support.trees import MemorySource, write_tree

SHORT, LONG = b"#!/bin/sh\n", bytes(range(256)) * 1000  # LONG: more than the head of a zip's file
FILES = {"a/run": SHORT, "a/b/long": LONG, "empty": b""}
TIME_S = 1_600_000_000


def in_memory(_: Path) -> Source:
    source = MemorySource(FILES, {"link": "a/run", "old": "link"})
    source.mtimes_s = dict.fromkeys(FILES, TIME_S)
    return source


def in_folder(tmp_path: Path) -> Source:
    root = write_tree(tmp_path / "tree", FILES)
    (root / "link").symlink_to("a/run")
    (root / "old").symlink_to("link")
    for path in FILES:
        os.utime(root / path, (TIME_S, TIME_S))
    return open_source(root)


def in_zip(tmp_path: Path) -> Source:
    with zipfile.ZipFile(tmp_path / "tree.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in FILES.items():
            archive.writestr(member(path, stat.S_IFREG | 0o644), data)
        archive.writestr(member("link", stat.S_IFLNK | 0o777), "a/run")
        archive.writestr(member("old", stat.S_IFLNK | 0o777), "link")
    return open_source(tmp_path / "tree.zip")


def in_tar(tmp_path: Path, end: str = ".tar") -> Source:
    infos = [archives.member(path) for path in FILES]
    for info in infos:
        info.mtime = TIME_S
    infos[0].mode = 0o755
    data = archives.tar_of(
        [
            (archives.member("old"), b"old"),
            *zip(infos, FILES.values(), strict=True),
            archives.member("link", tarfile.SYMTYPE, "a/run"),
            archives.member("old", tarfile.SYMTYPE, "link"),  # of two members the later counts
        ]
    )
    (tmp_path / f"tree{end}").write_bytes(archives.PACKED[end](data))
    return open_source(tmp_path / f"tree{end}")


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40))  # TIME_S, as if the zone were UTC
    info.create_system, info.external_attr = 3, mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


TARS = [partial(in_tar, end=end) for end in archives.PACKED]
FORMS = pytest.mark.parametrize("form", [in_memory, in_folder, in_zip, *TARS])


@FORMS
def test_the_tree_is_the_same(tmp_path: Path, form: Callable[[Path], Source]) -> None:
    tree = form(tmp_path).tree
    assert [(e.path, e.kind, e.size_bytes, e.target) for e in tree.entries] == [
        ("a", Kind.DIRECTORY, 0, ""),
        ("a/b", Kind.DIRECTORY, 0, ""),
        ("a/b/long", Kind.FILE, len(LONG), ""),
        ("a/run", Kind.FILE, len(SHORT), ""),
        ("empty", Kind.FILE, 0, ""),
        ("link", Kind.LINK, 0, "a/run"),
        ("old", Kind.LINK, 0, "link"),
    ]


@FORMS
def test_files_are_the_same_whole_and_in_parts(
    tmp_path: Path, form: Callable[[Path], Source]
) -> None:
    source = form(tmp_path)
    for path, data in FILES.items():
        assert source.read(path) == data
        assert source.mtime_ns(path) == TIME_S * 1_000_000_000
        for start, size_bytes in [(0, 4), (3, 100), (0, 1 << 20), (70_000, 20), (1 << 20, 5)]:
            assert source.read_part(path, start, size_bytes) == data[start : start + size_bytes]


def test_a_path_is_opened_as_what_it_is(tmp_path: Path) -> None:
    assert isinstance(in_folder(tmp_path), Folder)
    assert isinstance(in_zip(tmp_path), ZipTree)
    (tmp_path / "tree.zip").rename(tmp_path / "any.name")
    assert isinstance(open_source(tmp_path / "any.name"), ZipTree)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("none", None, "no such file or folder; name one that is there"),
        ("empty", b"", "cannot be read as a zip \\(it is empty\\); create it again"),
        ("text", b"hello", "cannot be read as a zip"),
    ],
)
def test_what_is_no_form_is_named(
    tmp_path: Path, name: str, content: bytes | None, line: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name}: {line}"):
        open_source(tmp_path / name)


def test_a_zip_says_what_it_places_without_unpacking(tmp_path: Path) -> None:
    in_zip(tmp_path)
    sibling = open_zip(tmp_path / "tree.zip")
    assert sibling.name == "tree.zip"
    assert sibling.zip_bytes == (tmp_path / "tree.zip").stat().st_size
    assert sibling.unzipped_bytes == len(SHORT) + len(LONG) + len("a/run") + len("link")
    assert sibling.placed.keys() == {*FILES, "link", "old"}
    assert sibling.placed["empty"] == LayerFile(0, 0, executable=False)
    assert sibling.placed["link"] is None
