"""Trees that cannot be built: one line says why, and nothing is written."""

import stat
from functools import partial
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import (
    CIRCLE,
    LONG,
    NOT_UTF8,
    Bad,
    assert_refused,
    both,
    build,
    file,
    folder,
    link,
    node,
    with_modes_held,
)
from tests.support.command import picture, slim

AROUND = both(link("tree/d/x", "../e/y"), link("tree/e/y", "../d/x"))

bad = partial(Bad, code=3)
TREES = [
    bad("no such folder", ("nowhere: no such file or folder", "name"), args=build("nowhere")),
    bad("a file", ("tree/a.txt: cannot be read as a zip", "again"), args=build("tree/a.txt")),
    bad(
        "a fifo",
        ("pipe: not a file", "name"),
        make=node("pipe", stat.S_IFIFO),
        args=build("pipe"),
    ),
    bad("no such folder, to explain", ("nowhere",), args=("explain", "nowhere", "a")),
    bad("no such folder, to list", ("nowhere",), args=("rules", "nowhere")),
    bad("an empty folder", ("void: ", "empty"), make=folder("void"), args=build("void")),
    bad("a name too long", (LONG, "name"), args=build(LONG)),
    bad("a name with a newline", ("no\\nsuch", "no such file or folder"), args=build("no\nsuch")),
    bad("a link to itself", ("self", "folder"), make=link("self", "self"), args=build("self")),
    bad("rules that drop all", ("drop", "--keep"), args=build("tree", "--drop", "*")),
    bad(
        "an unreadable file",
        ("secret.txt: no permission", "mode", "--drop"),
        make=file("tree/secret.txt", mode=0),
    ),
    bad(
        "an unreadable file that a guard reads",
        ("lib/x-1/ebin/x.app: no permission", "mode"),
        make=file("tree/lib/x-1/ebin/x.app", mode=0),
    ),
    bad(
        "an unreadable folder",
        ("den: no permission", "mode"),
        make=both(file("tree/den/x"), folder("tree/den", mode=0)),
    ),
    bad(
        "a folder that lists and does not open",
        ("den: no permission", "mode"),
        make=both(file("tree/den/x"), folder("tree/den", mode=292)),
    ),
    bad("an unreadable tree", ("tree", "permission"), make=folder("tree", mode=0)),
    bad(
        "a tree below a closed folder",
        ("den/tree", "permission"),
        make=both(file("den/tree/x"), folder("den", mode=0)),
        args=build("den/tree"),
    ),
    bad(
        "a file's name that is not UTF-8",
        ("caf\\xe9: ", "not UTF-8", "rename", "--drop"),
        make=file(f"tree/{NOT_UTF8}"),
    ),
    bad(
        "a folder's name that is not UTF-8",
        ("caf\\xe9", "not UTF-8", "rename", "--drop"),
        make=file(f"tree/{NOT_UTF8}/x"),
    ),
    bad(
        "a link's target that is not UTF-8",
        ("odd", "caf\\xe9", "not UTF-8"),
        make=link("tree/odd", NOT_UTF8),
    ),
    bad(
        "an absolute link",
        ("out: the link to /etc/hostname leaves the tree", "relative", "--drop '/out'"),
        make=link("tree/out", "/etc/hostname"),
    ),
    bad(
        "a link that climbs out",
        ("lib/out: the link to ../../sibling leaves the tree", "--drop '/lib/out'"),
        make=link("tree/lib/out", "../../sibling"),
    ),
    bad(
        "a link that climbs out behind what is not there",
        ("out: the link to void/../../x leaves the tree",),
        make=link("tree/out", "void/../../x"),
    ),
    bad(
        "a link that leaves through another",
        ("leaves the tree",),
        make=both(link("tree/a", "lib/up/../.."), link("tree/lib/up", ".")),
    ),
    bad(
        "several links that leave the tree",
        ("2 links leave the tree: a to /x, lib/b to ../../y; ", "--drop '/a' --drop '/lib/b'"),
        make=both(link("tree/a", "/x"), link("tree/lib/b", "../../y")),
    ),
    bad(
        "many links that leave the tree",
        (
            "48 links leave the tree: l00 to /x, l01 to /x, ",
            "l04 to /x and 43 more; ",
            "--drop '/l04' and so on",
        ),
        make=both(*(link(f"tree/l{n:02}", "/x") for n in range(48))),
    ),
    bad(
        "a release of relx under development",
        ("2 links leave", "shop-1.0 to /src/", "sys.config to /src/", "{dev_mode, false}"),
        make=both(
            link("tree/lib/shop-1.0", "/src/shop/_build/default/lib/shop"),
            link("tree/releases/1.0/sys.config", "/src/shop/config/sys.config"),
        ),
    ),
    bad("two links in a circle", ("one: ", "circle", "--drop '/one'"), make=CIRCLE),
    bad("a link to itself in the tree", ("me: ", "circle"), make=link("tree/me", "me")),
    bad("links that circle through folders", ("d/x: ", "circle"), make=AROUND),
    bad(
        "half a circle that is kept",
        ("two: ", "circle", "--drop '/two'"),
        make=CIRCLE,
        args=build("tree", "--drop", "/one"),
    ),
    bad("a fifo in the tree", ("pipe: ", "fifo", "--drop"), make=node("tree/pipe", stat.S_IFIFO)),
    bad(
        "a socket in the tree",
        ("sock: ", "socket", "--drop"),
        make=node("tree/sock", stat.S_IFSOCK),
    ),
    bad(
        "a device in the tree", ("null: ", "device", "--drop"), make=node("tree/null", stat.S_IFCHR)
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in TREES])
def test_a_bad_tree_is_refused(work: Path, bad: Bad) -> None:
    assert_refused(work, bad)


@pytest.mark.parametrize("args", [(), ("--drop", "*"), ("--max", "1B")])
def test_where_no_zip_stood_a_failure_leaves_none(work: Path, args: tuple[str, ...]) -> None:
    (work / "out.zip").unlink()
    if not args:
        file("tree/secret.txt", mode=0o000)(work)
    before = picture(work)
    outcome = slim("build", "tree", *args, cwd=work, through=with_modes_held(work))
    assert outcome.code in (1, 3), outcome.text
    assert picture(work) == before
