"""Python's programs that once broke without a word answer as before; a compiler says no noise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import wheels

pytestmark = [pytest.mark.real, pytest.mark.heavy]

GENSIM = ("gensim==4.4.0", "numpy==2.4.6", "scipy==1.17.1", "smart-open==9.0.2", "wrapt==2.5.2")
TEXTS = """
import os
from gensim.test.utils import common_texts, datapath
print(len(common_texts), os.path.getsize(datapath("lee_background.cor")))
"""
AWS = (
    *("awscli==1.46.3", "botocore==1.44.5", "s3transfer==0.19.3", "colorama==0.4.6"),
    *("docutils==0.19", "jmespath==1.1.0", "python-dateutil==2.9.0.post0", "pyyaml==6.0.4"),
    *("rsa==4.7.2", "urllib3==2.8.0", "pyasn1==0.6.5", "six==1.17.0"),
)
HELP = """
import subprocess, sys
for words in (["help"], ["s3", "cp", "help"], ["ec2", "wait", "help"], ["help", "return-codes"]):
    subprocess.run([sys.executable, "-S", "-B", "-m", "awscli", *words], check=True)
"""
NUMBA = ("numba==0.68.1", "llvmlite==0.50.0", "numpy==2.4.6")
JIT = """
import numba
print(numba.njit(lambda n: sum(range(n)))(10))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    yield tmp_path
    shutil.rmtree(tmp_path)


def said(layer: Path, folder: Path, code: str) -> str:
    """Run code with a layer, where groff and less, which `aws help` starts, print what they get."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name in ("groff", "less"):
        (programs / name).write_text("#!/bin/sh\nexec cat\n", "utf-8")
        (programs / name).chmod(0o755)
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(layer / "python")}
    env |= {"HOME": str(folder), "AWS_DEFAULT_REGION": "eu-west-1", "LC_ALL": "C.UTF-8"}
    argv = [sys.executable, "-S", "-B", "-c", code]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["default", "aggressive"])
@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [(GENSIM, TEXTS, "9 "), (AWS, HELP, "DESCRIPTION"), (NUMBA, JIT, "45\n")],
    ids=["gensim", "awscli", "numba"],
)
def test_a_program_says_what_it_said(
    packages: tuple[str, ...], code: str, words: str, tier: str, folder: Path
) -> None:
    tree = wheels.layer(*packages)
    before = said(tree, folder, code)
    assert words in before
    built = build(tree, folder / "out", "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    assert said(unpack(built.zip, folder / "layer"), folder, code) == before


def test_what_only_a_packages_test_runner_asks_for_is_no_warning(folder: Path) -> None:
    built = build(wheels.layer(*NUMBA), folder / "out", "--dry-run", "--level", "1")
    assert [row for row in built.report["findings"] if row["severity"] != "note"] == []
