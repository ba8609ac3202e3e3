"""What `slim warm` wrote is read back, shipped if it fits the tree, and refused in one line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.config.warm_file import TABLE, parse_warm, warm_text
from slimmer.errors import UsageError
from slimmer.model.warm import JAVA, NODE, Cache, Warm, digest_of
from tests.support.command import Outcome, slim
from tests.support.zips import zip_of

ENV = "NODE_OPTIONS=--require=/var/task/slim-warm/node.cjs"
SOURCE = "exports.handler = async () => 1\n"
ENTRY = "slim-warm/node/0a1b2c3d"

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip)
CACHES = st.builds(
    Cache,
    kind=st.sampled_from([NODE, JAVA]),
    title=TEXT,
    runtime=st.just("") | TEXT,
    arch=TEXT,
    env=TEXT,
    hits=st.integers(1, 2**53),
    digest=st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(st.lists(CACHES, max_size=2), st.dictionaries(st.just(ENTRY), st.binary()), st.just("a"))
def test_what_is_written_is_read(caches: list[Cache], files: dict[str, bytes], prefix: str) -> None:
    warm = Warm("x.zip", prefix, tuple(caches), files)
    held = {TABLE: warm_text(warm).encode(), **files}
    assert parse_warm("x.zip", held, held.__getitem__) == warm


def warmed(folder: Path, *, of: bytes = SOURCE.encode(), runtime: str = "nodejs22.x") -> Warm:
    """Write a tree, and the file of a cache that was made of a source."""
    (folder / "tree").mkdir(exist_ok=True)
    (folder / "tree/app.js").write_text(SOURCE, "utf-8")
    digest = digest_of([("app.js", of)])
    cache = Cache(NODE, "Node.js v22.20.0, x64", runtime, "x86_64", ENV, 1, digest)
    warm = Warm("warm.zip", "", (cache,), {ENTRY: b"compiled"})
    zip_of(folder / "warm.zip", {TABLE: warm_text(warm), **warm.files})
    return warm


def build(folder: Path, *options: str) -> Outcome:
    return slim("build", "tree", "-o", "a.zip", "--warm", "warm.zip", *options, cwd=folder)


def test_the_files_ship_and_the_report_says_how_they_are_switched_on(tmp_path: Path) -> None:
    warmed(tmp_path)
    done = build(tmp_path)
    assert done.code == 0, done.text
    assert f"the function needs the variable {ENV}" in " ".join(done.text.split())
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        assert made.read(ENTRY) == b"compiled"
        assert TABLE not in made.namelist()


def test_settings_can_name_the_file(tmp_path: Path) -> None:
    warmed(tmp_path)
    (tmp_path / "slim.toml").write_text('warm = "warm.zip"\n', "utf-8")
    assert slim("build", "tree", "-o", "a.zip", cwd=tmp_path).code == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        assert ENTRY in made.namelist()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--target", "nodejs24.x"), "it is for nodejs22.x, and --target is nodejs24.x"),
        (("--arch", "arm64"), "it is for x86_64, and --arch is arm64"),
        (("--prefix", "nodejs"), "it was made for --prefix (none)"),
    ],
)
def test_caches_for_elsewhere_are_refused(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    warmed(tmp_path)
    done = build(tmp_path, *options)
    assert (done.code, f"warm.zip: {said}" in done.err, done.err.count("\n")) == (3, True, 1)
    assert not (tmp_path / "a.zip").exists()


def test_caches_of_another_tree_are_refused(tmp_path: Path) -> None:
    warmed(tmp_path, of=b"another source")
    done = build(tmp_path)
    assert done.code == 3
    assert "it was made of other files than ship now, for Node.js v22.20.0, x64" in done.err


def test_a_tree_with_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    warmed(tmp_path)
    (tmp_path / "tree/slim-warm/node").mkdir(parents=True)
    (tmp_path / "tree" / ENTRY).write_bytes(b"mine")
    assert f"the tree itself has {ENTRY}" in build(tmp_path).err


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    warm = warmed(tmp_path)
    zip_of(tmp_path / "warm.zip", {TABLE: warm_text(warm), ENTRY: b"else"})
    done = build(tmp_path)
    assert (done.code, "its files are not those that slim warm wrote" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 2\n", "format 2 is not known; run slim warm again"),
        ('format = 1\nfiles = "a"\n[[cache]]\n', "kind is missing in [cache]"),
    ],
)
def test_a_table_that_cannot_be_followed_names_the_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"^x\.zip: slim\.warm\.toml:\d") as error:
        parse_warm("x.zip", [TABLE], lambda _: text.encode())
    assert said in str(error.value)


def test_a_zip_of_something_else_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^x\.zip: holds no slim\.warm\.toml"):
        parse_warm("x.zip", ["app.js"], lambda _: b"")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sandbox", "none"), "--sandbox none: caches name the place"),
        (("--against", "tree"), "--against: slim warm compares with the artifact itself"),
    ],
)
def test_what_caches_cannot_be_made_with_is_refused(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    warmed(tmp_path)
    (tmp_path / "e.json").write_text("1", "utf-8")
    done = slim("warm", "tree", "--event", "e.json", *options, cwd=tmp_path)
    assert (done.code, said in done.err) == (2, True)
