"""`slim verify IMAGE` both ways of an entry script, with AWS's own emulator in the image."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from slimmer.model.forms import ENGINES
from tests.real.need import absent
from tests.support.command import slim
from tests.support.functions import SPEAK
from tests.support.images import base, layer, saved
from tests.support.trees import write_tree
from trees import Unavailable
from trees.aws import emulator

pytestmark = [pytest.mark.real, pytest.mark.heavy]

ENTRY = """\
#!/bin/sh
if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /usr/local/bin/aws-lambda-rie "$0" "$@"
fi
exec /app/function "$@"
"""
ANSWERS = SPEAK + 'while next; do answer "[\\"$1\\",$event]"; done\n'
DIFFERS = SPEAK + 'while next; do [ "$HOME" ] && fail Other way; answer 1; done\n'


@pytest.fixture(scope="module")
def rie() -> bytes:
    try:
        return emulator().read_bytes()
    except Unavailable as error:
        absent(str(error))


def image(work: Path, rie: bytes, function: str) -> str:
    files: dict[str, str | bytes] = {
        "app/function": function,
        "entry.sh": ENTRY,
        "usr/local/bin/aws-lambda-rie": rie,
    }
    how: dict[str, object] = {"Entrypoint": ["/entry.sh"], "Cmd": ["a.b"], "Env": ["PATH=/bin"]}
    write_tree(work, {"a.json": b'{"a": 1}', "b.json": b"2"})
    return saved(work / "image.tar", [base(), layer(files)], **how).name


def test_both_ways_of_an_entry_script_answer(tmp_path: Path, rie: bytes) -> None:
    args = ("--event", "a.json", "--event", "b.json", "--json", "-")
    done = slim("verify", image(tmp_path, rie, ANSWERS), *args, cwd=tmp_path)
    assert done.code == 0, done.text
    report = json.loads(done.out)
    for run in (report["run"], report["emulated"]):
        assert [event["answer"] for event in run["events"]] == [["a.b", {"a": 1}], ["a.b", 2]]
    assert report["emulated"]["program"] == "/usr/local/bin/aws-lambda-rie"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("function", "code", "kind"), [(ANSWERS, 0, "response"), (DIFFERS, 5, "error")]
)
def test_an_image_of_an_engine_runs_both_ways(
    tmp_path: Path, rie: bytes, engine: str, function: str, code: int, kind: str
) -> None:
    if not shutil.which(engine) or asked(engine, "info").returncode:
        absent(f"{engine} does not run here")
    name = f"slim-test-{uuid.uuid4().hex[:8]}:1"
    source = image(tmp_path, rie, function)
    built = slim("build", source, "-o", f"{engine}:{name}", cwd=tmp_path, process=True)
    assert built.code == 0, built.text
    try:
        args = ("--event", "a.json", "--against", f"{engine}:{name}", "--json", "verified.json")
        done = slim("verify", f"{engine}:{name}", *args, cwd=tmp_path, process=True)
    finally:
        asked(engine, "rmi", "--force", name)
    assert done.code == code, done.text
    report = json.loads((tmp_path / "verified.json").read_bytes())
    assert report["run"]["events"][0]["answered"] == "response"
    assert report["emulated"]["events"][0]["answered"] == kind


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=False, capture_output=True, text=True)


def test_a_way_that_differs_fails(tmp_path: Path, rie: bytes) -> None:
    done = slim("verify", image(tmp_path, rie, DIFFERS), "--event", "a.json", cwd=tmp_path)
    assert done.code == 5, done.text
    way = "failed: without the Runtime API, under its /usr/local/bin/aws-lambda-rie, it answered"
    assert f"{way} otherwise: a.json: answered with an error: Other: way" in done.out
