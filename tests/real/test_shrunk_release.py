"""A shrunk Mix release still boots in embedded mode: its boot files name no module that is gone."""

from pathlib import Path

import pytest

from trees import proofs

pytestmark = [pytest.mark.real, pytest.mark.heavy]

BELOW_ZIP_BYTES = 4_500_000


def test_a_release_without_what_no_event_used_answers(tmp_path: Path) -> None:
    name = "Mix release"
    with proofs.laid_out(name, tmp_path / "work") as laid:
        proofs.shrink(name, laid, "--within-units")
        proofs.build(name, laid, "--shrink", "slim.shrink.toml", "--level", "12")
        done, report = proofs.verify(name, laid)
        assert (laid.folder / "tree.zip").stat().st_size <= BELOW_ZIP_BYTES
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["passed"]
