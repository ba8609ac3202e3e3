"""The user's own code beside real packages answers as before, whatever its folders are called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import beam
from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import jvm, mix, node, otp, wheels

pytestmark = pytest.mark.real

TIERS = ("safe", "default", "aggressive")

FLASK = (
    "asgiref==3.8.1",
    "blinker==1.9.0",
    "click==8.1.8",
    "django==5.2.4",
    "flask==3.1.1",
    "itsdangerous==2.2.0",
    "jinja2==3.1.6",
    "markupsafe==3.0.2",
    "sqlparse==0.5.3",
    "werkzeug==3.1.3",
)
QUIZ: dict[str, bytes | str] = {
    "app.py": """
import json, pathlib
import django, flask
from quiz.tests import blueprint

HERE = pathlib.Path(__file__).parent
app = flask.Flask(__name__)
app.register_blueprint(blueprint)
names = ["quiz/models.pyi", "locale/de/LC_MESSAGES/django.po", "models/tiny.o", "draft.txt~"]
names += ["scaffold/.gitignore", "share/doc/legal/terms.html", "fast/kernel.pyx", "conftest.py"]
print(json.dumps({
    "status": app.test_client().get("/cases").status_code,
    "cases": app.test_client().get("/cases").get_json(),
    "globbed": sorted(p.name for p in (HERE / "quiz/tests/cases").glob("*.json")),
    "own": [len((HERE / name).read_bytes()) for name in names],
    "django": django.__version__,
}))
""",
    "quiz/__init__.py": "",
    "quiz/tests/__init__.py": """
import json, pathlib
import flask

blueprint = flask.Blueprint("tests", __name__)

@blueprint.route("/cases")
def cases():
    folder = pathlib.Path(__file__).parent / "cases"
    return flask.jsonify([json.loads(p.read_text()) for p in sorted(folder.iterdir())])
""",
    "quiz/tests/cases/one.json": '{"answer": 42}',
    "quiz/tests/cases/two.json": '{"answer": 43}',
    "quiz/models.pyi": "x: int\n",
    "locale/de/LC_MESSAGES/django.po": 'msgid ""\n',
    "models/tiny.o": b"weights",
    "draft.txt~": "A draft.\n",
    "scaffold/.gitignore": "*.pyc\n",
    "share/doc/legal/terms.html": "<p>Terms</p>",
    "fast/kernel.pyx": "cdef int x\n",
    "conftest.py": "",
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def slimmed(tree: Path, work: Path, tier: str) -> Path:
    """Build a tree and unpack what ships."""
    made = build(tree, work / "out", "--tier", tier, "--level", "1")
    assert made.status == 0, made.said
    return unpack(made.zip, work / "unpacked")


def ran(*argv: Path | str, cwd: Path) -> str:
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", TIERS)
def test_a_function_beside_what_pip_installed(tier: str, work: Path) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    function = work / "function"
    shutil.copytree(wheels.layer(*FLASK) / "python", function)
    write_tree(function, QUIZ)
    run = (sys.executable, "-S", "-B", "app.py")
    before = ran(*run, cwd=function)
    assert json.loads(before)["cases"] == [{"answer": 42}, {"answer": 43}]
    shipped = slimmed(function, work, tier)
    assert not (shipped / "django/conf/locale/de/LC_MESSAGES/django.po").exists() or tier == "safe"
    if tier == "aggressive":  # what of it is dropped stands in the report's entries
        rows = json.loads((work / "out/report.json").read_text("utf-8"))["entries"]
        gone = {row["path"] for row in rows if str(row.get("rule")).startswith("own/")}
        assert set(QUIZ) - {p.relative_to(shipped).as_posix() for p in shipped.rglob("*")} == gone
    else:
        assert ran(*run, cwd=shipped) == before


PROMPTS: dict[str, bytes | str] = {
    "package.json": '{"name": "@acme/prompts", "version": "1.0.0", "main": "index.js"}',
    "index.js": """
const fs = require('fs'), path = require('path');
const folder = path.join(__dirname, 'prompts');
exports.all = fs.readdirSync(folder).map((n) => fs.readFileSync(path.join(folder, n), 'utf8'));
exports.types = fs.readFileSync(path.join(__dirname, 'types' + '.d.ts'), 'utf8');
""",
    "prompts/system.md": "You are kind.\n",
    "prompts/user.md": "Hello.\n",
    "types.d.ts": "export {}\n",
}


@pytest.mark.parametrize("tier", TIERS[:2])
def test_a_package_that_npm_installed_from_a_folder_or_file(tier: str, work: Path) -> None:
    write_tree(work / "prompts", PROMPTS)
    app = "const p = require('@acme/prompts');\nconsole.log(JSON.stringify(p));\n"
    write_tree(work / "app", {"package.json": '{"name": "app"}', "app.js": app})
    program = node.home() / "bin" / "node"
    npm = (program, node.home() / "lib/node_modules/npm/bin/npm-cli.js")
    ran(*npm, "pack", "--silent", cwd=work / "prompts")
    ran(*npm, "install", "--offline", "../prompts/acme-prompts-1.0.0.tgz", cwd=work / "app")
    before = ran(program, "app.js", cwd=work / "app")
    assert json.loads(before)["all"] == ["You are kind.\n", "Hello.\n"]
    assert ran(program, "app.js", cwd=slimmed(work / "app", work, tier)) == before


@pytest.mark.parametrize("tier", TIERS)
def test_a_java_runtime_at_the_root_of_an_application(tier: str, work: Path) -> None:
    tree = work / "tree"
    shutil.copytree(jvm.tree() / "jre", tree, symlinks=True)
    shutil.copy(jvm.tree() / "app.jar", tree)
    own = {"docs/terms.edn": "{:a 1}", "demo/data.edn": "{:b 2}", "man/own.edn": "{:c 3}"}
    write_tree(tree, dict(own))
    code = f"(print (map slurp [{' '.join(json.dumps(name) for name in own)}]))"
    run = ("bin/java", "-jar", "app.jar", "-e", code)
    before = ran(tree / run[0], *run[1:], cwd=tree)
    assert before == "({:a 1} {:b 2} {:c 3})"
    shipped = slimmed(tree, work, tier)
    assert ran(shipped / run[0], *run[1:], cwd=shipped) == before
    assert (shipped / "man/man1/java.1").exists() == (tier == "safe")


@pytest.mark.parametrize("tier", TIERS[:2])
def test_a_release_with_overlays(tier: str, work: Path) -> None:
    tree = work / "tree"
    shutil.copytree(mix.mix_release(), tree, symlinks=True)
    own = {
        "doc/openapi.yaml": "openapi",
        "README.md": "readme",
        "man/page": "page",
        "info/a": "info",
        "bin/start": "start",
        "lib/mix_app-1.0.0/priv/models/tiny.o": "tiny",
    }
    write_tree(tree, dict(own))
    read = "".join(f'{{ok, _}} = file:read_file("/var/task/{name}"), ' for name in own)
    show = f'{read}io:format("all there"), halt().'
    for release in (tree, slimmed(tree, work, tier)):
        outcome = beam.evaluate(otp.otp_layer(), show, function=release)
        assert (outcome.status, outcome.output) == (0, "all there")
