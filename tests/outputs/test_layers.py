"""A layer is the same whatever compresses it, and its parts add up."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest

from slimmer.model.attributes import Attributes
from slimmer.model.tree import Kind
from slimmer.outputs.gzip_parts import PART_BYTES
from slimmer.outputs.layer import LayerMember, LayerWritten, Loaded, write_layer

FILES = {
    "big": hashlib.shake_128(b"big").digest(PART_BYTES + 5) + b"x" * PART_BYTES,
    "small": b"small",
    "empty": b"",
    "twin": b"small",
    "other": b"changed",
}


def member(path: str, data: bytes) -> LayerMember:
    same = "s" if path in ("small", "twin", "other") else ""
    return LayerMember(path, Kind.FILE, Attributes(0o644), 0, lambda: Loaded(data), same)


def written(workers: int) -> tuple[bytes, LayerWritten]:
    out = io.BytesIO()
    members = [member(path, data) for path, data in FILES.items()]
    made = write_layer(out, members, level=1, workers=workers)
    return out.getvalue(), made


@pytest.mark.parametrize("workers", [1, 4])
def test_a_layer_holds_its_files_and_says_its_digests(workers: int) -> None:
    data, made = written(workers)
    tar = gzip.decompress(data)
    assert made.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert made.diff_id == f"sha256:{hashlib.sha256(tar).hexdigest()}"
    assert made.size_bytes == len(data)
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        assert {i.name: archive.extractfile(i).read() for i in archive} == FILES  # type: ignore[union-attr]
        kinds = {info.name: info.islnk() for info in archive}
    assert [name for name, is_link in kinds.items() if is_link] == ["twin"]


def test_the_number_of_workers_changes_no_byte() -> None:
    assert written(1)[0] == written(3)[0]


def test_the_shares_of_the_members_add_up_to_the_layer() -> None:
    _, made = written(2)
    shares = {each.name: each.zip_bytes for each in made.members}
    assert 0 <= made.size_bytes - sum(shares.values()) < 100
    assert shares["big"] > PART_BYTES
    assert all(share >= 0 for share in shares.values())
