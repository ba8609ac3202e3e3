"""`slim verify --starts`: figures of fresh starts, in turn with the original, and a budget."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import slimmer
from slimmer.verify.prices import load_prices
from slimmer.verify.starts import spread_of
from tests.support.command import Outcome, slim
from tests.support.functions import ECHO
from tests.support.zips import zip_of

SCHEMA = Path(slimmer.__file__).parent / "report" / "verify" / "verify.schema.json"
#: Some tenths of a second of CPU before the first event is asked for.
BUSY = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "a.json").write_text("1", "utf-8")
    zip_of(tmp_path / "quick.zip", {"bootstrap": ECHO})
    zip_of(tmp_path / "slow.zip", {"bootstrap": ECHO.replace("while next", BUSY + "while next")})
    return tmp_path


def verify(work: Path, name: str, *options: str) -> Outcome:
    return slim("verify", name, "--event", "a.json", *options, cwd=work, process=True)


def test_starts_are_measured_in_turn_with_the_original(work: Path) -> None:
    options = ("--against", "slow.zip", "--starts", "3", "--json", "r.json", "--markdown", "r.md")
    done = verify(work, "quick.zip", *options)
    assert done.code == 0, done.text
    report = json.loads((work / "r.json").read_text("utf-8"))
    validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert [each.message for each in validator.iter_errors(report)] == []
    cpu = report["starts"]["figures"]["init_cpu_s"]
    assert report["starts"]["count"] == 3
    assert cpu["artifact"]["median"] < cpu["original"]["median"]
    assert cpu["ratio"]["low"] <= cpu["ratio"]["median"] <= cpu["ratio"]["high"] < 1
    assert report["starts"]["figures"]["peak_bytes"]["artifact"]["median"] > 500_000
    assert report["run"]["init_cpu_s"] <= report["run"]["first_answer_cpu_s"]
    assert "3 fresh starts" in done.out
    assert "billed init of 1,000,000 cold starts with 1,024 MiB" in done.out
    assert "| CPU of init |" in (work / "r.md").read_text("utf-8")


def test_without_an_original_there_is_no_ratio(work: Path) -> None:
    done = verify(work, "quick.zip", "--starts", "1", "--json", "-")
    starts = json.loads(done.out)["starts"]
    assert starts["figures"]["init_s"]["ratio"] is None
    assert json.loads(verify(work, "quick.zip", "--json", "-").out)["starts"] is None


def test_a_start_that_fails_fails_the_run(work: Path) -> None:
    count = work / "count"
    count.mkdir(mode=0o777)
    count.chmod(0o777)
    third = f"mkdir {count}/1 || mkdir {count}/2 || exit 3\n"
    zip_of(work / "third.zip", {"bootstrap": ECHO.replace("while next", third + "while next")})
    done = verify(work, "third.zip", "--starts", "5", "--sandbox", "none")
    assert done.code == 5
    assert "start 2 of 5: exited with code 3 before it asked for an event" in done.out


def test_a_budget_of_cpu_fails_a_slow_start(work: Path) -> None:
    done = verify(work, "slow.zip", "--starts", "3", "--max-init-cpu", "0.01")
    assert done.code == 5
    assert "and --max-init-cpu allows 0.01" in done.out
    assert verify(work, "quick.zip", "--starts", "1", "--max-init-cpu", "30").code == 0


def test_a_budget_is_measured_where_nobody_says_how_many_starts(work: Path) -> None:
    done = verify(work, "quick.zip", "--max-init-cpu", "30", "--json", "-")
    assert json.loads(done.out)["starts"]["count"] == 5


def test_settings_hold_budgets_of_starts(work: Path) -> None:
    (work / "slim.toml").write_text("max-init-cpu = 30\nmax-init-ratio = 0.001\n", "utf-8")
    done = verify(work, "slow.zip", "--starts", "1", "--against", "slow.zip")
    assert done.code == 5
    assert "times the original's CPU, and --max-init-ratio allows 0.001" in done.out
    done = verify(work, "quick.zip", "--starts", "1")
    assert (done.code, "--max-init-ratio needs --against" in done.err) == (2, True)
    (work / "slim.toml").write_text("max-init-cpu = true\n", "utf-8")
    done = verify(work, "quick.zip")
    assert (done.code, "slim.toml:1: max-init-cpu must be a number" in done.err) == (2, True)


def test_files_that_a_start_opens_are_counted(work: Path) -> None:
    size = len(ECHO.encode())
    zip_of(work / "more.zip", {"bootstrap": "#!/bin/bash\n. /opt/inner\n", "inner": ECHO})
    done = verify(work, "more.zip", "--against", "quick.zip", "--starts", "1", "--json", "-")
    figures = json.loads(done.out)["starts"]["figures"]
    opened = {name: figures[f"opened_{name}"] for name in ("files", "bytes")}
    assert [opened["files"][each]["median"] for each in ("artifact", "original")] == [2, 1]
    assert opened["bytes"]["original"]["median"] == size
    assert opened["bytes"]["artifact"]["median"] == size + len("#!/bin/bash\n. /opt/inner\n")


def test_a_spread_is_the_median_and_the_middle_half() -> None:
    assert spread_of([5.0]) == (5.0, 5.0, 5.0)
    assert spread_of([1.0, 2.0, 3.0, 4.0, 100.0]) == (3.0, 2.0, 4.0)


def test_prices_have_a_source_and_round_up_to_what_is_billed() -> None:
    prices = load_prices()
    assert prices.source.startswith("https://")
    second = prices.usd(1.0, 2**30, "x86_64")
    assert second == prices.usd_per_gb_second["x86_64"] * 1_000_000
    assert prices.usd(0.9991, 2**30, "x86_64") == second
    assert prices.usd(1.0, 2**29, "x86_64") == second / Decimal(2)
