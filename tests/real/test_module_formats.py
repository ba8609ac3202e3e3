"""Packages that come in several module formats answer as before with the one that Node loads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import node

pytestmark = [pytest.mark.real, pytest.mark.heavy]

PACKAGES = ("@opentelemetry/api@1.9.1", "exceljs@4.4.0", "rxjs@7.8.2")
CODE = """
const rxjs = require('rxjs'), {map} = require('rxjs/operators'), excel = require('exceljs');
const book = new excel.Workbook(), seen = [];
book.addWorksheet('sheet').addRow([1, 2]);
rxjs.of(1, 2).pipe(map((n) => n + 1)).subscribe((n) => seen.push(n));
Promise.all([import('rxjs'), import('exceljs'), import('@opentelemetry/api')]).then(async (all) => {
  const data = await book.xlsx.writeBuffer();
  const api = require('@opentelemetry/api').trace.getTracer('t').startSpan('s').isRecording();
  console.log(seen, data.length > 1000, all.map((each) => Object.keys(each).length), api);
});
"""
OLD = "console.log(typeof require('exceljs/dist/es5').Workbook)\n"


def answer(layer: Path, code: str) -> str:
    argv = [str(node.home() / "bin" / "node"), "-e", code]
    done = subprocess.run(argv, cwd=layer / "nodejs", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_the_second_format_goes_and_all_answers_as_before(tier: str, tmp_path: Path) -> None:
    tree = node.layer(*PACKAGES)
    built = build(tree, tmp_path / "out", "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    shipped = unpack(built.zip, tmp_path / "layer")
    assert (shipped / "nodejs/node_modules/rxjs/dist/esm5").exists() == (tier == "safe")
    assert answer(shipped, CODE) == answer(tree, CODE)


def test_what_the_users_code_asks_of_it_stays(tmp_path: Path) -> None:
    tree = node.layer(*PACKAGES)
    beside = write_tree(tmp_path / "function", {"index.js": OLD})
    function = tmp_path / "function.zip"
    subprocess.run(["zip", "-q", function, "index.js"], cwd=beside, check=True)
    built = build(tree, tmp_path / "out", "--with", str(function), "--level", "1")
    assert built.status == 0, built.said
    assert answer(unpack(built.zip, tmp_path / "layer"), OLD) == "function\n"
