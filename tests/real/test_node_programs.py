"""Node's programs that once broke without a word answer as before, at every tier."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import node

pytestmark = [pytest.mark.real, pytest.mark.heavy]

TIERS = ("safe", "default", "aggressive")
FEWER = ("default", "aggressive")


class Program(NamedTuple):
    """What npm brings, the files that use it, what runs them, and what it must say."""

    packages: tuple[str, ...]
    own: dict[str, bytes | str]
    run: tuple[str, ...]
    says: str


_CHECKED = (
    *("ts-node@10.9.2", "typescript@5.9.3", "express@5.3.0"),
    *("@types/express@5.0.6", "@types/node@26.6.7"),
)
_APP = """
import express from 'express';
const app: express.Express = express();
app.get('/', (request, response) => { response.send(request.path); });
console.log('made', typeof process.version);
"""
_OPTIONS = "{compilerOptions: {esModuleInterop: true, strict: true}}"
_RED = """
const os = require('os'), fs = require('fs'), path = require('path');
const RED = require('node-red');
RED.init(require('http').createServer(), {
  httpAdminRoot: false, httpNodeRoot: false, logging: {console: {level: 'off'}},
  userDir: fs.mkdtempSync(path.join(os.tmpdir(), 'red')),
});
RED.start().then(async () => {
  const {nodes} = RED.runtime;
  const failed = (await nodes.getNodeList({})).filter((each) => each.err).map((each) => each.id);
  console.log('started', failed.join());
  process.exit(0);
}).catch((error) => { console.log('failed', error.message); process.exit(1); });
"""
PROGRAMS = {
    "typescript 7": Program(
        ("typescript@7.0.2",),
        {
            "index.js": """
const {spawnSync} = require('child_process');
const tsc = require('path').join(__dirname, 'node_modules/typescript/bin/tsc');
for (const name of ['good.ts', 'bad.ts'])
  console.log(spawnSync(process.execPath, [tsc, '--noEmit', name], {cwd: __dirname}).status);
""",
            "good.ts": "export const x: Promise<number[]> = Promise.all([1]);\n",
            "bad.ts": "export const x: number = 'a';\n",
        },
        ("index.js",),
        "0\n1\n",
    ),
    "ts-node checks types": Program(
        _CHECKED,
        {
            "index.js": f"require('ts-node').register({_OPTIONS});\nrequire('./src/app.ts');\n",
            "src/app.ts": _APP,
        },
        ("index.js",),
        "made string\n",
    ),
    "a report": Program(
        ("prettier@3.10.1",),
        {
            "scripts/report.js": """
const prettier = require('prettier');
prettier.format('a  =  1', {parser: 'babel'}).then((text) => process.stdout.write(text));
"""
        },
        ("scripts/report.js",),
        "a = 1;\n",
    ),
}
LONG = {
    "node-red": Program(("node-red@4.1.15",), {"index.js": _RED}, ("index.js",), "started \n"),
    "ts-node after typescript": Program(
        _CHECKED,
        {
            "index.js": f"""
require('typescript');
require('ts-node').register({_OPTIONS});
require('./src/app.ts');
""",
            "src/app.ts": _APP,
        },
        ("index.js",),
        "made string\n",
    ),
}


def said(function: Path, *run: str) -> str:
    program = node.home() / "bin" / "node"
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": "/nonexistent"}
    done = subprocess.run(
        (program, *run), cwd=function, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(program: Program, folder: Path) -> Path:
    function = folder / "function"
    shutil.copytree(node.function(*program.packages), function, symlinks=True)
    write_tree(function, program.own)
    return function


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_says_what_it_said(program: Program, folder: Path) -> None:
    answers(program, folder, FEWER)


@pytest.mark.heavy
@pytest.mark.parametrize("program", LONG.values(), ids=LONG.keys())
def test_a_large_program_says_what_it_said(program: Program, folder: Path) -> None:
    answers(program, folder, TIERS)


def answers(program: Program, folder: Path, tiers: tuple[str, ...]) -> None:
    function = made(program, folder)
    assert said(function, *program.run) == program.says
    for tier in tiers:
        built = build(function, folder / tier, "--tier", tier, "--level", "1")
        assert built.status == 0, built.said
        after = unpack(built.zip, folder / f"{tier}-function")
        assert said(after, *program.run) == program.says, tier


def test_the_sources_that_bun_loads_ship(folder: Path) -> None:
    """npm packs a package, and installs it from the archive as from a registry."""
    exports = '{".": {"bun": "./src/index.ts", "default": "./dist/index.js"}}'
    package = {
        "package.json": f'{{"name": "lib", "version": "1.0.0", "exports": {exports}}}',
        "src/index.ts": "export { two } from './two';\n",
        "src/two.ts": "export const two: number = 2;\n",
        "dist/index.js": "exports.two = 2;\n",
    }
    write_tree(folder / "lib", package)
    with tarfile.open(folder / "lib-1.0.0.tgz", "w:gz") as archive:
        archive.add(folder / "lib", "package")
    function = folder / "function"
    shutil.copytree(node.function("express@5.3.0"), function, symlinks=True)
    node.install(function, folder / "lib-1.0.0.tgz")
    write_tree(function, {"t.ts": "import { two } from 'lib';\nconsole.log(two);\n"})
    for tier in TIERS:
        built = build(function, folder / tier, "--tier", tier, "--level", "1")
        shipped = {row["path"] for row in built.report["entries"] if row["step"] == "keep"}
        assert {f"node_modules/lib/{name}" for name in package} <= shipped
