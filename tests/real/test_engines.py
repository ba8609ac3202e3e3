"""`slim verify` in containers of real engines, with an image of this machine's parts."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slimmer.model.forms import ENGINES
from tests.real.need import absent
from tests.support.command import SLIM, environment, slim
from tests.support.functions import SPEAK
from tests.support.trees import write_tree
from tests.support.zips import zip_of
from tests.verify.test_extensions import GOOD, TOLD

pytestmark = [pytest.mark.real, pytest.mark.heavy]

PROGRAMS = ("bash", "cat", "env", "id", "paste", "sh", "sleep", "touch", "wc")
STARTS = '#!/bin/sh\nexec ${AWS_LAMBDA_EXEC_WRAPPER:-} /bin/bash "/var/task/$_HANDLER"\n'
LOOK = (
    SPEAK
    + r"""while next; do
for place in / /opt /var/task; do touch "$place/x" 2>/dev/null && wrote="$wrote$place"; done
: 2>/dev/null </dev/tcp/192.0.2.1/80 || online=no
answer "[$(id -u),\"$wrote\",\"$online\",\"$MARK\"]"
done
"""
)


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """An engine that answers here: Docker's daemon runs, and Podman can make containers."""
    name: str = request.param
    if not shutil.which(name) or ask(name, "version").returncode:
        absent(f"{name} does not run here")
    return name


@pytest.fixture(scope="session")
def image(engine: str) -> Iterator[str]:
    """An image with a shell, and with what stands for the start of a managed runtime."""
    name = f"slim-test-{uuid.uuid4().hex[:8]}"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("opt", "proc", "sys", "dev", "etc", "tmp", "var/task"):
            tar.addfile(made(folder, tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755))
        bootstrap = STARTS.encode()
        tar.addfile(made("var/runtime/bootstrap", size=len(bootstrap)), io.BytesIO(bootstrap))
        for file in sorted(parts()):
            tar.add(os.path.realpath(file), file, recursive=False)
    imported = subprocess.run(
        [engine, "import", "-", name], input=buffer.getvalue(), capture_output=True, check=False
    )
    assert imported.returncode == 0, imported.stderr
    yield name
    ask(engine, "rmi", "--force", name)


def made(
    name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o755, size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.size = kind, mode, size
    return info


def parts() -> set[str]:
    """Return a few programs, and the libraries that they load."""
    found = {f"/bin/{name}" for name in PROGRAMS}
    for program in sorted(found):
        loads = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"(/\S+) \(0x", loads))
    return found


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


def containers(engine: str) -> str:
    return ask(engine, "ps", "--all", "--quiet", "--filter", "name=slim-verify-").stdout


@pytest.fixture
def work(tmp_path: Path, engine: str) -> Iterator[Path]:
    write_tree(tmp_path, {"a.json": b"{}"})
    yield tmp_path
    assert containers(engine) == ""


def verify(work: Path, bootstrap: str, engine: str, image: str, *args: str) -> list[str]:
    zip_of(work / "function.zip", {"bootstrap": bootstrap, "start.sh": bootstrap})
    given = ("--function", "function.zip", "--event", "a.json", "--sandbox", engine)
    return ["verify", *given, "--image", image, *args]


def test_a_function_runs_in_a_container_and_reaches_nothing(
    work: Path, engine: str, image: str
) -> None:
    args = verify(work, LOOK, engine, image, "--env", "MARK=m", "--json", "-")
    outcome = slim(*args, cwd=work, process=True)
    assert outcome.code == 0, outcome.text
    report = json.loads(outcome.out)
    assert report["run"]["events"][0]["answer"] == [993, "", "no", "m"]
    assert report["run"]["peak_bytes"] > 1_000_000
    assert "network" not in outcome.err


def test_extensions_run_in_it_too(work: Path, engine: str, image: str) -> None:
    zip_of(work / "layer.zip", {"extensions/spy": GOOD})
    args = verify(work, TOLD, engine, image, "--json", "-")
    outcome = slim(args[0], "layer.zip", *args[1:], cwd=work, process=True)
    assert outcome.code == 0, outcome.text
    run = json.loads(outcome.out)["run"]
    assert run["events"][0]["answer"][0]["eventType"] == "INVOKE"
    assert "spy ends" in run["output"]


def test_the_image_starts_a_managed_runtime(work: Path, engine: str, image: str) -> None:
    args = ("--runtime", "python3.13", "--handler", "start.sh", "--env", "MARK=m")
    outcome = slim(*verify(work, LOOK, engine, image, *args), cwd=work, process=True)
    assert outcome.code == 0, outcome.text


@pytest.mark.parametrize(
    ("does", "line"),
    [
        ("exit 4", "exited with code 4 instead of answering a.json"),
        ("kill -9 $$", "was ended by SIGKILL instead of answering a.json"),
        ("sleep 60", "did not answer a.json within 1 s"),
    ],
)
def test_a_container_goes_however_the_run_ends(
    work: Path, engine: str, image: str, does: str, line: str
) -> None:
    args = verify(work, f"{SPEAK}next; {does}\n", engine, image, "--timeout", "1")
    outcome = slim(*args, cwd=work, process=True)
    assert outcome.code == 5
    assert f"failed: {line}\n" in outcome.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_container_goes_with_slim(work: Path, engine: str, image: str, number: int) -> None:
    args = verify(work, f"{SPEAK}next; sleep 60\n", engine, image, "--timeout", "60")
    process = subprocess.Popen(
        [*SLIM, *args],
        cwd=work,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until(lambda: containers(engine) != "")
    process.send_signal(number)
    process.communicate(timeout=60)
    until(lambda: containers(engine) == "")


def until(holds: Callable[[], bool], most_s: float = 60.0) -> None:
    end_s = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.1)


def test_an_image_that_is_not_here_is_refused(work: Path, engine: str) -> None:
    outcome = slim(*verify(work, LOOK, engine, "slim-test-none"), cwd=work)
    pull = f"bring it with {engine} pull slim-test-none"
    assert (outcome.code, outcome.err) == (2, f"slim: --image slim-test-none is not here; {pull}\n")
