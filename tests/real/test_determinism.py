"""The same content gives the same bytes, zip and report, wherever, whenever and by whom."""

import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

import pytest

from tests.real.command import Build, How, build, tool
from tests.real.need import absent
from trees import pythons, tools
from trees.otp import otp_layer

pytestmark = pytest.mark.real

OTHER_USER = 65534
YEAR_S = 31_536_000

# names whose order a locale would change, and some that only UTF-8 can spell
NAMES = [
    "B",
    "a",
    "a-b",
    "a.b",
    "a_b",
    "İ",
    "i",
    "\N{LATIN SMALL LETTER DOTLESS I}",
    "z",
    "Zürich",
    "日本",
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give part of the layer, and beside it what a packer may trip over."""
    tree = tmp_path_factory.mktemp("tree") / "tree"
    otp = otp_layer() / "lib" / "erlang"
    for app in (*otp.glob("lib/kernel-*"), *otp.glob("lib/stdlib-*")):
        shutil.copytree(app, tree / "lib" / app.name, symlinks=True)
    priv = tree / "lib" / "odd-1.0" / "priv"
    (priv / "empty").mkdir(parents=True)
    for name in NAMES:
        (priv / name).write_text(name * 100)
    for name in ("libodd.so", "libodd.so.1", "libodd.so.1.2"):
        (priv / name).write_bytes(b"\x7fELF" + bytes(range(256)) * 4)
    (priv / "program").write_text("#!/bin/sh\n")
    (priv / "by-mode").write_text("x")
    (priv / "by-mode").chmod(0o755)
    (priv / "read-only").write_text("x")
    (priv / "read-only").chmod(0o444)
    (priv / "link").symlink_to("program")
    (priv / "folder").symlink_to("../../odd-1.0")
    yield tree
    shutil.rmtree(tree)


def packed(tree: Path | str, folder: Path, **how: Unpack[How]) -> Build:
    """Build, fast: at which level a zip is packed decides nothing that these tests look at."""
    return build(tree, folder, "--level", "1", **how)


@pytest.fixture(scope="module")
def first(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    built = packed(tree, tmp_path_factory.mktemp("first"))
    assert built.status == 0, built.said
    assert built.report["dropped"]["files"] > 100
    assert built.report["linked"]["files"] == 2
    return built


def copy(tree: Path, dest: Path, *, private: bool = False) -> Path:
    """Copy in another order, with other times and another owner; private as with umask 077."""
    chance = random.Random(7)  # noqa: S311 - any order will do
    paths = sorted(tree.rglob("*"))
    chance.shuffle(paths)
    dest.mkdir(parents=True)
    for path in paths:
        here = dest / path.relative_to(tree)
        here.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            here.symlink_to(path.readlink())
        elif path.is_dir():
            here.mkdir(exist_ok=True)
        else:
            shutil.copy(path, here)
    for path in (dest, *dest.rglob("*")):
        mtime = chance.randrange(YEAR_S, 50 * YEAR_S)
        os.utime(path, (mtime, mtime), follow_symlinks=False)
        if private and not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
        if os.geteuid() == 0:
            os.chown(path, OTHER_USER, OTHER_USER, follow_symlinks=False)
    return dest


def assert_same(first: Build, second: Build) -> None:
    assert second.status == 0, second.said
    digests = [hashlib.sha256(built.zip.read_bytes()).hexdigest() for built in (first, second)]
    assert digests[0] == digests[1]
    assert first.zip.read_bytes() == second.zip.read_bytes()
    assert first.json.read_bytes() == second.json.read_bytes()


def on_one_core() -> list[str]:
    if not shutil.which("taskset"):
        absent("no taskset on PATH")
    return ["taskset", "-c", str(min(os.sched_getaffinity(0)))]


def locale_env(name: str, made: Path) -> dict[str, str]:
    """Give the variables that choose a locale, compiled where the system does not have it."""
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout
    if name.lower().replace("-", "") in {line.replace("-", "").lower() for line in known.split()}:
        return {"LC_ALL": name, "LANG": name}
    language, _, charset = name.partition(".")
    if not shutil.which("localedef"):
        absent(f"no locale {name}, and no localedef to make it")
    made.mkdir()
    argv = ["localedef", "-i", language, "-f", charset, str(made / name)]
    env = {**os.environ, "I18NPATH": str(tools.locale_sources())}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    if not (made / name / "LC_CTYPE").is_file():
        absent(f"no locale {name}, and it cannot be made: {done.stderr.strip()}")
    return {"LOCPATH": str(made), "LC_ALL": name, "LANG": name}


def test_the_whole_layer_elsewhere_later_private_and_on_one_core(
    otp_build: Build, tmp_path: Path
) -> None:
    elsewhere = copy(otp_layer(), tmp_path / "else where" / "runtime", private=True)
    env = {"LC_ALL": "C", "PYTHONHASHSEED": "1", "TZ": "XYZ-13:45"}
    second = build(elsewhere, tmp_path, before=on_one_core(), env=env, umask=0o077)
    try:
        assert_same(otp_build, second)
    finally:
        shutil.rmtree(elsewhere)
        second.zip.unlink()


def test_another_path_order_owner_and_time(first: Build, tree: Path, tmp_path: Path) -> None:
    assert_same(first, packed(copy(tree, tmp_path / "copy"), tmp_path / "out"))


def test_a_private_copy(first: Build, tree: Path, tmp_path: Path) -> None:
    private = copy(tree, tmp_path / "copy", private=True)
    assert_same(first, packed(private, tmp_path / "out", umask=0o077))


def test_a_second_run(first: Build, tree: Path, tmp_path: Path) -> None:
    assert_same(first, packed(tree, tmp_path, process=True))


def test_however_the_tree_is_called(first: Build, tree: Path, tmp_path: Path) -> None:
    for place, name in enumerate([f"{tree}/", os.path.relpath(tree, tmp_path / "0")]):
        assert_same(first, packed(name, tmp_path / str(place)))


def test_a_link_to_the_tree(first: Build, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    assert_same(first, packed(tmp_path / "link", tmp_path / "out"))


def test_one_core(first: Build, tree: Path, tmp_path: Path) -> None:
    assert_same(first, packed(tree, tmp_path, before=on_one_core()))


@pytest.mark.parametrize(
    "env",
    [
        {"TZ": "XYZ-13:45"},
        {"TZ": "ABC+11"},
        {"SOURCE_DATE_EPOCH": "1700000000"},
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4242"},
        {"COLUMNS": "40", "HOME": "/", "USER": "somebody"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_other_surroundings(first: Build, tree: Path, tmp_path: Path, env: dict[str, str]) -> None:
    assert_same(first, packed(tree, tmp_path, env=env))


@pytest.mark.parametrize("name", ["C.UTF-8", "tr_TR.UTF-8", "en_US.ISO-8859-1"])
def test_another_locale(first: Build, tree: Path, tmp_path: Path, name: str) -> None:
    env = locale_env(name, tmp_path / "made")
    assert_same(first, packed(tree, tmp_path / "out", env=env))


def test_other_pythons(first: Build, tree: Path, tmp_path: Path) -> None:
    others = pythons.others()
    if not others:
        pytest.skip("no other Python at hand: neither PATH nor pyenv has one that slim supports")
    env = {"PYTHONPATH": str(Path(__file__).parents[2])}
    for python in others:
        assert_same(first, packed(tree, tmp_path / python.parents[1].name, env=env, python=python))


# --- the controls: these tests can see a difference ---


def test_zip_itself_gives_other_bytes_for_the_copy(tree: Path, tmp_path: Path) -> None:
    copied = copy(tree, tmp_path / "copy", private=True)
    zips = [tmp_path / "first.zip", tmp_path / "second.zip"]
    for place, out in zip((tree, copied), zips, strict=True):
        done = tool("zip", "-X", "-q", "-r", "-y", out, ".", cwd=place)
        assert done.returncode == 0, done.stderr
    assert zips[0].read_bytes() != zips[1].read_bytes()


def test_another_byte_or_exec_bit_gives_another_zip(
    first: Build, tree: Path, tmp_path: Path
) -> None:
    priv = copy(tree, tmp_path / "copy") / "lib" / "odd-1.0" / "priv"
    (priv / "read-only").chmod(0o755)
    mode = packed(tmp_path / "copy", tmp_path / "mode")
    (priv / "read-only").chmod(0o644)
    (priv / "read-only").write_text("y")
    byte = packed(tmp_path / "copy", tmp_path / "byte")
    digests = {built.report["artifacts"][0]["sha256"] for built in (first, mode, byte)}
    assert len(digests) == 3
