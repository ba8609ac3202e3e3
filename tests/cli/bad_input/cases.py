"""Cases of bad input: what makes a folder hold one, and what the command must say of it."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.command import Outcome, picture, slim, without_privileges

OLD = b"the zip of yesterday"
NOT_UTF8 = "caf\udce9"  # what Python makes of the bytes "caf\xe9"
LONG = "x" * 300

Make = Callable[[Path], object]


def nothing(_work: Path) -> None:
    pass


def both(*makes: Make) -> Make:
    def make(work: Path) -> None:
        for one in makes:
            one(work)

    return make


def file(path: str, text: str | bytes = "content\n", mode: int = 0o644) -> Make:
    def make(work: Path) -> None:
        full = work / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode() if isinstance(text, str) else text)
        full.chmod(mode)

    return make


def folder(path: str, mode: int = 0o755) -> Make:
    def make(work: Path) -> None:
        (work / path).mkdir(parents=True, exist_ok=True)
        (work / path).chmod(mode)

    return make


def link(path: str, target: str) -> Make:
    def make(work: Path) -> None:
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).symlink_to(target)

    return make


def node(path: str, kind: int) -> Make:
    def make(work: Path) -> None:
        try:
            os.mknod(work / path, kind | 0o644, os.makedev(1, 3))  # 1, 3 is the null device
        except PermissionError:
            pytest.skip("only root can make a device")

    return make


def settings(text: str) -> Make:
    return file("slim.toml", text)


def zip_beside(path: str, cut: int = 0) -> Make:
    def make(work: Path) -> None:
        with zipfile.ZipFile(work / path, "w") as archive:
            archive.writestr("handler.py", "print()\n" * 100)
        if cut:
            os.truncate(work / path, (work / path).stat().st_size - cut)

    return make


def build(*args: str) -> tuple[str, ...]:
    return ("build", *args) if "-o" in args else ("build", *args, "-o", "out.zip")


TREE = build("tree")
CIRCLE = both(link("tree/one", "two"), link("tree/two", "one"))


class Bad(NamedTuple):
    """What is wrong with a folder or a command line, and the words that must be said of it."""

    name: str
    words: tuple[str, ...]
    make: Make = nothing
    args: tuple[str, ...] = TREE
    code: int = 2


class Broken(NamedTuple):
    """A file's text, and the words that must be said of it."""

    name: str
    text: str
    words: tuple[str, ...]


def is_one_line(outcome: Outcome) -> bool:
    lines = outcome.err.splitlines()
    return len(lines) == 1 and lines[0].startswith("slim: ")


def with_modes_held(work: Path) -> tuple[str, ...]:
    """Return what to run the command through where a mode below the folder closes something."""
    paths = [path for path in work.rglob("*") if not path.is_symlink()]
    closed = [p for p in paths if p.stat().st_mode & 0o600 != 0o600 and not p.is_socket()]
    return without_privileges() if closed else ()


def assert_refused(work: Path, bad: Bad) -> None:
    """Assert that there is one line, with the words, and that nothing is written."""
    bad.make(work)
    before = picture(work)
    outcome = slim(*bad.args, cwd=work, through=with_modes_held(work))
    assert outcome.code == bad.code, outcome.text
    assert is_one_line(outcome), outcome.text
    assert [word for word in bad.words if word not in outcome.err] == [], outcome.err
    assert outcome.out == ""
    assert picture(work) == before
