"""The GitHub Action: its steps, run as the runner runs them, on what passes and what fails."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from action.run import Note, command_line, fitting
from tests.support import runner
from tests.support.command import slim
from tests.support.examples import EXAMPLES, load_yaml, project
from tests.support.trees import write_tree

TREE = {
    "bootstrap": "#!/bin/sh\n",
    "doc/index.html": "<p>Read me</p>\n" * 200,
    "lib/app.txt": "What the function reads.\n" * 400,
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a RUNNER_TEMP in which the action's own first step has set slim up."""
    temp = tmp_path_factory.mktemp("runner")
    done = runner.run(temp, temp, {}, only="Set up slim")
    assert done.code == 0, done.log
    yield temp
    shutil.rmtree(temp)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "runtime", TREE)
    return tmp_path


def run(work: Path, installed: Path, **inputs: str) -> runner.Done:
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return runner.run(work, installed, given, only="Run slim")


def test_a_tree_is_built_and_its_zip_handed_on(work: Path, tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    inputs = {"path": "runtime", "max": "1MB", "output": "layer.zip"}
    done = runner.run(work, temp, inputs)  # both steps
    assert done.code == 0, done.log
    layer = work / "layer.zip"
    digest = hashlib.sha256(layer.read_bytes())
    with zipfile.ZipFile(layer) as opened:
        unzipped_bytes = sum(member.file_size for member in opened.infolist())
    assert done.outputs == {
        "zip": str(layer),
        "zip-bytes": str(layer.stat().st_size),
        "unzipped-bytes": str(unzipped_bytes),
        "sha256": digest.hexdigest(),
        "code-sha256": base64.b64encode(digest.digest()).decode(),
        "ok": "true",
        "report": done.outputs["report"],
        "markdown": done.outputs["markdown"],
    }
    report = json.loads(Path(done.outputs["report"]).read_bytes())
    assert report["artifacts"][0]["sha256"] == digest.hexdigest()
    assert Path(done.outputs["markdown"]).read_text("utf-8") == done.summary
    assert "layer.zip" in done.summary
    assert done.outputs["code-sha256"] in done.summary
    assert done.of("error") == []


def test_a_tree_over_its_cap_fails_and_says_by_how_much(work: Path, installed: Path) -> None:
    done = run(work, installed, path="runtime", max="100B", output="layer.zip")
    assert done.code == 1
    assert not (work / "layer.zip").exists()
    assert (done.outputs["ok"], done.outputs["zip"]) == ("false", "")
    assert int(done.outputs["zip-bytes"]) > 100
    assert "100" in done.summary
    (given, words), *others = done.of("error")
    assert (given["file"], given["title"]) == ("runtime", "slim build: over-max")
    assert "--max allows 100 B" in words
    assert others == []


@pytest.fixture
def zips(work: Path) -> list[Path]:
    """Give a layer and a function, made without slim."""
    for name, content in (("layer.zip", "The layer.\n" * 900), ("function.zip", "x\n" * 90)):
        with zipfile.ZipFile(work / name, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr(f"lib/{name}.txt", content)
    return [work / "layer.zip", work / "function.zip"]


def lines(outputs: dict[str, str], name: str) -> list[str]:
    return outputs[name].splitlines()


def test_zips_are_checked_together(work: Path, zips: list[Path], installed: Path) -> None:
    inputs = {"mode": "check", "path": "layer.zip", "function": "function.zip", "max": "1MB"}
    done = run(work, installed, **inputs)
    assert done.code == 0, done.log
    digests = [hashlib.sha256(path.read_bytes()) for path in zips]
    assert lines(done.outputs, "zip") == [str(path) for path in zips]
    assert done.outputs["zip-bytes"] == str(sum(path.stat().st_size for path in zips))
    assert done.outputs["unzipped-bytes"] == str(11 * 900 + 2 * 90)
    assert lines(done.outputs, "sha256") == [digest.hexdigest() for digest in digests]
    assert lines(done.outputs, "code-sha256") == [
        base64.b64encode(digest.digest()).decode() for digest in digests
    ]
    assert done.outputs["ok"] == "true"
    assert "passed" in done.summary
    assert (done.of("error"), done.of("warning")) == ([], [])


def test_zips_that_are_too_large_fail(work: Path, zips: list[Path], installed: Path) -> None:
    done = run(work, installed, mode="check", path="layer.zip\nfunction.zip", max="100B")
    assert done.code == 1
    assert (done.outputs["ok"], len(lines(done.outputs, "zip"))) == ("false", len(zips))
    assert "failed" in done.summary
    [(given, words)] = done.of("error")
    assert given == {"file": "layer.zip", "title": "slim check: over-max"}
    assert "100 B" in words


@pytest.mark.usefixtures("zips")
def test_growth_since_a_baseline_fails(work: Path, installed: Path) -> None:
    written = slim("check", "layer.zip", "--baseline=size.json", "--update-baseline", cwd=work)
    assert written.code == 0, written.text
    inputs = {"mode": "check", "path": "layer.zip", "baseline": "size.json", "max_growth": "2%"}
    assert run(work, installed, **inputs).code == 0
    with zipfile.ZipFile(work / "layer.zip", "a") as opened:
        opened.writestr("lib/appeared.txt", "y\n" * 900)
    done = run(work, installed, **inputs)
    assert done.code == 1
    assert {given["title"] for given, _ in done.of("error")} == {"slim check: over-growth"}
    assert "lib/appeared.txt" in done.summary


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.usefixtures("zips")
def test_the_base_branch_says_what_it_was(work: Path, installed: Path) -> None:
    written = slim("check", "layer.zip", "--baseline=size.json", "--update-baseline", cwd=work)
    assert written.code == 0, written.text
    git(work, "init", "-q", "-b", "main")
    git(work, "add", "size.json")
    git(work, "commit", "-q", "-m", "Record sizes")
    git(work, "remote", "add", "origin", str(work))
    (work / "size.json").write_text("of the pull request, which could allow itself anything")
    inputs = {"mode": "check", "path": "layer.zip", "baseline": "size.json", "max_growth": "0"}
    assert run(work, installed, **inputs).code != 0
    assert run(work, installed, **inputs, base_ref="main").code == 0
    done = run(work, installed, **inputs, base_ref="gone")
    assert done.code == 2
    assert "the baseline size.json of gone cannot be read" in done.of("error")[0][1]


def test_target_arch_tier_and_events_are_taken(work: Path, installed: Path) -> None:
    given = {"target": "provided.al2023", "arch": "arm64", "tier": "safe"}
    done = run(work, installed, path="runtime", **given)
    assert done.code == 0, done.log
    report = json.loads(Path(done.outputs["report"]).read_bytes())
    assert (report["target"], report["tier"]) == ("provided.al2023", "safe")
    refused = run(work, installed, path="runtime", verify="gone.json")
    assert "gone.json" in refused.of("error")[0][1]


@pytest.mark.usefixtures("zips")
def test_what_fails_can_only_warn(work: Path, installed: Path) -> None:
    inputs = {"mode": "check", "path": "layer.zip", "max": "100B", "options": "--fail-on=none"}
    done = run(work, installed, **inputs)
    assert (done.code, done.outputs["ok"]) == (0, "true")
    assert [given["title"] for given, _ in done.of("warning")] == ["slim check: over-max"]


def test_a_zip_that_is_none_fails_with_its_one_line(work: Path, installed: Path) -> None:
    (work / "layer.zip").write_bytes(b"no zip")
    done = run(work, installed, mode="check", path="layer.zip")
    assert done.code == 3
    assert (done.outputs["ok"], done.outputs["report"], done.outputs["zip"]) == ("false", "", "")
    [(given, words)] = done.of("error")
    assert given == {"file": "layer.zip", "title": "slim check"}
    assert words.startswith("layer.zip: ")
    assert words in done.summary


def test_a_secret_fails_the_step_and_is_shown_nowhere(work: Path, installed: Path) -> None:
    secret = base64.b64encode(hashlib.sha512(b"never deployed").digest()).decode()[:40]
    keys = f"accessKeyId: 'AKIA{'Q7RWX2LT' * 2}'\nsecretAccessKey: '{secret}'\n"
    write_tree(work / "runtime", {"settings.yml": keys})
    done = run(work, installed, path="runtime", output="layer.zip")
    assert (done.code, done.outputs["ok"]) == (1, "false")
    assert not (work / "layer.zip").exists()
    [(given, words)] = done.of("error")
    assert given["title"] == "slim build: secret"
    assert "settings.yml" in words
    reports = [Path(done.outputs[name]).read_text("utf-8") for name in ("report", "markdown")]
    assert all(secret[:8] not in text for text in (done.log, done.summary, *reports))
    allowed = run(work, installed, path="runtime", options="--allow-secret=settings.yml")
    assert allowed.code == 0, allowed.log


def test_bad_usage_fails_with_its_one_line(work: Path, installed: Path) -> None:
    done = run(work, installed, path="runtime", options="--tier=extreme")
    assert done.code == 2
    assert done.outputs["ok"] == "false"
    [(given, words)] = done.of("error")
    assert given == {"file": "runtime", "title": "slim build"}
    assert "there is no tier 'extreme'" in words
    assert "there is no tier 'extreme'" in done.summary


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"mode": "squeeze", "path": "runtime"}, "mode must be build or check, not 'squeeze'"),
        ({"path": ""}, "path must name one tree to build, and names 0"),
        ({"path": "runtime\nother"}, "path must name one tree to build, and names 2"),
        ({"mode": "check", "path": "a.zip", "tier": "safe"}, "tier is for mode build; remove it"),
        ({"path": "runtime", "base_ref": "main"}, "base-ref is for mode check; remove it"),
        ({"mode": "check"}, "path must name the zips to check, one a line"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(
    inputs: dict[str, str], words: str, work: Path, installed: Path
) -> None:
    done = run(work, installed, **inputs)
    assert done.code == 2
    assert done.outputs["ok"] == "false"
    assert [said for _, said in done.of("error")] == [words]
    assert words in done.summary


def test_settings_are_those_of_the_working_directory(work: Path, installed: Path) -> None:
    write_tree(work / "layers", {"slim.toml": 'max = "100B"\n'})
    done = run(work, installed, path="../runtime", working_directory="layers")
    assert done.code == 1
    [(given, _)] = done.of("error")
    assert given["file"] == "runtime"  # as seen from the repository's root


def test_options_stand_on_a_line_each(work: Path, installed: Path) -> None:
    write_tree(work / "runtime", {"a b.txt": "two words\n"})
    done = run(work, installed, path="runtime", options="--drop\na b.txt\n\n--prefix=python\n")
    assert done.code == 0, done.log
    with zipfile.ZipFile(done.outputs["zip"]) as opened:
        assert "python/bootstrap" in opened.namelist()
        assert "python/a b.txt" not in opened.namelist()


def test_no_input_and_no_name_of_a_file_is_run(work: Path, installed: Path) -> None:
    name = '$(touch pwned) `touch pwned`"; touch pwned; #'
    files = {"::error::pwned": "x", "::add-mask::pwned": "x", "a\n::error::pwned": "x"}
    write_tree(work / name, {f"{folder}/{folder}": "y" for folder in files})
    done = run(work, installed, path=name, options="--keep=::error::pwned", output="a%0A,:.zip")
    assert done.code == 0, done.log
    assert not list(work.rglob("pwned"))
    assert done.outputs["zip"] == str(work / "a%0A,:.zip")
    assert "pwned" not in "".join(words for _, words in done.of("error"))
    assert done.of("add-mask") == []


HOSTILE = ("pip", "venv", "sysconfig", "json", "os", "slimmer", "click", "sitecustomize", "site")


def test_no_module_of_the_checkout_is_run(work: Path, tmp_path: Path) -> None:
    pwned = "import pathlib\npathlib.Path(__file__).with_name('pwned').touch()\n"
    write_tree(work, {f"{name}.py": pwned for name in HOSTILE})
    write_tree(work, {f"{name}/__init__.py": pwned for name in ("pip", "slimmer", "deflate")})
    temp = tmp_path / "temp"
    temp.mkdir()
    done = runner.run(work, temp, {"path": "runtime", "output": "layer.zip"})  # both steps
    assert done.code == 0, done.log
    assert not list(work.rglob("pwned"))


def test_what_is_installed_is_what_slim_needs_and_pinned_to_the_byte() -> None:
    lines = (runner.REPOSITORY / "action" / "requirements.txt").read_text("utf-8").splitlines()
    pins = dict(line.partition(" ")[0].split("==") for line in lines if "==" in line)
    project = tomllib.loads((runner.REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [line.partition(";")[0] for line in project["dependencies"]]
    wanted = {line.partition("=")[0].rstrip(">="): line for line in needs}
    assert pins.keys() == wanted.keys()
    for name, version in pins.items():
        least = wanted[name].removeprefix(name)[2:]
        assert tuple(map(int, version.split("."))) >= tuple(map(int, least.split(".")))
        assert wanted[name].removeprefix(name)[0] == ">" or version == least
    assert all(line.startswith(("    --hash=sha256:", *pins)) for line in lines)


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
def test_options_that_do_nothing_are_no_success(option: str, work: Path, installed: Path) -> None:
    done = run(work, installed, path="runtime", options=option)
    assert (done.code, done.outputs["ok"]) == (2, "false")
    assert len(done.of("error")) == 1


def asks_for_python(done: runner.Done) -> bool:
    said = "no Python 3.11 or newer with pip; put actions/setup-python before this step"
    return done.code == 2 and [words.startswith(said) for _, words in done.of("error")] == [True]


def test_the_first_step_asks_for_a_python_that_slim_runs_on(work: Path, tmp_path: Path) -> None:
    names = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
    old = write_tree(tmp_path / "old", dict.fromkeys(names, "#!/bin/sh\nexit 1\n"))
    for name in names:
        (old / name).chmod(0o755)
    assert asks_for_python(runner.run(work, tmp_path, {}, only="Set up slim", first=old))


def test_a_python_that_is_named_is_the_only_one_tried(work: Path, tmp_path: Path) -> None:
    named = {"python": "$(touch pwned) python9"}
    assert asks_for_python(runner.run(work, tmp_path, named, only="Set up slim"))
    assert not list(tmp_path.rglob("pwned"))


def test_annotations_are_escaped_and_no_more_than_github_shows() -> None:
    note = Note("error", "/r/a,b:c%.zip", "slim: x", "100 %\nand: more, so\r")
    line = "::error file=a%2Cb%3Ac%25.zip,title=slim%3A x::100 %25%0Aand: more, so%0D"
    assert command_line(note, Path("/r")) == line
    many = [Note("warning", "", "t", str(i)) for i in range(12)] + [Note("error", "", "t", "e")]
    shown = fitting(many)
    assert [n.message for n in shown[:2]] == ["e", "0"]
    assert len(shown) == 11
    assert shown[-1].message == "and 3 more; the step's summary and log have them"


def test_the_workflow_uses_the_action_as_it_is(tmp_path: Path, installed: Path) -> None:
    work = project(tmp_path, "github")
    steps = load_yaml(work / "slim.yml")["jobs"]["layer"]["steps"]
    uses = [step for step in steps if step.get("uses", "").startswith("OWNER/slim@")]
    outputs: dict[str, str] = {}
    for step in uses:
        given = {name: runner.evaluated(text, outputs) for name, text in step["with"].items()}
        done = runner.run(work, installed, given, only="Run slim")
        assert (done.code, done.outputs["ok"]) == (0, "true"), done.log
        outputs |= {f"steps.{step.get('id')}.outputs.{k}": v for k, v in done.outputs.items()}
    assert len(uses) == 3
    last = {name: runner.evaluated(text, outputs) for name, text in steps[-1]["env"].items()}
    assert last == {"CODE_SHA256": outputs["steps.layer.outputs.code-sha256"]}


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", runner.REPOSITORY / "action.yml"),
        ("github-workflows", EXAMPLES / "github" / "slim.yml"),
        ("github-workflows", EXAMPLES / "github" / "pull-request.yml"),
    ],
)
def test_githubs_schemas_hold(schema: str, file: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*check, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_manual_has_every_input_and_output() -> None:
    page = (runner.REPOSITORY / "docs" / "action.md").read_text("utf-8")
    inputs, outputs = page.split("## Outputs")
    action = runner.action()
    assert [name for name in action["inputs"] if f"`{name}`" not in inputs] == []
    assert [name for name in action["outputs"] if f"`{name}`" not in outputs] == []


def test_the_workflow_of_pull_requests_names_inputs_that_there_are() -> None:
    job = load_yaml(EXAMPLES / "github" / "pull-request.yml")["jobs"]["size"]
    given = {name for step in job["steps"] for name in step.get("with", ())}
    assert given <= set(runner.action()["inputs"])
    assert {"target", "arch", "tier", "baseline", "base-ref", "comment"} <= given
