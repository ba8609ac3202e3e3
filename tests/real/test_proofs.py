"""Each of the project's trees answers and starts as before it was slimmed, and leaves nothing.

Run by make prove; `python -m bench runs` prints the figures.
"""

import sys
import uuid
from pathlib import Path

import pytest

from tests.support.functions import processes_with
from tests.support.schema import VERIFY, problems
from trees import proofs

pytestmark = [pytest.mark.real, pytest.mark.heavy]


@pytest.mark.parametrize("name", proofs.TREES)
def test_a_slimmed_tree_answers_as_the_tree_does(name: str, tmp_path: Path) -> None:
    if name == proofs.EIGHT and sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    mark = f"MARK={uuid.uuid4()}"
    with proofs.laid_out(name, tmp_path / "work") as laid:
        built = proofs.build(name, laid)
        outcome, report = proofs.verify(name, laid, "--env", mark, "--starts", "10")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "passed: 3 events answered, as by the original" in outcome.stdout
    assert processes_with(mark) == []
    assert report["sandbox"] != "none"
    assert problems(report, VERIFY) == []
    figures = report["starts"]["figures"]
    assert figures["first_answer_cpu_s"]["ratio"]["median"] < 1.2
    opened = figures["opened_files"]
    assert 0 < opened["artifact"]["median"] <= opened["original"]["median"]
    for which in ("run", "original"):
        run = report[which]
        assert 0 < run["init_s"] < run["first_answer_s"]
        assert run["return_s"] < 10
        assert [event["unstable"] for event in report["run"]["events"]] == [[], [], []]
    needed = proofs.TREES[name].needed or "nothing"
    back = [row for row in built["rescues"] if not row["chain"].startswith(needed)]
    assert sum(row["size_bytes"] for row in back) < built["kept"]["size_bytes"] / 100
