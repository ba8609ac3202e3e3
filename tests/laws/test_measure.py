"""What is measured without a zip is what a zip would show, and parts change little."""

from __future__ import annotations

import io

import deflate
from hypothesis import given
from hypothesis import strategies as st

from slimmer.build.measure import measure
from slimmer.model.tree import Entry, Kind
from slimmer.outputs.zip import FILE_MODE, LINK_MODE, MemberContent, PendingMember, write_zip
from tests.laws.test_zip import names
from tests.support.trees import MemorySource

files = st.one_of(st.binary(max_size=200), st.binary(max_size=20).map(lambda data: data * 500))


@given(
    st.dictionaries(names, files, max_size=8),
    st.dictionaries(names, names, max_size=3),
    st.sampled_from(["", "opt/é"]),
    st.integers(1, 12),
)
def test_a_measure_is_what_the_member_would_take(
    content: dict[str, bytes], links: dict[str, str], prefix: str, level: int
) -> None:
    links = {path: target for path, target in links.items() if path not in content}
    entries = [Entry(path, Kind.FILE, len(data)) for path, data in content.items()]
    entries += [Entry(path, Kind.LINK, target=target) for path, target in links.items()]
    start = prefix + "/" if prefix else ""
    pending = [
        PendingMember(start + path, lambda data=data, mode=mode: MemberContent(mode, data))  # type: ignore[misc]
        for mode, those in (
            (FILE_MODE, content),
            (LINK_MODE, {path: target.encode() for path, target in links.items()}),
        )
        for path, data in those.items()
    ]
    artifact = write_zip(io.BytesIO(), "a.zip", pending, level=level)
    told = {m.name.removeprefix(start): (m.compressed_bytes, m.zip_bytes) for m in artifact.members}
    assert measure(entries, prefix, MemorySource(content), level) == told


@given(st.binary(max_size=50).map(lambda data: data * 40), st.integers(1, 300))
def test_a_large_file_is_the_sum_of_its_parts(data: bytes, part_bytes: int) -> None:
    entry = Entry("a", Kind.FILE, len(data))
    parts = [data[at : at + part_bytes] for at in range(0, len(data), part_bytes)]
    expected = sum(min(len(part), len(deflate.deflate_compress(part, 6))) for part in parts)
    found = measure([entry], "", MemorySource({"a": data}), 6, part_bytes=part_bytes)
    assert found["a"].compressed_bytes == expected


def test_progress_ends_at_the_whole() -> None:
    seen: list[tuple[int, int]] = []
    content = {"a": b"x" * 10, "b": b"", "c": b"y" * 5}
    entries = [Entry(path, Kind.FILE, len(data)) for path, data in content.items()]
    measure(entries, "", MemorySource(content), 1, lambda done, total: seen.append((done, total)))
    assert seen == [(10, 15), (10, 15), (15, 15)]
