"""One law of what is safe: what a build writes passes the check, and what check passes unpacks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.check.zip_lint import zip_findings
from slimmer.errors import InputError
from slimmer.formats.zip.names import find_unsafe, normal
from slimmer.formats.zip.reader import read_zip
from slimmer.inputs.zip_tree import open_zip
from slimmer.verify.model import ArtifactRef, Bounds
from slimmer.verify.unpack import unpack
from tests.support.command import slim
from tests.support.zips import link, zip_of

ODD = [
    "C:evil",
    "::error::x",
    "a\\b",
    "..\\x",
    "\\x",
    "...",
    "c:",
    "-x",
    " ",
    "x\ny",
    "%2e%2e",
    "é",
    "~",
]
NAMES = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=6
).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
BOUNDS = Bounds(1_000_000, 100)
PARTS = st.sampled_from(["a", "b", "..", ".", "", "a\\b", "C:", "a.txt"])
MEMBERS = st.lists(
    st.tuples(
        st.lists(PARTS, min_size=1, max_size=3).map("/".join),
        st.sampled_from(["", "x"]) | st.just(link("a")),
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=4))
def test_build_writes_nothing_that_check_fails(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        tree, made = Path(temporary, "tree"), Path(temporary, "made.zip")
        for path in paths:
            file = tree / path
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(b"x")
            except OSError:  # below a file, say
                continue
        tree.mkdir(exist_ok=True)
        built = slim("build", str(tree), "-o", str(made), "--level", "1", cwd=tree)
        if built.code == 0:
            checked = slim("check", str(made), cwd=tree)
            assert checked.code == 0, (paths, checked.text)
        else:
            assert built.code == 3, built.text
            assert built.err.count("\n") == 1


@given(MEMBERS)
def test_check_verify_and_all_that_open_a_zip_agree(
    members: list[tuple[str, str | tuple[bytes | str, int]]],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        made, dest = zip_of(Path(temporary, "x.zip"), members), Path(temporary, "opt")
        archive = read_zip(made.read_bytes())
        is_safe = not find_unsafe(archive.members).why
        codes = {found.code for found in zip_findings("x.zip", archive)}
        assert is_safe is not bool(codes & {"unsafe-name", "unsafe-kind", "duplicate-name"})
        assert is_safe is passes(lambda: unpack([ArtifactRef(str(made))], dest, "/opt", BOUNDS))
        assert is_safe is passes(lambda: open_zip(made).tree)


def passes(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except InputError:
        return False
    return True


@given(st.lists(PARTS, min_size=1, max_size=6).map("/".join))
def test_a_path_in_its_normal_form_stays(name: str) -> None:
    once = normal(name)
    assert normal(once) == once
    assert not once.endswith("/")
