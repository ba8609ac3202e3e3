"""What holds for every image: nothing of it lies outside its root, and any bytes are an answer."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.oci import parse_config, parse_index, parse_manifest, parse_saved
from slimmer.formats.tar import tar_members
from slimmer.inputs.extent import opened
from slimmer.inputs.image import ImageTree
from slimmer.inputs.layers import Layers
from slimmer.inputs.open import open_source
from slimmer.model.tree import Kind
from tests.support.archives import docker_save, member, oci_layout, tar_of
from tests.support.command import slim
from tests.support.trees import write_tree

KINDS = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE)
NAMES = ("a", "a/b", "a/b/c", "l", "l/x", "", "/", "/a", "..", "../l/x", "./a/../../x")
WHITEOUTS = (".wh.a", ".wh.l", ".wh.", ".wh...", "a/.wh..wh..opq", "a/b/.wh.c", ".wh..wh..opq")
TARGETS = ("a", "/a/b", "..", "../../..", "/", "l", "/../../etc", "a/../../..", "")

names = st.sampled_from((*NAMES, *WHITEOUTS))
layers = st.lists(
    st.builds(member, names, st.sampled_from(KINDS), st.sampled_from(TARGETS)), max_size=6
)


@settings(deadline=None)
@given(st.lists(layers, min_size=1, max_size=3))
def test_no_member_of_a_layer_is_outside_the_image(found: list[list[tarfile.TarInfo]]) -> None:
    applied = Layers(10**9)
    for infos in found:
        with tempfile.NamedTemporaryFile() as file:
            file.write(tar_of(infos))
            file.flush()
            data = opened(Path(file.name))
            try:
                applied.apply(tar_members(data.read, data.size_bytes), data)
            except FormatError:
                return
    placed = applied.placed()
    no_folders = {path for path, item in placed.items() if item.entry.kind is not Kind.DIRECTORY}
    for path, item in placed.items():
        parts = path.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert not parts[-1].startswith(".wh.")
        assert not no_folders & {"/".join(parts[:n]) for n in range(1, len(parts))}
        target = item.entry.target
        assert not target.startswith("/")
        ups = list(takewhile(lambda part: part == "..", target.split("/")))
        assert len(ups) < len(parts)


KEYS = st.sampled_from(
    [
        "manifests",
        "layers",
        "config",
        "Config",
        "Layers",
        "RepoTags",
        "rootfs",
        "diff_ids",
        "Env",
        "digest",
        "size",
        "mediaType",
        "platform",
        "architecture",
        "annotations",
        "Entrypoint",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "sha256:x"])
documents = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


@pytest.mark.parametrize("parse", [parse_index, parse_manifest, parse_saved, parse_config])
@given(document=documents | st.dictionaries(KEYS, documents))
def test_a_document_of_any_form_is_read_or_refused(
    parse: Callable[[bytes], object], document: object
) -> None:
    with suppress(FormatError):
        parse(json.dumps(document).encode())


paths = st.sampled_from(("a", "a/b", "a/b/c", "d", "d/e", "f", "usr/lib/g", "usr/lib/h"))
written = st.builds(
    lambda name, kind, target, mode, owner: (name, kind, target, mode, owner),
    paths,
    st.sampled_from((*KINDS[:3], tarfile.CHRTYPE)),
    st.sampled_from(("a", "/usr/lib/g", "../a", "f")),
    st.sampled_from((0o644, 0o4755, 0o600)),
    st.sampled_from((0, 1000, 3_000_000)),
)


def of_row(row: tuple[str, bytes, str, int, int]) -> tuple[tarfile.TarInfo, bytes]:
    name, kind, target, mode, owner = row
    info = member(name, kind, target)
    info.mode, info.uid, info.gid = mode, owner, owner
    return info, name.encode() * 3 if kind == tarfile.REGTYPE else b""


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(written, min_size=1, max_size=5), min_size=1, max_size=3), st.integers(0, 3)
)
def test_an_image_that_is_written_is_the_image_that_was_read(
    found: list[list[tuple[str, bytes, str, int, int]]], base: int
) -> None:
    layers = [tar_of(map(of_row, rows)) for rows in found]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_tree(work / "layout", oci_layout(layers))
        (work / "saved.tar").write_bytes(docker_save(layers))
        count = ("--base-layers", str(min(base, len(layers))))
        args = (*count, "--tag", "a:b", "--dedupe", "off")
        done = slim("build", "layout", "-o", "one.tar", *args, cwd=work)
        assert done.code in (0, 3), done.text
        if done.code:
            return
        assert slim("build", "saved.tar", "-o", "two.tar", *args, cwd=work).code == 0
        read, again = open_source(work / "layout"), open_source(work / "one.tar")
        assert isinstance(read, ImageTree)
        assert isinstance(again, ImageTree)
        assert again.tree == read.tree
        for entry in read.tree.entries:
            one, other = read.attributes(entry.path), again.attributes(entry.path)
            assert one._replace(number=other.number) == other
            if entry.kind is Kind.FILE:
                assert again.read(entry.path) == read.read(entry.path)
        if not min(base, len(layers)):
            assert (work / "one.tar").read_bytes() == (work / "two.tar").read_bytes()
        digest = [layer.diff_id for layer in read.layers][: min(base, len(layers))]
        assert [layer.diff_id for layer in again.layers][: len(digest)] == digest
