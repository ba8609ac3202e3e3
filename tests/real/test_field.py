"""Breakage that the field knows, with the real packages: caught before anything runs.

Each is caught by a line that names the file and what mends it, and the mend is then tried. What a
guard is certain of it mends itself: the line then names the file that asks, and what came back.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import Build, build
from tests.real.need import only_of_otp
from tests.real.test_python_layer import PINNED
from trees import node, tools, wheels
from trees.mix import mix_release
from trees.otp import otp_layer

pytestmark = pytest.mark.real

CFFI = "cffi==2.1.1"
SHARP = "sharp@0.35.5"
LIB = "lib/erlang/lib"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for builds, which need not outlive their test."""
    yield tmp_path / "out"
    shutil.rmtree(tmp_path)


def look(tree: Path, folder: Path, *options: str) -> Build:
    """Build without a zip, since nothing that is caught here needs one."""
    built = build(tree, folder, "--dry-run", "--level", "1", *options)
    assert built.json.is_file(), built.said
    return built


def found(built: Build, code: str, about: str = "") -> list[tuple[str, str]]:
    """Return severity and message of what was found under a code, as far as it is about a word."""
    rows = [row for row in built.report["findings"] if row["code"] == code]
    for row in rows:
        assert f"{row['severity']}: {row['message']}" in built.output
    return [(r["severity"], r["message"]) for r in rows if about in r["message"]]


def only(built: Build, code: str, about: str = "") -> tuple[str, str]:
    rows = found(built, code, about)
    assert len(rows) == 1, built.said
    return rows[0]


def mend(message: str, option: str) -> list[str]:
    """Return the option that a message says would help, as a shell would read it."""
    match = re.search(rf"{option} '([^']+)'", message)
    assert match, message
    return [option, match[1]]


def without(tree: Path, dest: Path, *names: str) -> Path:
    """Return a copy in which a careless hand removed what these names match."""
    shutil.copytree(tree, dest, symlinks=True, ignore=shutil.ignore_patterns(*names))
    return dest


def applications(dest: Path, *names: str) -> Path:
    """Return a small tree with these applications of the OTP layer."""
    for name in names:
        [home] = (otp_layer() / LIB).glob(f"{name}-*")
        ignored = shutil.ignore_patterns("doc", "info", "man")
        shutil.copytree(home, dest / LIB / home.name, ignore=ignored)
    return dest


# --- Erlang/OTP ---


def test_os_mon_without_sasl(tmp_path: Path, folder: Path) -> None:
    tree = applications(tmp_path / "tree", "kernel", "os_mon", "sasl", "stdlib")
    drop = ("--drop", f"{LIB}/sasl-*/")
    [rescued] = look(tree, folder, *drop).report["rescues"]
    assert (rescued["path"].partition("-")[0], rescued["chain"]) == (
        f"{LIB}/sasl",
        "os_mon needs sasl",
    )
    unguarded = look(tree, folder, *drop, "--no-guard", "otp")
    severity, said = only(unguarded, "dropped-dependency", "sasl is dropped")
    assert severity == "warn"
    caller = only_path(tree, "disksup.beam")
    assert f"yet os_mon may call it ({caller} calls alarm_handler:" in said
    kept = look(tree, folder, *drop, "--no-guard", "otp", *mend(said, "--keep"))
    assert found(kept, "dropped-dependency", "sasl is dropped") == []


def test_os_mon_whose_sasl_somebody_removed(tmp_path: Path, folder: Path) -> None:
    tree = applications(tmp_path / "tree", "kernel", "os_mon", "stdlib")
    severity, said = only(look(tree, folder), "not-in-tree")
    file = only_path(tree, "os_mon.app")
    assert severity == "warn"
    assert said.startswith(f"os_mon ({file}): needs sasl, which is not in this tree; put it in")
    assert found(look(applications(tree, "sasl"), folder), "not-in-tree") == []


@pytest.mark.parametrize("drop", [(), ("--drop", f"{LIB}/wx-*/")])
def test_observer_kept_without_wx(tmp_path: Path, folder: Path, drop: tuple[str, ...]) -> None:
    names = ("et", "kernel", "observer", "runtime_tools", "stdlib", "wx")
    tree = applications(tmp_path / "tree", *names)
    keep = ("--keep", "erlang/observer", *drop)
    severity, said = only(look(tree, folder, *keep), "dropped-dependency", "wx is dropped")
    assert severity == "warn"
    calls = re.search(r"observer.* may call it \((\S+) calls wx\w*:\w+/\d+, runtime_", said)
    assert calls, said
    assert (tree / calls[1]).is_file()
    kept = look(tree, folder, *keep, *mend(said, "--keep"))
    assert found(kept, "dropped-dependency", "wx is dropped") == []


def test_a_release_whose_iex_somebody_removed(tmp_path: Path, folder: Path) -> None:
    release = mix_release()
    tree = without(release, tmp_path / "release", "iex-*")
    severity, said = only(look(tree, folder), "not-in-tree")
    assert (severity, said.partition(": needs iex-")[0]) == (
        "warn",
        "releases/1.0.0/start.boot, releases/1.0.0/start_clean.boot",
    )
    assert "which is not in this tree; put it in" in said
    assert found(look(release, folder), "not-in-tree") == []


def test_debians_emulator_on_amazon_linux_2(tmp_path: Path, folder: Path) -> None:
    only_of_otp("25")
    tree = applications(tmp_path / "tree", "kernel", "stdlib")
    [erts] = (otp_layer() / "lib" / "erlang").glob("erts-*")
    shutil.copytree(erts / "bin", tree / "lib" / "erlang" / erts.name / "bin")
    built = look(tree, folder, "--target", "provided.al2")
    severity, said = only(built, "glibc-too-old")
    path = said.partition(" ")[0]
    assert (built.status, severity) == (1, "fail")
    assert (path, (tree / path).is_file()) == (f"lib/erlang/{erts.name}/bin/beam.smp", True)
    assert said.endswith(
        "GLIBC_2.34; provided.al2 has 2.26; use provided.al2023 or build on Amazon Linux 2"
    )
    mended = look(tree, folder, "--target", "provided.al2023")
    assert (mended.status, found(mended, "glibc-too-old")) == (0, [])


def test_crypto_without_libcrypto(tmp_path: Path, folder: Path) -> None:
    tree = applications(tmp_path / "tree", "crypto", "kernel", "stdlib")
    module = only_path(tree, "crypto.so")
    library = tools.libcrypto()
    target = ("--target", "provided.al2")
    severity, said = only(look(tree, folder, *target), "library-missing", f"{module} needs")
    assert severity == "warn"
    assert f"{module} needs {library.name}, which is neither in this artifact nor beside" in said
    assert said.endswith(f"use provided.al2023 or put {library.name} into lib/")
    other = look(tree, folder, "--target", "provided.al2023")
    assert found(other, "library-missing", library.name) == []
    shutil.copyfile(library, tree / "lib" / library.name)
    assert found(look(tree, folder, *target), "library-missing", library.name) == []
    again = look(tree, folder, *target, "--drop", f"lib/{library.name}")
    [rescued] = again.report["rescues"]
    assert rescued["path"] == f"lib/{library.name}"
    assert rescued["chain"] == f"{module} needs {library.name}"


def only_path(tree: Path, name: str) -> str:
    [path] = tree.rglob(name)
    return path.relative_to(tree).as_posix()


# --- Python's sources ---


@pytest.fixture(scope="module")
def by_pattern(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Give what comes of dropping what sounds like documentation and tests; all tests go anyway."""
    drops = ("--drop", "python/botocore/docs/", "--drop", "python/numpy/testing/")
    return look(wheels.layer(*PINNED), tmp_path_factory.mktemp("pattern"), *drops)


@pytest.mark.parametrize(
    ("asks", "back", "dropped_by"),
    [
        pytest.param(
            "botocore/client.py", "botocore/docs/__init__.py", "user/drop", id="botocore.docs"
        ),
        pytest.param(
            "numpy/__init__.py", "numpy/testing/__init__.py", "user/drop", id="numpy.testing"
        ),
        pytest.param(
            "numpy/testing/_private/utils.py",
            "numpy/_core/tests/_natype.py",
            "python/tests",
            id="from numpy import *",
        ),
    ],
)
def test_what_only_sounds_like_docs_or_tests(
    by_pattern: Build, asks: str, back: str, dropped_by: str
) -> None:
    asks, back = f"python/{asks}", f"python/{back}"
    rescues = by_pattern.report["rescues"]
    [rescued] = [r for r in rescues if f"{back}/".startswith(f"{r['path']}/")]
    wanted = back.removesuffix(".py").removesuffix("/__init__")
    assert rescued["component"] == dropped_by
    assert rescued["chain"] == f"{asks} needs {wanted}"
    assert rescued["chain"] in by_pattern.output
    assert (wheels.layer(*PINNED) / asks).is_file()
    steps = {row["path"]: row["step"] for row in by_pattern.report["entries"]}
    assert steps[back] == "keep"


# --- wheels and npm packages for another place ---


def test_a_wheel_for_another_python(folder: Path) -> None:
    tree = wheels.layer(CFFI, python="3.12")
    built = look(tree, folder, "--target", "python3.11")
    severity, said = only(built, "python-abi")
    path = said.partition(" ")[0]
    assert (built.status, severity, (tree / path).is_file()) == (1, "fail", True)
    assert ".cpython-312-x86_64-linux-gnu.so" in path
    assert "is for Python 3.12; python3.11 has 3.11 and cannot import it" in said
    assert "use python3.12 or install with pip install --target DIR --platform manylinux" in said
    assert look(tree, folder, "--target", "python3.12").status == 0
    assert look(wheels.layer(CFFI), folder, "--target", "python3.11").status == 0


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("--os=linux --cpu=arm64 --libc=glibc", "Linux, arm64"),
        ("--os=darwin --cpu=arm64", "macOS, arm64"),
    ],
)
def test_sharp_for_another_platform(folder: Path, where: str, kind: str) -> None:
    tree = node.layer(SHARP, *where.split())
    target = ("--target", "nodejs22.x", "--arch", "x86_64")
    built = look(tree, folder, *target)
    severity, said = only(built, "foreign-tree")
    path = re.split(r":| and ", said)[0]
    assert (built.status, severity, (tree / path).is_file()) == (1, "fail", True)
    assert path.startswith("nodejs/node_modules/@img/sharp-")
    assert f"is for {kind}, and Lambda is Linux with glibc, x86_64" in said
    install = re.search(r"npm install (.+)$", said)
    assert install, said
    mended = look(node.layer(SHARP, *install[1].split()), folder, *target)
    assert (mended.status, found(mended, "library-missing")) == (0, []), mended.said


def test_sharp_for_arm64_where_nobody_said_which_processor(folder: Path) -> None:
    tree = node.layer(SHARP, "--os=linux", "--cpu=arm64", "--libc=glibc")
    severity, said = only(look(tree, folder, "--target", "nodejs22.x"), "arm64-only")
    assert (severity, said.partition("/lib/")[0].rpartition("/")[0]) == (
        "note",
        "nodejs/node_modules/@img",
    )
    assert "make the function for arm64 (--arch arm64 here), or install it with npm" in said
