"""An image as people have it: Debian with Erlang and Elixir, slimmed, and run as before."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.real.command import Build, build, unpack
from tests.real.need import absent
from tests.real.runtime_api import RuntimeApi
from trees import Unavailable
from trees.erlang_image import FEATURES, erlang_image

pytestmark = [pytest.mark.real, pytest.mark.heavy]

# debootstrap's devices, which no zip holds and every engine makes anew
OPTIONS = ("--drop", "/dev/", "--target", "lambda")
MAX_BYTES = {(): 100_000_000, ("--tree-shake",): 26_000_000}
NAMES = re.findall(r'run\("(\w+)"\)', (FEATURES / "features.exs").read_text("utf-8"))


@pytest.fixture(scope="module")
def image() -> Path:
    try:
        return erlang_image()
    except Unavailable as error:
        absent(str(error))


@pytest.fixture(params=MAX_BYTES, ids=["default", "tree-shake"])
def slimmed(
    image: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Build, Path, int]]:
    built = build(image, tmp_path, *OPTIONS, *request.param)
    root = unpack(built.zip, tmp_path / "root")
    for folder in ("dev", "proc", "tmp"):
        (root / folder).mkdir(exist_ok=True)
    (root / "dev" / "null").touch()
    yield built, root, MAX_BYTES[request.param]
    shutil.rmtree(root)


def test_the_image_is_small_and_does_all_that_it_did(slimmed: tuple[Build, Path, int]) -> None:
    built, root, max_bytes = slimmed
    with zipfile.ZipFile(built.zip) as archive:
        assert sum(member.file_size for member in archive.infolist()) <= max_bytes
    assert answers(root, NAMES) == list(expected())
    assert packages(root) == with_files(root)


def expected() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        yield name, "error" if name == "raise" else "response"


def answers(root: Path, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return what came of each feature, of the image's entry point run in its root."""
    events = [json.dumps({"feature": name}).encode() for name in names]
    with RuntimeApi(events) as api:
        env = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "LAMBDA_TASK_ROOT": "/var/task",
        }
        command = ["chroot", str(root), "/entry.sh", "features.handle"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        try:
            api.done(120)
        finally:
            process.kill()
            process.wait()
        return [(json.loads(a.event)["feature"], a.kind) for a in api.answers]


def packages(root: Path) -> set[str]:
    """Return the packages that dpkg's records list."""
    status = (root / "var/lib/dpkg/status").read_text("utf-8")
    return set(re.findall(r"^Package: (\S+)$", status, re.MULTILINE))


def with_files(root: Path) -> set[str]:
    """Return the packages of whose files one is there."""
    found = set()
    for listed in (root / "var/lib/dpkg/info").glob("*.list"):
        paths = [root / line[1:] for line in listed.read_text("utf-8").splitlines()]
        assert all(os.path.lexists(path) for path in paths), listed.name
        found.add(listed.name.removesuffix(".list").partition(":")[0])
    return found
