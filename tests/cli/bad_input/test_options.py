"""Options that make no sense: one line says why, and nothing is written."""

from pathlib import Path

import pytest

from slimmer.config.values import clean_prefix
from slimmer.errors import UsageError
from slimmer.rules.patterns import compile_pattern
from slimmer.sizes import parse_size
from tests.cli.bad_input.cases import (
    NOT_UTF8,
    Bad,
    assert_refused,
    build,
    file,
    folder,
    zip_beside,
)

OPTIONS = [
    Bad("no size", ("'65XB'", "65MB"), args=build("tree", "--max", "65XB")),
    Bad("a size below zero", ("'-1'", "65MB"), args=build("tree", "--max", "-1")),
    Bad("the size 0", ("'0'", "at least one byte"), args=build("tree", "--max", "0")),
    Bad("no tree", ("nothing to build", "name a folder"), args=("build",)),
    Bad("no such command", ("bulid", "build"), args=("bulid", "tree")),
    Bad("no such option", ("--teir", "--tier"), args=build("tree", "--teir", "x")),
    Bad("an option twice too high", ("24", "12"), args=build("tree", "--level", "24")),
    Bad(
        "no such component",
        ("--drop: ", "'erlang/guii'", "did you mean 'erlang/gui'?"),
        args=build("tree", "--drop", "erlang/guii"),
    ),
    Bad(
        "no such component to keep",
        ("--keep: ", "'common/doc'", "did you mean 'common/docs'?"),
        args=("rules", "tree", "--keep", "common/doc"),
    ),
    Bad(
        "no such tier",
        ("'agressive'", "did you mean 'aggressive'?"),
        args=build("tree", "--tier", "agressive"),
    ),
    Bad(
        "no such target",
        ("'lamda'", "did you mean 'lambda'?"),
        args=build("tree", "--target", "lamda"),
    ),
    Bad("no such guard", ("'opt'", "otp"), args=build("tree", "--no-guard", "opt")),
    Bad(
        "the same word in keep and drop",
        ("'*.txt'", "keep", "drop", "remove one"),
        args=build("tree", "--keep", "*.txt", "--drop", "*.txt"),
    ),
    Bad(
        "a negated pattern",
        ("--drop: ", "put 'a.txt' under keep"),
        args=build("tree", "--drop", "!a.txt"),
    ),
    Bad("a pattern's broken range", ("'[z-a]'",), args=build("tree", "--drop", "[z-a]")),
    Bad("a prefix that climbs out", ("prefix",), args=build("tree", "--prefix", "a/../..")),
    Bad("a prefix not in UTF-8", ("prefix",), args=build("tree", "--prefix", NOT_UTF8)),
    Bad(
        "settings that are not there",
        ("my.toml: ", "no such file"),
        args=build("tree", "--config", "my.toml"),
    ),
    Bad(
        "settings without end",
        ("/dev/zero: ", "larger than 4,000,000 B"),
        args=build("tree", "--config", "/dev/zero"),
    ),
    Bad(
        "settings that may not be read",
        ("my.toml: ", "permission"),
        make=file("my.toml", mode=0),
        args=build("tree", "--config", "my.toml"),
    ),
    Bad(
        "a path to explain that is not there",
        ("lib/c.txt: ", "did you mean 'lib/b.txt'?"),
        args=("explain", "tree", "lib/c.txt"),
        code=3,
    ),
]

BESIDE = [
    Bad(
        "a zip beside that is none",
        ("f.zip: ", "zip", "create it again"),
        make=file("f.zip", "not a zip"),
        args=build("tree", "--with", "f.zip"),
        code=3,
    ),
    Bad(
        "a zip beside that is empty",
        ("f.zip: ", "create it again"),
        make=file("f.zip", ""),
        args=build("tree", "--with", "f.zip"),
        code=3,
    ),
    Bad(
        "a zip beside without its end",
        ("f.zip: ", "create it again"),
        make=zip_beside("f.zip", cut=10),
        args=build("tree", "--with", "f.zip"),
        code=3,
    ),
    Bad(
        "a zip beside that is not there",
        ("f.zip: ", "no such file"),
        args=build("tree", "--with", "f.zip"),
        code=3,
    ),
    Bad(
        "a zip beside that is a folder",
        ("f.zip: ", "not a file"),
        make=folder("f.zip"),
        args=build("tree", "--with", "f.zip"),
        code=3,
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in (*OPTIONS, *BESIDE)])
def test_a_bad_option_is_refused(work: Path, bad: Bad) -> None:
    assert_refused(work, bad)


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
