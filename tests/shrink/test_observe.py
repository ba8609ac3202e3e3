"""`slim build --observe` and `slim shrink --evidence`: what production used stays."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.ecosystems.recorders import observed_in, recorded
from tests.shrink.test_shrink import HERE, build, run, work
from tests.support.command import slim
from tests.support.trees import write_tree

__all__ = ["work"]


def log_of(work: Path, *events: str) -> str:
    """Return what the function logs that was built with recorders."""
    given = [word for event in events for word in ("--event", event)]
    outcome = slim(
        *("verify", "--function", "fn.zip", *given, "--json", "-"),
        *("--runtime", HERE, "--handler", "app.handler"),
        cwd=work,
        process=True,
    )
    assert outcome.code == 0, outcome.text
    output: str = json.loads(outcome.out)["run"]["output"]
    return output


@pytest.mark.parametrize("pyc", ["keep", "compile"])
def test_what_the_log_says_was_used_stays(work: Path, pyc: str) -> None:
    assert run(work).code == 0
    shipped = build(work, "--shrink", "slim.shrink.toml")[1]
    assert "beta/__init__.py" not in shipped
    made = ("--pyc", "compile", "--python", HERE) if pyc == "compile" else ()
    built, all_of_it = build(work, "--shrink", "slim.shrink.toml", "--observe", *made)
    assert built.code == 0, built.text
    assert {"beta/__init__.py", "alpha/lonely.py"} <= all_of_it
    assert "2 modules of what the shrink would drop tell the log" in built.text
    log = log_of(work, "name.json", "rare.json", "rare.json")
    assert log.count("slim observe: used beta/__init__.py;") == 1
    assert "lonely" not in log
    rows = [
        {"message": line, "timestamp": 1} for line in (*log.splitlines(), "REPORT RequestId: 1")
    ]
    write_tree(work, {"log.json": json.dumps({"events": rows}).encode()})
    outcome = run(work, "--evidence", "log.json")
    assert outcome.code == 0, outcome.text
    assert "1 invocation in logs" in outcome.out
    shipped = build(work, "--shrink", "slim.shrink.toml")[1]
    assert "beta/__init__.py" in shipped
    assert "alpha/lonely.py" not in shipped


def test_of_ten_events_the_tenth_adds_what_it_needed(work: Path) -> None:
    assert run(work).code == 0
    before = build(work, "--shrink", "slim.shrink.toml")[1]
    build(work, "--shrink", "slim.shrink.toml", "--observe")
    (work / "ten.log").write_text(log_of(work, *["name.json"] * 9, "rare.json"))
    assert run(work, "--evidence", "ten.log").code == 0
    after = build(work, "--shrink", "slim.shrink.toml")[1]
    assert after - before == {name for name in after if name.startswith("beta")}
    assert "beta/__init__.py" in after
    assert before <= after


def test_a_recorder_leaves_the_module_as_it_is(work: Path) -> None:
    assert run(work).code == 0
    build(work, "--shrink", "slim.shrink.toml", "--observe")
    with zipfile.ZipFile(work / "fn.zip") as archive:
        text = archive.read("beta/__init__.py")
        assert archive.read("alpha/used.py") == (work / "fn/alpha/used.py").read_bytes()
    assert text.startswith((work / "fn/beta/__init__.py").read_bytes())


def test_without_a_shrink_there_is_nothing_to_observe(work: Path) -> None:
    outcome = slim("build", "fn", "-o", "fn.zip", "--observe", cwd=work)
    assert outcome.code == 2
    assert "--observe ships what a shrink would drop; name its file with --shrink" in outcome.err


def test_a_log_of_something_else_is_refused(work: Path) -> None:
    (work / "other.log").write_text("START\nhello\n")
    outcome = run(work, "--evidence", "other.log")
    assert outcome.code == 3
    assert "other.log: tells of no invocation and of nothing that was used" in outcome.err


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5), st.integers(1, 50))
def test_a_log_is_read_in_pieces_of_any_size(names: list[str], size: int) -> None:
    paths = {f"python/{name}.py" for name in names if name.isprintable()}
    said = b"".join(
        recorded(path, b"").split(b'b"')[1].split(b"\\n")[0] + b"\nREPORT RequestId: 1\n"
        for path in sorted(paths)
    )
    found = observed_in(said[at : at + size] for at in range(0, len(said), size))
    assert found.paths == paths
    assert found.invocations == len(paths)
