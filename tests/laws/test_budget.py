"""What holds for every budget: more bytes or a smaller cap never turn a failure into a pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slimmer.caps import after_packing, before_packing, findings
from slimmer.model.artifact import DeployedZip
from slimmer.targets import load_targets

LAMBDA = load_targets()["lambda"]
sizes = st.integers(0, 600_000_000)
others = st.lists(st.builds(DeployedZip, st.just("o.zip"), sizes, sizes), max_size=7)


def failed(
    unzipped: int, zipped: int, beside: list[DeployedZip], max_bytes: int | None
) -> set[str]:
    caps = before_packing(unzipped, 1, beside, LAMBDA)
    caps += after_packing(zipped, beside, LAMBDA, max_bytes)
    return {finding.code for finding in findings(caps)}


@given(sizes, sizes, others, sizes.filter(bool), sizes, sizes)
def test_growing_never_mends_a_failure(
    unzipped: int, zipped: int, beside: list[DeployedZip], cap: int, more: int, more_zipped: int
) -> None:
    before = failed(unzipped, zipped, beside, cap)
    assert before <= failed(unzipped + more, zipped + more_zipped, beside, cap)
    assert before <= failed(unzipped, zipped, [*beside, DeployedZip("x.zip", more, more)], cap)


@given(sizes, sizes, others, sizes.filter(bool), sizes.filter(bool))
def test_a_smaller_cap_never_mends_a_failure(
    unzipped: int, zipped: int, beside: list[DeployedZip], cap: int, other_cap: int
) -> None:
    low, high = sorted((cap, other_cap))
    assert failed(unzipped, zipped, beside, high) <= failed(unzipped, zipped, beside, low)


def test_the_unzipped_cap_is_strict_and_the_users_is_not() -> None:
    assert failed(262_143_999, 1, [], None) == set()
    assert failed(262_144_000, 1, [], None) == {"over-unzipped"}
    assert failed(1, 65_000_000, [], 65_000_000) == set()
    assert failed(1, 65_000_001, [], 65_000_000) == {"over-max"}


def test_artifacts_beside_count_to_every_cap() -> None:
    beside = [DeployedZip("function.zip", 10, 200_000_000)]
    assert failed(62_144_000, 1, beside, None) == {"over-unzipped"}
    assert failed(1, 1, beside, 10) == {"over-max"}


def test_a_function_takes_five_layers() -> None:
    one = DeployedZip("layer.zip", 1, 1)
    assert failed(1, 1, [one] * 5, None) == set()
    assert failed(1, 1, [one] * 6, None) == {"over-layers"}
