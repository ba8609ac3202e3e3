"""What looks bad and is not: it builds, with a warning where one helps."""

import stat
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.bad_input.cases import (
    CIRCLE,
    NOT_UTF8,
    Make,
    both,
    build,
    file,
    folder,
    link,
    node,
    nothing,
    settings,
    with_modes_held,
    zip_beside,
)
from tests.support.command import picture, slim
from tests.support.elves import library


class Fine(NamedTuple):
    """A folder and options that build: the zip's members, and the words of the one warning."""

    name: str
    args: tuple[str, ...] = ()
    make: Make = nothing
    members: tuple[str, ...] = ("a.txt", "lib/b.txt")
    warning: tuple[str, ...] = ()


LEFT_OUT = [
    Fine("an absolute link, dropped", args=("--drop", "/out"), make=link("tree/out", "/etc/x")),
    Fine(
        "an absolute link, dropped by a rule",
        make=both(file("tree/share/doc/x/copyright"), link("tree/share/doc/x/manual", "/etc/x")),
        members=("a.txt", "lib/b.txt", "share/doc/x/copyright"),
    ),
    Fine("a circle, dropped", args=("--drop", "/one", "--drop", "/two"), make=CIRCLE),
    Fine("a fifo, dropped", args=("--drop", "/pipe"), make=node("tree/pipe", stat.S_IFIFO)),
    Fine(
        "a socket, dropped by a rule",
        make=both(file("tree/.git/HEAD"), node("tree/.git/s", stat.S_IFSOCK)),
    ),
    Fine("an odd name, dropped", args=("--drop", "caf*"), make=file(f"tree/{NOT_UTF8}")),
    Fine(
        "an odd name, dropped by its bytes",
        args=("--drop", NOT_UTF8),
        make=file(f"tree/{NOT_UTF8}"),
    ),
    Fine(
        "an odd name, dropped by a rule",
        make=both(file("tree/.git/HEAD"), file(f"tree/.git/{NOT_UTF8}")),
    ),
    Fine(
        "an odd name, dropped and told as JSON",
        args=("--drop", NOT_UTF8, "--json", "x.json"),
        make=file(f"tree/{NOT_UTF8}"),
    ),
    Fine(
        "an unreadable file, dropped", args=("--drop", "secret"), make=file("tree/secret", mode=0)
    ),
    Fine(
        "an unreadable file, dropped by a rule",
        make=both(file("tree/.git/HEAD"), file("tree/.git/x", mode=0)),
    ),
]

STAYS = [
    Fine("a bracket in brackets", args=("--keep", "[[a]*")),
    Fine("a size with a space", args=("--max", "10 MB")),
    Fine("a size in MiB", args=("--max", "62.5MiB")),
    Fine("a size in bytes", args=("--max", "100000")),
    Fine("a size in small letters", args=("--max", "65mb")),
    Fine("a zip beside it", args=("--with", "f.zip"), make=zip_beside("f.zip")),
    Fine("settings", make=settings('max = "65MB"\r\ntier = "safe"\r\n')),
    Fine("another's pyproject.toml", make=file("pyproject.toml", "[tool.x]\nteir = 1\n")),
    Fine(
        "a link to the folder around it",
        make=link("tree/lib/up", ".."),
        members=("a.txt", "lib/b.txt", "lib/up"),
    ),
    Fine(
        "a link to a file",
        make=link("tree/lib/to", "../a.txt"),
        members=("a.txt", "lib/b.txt", "lib/to"),
    ),
    Fine("an empty folder", make=folder("tree/void"), members=("a.txt", "lib/b.txt", "void/")),
    Fine("an empty file", make=file("tree/void", ""), members=("a.txt", "lib/b.txt", "void")),
]

WARNED = [
    Fine(
        "a dangling link",
        make=link("tree/to", "void"),
        members=("a.txt", "lib/b.txt", "to"),
        warning=("to ", "void", "not there"),
    ),
    Fine(
        "two cases of a name",
        make=file("tree/A.TXT"),
        members=("A.TXT", "a.txt", "lib/b.txt"),
        warning=("A.TXT and a.txt", "case", "rename"),
    ),
    Fine(
        "two cases of a folder",
        make=file("tree/LIB/b.txt"),
        members=("LIB/b.txt", "a.txt", "lib/b.txt"),
        warning=("LIB/b.txt and lib/b.txt", "case"),
    ),
    Fine(
        "a pattern for nothing",
        args=("--drop", "*.exe"),
        warning=("--drop", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a keep for nothing",
        args=("--keep", "*.exe"),
        warning=("--keep", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a component for nothing",
        args=("--drop", "erlang/gui"),
        warning=("--drop", "'erlang/gui'", "matches nothing"),
    ),
    Fine(
        "settings with a byte order mark",
        make=file("slim.toml", "\ufefftier = 'safe'\ndrop = ['*.exe']\n"),
        warning=("slim.toml:2", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a setting for nothing",
        make=settings('\ndrop = ["*.exe"]\n'),
        warning=("slim.toml:2", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a bootstrap without #!",
        make=file("tree/bootstrap", "echo\n"),
        members=("a.txt", "bootstrap", "lib/b.txt"),
        warning=("bootstrap", "#!/bin/sh"),
    ),
    Fine(
        "a bootstrap with #! but no exec bit and CRLF",
        make=file("tree/bootstrap", "#!/bin/sh\r\necho\r\n"),
        members=("a.txt", "bootstrap", "lib/b.txt"),
        warning=("bootstrap", "CRLF", "sed"),
    ),
    Fine(
        "an empty bootstrap",
        make=file("tree/bootstrap", "", mode=493),
        members=("a.txt", "bootstrap", "lib/b.txt"),
        warning=("bootstrap", "#!"),
    ),
]


@pytest.mark.parametrize("fine", [pytest.param(f, id=f.name) for f in (*LEFT_OUT, *STAYS, *WARNED)])
def test_what_looks_bad_and_is_none_builds(work: Path, fine: Fine) -> None:
    fine.make(work)
    before = picture(work / "tree")
    outcome = slim(*build("tree", *fine.args), cwd=work, through=with_modes_held(work))
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    with zipfile.ZipFile(work / "out.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(fine.members)
    warnings = [line for line in outcome.out.splitlines() if line.startswith("warn: ")]
    assert len(warnings) == bool(fine.warning), outcome.out
    assert all(word in warnings[0] for word in fine.warning), outcome.out
    assert picture(work / "tree") == before


def test_a_bootstrap_that_starts_gets_no_warning(work: Path) -> None:
    for content in (b"#!/bin/sh\necho\n", library().build()):
        file("tree/bootstrap", content)(work)
        outcome = slim(*build("tree"), cwd=work)
        assert outcome.code == 0
        assert "warn:" not in outcome.out


@pytest.mark.parametrize("name", [NOT_UTF8, "two\nlines"])
def test_a_tree_may_have_any_name_itself(work: Path, name: str) -> None:
    (work / "tree").rename(work / name)
    strict = {"PYTHONIOENCODING": "utf-8:strict"}
    outcome = slim("build", name, "--json", "x.json", cwd=work, env=strict)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    assert (work / f"{name}.zip").is_file()
    assert (work / "x.json").read_text("utf-8")


def test_the_longest_name_a_folder_can_have_is_a_name_for_a_zip(work: Path) -> None:
    name = "n" * 251 + ".zip"
    outcome = slim(*build("tree", "-o", name), cwd=work)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    assert zipfile.is_zipfile(work / name)
