"""Every kind of bad input beside the words that it must provoke, with nothing written."""

import os
import signal
import socket
import stat
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from slimmer.build import pipeline
from slimmer.build.job import Job
from slimmer.config.settings import Settings, parse_settings
from slimmer.config.values import clean_prefix
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.errors import InputError, UsageError
from slimmer.inputs.folder import scan
from slimmer.outputs.atomic import NewFile
from slimmer.rules.packs import load_packs, parse_pack
from slimmer.rules.patterns import compile_pattern
from slimmer.sizes import parse_size
from slimmer.targets import load_targets
from tests.support.command import (
    SLIM,
    Outcome,
    environment,
    picture,
    slim,
    with_small_files_only,
    without_privileges,
)
from tests.support.elves import library

OLD = b"the zip of yesterday"
NOT_UTF8 = "caf\udce9"  # what Python makes of the bytes "caf\xe9"

Make = Callable[[Path], object]


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a good tree, and the zip of an earlier build at ``out.zip``."""
    (tmp_path / "tree" / "lib").mkdir(parents=True)
    (tmp_path / "tree" / "a.txt").write_text("first\n")
    (tmp_path / "tree" / "lib" / "b.txt").write_text("second\n")
    (tmp_path / "out.zip").write_bytes(OLD)
    yield tmp_path
    for path in [tmp_path, *tmp_path.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


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


def build(*args: str) -> tuple[str, ...]:
    return ("build", *args) if "-o" in args else ("build", *args, "-o", "out.zip")


def is_one_line(outcome: Outcome) -> bool:
    lines = outcome.err.splitlines()
    return len(lines) == 1 and lines[0].startswith("slim: ")


class Bad(NamedTuple):
    name: str
    make: Make
    args: tuple[str, ...]
    code: int
    words: tuple[str, ...]


CIRCLE = both(link("tree/one", "two"), link("tree/two", "one"))
AROUND = both(link("tree/d/x", "../e/y"), link("tree/e/y", "../d/x"))
LONG = "x" * 300

TREES = [
    Bad("no such folder", nothing, build("nowhere"), 3, ("nowhere: no such folder", "name")),
    Bad("a file", nothing, build("tree/a.txt"), 3, ("tree/a.txt: not a folder", "name")),
    Bad("a fifo", node("pipe", stat.S_IFIFO), build("pipe"), 3, ("pipe: not a folder", "name")),
    Bad("no such folder, to explain", nothing, ("explain", "nowhere", "a"), 3, ("nowhere",)),
    Bad("no such folder, to list", nothing, ("rules", "nowhere"), 3, ("nowhere",)),
    Bad("an empty folder", folder("void"), build("void"), 3, ("void: ", "empty")),
    Bad("a name too long", nothing, build(LONG), 3, (LONG, "name")),
    Bad("a name with a newline", nothing, build("no\nsuch"), 3, (r"no\nsuch", "no such folder")),
    Bad("a link to itself", link("self", "self"), build("self"), 3, ("self", "folder")),
    Bad("rules that drop all", nothing, build("tree", "--drop", "*"), 3, ("drop", "--keep")),
    Bad(
        "an unreadable file",
        file("tree/secret.txt", mode=0o000),
        build("tree"),
        3,
        ("secret.txt: no permission", "mode", "--drop"),
    ),
    Bad(
        "an unreadable file that a guard reads",
        file("tree/lib/x-1/ebin/x.app", mode=0o000),
        build("tree"),
        3,
        ("lib/x-1/ebin/x.app: no permission", "mode"),
    ),
    Bad(
        "an unreadable folder",
        both(file("tree/den/x"), folder("tree/den", mode=0o000)),
        build("tree"),
        3,
        ("den: no permission", "mode"),
    ),
    Bad(
        "a folder that lists and does not open",
        both(file("tree/den/x"), folder("tree/den", mode=0o444)),
        build("tree"),
        3,
        ("den: no permission", "mode"),
    ),
    Bad("an unreadable tree", folder("tree", mode=0o000), build("tree"), 3, ("tree", "permission")),
    Bad(
        "a tree below a closed folder",
        both(file("den/tree/x"), folder("den", mode=0o000)),
        build("den/tree"),
        3,
        ("den/tree", "permission"),
    ),
    Bad(
        "a file's name that is not UTF-8",
        file(f"tree/{NOT_UTF8}"),
        build("tree"),
        3,
        (r"caf\xe9: ", "not UTF-8", "rename", "--drop"),
    ),
    Bad(
        "a folder's name that is not UTF-8",
        file(f"tree/{NOT_UTF8}/x"),
        build("tree"),
        3,
        (r"caf\xe9", "not UTF-8", "rename", "--drop"),
    ),
    Bad(
        "a link's target that is not UTF-8",
        link("tree/odd", NOT_UTF8),
        build("tree"),
        3,
        ("odd", r"caf\xe9", "not UTF-8"),
    ),
    Bad(
        "an absolute link",
        link("tree/out", "/etc/hostname"),
        build("tree"),
        3,
        ("out: the link to /etc/hostname leaves the tree", "relative", "--drop '/out'"),
    ),
    Bad(
        "a link that climbs out",
        link("tree/lib/out", "../../sibling"),
        build("tree"),
        3,
        ("lib/out: the link to ../../sibling leaves the tree", "--drop '/lib/out'"),
    ),
    Bad(
        "a link that climbs out behind what is not there",
        link("tree/out", "void/../../x"),
        build("tree"),
        3,
        ("out: the link to void/../../x leaves the tree",),
    ),
    Bad(
        "a link that leaves through another",
        both(link("tree/a", "lib/up/../.."), link("tree/lib/up", ".")),
        build("tree"),
        3,
        ("leaves the tree",),
    ),
    Bad("two links in a circle", CIRCLE, build("tree"), 3, ("one: ", "circle", "--drop '/one'")),
    Bad(
        "a link to itself in the tree", link("tree/me", "me"), build("tree"), 3, ("me: ", "circle")
    ),
    Bad("links that circle through folders", AROUND, build("tree"), 3, ("d/x: ", "circle")),
    Bad(
        "half a circle that is kept",
        CIRCLE,
        build("tree", "--drop", "/one"),
        3,
        ("two: ", "circle", "--drop '/two'"),
    ),
    Bad(
        "a fifo in the tree",
        node("tree/pipe", stat.S_IFIFO),
        build("tree"),
        3,
        ("pipe: ", "fifo", "--drop"),
    ),
    Bad(
        "a socket in the tree",
        node("tree/sock", stat.S_IFSOCK),
        build("tree"),
        3,
        ("sock: ", "socket", "--drop"),
    ),
    Bad(
        "a device in the tree",
        node("tree/null", stat.S_IFCHR),
        build("tree"),
        3,
        ("null: ", "device", "--drop"),
    ),
]

OUTPUTS = [
    Bad(
        "an output inside the tree",
        nothing,
        build("tree", "-o", "tree/x.zip"),
        2,
        ("tree/x.zip: --output", "inside the tree", "choose another"),
    ),
    Bad(
        "an output inside through a link",
        link("door", "tree"),
        build("tree", "-o", "door/lib/x.zip"),
        2,
        ("door/lib/x.zip: --output", "inside the tree"),
    ),
    Bad(
        "a tree named through a link",
        link("door", "tree"),
        build("door", "-o", "tree/x.zip"),
        2,
        ("tree/x.zip: --output", "inside the tree"),
    ),
    Bad(
        "an output for which there is no folder",
        nothing,
        build("tree", "-o", "nowhere/x.zip"),
        2,
        ("nowhere/x.zip: ", "--output", "does not exist", "make it"),
    ),
    Bad(
        "an output that is a folder",
        folder("there"),
        build("tree", "-o", "there"),
        2,
        ("there: --output must name a file",),
    ),
    Bad(
        "an output that is a link to itself",
        link("self", "self"),
        build("tree", "-o", "self/x.zip"),
        2,
        ("self/x.zip", "--output"),
    ),
    Bad(
        "an output whose name is too long",
        nothing,
        build("tree", "-o", LONG),
        2,
        (LONG, "--output"),
    ),
    Bad(
        "an output in a folder that takes no files",
        folder("there", mode=0o555),
        build("tree", "-o", "there/x.zip"),
        2,
        ("there/x.zip: ", "permission", "--output"),
    ),
    Bad(
        "a report inside the tree",
        nothing,
        build("tree", "--json", "tree/x.json"),
        2,
        ("tree/x.json: --json", "inside the tree", "choose another"),
    ),
    Bad(
        "a report for which there is no folder",
        nothing,
        build("tree", "--json", "nowhere/x.json"),
        2,
        ("nowhere/x.json: ", "--json", "does not exist"),
    ),
    Bad(
        "a report that is a folder",
        folder("there"),
        build("tree", "--json", "there"),
        2,
        ("there: --json must name a file",),
    ),
    Bad(
        "a report in a folder that takes no files",
        folder("there", mode=0o555),
        build("tree", "--json", "there/x.json"),
        2,
        ("there/x.json: ", "permission", "--json"),
    ),
    Bad(
        "a page inside the tree",
        nothing,
        build("tree", "--html", "tree/x.html"),
        2,
        ("tree/x.html: --html", "inside the tree", "choose another"),
    ),
    Bad(
        "a page in the place of the other report",
        nothing,
        build("tree", "--json", "x.json", "--html", "./x.json"),
        2,
        ("x.json: --json and --html name the same file",),
    ),
    Bad(
        "two reports for standard output",
        nothing,
        build("tree", "--json", "-", "--html", "-"),
        2,
        ("--json and --html cannot share standard output", "name a file"),
    ),
    Bad(
        "a report in the place of the zip",
        nothing,
        build("tree", "--json", "./out.zip"),
        2,
        ("out.zip", "--json", "--output"),
    ),
]

OPTIONS = [
    Bad("no size", nothing, build("tree", "--max", "65XB"), 2, ("'65XB'", "65MB")),
    Bad("a size below zero", nothing, build("tree", "--max", "-1"), 2, ("'-1'", "65MB")),
    Bad("the size 0", nothing, build("tree", "--max", "0"), 2, ("'0'", "at least one byte")),
    Bad("no tree", nothing, ("build",), 2, ("TREE", "--help")),
    Bad("no such command", nothing, ("bulid", "tree"), 2, ("bulid", "build")),
    Bad("no such option", nothing, build("tree", "--teir", "x"), 2, ("--teir", "--tier")),
    Bad("an option twice too high", nothing, build("tree", "--level", "24"), 2, ("24", "12")),
    Bad(
        "no such component",
        nothing,
        build("tree", "--drop", "erlang/guii"),
        2,
        ("--drop: ", "'erlang/guii'", "did you mean 'erlang/gui'?"),
    ),
    Bad(
        "no such component to keep",
        nothing,
        ("rules", "tree", "--keep", "common/doc"),
        2,
        ("--keep: ", "'common/doc'", "did you mean 'common/docs'?"),
    ),
    Bad(
        "no such tier",
        nothing,
        build("tree", "--tier", "agressive"),
        2,
        ("'agressive'", "did you mean 'aggressive'?"),
    ),
    Bad(
        "no such target",
        nothing,
        build("tree", "--target", "lamda"),
        2,
        ("'lamda'", "did you mean 'lambda'?"),
    ),
    Bad("no such guard", nothing, build("tree", "--no-guard", "opt"), 2, ("'opt'", "otp")),
    Bad(
        "the same word in keep and drop",
        nothing,
        build("tree", "--keep", "*.txt", "--drop", "*.txt"),
        2,
        ("'*.txt'", "keep", "drop", "take one out"),
    ),
    Bad(
        "a negated pattern",
        nothing,
        build("tree", "--drop", "!a.txt"),
        2,
        ("--drop: ", "put 'a.txt' under keep"),
    ),
    Bad("a pattern's broken range", nothing, build("tree", "--drop", "[z-a]"), 2, ("'[z-a]'",)),
    Bad("a prefix that climbs out", nothing, build("tree", "--prefix", "a/../.."), 2, ("prefix",)),
    Bad("a prefix not in UTF-8", nothing, build("tree", "--prefix", NOT_UTF8), 2, ("prefix",)),
    Bad(
        "settings that are not there",
        nothing,
        build("tree", "--config", "my.toml"),
        2,
        ("my.toml: ", "no such file"),
    ),
    Bad(
        "settings that may not be read",
        file("my.toml", mode=0o000),
        build("tree", "--config", "my.toml"),
        2,
        ("my.toml: ", "permission"),
    ),
    Bad(
        "a path to explain that is not there",
        nothing,
        ("explain", "tree", "lib/c.txt"),
        3,
        ("lib/c.txt: ", "did you mean 'lib/b.txt'?"),
    ),
]


def zip_beside(path: str, cut: int = 0) -> Make:
    def make(work: Path) -> None:
        with zipfile.ZipFile(work / path, "w") as archive:
            archive.writestr("handler.py", "print()\n" * 100)
        if cut:
            os.truncate(work / path, (work / path).stat().st_size - cut)

    return make


BESIDE = [
    Bad(
        "a zip beside that is none",
        file("f.zip", "not a zip"),
        build("tree", "--with", "f.zip"),
        3,
        ("f.zip: ", "zip", "make it anew"),
    ),
    Bad(
        "a zip beside that is empty",
        file("f.zip", ""),
        build("tree", "--with", "f.zip"),
        3,
        ("f.zip: ", "make it anew"),
    ),
    Bad(
        "a zip beside without its end",
        zip_beside("f.zip", cut=10),
        build("tree", "--with", "f.zip"),
        3,
        ("f.zip: ", "make it anew"),
    ),
    Bad(
        "a zip beside that is not there",
        nothing,
        build("tree", "--with", "f.zip"),
        3,
        ("f.zip: ", "no such file"),
    ),
    Bad(
        "a zip beside that is a folder",
        folder("f.zip"),
        build("tree", "--with", "f.zip"),
        3,
        ("f.zip: ", "not a file"),
    ),
]

COMPONENT = '[component.mine]\ntitle = "Mine"\nwhy = "It is mine."\ndrop = ["*.txt"]\n'


class Broken(NamedTuple):
    name: str
    text: str
    words: tuple[str, ...]


SETTINGS = [
    Broken("no TOML", 'tier = "safe"\nkeep = [\n', ("slim.toml:2: ", "not valid TOML")),
    Broken("a misspelt key", '\nteir = "safe"\n', ("slim.toml:2: ", "'teir'", "mean 'tier'")),
    Broken("a misspelt key that is seldom there", '\ntargt = "x"\n', ("slim.toml:2: ", "'target'")),
    Broken(
        "a key like none", "nonsense = 1\n", ("slim.toml:1: ", "arch", "max", "prefix", "python")
    ),
    Broken("an unknown tier", '# far\ntier = "saef"\n', ("slim.toml:2: ", "mean 'safe'")),
    Broken("another type", "\n\nkeep = 'x'\n", ("slim.toml:3: ", "array of strings")),
    Broken("a size that is none", '\nmax = "65XB"\n', ("slim.toml:2: ", "'65XB'", "65MB")),
    Broken("an unknown target", '\ntarget = "lamda"\n', ("slim.toml:2: ", "mean 'lambda'")),
    Broken("an unknown component", '\ndrop = ["common/doc"]\n', ("slim.toml:2: ", "common/docs")),
    Broken(
        "the same word in keep and drop",
        'keep = ["x"]\ndrop = ["x"]\n',
        ("slim.toml:", "'x'", "take one out"),
    ),
    Broken("a broken pattern", '\ndrop = ["[z-a]"]\n', ("slim.toml:2: ", "'[z-a]'")),
    Broken(
        "a component with a misspelt key",
        COMPONENT + 'teir = "safe"\n',
        ("slim.toml:5: ", "'teir'", "[component.mine]", "did you mean 'tier'"),
    ),
    Broken("a number past all digits", f"level = {'9' * 5000}\n", ("slim.toml:1: ",)),
    Broken("brackets past all depth", "keep = " + "[" * 5000, ("slim.toml:1: ",)),
]

VALUES = [
    Broken("a value cut off", 'tier = "safe"\nmax =\n', (":2: ", "not valid TOML")),
    Broken("a byte order mark", '\ufefftier = "safe"\n', (":1: ", "not valid TOML")),
    Broken("a tier of another type", "tier = 2020-01-01\n", (":1: ", "tier")),
    Broken("a number in a list", "drop = [1]\n", (":1: ", "array of strings")),
    Broken("an empty pattern", '\ndrop = [""]\n', (":2: ", "array of", "non-empty")),
    Broken("a word as a flag", '\ndedupe = "no"\n', (":2: ", "true or false")),
    Broken("a level past the last", "level = 13\n", (":1: ", "1 to 12")),
    Broken("a level as a word", 'level = "9"\n', (":1: ", "whole number")),
    Broken("a level as a flag", "level = true\n", (":1: ", "whole number")),
    Broken("a size as a number", "\nmax = 65\n", (":2: ", "max", "string")),
    Broken("a prefix that climbs out", '\nprefix = "../x"\n', (":2: ", "'../x'")),
    Broken("an unknown guard", '\nno-guard = ["opt"]\n', (":2: ", "'opt'", "otp")),
    Broken("a component that is a word", "[component]\nx = 1\n", (":2: ", "table")),
    Broken("a component without why", COMPONENT.replace("why", "# why"), (":1: ", "why")),
    Broken("a component in capitals", COMPONENT.replace("mine]", "Mine]"), (":1: ", "'Mine'")),
]

PYPROJECT = [
    Broken(
        "a misspelt key",
        '[project]\nname = "x"\n\n[tool.slim]\nteir = "safe"\n',
        ("pyproject.toml:5: ", "'teir'", "[tool.slim]", "did you mean 'tier'"),
    ),
    Broken(
        "a key of the same name elsewhere",
        '[tool.other]\ntier = 1\n\n[tool.slim]\ntier = "saef"\n',
        ("pyproject.toml:5: ", "did you mean 'safe'"),
    ),
    Broken("a word as a table", '[tool]\nslim = "yes"\n', ("pyproject.toml:2: ", "table")),
    Broken("no TOML", "[tool.slim\n", ("pyproject.toml:1: ", "not valid TOML")),
]

TABLE = [
    *TREES,
    *OUTPUTS,
    *OPTIONS,
    *BESIDE,
    *(Bad(f"slim.toml: {b.name}", settings(b.text), build("tree"), 2, b.words) for b in SETTINGS),
    *(
        Bad(f"pyproject.toml: {b.name}", file("pyproject.toml", b.text), build("tree"), 2, b.words)
        for b in PYPROJECT
    ),
    Bad(
        "slim.toml: not UTF-8",
        file("slim.toml", b'tier = "\xe9"\n'),
        build("tree"),
        2,
        ("slim.toml", "not UTF-8", "save it as UTF-8"),
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in TABLE])
def test_bad_input_gets_one_line_and_writes_nothing(work: Path, bad: Bad) -> None:
    bad.make(work)
    before = picture(work)
    outcome = slim(*bad.args, cwd=work, through=without_privileges())
    assert outcome.code == bad.code, outcome.text
    assert is_one_line(outcome), outcome.text
    assert [word for word in bad.words if word not in outcome.err] == [], outcome.err
    assert outcome.out == ""
    assert picture(work) == before


@pytest.mark.parametrize("args", [(), ("--drop", "*"), ("--max", "1B")])
def test_where_no_zip_stood_a_failure_leaves_none(work: Path, args: tuple[str, ...]) -> None:
    (work / "out.zip").unlink()
    if not args:
        file("tree/secret.txt", mode=0o000)(work)
    before = picture(work)
    outcome = slim("build", "tree", *args, cwd=work, through=without_privileges())
    assert outcome.code in (1, 3), outcome.text
    assert picture(work) == before


class Fine(NamedTuple):
    name: str
    make: Make
    args: tuple[str, ...]
    members: tuple[str, ...] = ("a.txt", "lib/b.txt")
    warning: tuple[str, ...] = ()


LEFT_OUT = [
    Fine("an absolute link, dropped", link("tree/out", "/etc/x"), ("--drop", "/out")),
    Fine(
        "an absolute link, dropped by a rule",
        both(file("tree/share/doc/x/copyright"), link("tree/share/doc/x/manual", "/etc/x")),
        (),
        ("a.txt", "lib/b.txt", "share/doc/x/copyright"),
    ),
    Fine("a circle, dropped", CIRCLE, ("--drop", "/one", "--drop", "/two")),
    Fine("a fifo, dropped", node("tree/pipe", stat.S_IFIFO), ("--drop", "/pipe")),
    Fine(
        "a socket, dropped by a rule",
        both(file("tree/.git/HEAD"), node("tree/.git/s", stat.S_IFSOCK)),
        (),
    ),
    Fine("an odd name, dropped", file(f"tree/{NOT_UTF8}"), ("--drop", "caf*")),
    Fine("an odd name, dropped by its bytes", file(f"tree/{NOT_UTF8}"), ("--drop", NOT_UTF8)),
    Fine(
        "an odd name, dropped by a rule",
        both(file("tree/.git/HEAD"), file(f"tree/.git/{NOT_UTF8}")),
        (),
    ),
    Fine(
        "an odd name, dropped and told as JSON",
        file(f"tree/{NOT_UTF8}"),
        ("--drop", NOT_UTF8, "--json", "x.json"),
    ),
    Fine("an unreadable file, dropped", file("tree/secret", mode=0o000), ("--drop", "secret")),
    Fine(
        "an unreadable file, dropped by a rule",
        both(file("tree/.git/HEAD"), file("tree/.git/x", mode=0o000)),
        (),
    ),
]

STAYS = [
    Fine("a bracket in brackets", nothing, ("--keep", "[[a]*")),
    Fine("a size with a space", nothing, ("--max", "10 MB")),
    Fine("a size in MiB", nothing, ("--max", "62.5MiB")),
    Fine("a size in bytes", nothing, ("--max", "100000")),
    Fine("a size in small letters", nothing, ("--max", "65mb")),
    Fine("a zip beside it", zip_beside("f.zip"), ("--with", "f.zip")),
    Fine("settings", settings('max = "65MB"\r\ntier = "safe"\r\n'), ()),
    Fine("another's pyproject.toml", file("pyproject.toml", "[tool.x]\nteir = 1\n"), ()),
    Fine(
        "a link to the folder around it",
        link("tree/lib/up", ".."),
        (),
        ("a.txt", "lib/b.txt", "lib/up"),
    ),
    Fine("a link to a file", link("tree/lib/to", "../a.txt"), (), ("a.txt", "lib/b.txt", "lib/to")),
    Fine("an empty folder", folder("tree/void"), (), ("a.txt", "lib/b.txt", "void/")),
    Fine("an empty file", file("tree/void", ""), (), ("a.txt", "lib/b.txt", "void")),
]

WARNED = [
    Fine(
        "a dangling link",
        link("tree/to", "void"),
        (),
        ("a.txt", "lib/b.txt", "to"),
        ("to ", "void", "not there"),
    ),
    Fine(
        "two cases of a name",
        file("tree/A.TXT"),
        (),
        ("A.TXT", "a.txt", "lib/b.txt"),
        ("A.TXT and a.txt", "case", "rename"),
    ),
    Fine(
        "two cases of a folder",
        file("tree/LIB/b.txt"),
        (),
        ("LIB/b.txt", "a.txt", "lib/b.txt"),
        ("LIB/b.txt and lib/b.txt", "case"),
    ),
    Fine(
        "a pattern for nothing",
        nothing,
        ("--drop", "*.exe"),
        warning=("--drop", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a keep for nothing",
        nothing,
        ("--keep", "*.exe"),
        warning=("--keep", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a component for nothing",
        nothing,
        ("--drop", "erlang/gui"),
        warning=("--drop", "'erlang/gui'", "matches nothing"),
    ),
    Fine(
        "a setting for nothing",
        settings('\ndrop = ["*.exe"]\n'),
        (),
        warning=("slim.toml:2", "'*.exe'", "matches nothing"),
    ),
    Fine(
        "a bootstrap without #!",
        file("tree/bootstrap", "echo\n"),
        (),
        ("a.txt", "bootstrap", "lib/b.txt"),
        ("bootstrap", "#!/bin/sh"),
    ),
    Fine(
        "a bootstrap with #! but no exec bit and CRLF",
        file("tree/bootstrap", "#!/bin/sh\r\necho\r\n"),
        (),
        ("a.txt", "bootstrap", "lib/b.txt"),
        ("bootstrap", "CRLF", "sed"),
    ),
    Fine(
        "an empty bootstrap",
        file("tree/bootstrap", "", mode=0o755),
        (),
        ("a.txt", "bootstrap", "lib/b.txt"),
        ("bootstrap", "#!"),
    ),
]


@pytest.mark.parametrize("fine", [pytest.param(f, id=f.name) for f in (*LEFT_OUT, *STAYS, *WARNED)])
def test_what_looks_bad_and_is_none_builds(work: Path, fine: Fine) -> None:
    fine.make(work)
    before = picture(work / "tree")
    outcome = slim(*build("tree", *fine.args), cwd=work, through=without_privileges())
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


# A file that changes between the scan and the read


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


# Packs are data, and data can be broken

HEAD = 'title = "Pack"\ndetect = ["."]\n'
GOOD = (
    HEAD
    + '\n[component.docs]\ntitle = "Docs"\nwhy = "Nobody reads them."\ndrop = ["doc/"]\n'
    + '\n[[component.docs.example]]\ndrops = "doc/x"\n'
)

PACKS = [
    Broken("no TOML", HEAD + "[component.docs\n", (":3: ", "not valid TOML")),
    Broken("a value cut off", HEAD + "groups = [", (":3: ", "not valid TOML")),
    Broken("no title", 'detect = ["."]\n', (":1: ", "title")),
    Broken("no detect", 'title = "Pack"\n', (":1: ", "detect")),
    Broken("a detect for nothing", 'title = "P"\ndetect = []\n', (":2: ", "detect")),
    Broken(
        "a detect that ends wild", 'title = "P"\ndetect = ["x/*"]\n', (":2: ", "'x/*'", "plain")
    ),
    Broken("a misspelt key", HEAD + 'gruops = ["x/"]\n', (":3: ", "'gruops'", "'groups'")),
    Broken(
        "a misspelt key in a component",
        GOOD.replace("drop =", "kepe = []\ndrop ="),
        (":7: ", "'kepe'", "[component.docs]", "did you mean 'keep'"),
    ),
    Broken(
        "a misspelt key in the place of one that must be there",
        GOOD.replace("why", "wyh"),
        (":6: ", "'wyh'", "did you mean 'why'"),
    ),
    Broken(
        "a misspelt drop",
        GOOD.replace("drop =", "dorp ="),
        (":7: ", "'dorp'", "did you mean 'drop'"),
    ),
    Broken(
        "an unknown tier",
        GOOD.replace("why", 'tier = "saef"\nwhy'),
        (":6: ", "tier", "'saef'", "did you mean 'safe'"),
    ),
    Broken("no why", GOOD.replace("why", "# why"), (":4: ", "why is missing", "component.docs")),
    Broken("an empty why", GOOD.replace("Nobody reads them.", ""), (":6: ", "why")),
    Broken("a why of two lines", GOOD.replace("reads", "\\nreads"), (":6: ", "why", "one line")),
    Broken("a drop of nothing", GOOD.replace('["doc/"]', "[]"), (":4: ", "drops nothing", "drop")),
    Broken(
        "a drop that is a word", GOOD.replace('["doc/"]', '"doc/"'), (":7: ", "array of strings")
    ),
    Broken(
        "a negated pattern", GOOD.replace('"doc/"', '"!doc/"'), (":7: ", "put 'doc/' under keep")
    ),
    Broken("a pattern of nothing", GOOD.replace('"doc/"', '"#doc"'), (":7: ", "'#doc'", "pattern")),
    Broken("a broken range", GOOD.replace('"doc/"', '"[z-a]"'), (":7: ", "'[z-a]'", "pattern")),
    Broken("a linkable folder", HEAD + 'linkable = ["lib/"]\n', (":3: ", "'lib/'", "files")),
    Broken("a name in capitals", GOOD.replace("component.docs]", "component.Docs]"), ("'Docs'",)),
    Broken(
        "a component that is a word", HEAD + 'component = "x"\n', (":3: ", "component", "table")
    ),
    Broken("an example of another kind", GOOD.replace('"doc/x"', "1"), (":10: ", "drops")),
    Broken(
        "a second example of another kind",
        GOOD + "\n[[component.docs.example]]\ndrops = 1\n",
        (":13: ", "drops"),
    ),
    Broken("a misspelt example", GOOD.replace("drops", "drop_"), (":10: ", "'drop_'")),
    Broken(
        "an inline component",
        HEAD + '\ncomponent.x = {title = "X", why = 3, drop = ["x"]}\n',
        (":4: ", "why"),
    ),
    Broken(
        "a component in dotted keys",
        HEAD + 'component.x.title = "X"\ncomponent.x.why = 3\ncomponent.x.drop = ["x"]\n',
        (":4: ", "why"),
    ),
]


@pytest.mark.parametrize("broken", [pytest.param(b, id=b.name) for b in PACKS])
def test_a_broken_pack_is_named_with_file_line_and_what_was_expected(broken: Broken) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pack("pack", broken.text, "rules/pack.toml")
    message = str(caught.value)
    assert message.startswith("rules/pack.toml:")
    assert "\n" not in message
    assert [word for word in broken.words if word not in message] == [], message


def test_the_pack_that_the_broken_ones_are_made_from_is_good() -> None:
    assert [c.name for c in parse_pack("pack", GOOD, "rules/pack.toml").components] == ["pack/docs"]


@pytest.mark.parametrize("name", ["user", "guard", "Erlang", "my pack"])
def test_a_pack_whose_name_is_taken_or_odd_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"^rules/x\.toml: a pack"):
        parse_pack(name, GOOD, "rules/x.toml")


@pytest.mark.parametrize("broken", [pytest.param(b, id=b.name) for b in VALUES])
def test_a_broken_setting_is_named_with_file_line_and_what_was_expected(broken: Broken) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings(broken.text, "slim.toml")
    message = str(caught.value)
    assert message.startswith("slim.toml:")
    assert "\n" not in message
    assert [word for word in broken.words if word not in message] == [], message


@pytest.mark.parametrize(
    "text", ["65M", "", " ", "nan", "inf", "1e9", "MB", "6 5MB", "0x10", "1,5MB", "-0", "65MB\n\nx"]
)
def test_what_is_no_size_is_quoted_beside_one_that_is(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_size(text)
    assert repr(text) in str(caught.value)
    assert "65MB" in str(caught.value)


@pytest.mark.parametrize("text", ["../up", "/python", "python/..", "a//b", ".", "", "x" * 70_000])
def test_what_is_no_prefix_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"prefix .* python"):
        clean_prefix(text)


@pytest.mark.parametrize("text", ["", " ", "/", "# note", "a\\", "!a", "[z-a]", "[a--b]"])
def test_what_is_no_pattern_is_quoted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_pattern(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


# Interrupted, and out of space


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
    (work / "tree" / "big0").write_bytes(os.urandom(2_000_000).hex().encode())
    for copy in range(1, 60):  # 240 MB to compress, 4 MB on the disk
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


# Nobody listens


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
@pytest.mark.parametrize("args", [("rules",), build("tree")])
def test_a_report_that_cannot_be_written_is_one_line(work: Path, args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = slim(*args, cwd=work, stdout=full.fileno())
    assert outcome.code == 2, outcome.text
    assert is_one_line(outcome), outcome.text


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_closed_streams_do_not_stop_a_build(work: Path, closed: str) -> None:
    outcome = slim(*build("tree"), cwd=work, through=("sh", "-c", f'exec "$@" {closed}', "sh"))
    assert "Traceback" not in outcome.err
    assert outcome.code == 0, outcome.text
    assert zipfile.is_zipfile(work / "out.zip")


def test_a_folder_that_was_removed_under_the_shell_is_one_line(work: Path) -> None:
    gone = ("sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh")
    outcome = slim("build", "../tree", cwd=work, through=gone)
    assert outcome.code in (2, 3), outcome.text
    assert is_one_line(outcome), outcome.text


def test_a_device_is_never_replaced(work: Path) -> None:
    for option in ("-o", "--json", "--html"):
        outcome = slim("build", "tree", option, "/dev/null", cwd=work)
        assert outcome.code == 2
        assert "/dev/null: " in outcome.err
        assert "not a device" in outcome.err
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
