"""An application of Yarn's Plug'n'Play runs without the archives that Yarn had unpacked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import node, yarn

pytestmark = pytest.mark.real

CODE = "console.log(require('@node-rs/crc32').crc32('slim'), require('ms')('2 days'))"


def answer(folder: Path) -> str:
    argv = [str(node.home() / "bin" / "node"), "-r", "./.pnp.cjs", "-e", CODE]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_it_answers_as_before(tier: str, tmp_path: Path) -> None:
    tree = yarn.plug_n_play("@node-rs/crc32@1.10.6", "ms@2.1.3")
    native = [p for p in (tree / ".yarn/unplugged").iterdir() if "linux-x64-gnu" in p.name]
    assert native  # Yarn unpacks what holds a native module
    built = build(tree, tmp_path / "out", "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    shipped = unpack(built.zip, tmp_path / "unpacked")
    copies = list((shipped / ".yarn/cache").glob("@node-rs-crc32-linux-x64-gnu-*.zip"))
    assert bool(copies) == (tier == "safe")
    assert answer(shipped) == answer(tree)
