"""importlib.metadata answers what it did: which distribution has a package, and its files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import wheels

pytestmark = pytest.mark.real

PINNED = (
    "requests==2.34.2",
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "idna==3.20",
    "urllib3==2.8.0",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
    "starlette==1.10.0",
    "typing-extensions==4.16.0",
    "cffi==2.1.1",
    "pycparser==3.12",
)
ASK = """
import importlib.metadata as metadata, json, sys
sys.path[:] = [sys.argv[1] + "/python", *sys.path]
ours = list(metadata.distributions(path=[sys.argv[1] + "/python"]))
packages = metadata.packages_distributions()
print(json.dumps({
    "packages": {name: sorted(set(found)) for name, found in packages.items()},
    "files": {
        d.metadata["Name"]: sorted(str(f.locate().resolve()) for f in d.files or ())
        for d in ours
    },
    "versions": {d.metadata["Name"]: d.version for d in ours},
}))
"""


def answer(layer: Path) -> dict[str, dict[str, object]]:
    argv = [sys.executable, "-I", "-S", "-B", "-c", ASK, str(layer)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, object]] = json.loads(done.stdout)
    root = str(layer.resolve())
    found["files"] = {
        name: [path.removeprefix(root) for path in paths]  # type: ignore[attr-defined]
        for name, paths in found["files"].items()
    }
    return found


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_packages_and_files_are_those_that_ship(tmp_path: Path, tier: str) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    original = wheels.layer(*PINNED)
    built = build(original, tmp_path / "out", "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    layer = unpack(built.zip, tmp_path / "layer")
    before, after = answer(original), answer(layer)
    assert len(before["versions"]) == len(PINNED)
    assert after["versions"] == before["versions"]
    outside = {".."}  # pip writes bin/ of --target as ../../bin/, where nothing is
    assert after["packages"] == {n: d for n, d in before["packages"].items() if n not in outside}
    assert after["files"] == {
        name: [path for path in paths if (layer / path[1:]).is_file()]  # type: ignore[attr-defined]
        for name, paths in before["files"].items()
    }
    assert all(after["files"].values())


EMIT = """
import sys
sys.path[:] = [sys.argv[1] + "/python", *sys.path]
import cffi
ffi = cffi.FFI()
ffi.cdef("int f(int);")
ffi.set_source("m", "int f(int x) { return x; }")
ffi.emit_c_code(sys.argv[2])
"""


def test_cffi_writes_the_sources_that_its_headers_make(tmp_path: Path) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    original = wheels.layer(*PINNED)
    built = build(original, tmp_path / "out", "--tier", "aggressive", "--level", "1")
    assert built.status == 0, built.said
    layer = unpack(built.zip, tmp_path / "layer")
    written = [tmp_path / "before.c", tmp_path / "after.c"]
    for tree, file in zip((original, layer), written, strict=True):
        argv = [sys.executable, "-I", "-S", "-B", "-c", EMIT, str(tree), str(file)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert written[0].read_bytes() == written[1].read_bytes()
