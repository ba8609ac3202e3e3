"""A stranger's helper for Windows stops no build: ssh2 by npm, and a pure wheel by pip."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.command import Build, build, unpack
from trees import node, wheels

pytestmark = pytest.mark.real


def warned(built: Build, helper: str) -> None:
    """Assert that one file is foreign, gone, and named by a warning."""
    assert built.status == 0, built.said
    found = [f for f in built.report["findings"] if f["code"].startswith("foreign")]
    assert [(f["code"], f["severity"]) for f in found] == [("foreign-only", "warn")]
    assert helper in found[0]["message"]


def test_ssh2_ships_without_its_agent_for_windows(tmp_path: Path) -> None:
    tree = node.layer("ssh2@1.17.0", "--omit=optional", "--ignore-scripts")
    built = build(tree, tmp_path / "out", "--level", "1")
    warned(built, "nodejs/node_modules/ssh2/util/pagent.exe")
    layer = unpack(built.zip, tmp_path / "layer")
    code = "const {utils} = require('ssh2'); utils.generateKeyPairSync('ed25519')"
    argv = [str(node.home() / "bin" / "node"), "-e", code]
    done = subprocess.run(argv, cwd=layer / "nodejs", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_pure_wheel_ships_without_its_libraries_for_windows(tmp_path: Path) -> None:
    built = build(wheels.layer("uiautomation==2.0.29"), tmp_path / "out", "--level", "1")
    warned(built, "python/uiautomation/bin/UIAutomationClient_VC140_X64.dll")


def test_numpy_for_macos_still_fails(tmp_path: Path) -> None:
    tree = wheels.layer("numpy==2.2.6", platform="macosx_14_0_arm64")
    built = build(tree, tmp_path / "out", "--level", "1")
    assert built.status == 1
    assert "foreign-tree" in {f["code"] for f in built.report["findings"]}
