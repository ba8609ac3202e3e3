"""Images and folders that cannot be written: one line says why, and nothing is written."""

from pathlib import Path

import pytest

from tests.cli.bad_input.cases import Bad, assert_refused, both, file, folder
from tests.cli.bad_input.test_images import LAYOUT, layout

IMAGE = layout(LAYOUT)
ZIP = both(IMAGE, file("tree/a.txt"))
CASES = [
    Bad(
        "a tree as an image",
        ("--form image needs an image", "zip"),
        file("tree/a.txt"),
        ("build", "tree", "-o", "x.tar"),
    ),
    Bad(
        "a target with a system of its own",
        ("--target python3.12", "its own system"),
        IMAGE,
        ("build", "image", "-o", "x.tar", "--target", "python3.12"),
    ),
    Bad(
        "more base layers than there are",
        ("--base-layers 2", "has 1 layer", "fewer"),
        IMAGE,
        ("build", "image", "-o", "x.tar", "--base-layers", "2"),
    ),
    Bad(
        "base layers of a zip",
        ("--base-layers", "remove it"),
        IMAGE,
        ("build", "image", "-o", "x.zip", "--base-layers", "1"),
    ),
    Bad(
        "a tag of a zip",
        ("--tag", "--form image"),
        IMAGE,
        ("build", "image", "-o", "x.zip", "--tag", "a:b"),
    ),
    Bad(
        "a tag that is none",
        ("--tag A B", "app:slim"),
        IMAGE,
        ("build", "image", "-o", "x.tar", "--tag", "A B"),
    ),
    Bad(
        "a prefix of an image",
        ("an image has no layers beside it", "--prefix"),
        IMAGE,
        ("build", "image", "-o", "x.tar", "--prefix", "opt"),
    ),
    Bad(
        "a run of a folder",
        ("--verify runs a zip or an image",),
        both(IMAGE, file("e.json", "{}")),
        ("build", "image", "-o", "d/", "--verify", "e.json"),
    ),
    Bad(
        "a run of an image as a function",
        ("an image runs alone", "--as-function"),
        both(IMAGE, file("e.json", "{}")),
        ("build", "image", "-o", "x.tar", "--verify", "e.json", "--as-function"),
    ),
    Bad(
        "a run of an image with a runtime",
        ("--runtime: an image starts by its own entry point",),
        both(IMAGE, file("e.json", "{}")),
        ("build", "image", "-o", "x.tar", "--verify", "e.json", "--runtime", "python3.13"),
    ),
    Bad(
        "a folder that is full",
        ("full: ", "not empty", "remove it"),
        both(ZIP, file("full/x")),
        ("build", "tree", "-o", "full/"),
    ),
    Bad(
        "a file as a folder",
        ("x/: "[:1], "a file is there"),
        both(ZIP, file("x")),
        ("build", "tree", "-o", "x", "--form", "folder"),
    ),
    Bad(
        "a folder for an image",
        ("d: ", "a file, not a folder"),
        both(IMAGE, folder("d")),
        ("build", "image", "-o", "d", "--form", "image"),
    ),
    Bad(
        "a form that there is not",
        ("no form 'tar'", "image"),
        IMAGE,
        ("build", "image", "--form", "tar"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_output_that_cannot_be_is_named_in_a_line(tmp_path: Path, case: Bad) -> None:
    assert_refused(tmp_path, case)
