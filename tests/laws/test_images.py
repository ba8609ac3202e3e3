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
from slimmer.inputs.layers import Layers
from slimmer.model.tree import Kind
from tests.support.archives import member, tar_of

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
