"""A file that changes between the scan and the read is found out."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.build import pipeline
from slimmer.build.job import Job
from slimmer.config.settings import Settings
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.errors import InputError
from slimmer.inputs.folder import scan
from slimmer.outputs.atomic import NewFile
from slimmer.rules.packs import load_packs
from slimmer.targets import load_targets
from tests.cli.bad_input.cases import build, is_one_line
from tests.support.command import picture, slim


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewritten(path: Path) -> None:
    info = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns + 1))


def replaced(path: Path) -> None:
    info = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(info.st_atime_ns, info.st_mtime_ns))
    other.replace(path)


def made_a_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def made_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_a_socket(path: Path) -> None:
    path.unlink()
    os.mknod(path, stat.S_IFSOCK | 0o644)


def moved_with_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def put_behind_a_link(path: Path) -> None:
    outside = path.parents[2] / "outside"
    path.parent.rename(outside)
    (outside / "spare").write_bytes((outside / path.name).read_bytes())
    (outside / "spare").replace(outside / path.name)
    path.parent.symlink_to(outside)


@pytest.mark.parametrize(
    "change",
    [
        appended,
        lambda path: os.truncate(path, 2),
        rewritten,
        replaced,
        Path.unlink,
        made_a_link,
        made_a_fifo,
        made_a_folder,
        made_a_socket,
        moved_with_its_folder,
        put_behind_a_link,
    ],
)
def test_a_file_that_changes_after_the_scan_is_found_out(
    work: Path, change: Callable[[Path], object]
) -> None:
    seen = scan(work / "tree")
    change(work / "tree" / "lib" / "b.txt")
    before = picture(work)
    place = Deployment(load_targets()["lambda"])
    job = Job(Question(seen, load_packs(), Settings(), place), "out.zip")
    with pytest.raises(InputError) as caught, NewFile(work / "out.zip", "--output") as destination:
        pipeline.build(job, destination)
    message = str(caught.value)
    assert message.startswith("lib/b.txt: changed while it was read")
    assert "run again" in message
    assert "\n" not in message
    assert picture(work) == before


def test_a_file_that_loses_its_mode_after_the_scan_is_named(work: Path) -> None:
    seen = scan(work / "tree")
    assert seen.read("a.txt") == b"first\n"
    (work / "tree" / "a.txt").chmod(0o600)  # a mode is not content
    assert seen.read("a.txt") == b"first\n"


def test_a_file_that_is_never_twice_the_same_is_found_out(work: Path) -> None:
    kernel = Path("/proc/sys/kernel/random")
    if not (kernel / "uuid").exists():
        pytest.skip("needs Linux's /proc")
    before = picture(work)
    outcome = slim(*build(str(kernel), "--drop", "*", "--keep", "uuid"), cwd=work)
    assert outcome.code == 3, outcome.text
    assert is_one_line(outcome), outcome.text
    assert "uuid: changed while it was read" in outcome.err
    assert picture(work) == before
