"""Outputs that cannot be written: one line says why, and nothing is written."""

import stat
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import LONG, Bad, assert_refused, build, folder, link
from tests.support.command import slim

OUTPUTS = [
    Bad(
        "an output inside the tree",
        ("tree/x.zip: --output", "inside the tree", "choose another"),
        args=build("tree", "-o", "tree/x.zip"),
    ),
    Bad(
        "an output inside through a link",
        ("door/lib/x.zip: --output", "inside the tree"),
        make=link("door", "tree"),
        args=build("tree", "-o", "door/lib/x.zip"),
    ),
    Bad(
        "a tree named through a link",
        ("tree/x.zip: --output", "inside the tree"),
        make=link("door", "tree"),
        args=build("door", "-o", "tree/x.zip"),
    ),
    Bad(
        "an output for which there is no folder",
        ("nowhere/x.zip: ", "--output", "does not exist", "make it"),
        args=build("tree", "-o", "nowhere/x.zip"),
    ),
    Bad(
        "an output that is a folder",
        ("there: --output must name a file",),
        make=folder("there"),
        args=build("tree", "-o", "there"),
    ),
    Bad(
        "an output that is a link to itself",
        ("self/x.zip", "--output"),
        make=link("self", "self"),
        args=build("tree", "-o", "self/x.zip"),
    ),
    Bad("an output whose name is too long", (LONG, "--output"), args=build("tree", "-o", LONG)),
    Bad(
        "an output in a folder that takes no files",
        ("there/x.zip: ", "permission", "--output"),
        make=folder("there", mode=365),
        args=build("tree", "-o", "there/x.zip"),
    ),
    Bad(
        "a report inside the tree",
        ("tree/x.json: --json", "inside the tree", "choose another"),
        args=build("tree", "--json", "tree/x.json"),
    ),
    Bad(
        "a report for which there is no folder",
        ("nowhere/x.json: ", "--json", "does not exist"),
        args=build("tree", "--json", "nowhere/x.json"),
    ),
    Bad(
        "a report that is a folder",
        ("there: --json must name a file",),
        make=folder("there"),
        args=build("tree", "--json", "there"),
    ),
    Bad(
        "a report in a folder that takes no files",
        ("there/x.json: ", "permission", "--json"),
        make=folder("there", mode=365),
        args=build("tree", "--json", "there/x.json"),
    ),
    Bad(
        "a zip to standard output",
        ("--form image needs an image", "name an OCI layout"),
        args=build("tree", "-o", "-"),
    ),
    Bad(
        "a baseline to standard output",
        ("--baseline -: ", "name a file"),
        args=("check", "out.zip", "--baseline", "-", "--update-baseline"),
    ),
    Bad(
        "a page inside the tree",
        ("tree/x.html: --html", "inside the tree", "choose another"),
        args=build("tree", "--html", "tree/x.html"),
    ),
    Bad(
        "a page in the place of the other report",
        ("x.json: --json and --html name the same file",),
        args=build("tree", "--json", "x.json", "--html", "./x.json"),
    ),
    Bad(
        "two reports for standard output",
        ("--json and --html cannot share standard output", "name a file"),
        args=build("tree", "--json", "-", "--html", "-"),
    ),
    Bad(
        "a report in the place of the zip",
        ("out.zip", "--json", "--output"),
        args=build("tree", "--json", "./out.zip"),
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in OUTPUTS])
def test_a_bad_output_is_refused(work: Path, bad: Bad) -> None:
    assert_refused(work, bad)


def test_a_device_is_never_replaced(work: Path) -> None:
    for option in ("-o", "--json", "--html"):
        outcome = slim("build", "tree", option, "/dev/null", cwd=work)
        assert outcome.code == 2
        assert "/dev/null: " in outcome.err
        assert "not a device" in outcome.err
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
