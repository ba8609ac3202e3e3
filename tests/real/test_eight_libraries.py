"""Eight libraries as a layer: they load and compute as before. Run by make prove."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from slimmer.formats.python import pyc
from tests.real.command import Build, build, unpack
from tests.support.command import slim
from tests.support.terminal import Terminal
from tests.support.zips import zip_of
from trees import HERE, wheels

pytestmark = [pytest.mark.real, pytest.mark.heavy]

WORK = HERE / "eight_work.py"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The untouched layer, with bytecode that is as fresh as pip leaves it."""
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    copy = tmp_path_factory.mktemp("eight") / "layer"
    shutil.copytree(wheels.layer(*wheels.EIGHT), copy, symlinks=True)
    run = [sys.executable, "-m", "compileall", "-q", "-j", "0", str(copy)]
    subprocess.run(run, stdout=subprocess.DEVNULL, check=False)
    yield copy
    shutil.rmtree(copy)


@pytest.fixture(scope="session")
def make(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Build]:
    """Build the layer with these options, once for each set of them."""
    known: dict[tuple[str, ...], Build] = {}

    def made(*options: str) -> Build:
        if options not in known:
            folder = tmp_path_factory.mktemp("built")
            known[options] = build(original, folder, "--target", "lambda-image", *options)
            assert known[options].status == 0, known[options].said
            unpack(known[options].zip, folder / "layer")
        return known[options]

    return made


@pytest.fixture(scope="session")
def before(original: Path) -> dict[str, object]:
    return answers(original)


def answers(layer: Path) -> dict[str, object]:
    done = python(layer, WORK.read_text("utf-8"))
    found: dict[str, object] = json.loads(done)
    return found


def python(layer: Path, code: str) -> str:
    """Run code with nothing but the standard library and the layer, which it cannot write to."""
    start = f"import sys; sys.path.insert(0, {str(layer / 'python')!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", start + code],
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--pyc", "drop"),
        ("--pyc", "drop", "--tier", "aggressive"),
        ("--pyc", "compile", "--python", sys.executable),
    ],
    ids=" ".join,
)
def test_all_eight_load_and_compute_what_they_did(
    make: Callable[..., Build], before: dict[str, object], options: tuple[str, ...]
) -> None:
    layer = make(*options).folder / "layer"
    assert before["solved"] == [0.8, 1.4]
    assert answers(layer) == before


@pytest.mark.parametrize(("tier", "most"), [("default", 118_000_000), ("aggressive", 111_000_000)])
def test_without_bytecode_it_is_smaller_than_by_a_careful_hand(
    make: Callable[..., Build], tier: str, most: int
) -> None:
    options = ["--pyc", "drop"] + (["--tier", tier] if tier != "default" else [])
    assert make(*options).report["artifacts"][0]["zip_bytes"] <= most


def test_a_terminal_is_shown_at_once_and_never_stands_still(original: Path, tmp_path: Path) -> None:
    argv = ["-m", "slimmer", "build", str(original), "--target", "lambda-image", "--no-cache"]
    start, env = time.monotonic(), {**os.environ, "TERM": "xterm"}
    with Terminal([sys.executable, *argv, "--output", "layer.zip"], tmp_path, env) as terminal:
        shown = list(terminal.rest())
    assert (tmp_path / "layer.zip").is_file()
    assert b"reading the tree" in shown[0][1]
    times = [start, *(at for at, _ in shown)]
    assert max(later - earlier for earlier, later in pairwise(times)) < 3
    lines = b"".join(data for _, data in shown)
    assert all(
        phase in lines
        for phase in (
            b"deciding whose each file is",
            b"deciding what kept files need",
            b"packing [",
            b"s left",
        )
    )


def test_a_layer_of_all_eight_is_over_the_cap_and_the_report_says_what_is_largest(
    original: Path, tmp_path: Path
) -> None:
    done = build(original, tmp_path, "--pyc", "drop")
    assert done.status == 1
    assert not done.zip.exists()
    assert "over the cap" in done.said
    assert done.report["groups"][0]["path"] == "python/pyarrow"


def test_what_guards_take_back_is_less_than_a_hundredth(make: Callable[..., Build]) -> None:
    report = make().report
    back = sum(row["size_bytes"] for row in report["rescues"])
    assert back < report["kept"]["size_bytes"] / 100


@pytest.mark.parametrize("options", [(), ("--pyc", "compile", "--python", sys.executable)])
def test_all_bytecode_is_valid_whenever_it_is_unpacked(
    make: Callable[..., Build], options: tuple[str, ...]
) -> None:
    layer = make(*options).folder / "layer"
    headers = [pyc.parse(path.read_bytes()) for path in layer.rglob("*.pyc")]
    assert len(headers) > 1000
    assert all(header.by_hash for header in headers)


def test_a_traceback_names_the_place_where_the_layer_will_lie(make: Callable[..., Build]) -> None:
    layer = make("--pyc", "compile", "--python", sys.executable).folder / "layer"
    [data] = [p.read_bytes() for p in layer.glob("python/__pycache__/six.*.pyc")]
    assert b"/opt/python/six.py" in data
    assert str(layer).encode() not in data


def test_flight_stays_for_the_function_that_imports_it(
    make: Callable[..., Build], tmp_path: Path
) -> None:
    function = tmp_path / "function.zip"
    source = b"from pyarrow import flight\ndef handler(event, context):\n    return flight"
    zip_of(function, {"app.py": source})
    check = ("check", "--function", str(function), "--target", "lambda-image")
    without, beside = make(), make("--with", str(function))
    said = slim(*check, str(without.zip), cwd=tmp_path).out
    assert "function.zip: app.py needs the Python module pyarrow.flight" in said
    assert "pyarrow.flight" not in slim(*check, str(beside.zip), cwd=tmp_path).out
    work = "import pyarrow.flight as f; print(f.Ticket(b'x').ticket)"
    assert python(beside.folder / "layer", work).strip() == "b'x'"
    chains = [rescue["chain"] for rescue in beside.report["rescues"]]
    assert any(chain.startswith("function.zip: app.py needs") for chain in chains)
