"""A build that is interrupted, or whose disk or reader is gone."""

import os
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import build, file, folder, is_one_line
from tests.support.command import SLIM, Outcome, environment, picture, slim, with_small_files_only


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """Let a child hear the signal, even where this process was told to ignore it."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def until_a_file_appears(work: Path, process: subprocess.Popen[bytes], size: int) -> None:
    known = {path.name for path in work.iterdir()}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for path in work.iterdir():
            if path.name not in known and path.stat().st_size >= size:
                return
        time.sleep(0.002)
    pytest.fail(f"the build ended ({process.returncode}) before its file was seen")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("size", [0, 1], ids=["at the start", "in the middle"])
def test_an_interrupted_build_leaves_nothing(work: Path, number: signal.Signals, size: int) -> None:
    (work / "tree" / "big0").write_bytes(os.urandom(200_000).hex().encode())
    for copy in range(1, 60):  # 24 MB to compress, 0.4 MB on the disk
        os.link(work / "tree" / "big0", work / "tree" / f"big{copy}")
    before = picture(work)
    with heard(number):
        process = subprocess.Popen(
            [*SLIM, *build("tree")],
            cwd=work,
            env=environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    with process:
        until_a_file_appears(work, process, size)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    outcome = Outcome(process.returncode, out.decode(), err.decode())
    assert picture(work) == before
    assert outcome.code == 130, outcome.text
    assert is_one_line(outcome), outcome.text
    assert "interrupted" in outcome.err


@pytest.mark.parametrize("large", ["out.zip", "x.json"])
def test_a_disk_that_fills_up_leaves_the_old_zip(work: Path, large: str) -> None:
    if large == "out.zip":
        file("tree/noise", os.urandom(100_000))(work)
    else:
        file("tree/share/doc/x/copyright")(work)
        for number in range(400):  # rows in the report, next to nothing in the zip
            folder(f"tree/share/doc/x/{number}")(work)
            file(f"tree/share/doc/x/{number}/{'long' * 20}", "")(work)
    before = picture(work)
    outcome = slim(*build("tree", "--json", "x.json"), cwd=work, through=with_small_files_only(16))
    assert outcome.code == 2, outcome.text
    assert is_one_line(outcome), outcome.text
    assert f"{large}: cannot write it" in outcome.err
    assert picture(work) == before


def without_reader(work: Path, args: tuple[str, ...]) -> Outcome:
    here, there = socket.socketpair()
    here.close()
    with there:
        return slim(*args, cwd=work, stdout=there.fileno())


@pytest.mark.parametrize(
    "args",
    [("rules",), ("rules", "tree"), ("explain", "tree", "a.txt"), build("tree"), ("--help",)],
)
def test_a_reader_who_leaves_early_is_no_error(work: Path, args: tuple[str, ...]) -> None:
    outcome = without_reader(work, args)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    if args[0] == "build":
        assert zipfile.is_zipfile(work / "out.zip")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    ("args", "code", "is_written"),
    [
        (("rules",), 2, False),
        (build("tree", "--dry-run"), 2, False),
        (build("tree"), 0, True),
        (build("tree", "--json", "-"), 2, True),  # what was asked for is lost
        (build("tree", "--max", "1B"), 2, False),
        (build("tree", "--max", "1B", "--json", "x.json"), 1, False),
    ],
)
def test_where_the_report_cannot_be_printed_the_exit_code_says_whether_all_is_there(
    work: Path, args: tuple[str, ...], code: int, is_written: bool
) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = slim(*args, cwd=work, stdout=full.fileno())
    assert outcome.code == code, outcome.text
    assert is_one_line(outcome), outcome.text
    assert "cannot write to standard output (no space left on device)" in outcome.err
    assert zipfile.is_zipfile(work / "out.zip") is is_written
    assert ("written" in outcome.err) is (is_written or code == 1)


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_closed_streams_do_not_stop_a_build(work: Path, closed: str) -> None:
    outcome = slim(*build("tree"), cwd=work, through=("sh", "-c", f'exec "$@" {closed}', "sh"))
    assert "Traceback" not in outcome.err
    assert outcome.code == 0, outcome.text
    assert zipfile.is_zipfile(work / "out.zip")


def test_a_folder_that_was_removed_under_the_shell_is_one_line(work: Path) -> None:
    gone = ("sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh")
    outcome = slim("build", "../tree", cwd=work, through=gone)
    assert outcome.code == 3, outcome.text
    assert outcome.err == "slim: the working folder is no longer there; change to another\n"


READ_ONLY = """
mount --bind "$PWD" "$PWD"
mount -o remount,bind,ro "$PWD"
cd "$PWD"
exec "$@"
"""


def test_a_disk_that_can_only_be_read_is_named_with_the_output(work: Path) -> None:
    way = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-ec", READ_ONLY, "sh"]
    for args in (build("tree"), build("tree", "--dry-run", "--json", "x.json")):
        outcome = slim(*args, cwd=work, through=way)
        assert outcome.code == 2, outcome.text
        assert "cannot write it (read-only file system); choose another" in outcome.err
        assert is_one_line(outcome), outcome.text


def test_a_zip_takes_the_mode_of_the_one_that_it_replaces(work: Path) -> None:
    for mode in (0o600, 0o640, 0o666):
        (work / "out.zip").chmod(mode)
        assert slim(*build("tree"), cwd=work, umask=0o022).code == 0
        assert (work / "out.zip").stat().st_mode & 0o777 == mode
    (work / "out.zip").unlink()
    assert slim(*build("tree"), cwd=work, umask=0o027).code == 0
    assert (work / "out.zip").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("size", ["65", "65B"])
def test_a_cap_that_lacks_its_unit_gets_a_hint(work: Path, size: str) -> None:
    said = slim(*build("tree", "--max", size), cwd=work).out
    assert "--max allows 65 B; " in said
    assert "too much; did you mean 65MB?" in said
