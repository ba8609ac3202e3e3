"""What holds for every zip: it gives back what went in, and nothing but content decides it."""

from __future__ import annotations

import functools
import io
import random
import stat
import zipfile
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from slimmer.model.artifact import Artifact
from slimmer.outputs.zip import (
    FILE_MODE,
    LINK_MODE,
    PROGRAM_MODE,
    MemberContent,
    PendingMember,
    write_zip,
)

names = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8),
    min_size=1,
    max_size=3,
).map("/".join)
contents = st.builds(
    MemberContent,
    st.sampled_from([FILE_MODE, PROGRAM_MODE, LINK_MODE]),
    st.one_of(st.binary(max_size=200), st.binary(max_size=20).map(lambda data: data * 500)),
)
archives = st.dictionaries(names, contents, max_size=12)


def zip_of(
    members: Iterable[tuple[str, MemberContent]], *, workers: int = 1, level: int = 6
) -> tuple[io.BytesIO, Artifact]:
    sink = io.BytesIO()
    pending = [
        PendingMember(name, functools.partial(MemberContent, *content)) for name, content in members
    ]
    return sink, write_zip(sink, "a.zip", pending, level=level, workers=workers)


@given(archives, st.integers(1, 12))
def test_a_zip_gives_back_names_modes_and_bytes(
    members: dict[str, MemberContent], level: int
) -> None:
    sink, artifact = zip_of(members.items(), level=level)
    with zipfile.ZipFile(sink) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        assert {info.filename for info in infos} == set(members)
        for info in infos:
            assert info.external_attr >> 16 == members[info.filename].mode
            assert archive.read(info) == members[info.filename].data
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.extra == b""
            assert info.compress_size <= info.file_size
        assert artifact.zip_bytes == len(sink.getvalue())
        assert artifact.zip_bytes == sum(member.zip_bytes for member in artifact.members) + 22
        assert artifact.unzipped_bytes == sum(info.file_size for info in infos)
        raw_names = [info.filename.encode() for info in infos]
        assert raw_names == sorted(raw_names)
        assert all(stat.S_ISLNK(i.external_attr >> 16) <= (i.compress_type == 0) for i in infos)


@given(archives, st.randoms(use_true_random=False), st.integers(2, 5))
def test_neither_order_nor_workers_change_a_byte(
    members: dict[str, MemberContent], rng: random.Random, workers: int
) -> None:
    shuffled = list(members.items())
    rng.shuffle(shuffled)
    one, _ = zip_of(members.items())
    other, _ = zip_of(shuffled, workers=workers)
    assert one.getvalue() == other.getvalue()
