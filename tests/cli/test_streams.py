"""Images that go through pipes: in on standard input, out on standard output."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.archives import PACKED, docker_save, tar_of_files
from tests.support.command import SLIM, environment, picture, slim
from tests.support.trees import write_tree

SAVED = docker_save([tar_of_files({"app/a.py": b"a = 1\n", "var/task/x": b"x"})])


def piped(
    work: Path, data: bytes, *args: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*SLIM, "build", *args],
        cwd=work,
        input=data,
        env=environment(env or {}),
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("end", PACKED)
def test_an_image_goes_through_a_pipe(tmp_path: Path, end: str) -> None:
    (tmp_path / "saved.tar").write_bytes(SAVED)
    assert slim("build", "saved.tar", "-o", "out.tar", cwd=tmp_path).code == 0
    done = piped(tmp_path, PACKED[end](SAVED), "-", "-o", "-", "--json", "report.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "out.tar").read_bytes()
    assert b"wrote -" in done.stderr
    assert json.loads((tmp_path / "report.json").read_bytes())["written"]


def test_a_tar_on_standard_input_becomes_a_zip(tmp_path: Path) -> None:
    done = piped(tmp_path, tar_of_files({"a.txt": b"a"}), "-", "-o", "a.zip")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("a.txt") == b"a"


def test_a_zip_goes_to_standard_output_where_it_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"a.txt": "a"})
    assert slim("build", "tree", "-o", "a.zip", cwd=tmp_path).code == 0
    done = piped(tmp_path, b"", "tree", "-o", "-", "--form", "zip")
    assert done.stdout == (tmp_path / "a.zip").read_bytes()


@pytest.mark.parametrize(
    ("data", "args", "code", "words"),
    [
        (SAVED[:-12_000], ("-", "-o", "-"), 3, "-: cannot be read as a tar (it ends early)"),
        (SAVED[:700], ("-", "-o", "x.tar"), 3, "-: cannot be read as a tar (it ends early)"),
        (b"", ("-", "-o", "-"), 3, "-: cannot be read as a tar (it is empty)"),
        (b"no tar at all", ("-", "-o", "x.tar"), 3, "-: cannot be read as a tar (no tar is in it)"),
        (PACKED[".tar.gz"](SAVED)[:-9], ("-", "-o", "-"), 3, "its packed data ends early"),
        (PACKED[".tar.gz"](b"a"), ("-", "-o", "-"), 3, "no tar is in it"),
        (tar_of_files({"a": b"a"}), ("-", "-o", "-"), 2, "--form image needs an image"),
        (SAVED, ("-", "-o", "-", "--form", "folder"), 2, "standard output takes no folder"),
        (SAVED, ("-", "-o", "-", "--json", "-"), 2, "cannot share standard output"),
        (SAVED, ("-", "-o", "-", "--max", "10B"), 1, "over the cap"),
        (SAVED, ("-", "-o", "docker:app", "--form", "zip"), 2, "docker takes an image"),
        (SAVED, ("-", "-o", "docker:app", "--tag", "x:y"), 2, "names the image already"),
        (SAVED, ("-", "-o", "docker:app"), 2, "docker does not take it (docker is not on PATH)"),
        (b"", ("podman:app", "-o", "x.tar"), 3, "does not give it (podman is not on PATH)"),
    ],
)
def test_what_cannot_go_through_is_named_in_a_line_and_nothing_written(
    tmp_path: Path, data: bytes, args: tuple[str, ...], code: int, words: str
) -> None:
    before = picture(tmp_path)
    done = piped(tmp_path, data, *args, "--quiet", env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (code, b""), done.stderr
    (line,) = done.stderr.decode().splitlines()
    assert words in line
    assert picture(tmp_path) == before


def test_an_engine_that_fails_is_quoted(tmp_path: Path) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\necho Error response from daemon: no space left >&2\nexit 1\n")
    docker.chmod(0o755)
    for args, words in (
        (("docker:app", "-o", "x.tar"), "docker does not give it (no space left)"),
        (("-", "-o", "docker:app"), "docker does not take it (no space left)"),
    ):
        done = piped(tmp_path, SAVED, *args, "--quiet", env={"PATH": str(docker.parent)})
        assert done.returncode in (2, 3)
        assert words in done.stderr.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]
