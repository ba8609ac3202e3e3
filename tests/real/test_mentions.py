"""Tools that the user's own text starts work as before: compilers, linters, test runners."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import node, wheels

pytestmark = pytest.mark.real

PACKAGES = (
    *("ts-node@10.9.2", "typescript@5.9.3", "tsx@4.23.15", "prettier@3.10.1", "jest@30.5.2"),
    *("eslint@8.57.1", "eslint-config-airbnb-base@15.0.0", "eslint-plugin-import@2.32.0"),
    *("eslint-plugin-react@7.37.5", "@babel/core@7.29.13", "@babel/preset-env@7.29.14"),
)
#: One of each kind of reference; nothing but these files names the packages.
OWN: dict[str, bytes | str] = {
    "bootstrap": "#!/bin/sh\nexec node -r ts-node/register/transpile-only src/app.ts\n",
    "tsconfig.json": '{"compilerOptions": {"module": "commonjs"}}',
    "src/app.ts": "const answer: number = 6 * 7;\nconsole.log(answer);\n",
    "src/view.tsx": """
import * as prettier from 'prettier';
prettier.format('a  =  1', { parser: 'babel' }).then(console.log);
""",
    "scripts/transform.js": """
const { transformSync } = require('@babel/core');
const root = require('path').dirname(__dirname);
console.log(transformSync('const f = () => 1', { cwd: root, filename: root + '/x.js' }).code);
""",
    ".babelrc": '{"presets": ["@babel/preset-env"]}',
    "scripts/lint.js": """
const { ESLint } = require('eslint');
new ESLint({ cwd: require('path').dirname(__dirname) }).lintText('var a  = 1\\n')
    .then((found) => console.log(found[0].messages.map((m) => m.ruleId).join()));
""",
    ".eslintrc": """{"root": true, "extends": "airbnb-base", "plugins": ["react"],
    "rules": {"react/jsx-uses-vars": 2}}""",
    "scripts/canary.js": """
const root = require('path').dirname(__dirname);
const options = { testMatch: ['**/checks/*.js'], watchman: false, runInBand: true, reporters: [] };
require('jest').runCLI({ ...options, cache: false, $0: '', _: [] }, [root])
    .then(({ results }) => console.log(results.numPassedTests, 'passed'));
""",
    "checks/one.js": "test('one', () => { expect(1).toBe(1); });\n",
}
RUNS = (
    ("sh", "bootstrap"),
    ("node", "--import", "tsx", "src/view.tsx"),
    ("node", "scripts/transform.js"),
    ("node", "scripts/lint.js"),
    ("node", "scripts/canary.js"),
)
CHECKS: dict[str, bytes | str] = {
    "app.py": """
import json, os, sys

def handler():
    import pytest
    path = os.path.join(sys.argv[1], "report.json")
    options = ["--json-report", f"--json-report-file={path}", "-p", "no:cacheprovider", "-q"]
    status = int(pytest.main([*options, "checks"]))
    with open(path) as file:
        return [status, json.load(file)["summary"]]

print(json.dumps(handler()))
""",
    "checks/test_one.py": "def test_one():\n    assert 1\n",
}
PYTEST = (
    *("pytest==9.2.0", "iniconfig==2.3.1", "packaging==26.4", "pluggy==1.7.0"),
    *("pygments==2.21.0", "pytest-json-report==1.5.0", "pytest-metadata==3.1.1"),
)


def answers(function: Path) -> list[str]:
    env = {"PATH": f"{node.home() / 'bin'}:{os.environ['PATH']}", "HOME": "/nonexistent"}
    return [ran(*run, cwd=function, env=env) for run in RUNS]


def ran(*argv: Path | str, cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.heavy
def test_tools_that_own_text_starts_work_at_every_tier(tmp_path: Path) -> None:
    function = tmp_path / "function"
    shutil.copytree(node.function(*PACKAGES), function, symlinks=True)
    write_tree(function, OWN)
    before = answers(function)
    assert before[0] == "42\n"
    assert before[1] == "a = 1;\n\n"
    assert before[3] == "no-var,no-unused-vars,no-multi-spaces,semi\n"
    assert before[4] == "1 passed\n"
    for tier in ("default", "aggressive"):
        made = build(function, tmp_path / tier, "--tier", tier, "--level", "1")
        assert made.status == 0, made.said
        assert answers(unpack(made.zip, tmp_path / f"{tier}-function")) == before
        chains = {row["path"]: row["chain"] for row in made.report["rescues"]}
        assert chains["node_modules/ts-node"] == "bootstrap:2 needs ts-node"
        assert chains["node_modules/typescript"].startswith("node_modules/ts-node/package.json")
    shutil.rmtree(tmp_path)


def test_a_test_runner_in_a_function_finds_its_plugins(tmp_path: Path) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    function = tmp_path / "function"
    shutil.copytree(wheels.layer(*PYTEST) / "python", function)
    write_tree(function, CHECKS)
    run = (sys.executable, "-S", "-B", "app.py", str(tmp_path))
    env = {"PATH": os.environ["PATH"]}
    before = ran(*run, cwd=function, env=env).splitlines()[-1]
    assert json.loads(before) == [0, {"passed": 1, "total": 1, "collected": 1}]
    for tier in ("default", "aggressive"):
        made = build(function, tmp_path / tier, "--tier", tier, "--level", "1")
        assert made.status == 0, made.said
        after = unpack(made.zip, tmp_path / f"{tier}-function")
        assert ran(*run, cwd=after, env=env).splitlines()[-1] == before
    shutil.rmtree(tmp_path)
