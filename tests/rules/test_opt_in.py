"""Components that no tier switches on: they are told with their bytes, and dropped by name."""

from __future__ import annotations

import pytest

from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped, kept
from tests.support.elves import program
from tests.support.installed import record

NCCL, CUBLAS = "nvidia/nccl/lib/libnccl.so.2", "nvidia/cublas/lib/libcublas.so.12"
OTHERS = {"nvidia/dali/libdali.so": program(), "xgb/lib/libxgb.so": program()}
FILES = {NCCL: program(), CUBLAS: program(), **OTHERS}
INFO = {
    f"{name}-1.dist-info/{file}": data
    for name, paths in (
        ("nvidia_nccl_cu12", [NCCL]),
        ("nvidia_cublas_cu12", [CUBLAS]),
        ("others", [*OTHERS]),
    )
    for file, data in (("METADATA", f"Name: {name}\n".encode()), ("RECORD", record(paths)))
}
TREE = {**FILES, **INFO}


@pytest.mark.parametrize("tier", list(Tier))
def test_no_tier_drops_it_and_a_note_says_what_it_could_save(tier: Tier) -> None:
    decision = decide(TREE, tier=tier)
    assert set(FILES) <= kept(decision)
    (note,) = [f.message for f in decision.findings if f.code == "opt-in"]
    assert note.startswith("Libraries of CUDA: ")
    assert note.endswith("with --drop python/cuda")


def test_its_name_drops_it() -> None:
    decision = decide(TREE, drop="python/cuda")
    assert dropped(decision) & set(FILES) == {NCCL, CUBLAS}
    assert not [f for f in decision.findings if f.code == "opt-in"]


def test_what_a_program_is_linked_to_comes_back() -> None:
    torch = {"torch/lib/libtorch_cuda.so": program("libcublas.so.12")}
    decision = decide({**TREE, **torch}, drop="python/cuda")
    assert dropped(decision) & set(FILES) == {NCCL}


def test_where_it_drops_nothing_nothing_is_said() -> None:
    decision = decide({**OTHERS, **INFO})
    assert not [f for f in decision.findings if f.code == "opt-in"]
