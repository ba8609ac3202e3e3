"""An ordinary project's folder: what development tools left there goes, is told, and no more."""

from __future__ import annotations

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.ignore import ignored
from slimmer.decide.question import Question
from slimmer.errors import UsageError
from slimmer.model.codes import Severity
from slimmer.model.rules import Tier
from slimmer.rules.packs import load_packs
from tests.support.installed import record
from tests.support.trees import MemorySource

PACKS = load_packs()
SITE = ".venv/lib/python3.12/site-packages"
VENV = {".venv/pyvenv.cfg": b"home = /usr/bin\nversion = 3.12.1\n", f"{SITE}/flask.py": b""}
LINKS = {".venv/bin/python": "/usr/bin/python3.12", ".venv/bin/python3": "python"}
TOOLS = {
    ".aws-sam/build.toml": b"[x]\n",
    ".aws-sam/build/Fn/flask/__init__.py": b"",
    ".aws-sam/build/Fn/flask/LICENSE": b"MIT\n",
    ".aws-sam/build/Fn/flask-3.dist-info/METADATA": b"Name: flask\n",
    ".aws-sam/build/Fn/flask-3.dist-info/RECORD": record(["flask/__init__.py", "flask/LICENSE"]),
    ".serverless/shop.zip": b"PK",
    "infra/cdk.out/manifest.json": b"{}",
    "infra/.terraform/providers/x/terraform-provider": b"\x7fELF",
    ".tox/py312/pyvenv.cfg": b"home = /usr/bin\n",
    ".tox/py312/lib/python3.12/site-packages/yaml/__init__.py": b"",
    ".pytest_cache/v/cache/lastfailed": b"{}",
    ".mypy_cache/CACHEDIR.TAG": b"",
    "node_modules/.cache/babel-loader/a.json": b"{}",
    "htmlcov/index.html": b"<html>",
    ".coverage": b"SQLite format 3\0",
    "coverage/lcov.info": b"TN:\n",
    "slim.toml": b'tier = "default"\n',
}


def decided(
    files: dict[str, bytes], links: dict[str, str] | None = None, tier: Tier = Tier.DEFAULT
) -> Decision:
    source = MemorySource(files, links)
    words = ignored(source, gitignore=False)
    return decide_tree(Question(source, PACKS, Settings(tier=tier), ignored=words))


def kept(decision: Decision, files: dict[str, bytes]) -> set[str]:
    return {path for path in files if decision.verdicts[path].kept}


def told(decision: Decision, code: str) -> list[str]:
    return [finding.message for finding in decision.findings if finding.code == code]


def test_what_tools_left_is_dropped_whole_and_told() -> None:
    files = {"app.py": b"import json\n", "coverage.py": b"", **TOOLS}
    decision = decided(files, {".tox/py312/bin/python": "/usr/bin/python3"})
    assert kept(decision, files) == {"app.py", "coverage.py"}
    (line,) = told(decision, "own-dropped")
    for component in ("caches", "coverage", "deploys", "slim"):
        assert f"own/{component} " in line


def test_an_import_brings_nothing_back_of_what_a_deploy_tool_copied_and_says_so() -> None:
    files = {"app.py": b"import flask\nimport yaml\n", **TOOLS}
    decision = decided(files)
    assert kept(decision, files) == {"app.py"}
    assert not decision.rescues
    said = " ".join(told(decision, "dropped-dependency"))
    assert ".aws-sam/build/Fn/flask" in said
    assert "app.py" in said


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", b'MODEL = open(".serverless/shop.zip", "rb")\n'),
        ("bootstrap", b"#!/bin/sh\nexec .serverless/run\n"),
        ("index.js", b"const at = './.serverless';\n"),
        ("settings.json", b'{"from": "/var/task/.serverless/"}'),
    ],
)
def test_a_file_of_the_users_own_that_names_the_folder_keeps_it(path: str, text: bytes) -> None:
    files = {**TOOLS, path: text}
    decision = decided(files)
    assert kept(decision, files) == {path, ".serverless/shop.zip"}
    (rescue,) = decision.rescues
    assert rescue.chain == f"{path} needs .serverless"
    assert "own/deploys: 1 file" not in " ".join(told(decision, "own-kept"))


@pytest.mark.parametrize(
    "path",
    [".gitignore", "Makefile", "pyproject.toml", "tsconfig.json", "eslint.config.js", "README.md"],
)
def test_a_file_that_is_read_in_development_does_not(path: str) -> None:
    files = {"app.py": b"", ".serverless/shop.zip": b"PK", path: b'x = ".serverless/"\n'}
    assert kept(decided(files), files) == {"app.py", path}


def test_a_folder_of_a_tools_name_that_is_not_its_work_is_kept() -> None:
    files = {
        ".aws-sam/rates.csv": b"1\n",
        "cdk.out/plan.py": b"",
        "coverage/lcov.info": b"policy\n",
        "coverage/rates.py": b"",
        "data/slim.toml": b"x = 1\n",
        "node_modules/.cache/puppeteer/chrome": b"\x7fELF",
        ".tox/notes.txt": b"",
    }
    assert kept(decided(files), files) == set(files)


@pytest.mark.parametrize("tier", list(Tier))
def test_an_environment_never_stops_a_build_by_its_links(tier: Tier) -> None:
    files = {"app.py": b"import flask\n", **VENV}
    decision = decided(files, LINKS, tier)
    assert kept(decision, files) == set(files)
    assert all(decision.verdicts[link].dropped for link in LINKS)
    (finding,) = (f for f in decision.findings if f.code == "virtual-environment")
    assert finding.severity is Severity.WARN
    assert "2 links to this machine's Python dropped" in finding.message
    assert "--requirements" in finding.message


@pytest.mark.parametrize(
    ("path", "text", "is_kept"),
    [
        ("Makefile", b"test:\n\t.venv/bin/pytest\n", False),
        (".vscode/settings.json", b'{"python": ".venv/bin/python"}', False),
        ("serverless.yml", b"package:\n  patterns:\n    - '!.venv/**'\n", False),
        ("serverless.yml", b"environment:\n  PYTHONPATH: /var/task/.venv/lib\n", True),
        ("run.sh", b". .venv/bin/activate\n", True),
    ],
)
def test_an_environment_stays_where_a_function_may_be_led_into_it(
    path: str, text: bytes, is_kept: bool
) -> None:
    files = {"app.py": b"", **VENV, path: text}
    shipped = kept(decided(files, LINKS), files)
    assert shipped >= {"app.py", path} - {".vscode/settings.json"}
    assert (".venv/pyvenv.cfg" in shipped) is is_kept


def test_what_an_environment_needs_of_its_own_is_no_rescue() -> None:
    files = {
        "app.py": b"",
        **VENV,
        f"{SITE}/flask.py": b"import pytest\n",
        f"{SITE}/pytest/__init__.py": b"",
        f"{SITE}/pytest-8.dist-info/METADATA": b"Name: pytest\n",
        f"{SITE}/pytest-8.dist-info/RECORD": record(["pytest/__init__.py"]),
    }
    decision = decided(files, LINKS)
    assert kept(decision, files) == {"app.py"}
    assert not decision.rescues


def test_a_part_of_a_namespace_package_comes_from_the_folder_that_has_it_first() -> None:
    info = "telemetry-1.dist-info"
    package = {
        "telemetry/trace/__init__.py": b"from telemetry.trace import spans\n",
        "telemetry/trace/spans.py": b"from importlib.metadata import entry_points, version\n"
        b"X = version('telemetry'), entry_points(group='spans')\n",
        f"{info}/METADATA": b"Name: telemetry\n",
        f"{info}/entry_points.txt": b"[spans]\nplain = telemetry.trace.spans\n",
        f"{info}/RECORD": record(["telemetry/trace/__init__.py", "telemetry/trace/spans.py"]),
    }
    in_venv = {f"{SITE}/{path}": data for path, data in package.items()}
    venv = {".venv/pyvenv.cfg": VENV[".venv/pyvenv.cfg"], **in_venv}
    decision = decided({"app.py": b"from telemetry import trace\n", **package, **venv}, LINKS)
    assert not kept(decision, venv)
    assert not told(decision, "dropped-dependency")


def test_the_last_line_of_slimignore_that_matches_wins() -> None:
    text = b"# notes\n\ntests/\n*.csv\n!rates.csv\n/fixtures\n!fixtures/live.json\n"
    files = {
        ".slimignore": text,
        "app.py": b"",
        "a.csv": b"",
        "rates.csv": b"",
        "tests/a.py": b"",
        "lib/tests/b.py": b"",
        "fixtures/a.json": b"",
        "fixtures/live.json": b"",
    }
    decision = decided(files)
    assert kept(decision, files) == {"app.py", "rates.csv", "fixtures/live.json"}
    rule = decision.verdicts["a.csv"].rule
    assert rule is not None
    assert (rule.place, rule.why) == (".slimignore:4", ".slimignore says so.")


def test_only_the_slimignore_at_the_top_counts_and_a_bad_line_is_named() -> None:
    files = {"lib/.slimignore": b"*\n", "lib/a.py": b""}
    assert kept(decided(files), files) == set(files)
    with pytest.raises(UsageError, match=r"^\.slimignore:2: 'a\[' is not a gitignore pattern"):
        decided({".slimignore": b"x\na[\n", "a.py": b""})


def test_gitignore_counts_only_where_it_is_asked_for() -> None:
    source = MemorySource({".gitignore": b"*.py\n", ".slimignore": b"!app.py\n"})
    assert [r.place for r in ignored(source, gitignore=False)] == [".slimignore:1"]
    both = ignored(source, gitignore=True)
    assert [r.place for r in both] == [".gitignore:1", ".slimignore:1"]
