"""The image of Erlang and Elixir, shrunk with two events: small, and never silently different."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.real.need import absent
from tests.real.test_image_tools import answers, engine, source, tag_of, tool
from tests.real.test_images import NAMES
from tests.support.command import Outcome, slim

__all__ = ["engine", "source"]
pytestmark = [pytest.mark.real, pytest.mark.heavy]

EVENTS = ("enum", "logger")
MOST_BYTES = 20_000_000
ROW = re.compile(r"slim shrink dropped .+: slim\.shrink\.toml:\d+")


@pytest.fixture(scope="module")
def shrunk(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder with the image, its report, and an event for each feature."""
    folder = tmp_path_factory.mktemp("shrunk")
    for name in NAMES:
        (folder / f"{name}.json").write_text(json.dumps({"feature": name}))
    found = shrink(source, folder)
    if "seccomp" in found.err and found.code == 3:
        absent(found.err)
    assert found.code == 0, found.text
    args = ("--tree-shake", "--beams", "gzip", "--shrink", "slim.shrink.toml", "-o", "image.tar")
    tag = ("--tag", f"slim-{uuid.uuid4().hex[:8]}:shrunk", "--json", "report.json")
    done = slim("build", str(source), *args, *tag, cwd=folder, process=True, timeout_s=900)
    assert done.code == 0, done.text
    yield folder
    shutil.rmtree(folder)


def shrink(source: Path, folder: Path) -> Outcome:
    events = [word for name in EVENTS for word in ("--event", f"{name}.json")]
    args = ("--tree-shake", "--guard-drops", *events)
    return slim("shrink", str(source), *args, cwd=folder, process=True, timeout_s=1_500)


def verify(folder: Path, image: Path, names: Sequence[str]) -> Outcome:
    events = [word for name in names for word in ("--event", f"{name}.json")]
    args = ("verify", str(image), *events, "--json", "verified.json")
    return slim(*args, cwd=folder, process=True, timeout_s=900)


def said(folder: Path, image: Path, names: Sequence[str]) -> dict[str, object]:
    """Return the answer to each feature, None for an error."""
    verify(folder, image, names)
    rows = json.loads((folder / "verified.json").read_bytes())["run"]["events"]
    assert len(rows) == len(names)
    return {
        name: row["answer"] if row["answered"] == "response" else None
        for name, row in zip(names, rows, strict=True)
    }


def test_each_feature_answers_as_before_or_names_the_row(shrunk: Path, source: Path) -> None:
    (artifact,) = json.loads((shrunk / "report.json").read_bytes())["artifacts"]
    assert artifact["unzipped_bytes"] <= MOST_BYTES
    before, after = (said(shrunk, image, NAMES) for image in (source, shrunk / "image.tar"))
    assert {name for name, answer in before.items() if answer is None} == {"raise"}
    assert after["raise"] is None
    failing = [name for name in NAMES if after[name] is None and before[name] is not None]
    assert not {*EVENTS} & {*failing}
    assert {n: after[n] for n in NAMES if n not in failing} == {
        n: before[n] for n in NAMES if n not in failing
    }
    for name in failing:
        done = verify(shrunk, shrunk / "image.tar", [name])
        assert done.code == 5, done.text
        assert ROW.search(done.text), done.text


def test_in_an_engine_it_answers_each_or_posts_an_error(shrunk: Path, engine: str) -> None:
    tool(engine, "load", "--input", str(shrunk / "image.tar"))
    name = tag_of(shrunk)
    try:
        known = said(shrunk, shrunk / "image.tar", NAMES)
        kinds = [(n, "error" if known[n] is None else "response") for n in NAMES]
        assert answers(engine, name, NAMES) == kinds
    finally:
        tool(engine, "rmi", "--force", name)
