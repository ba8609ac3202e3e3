"""The hooks, installed and run by pre-commit as in a project of its own."""

import re
import shutil
from pathlib import Path

import pytest

from tests.real.need import absent
from tests.support.examples import EXAMPLES, project, run

pytestmark = pytest.mark.real

REPOSITORY = EXAMPLES.parent
NAMES = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")


def git(folder: Path, *words: str) -> None:
    done = run("git", *words, cwd=folder, env=dict.fromkeys(NAMES, "test"))
    assert done.returncode == 0, done.stdout


def hook_repository(folder: Path) -> Path:
    """Make a repository of what pre-commit needs of this one."""
    for name in ("slimmer", "rules"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(REPOSITORY / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=slim")
    git(folder, "tag", "v0.1.0")
    return folder


def test_the_hooks_stop_what_is_too_large(tmp_path: Path) -> None:
    if not shutil.which("git"):
        absent("no git on PATH, which pre-commit needs")
    slim_repository = hook_repository(tmp_path / "slim")
    work = project(tmp_path / "work", "pre-commit")
    config = work / ".pre-commit-config.yaml"
    text = config.read_text().replace("https://github.com/OWNER/slim", str(slim_repository))
    config.write_text(text)
    run("slim", "build", "runtime", "--output", "layer.zip", cwd=work)
    git(work, "init", "--quiet")
    git(work, "add", ".")
    env = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    passed = run("pre-commit", "run", cwd=work, env=env)
    assert passed.returncode == 0, passed.stdout
    assert len(re.findall(r"^slim .*\.\.Passed$", passed.stdout, re.MULTILINE)) == 2
    config.write_text(text.replace("--max=65MB", "--max=100B").replace("--max=1MB", "--max=9B"))
    git(work, "add", ".")
    failed = run("pre-commit", "run", cwd=work, env=env)
    assert failed.returncode == 1
    assert len(re.findall(r"^slim .*\.\.Failed$", failed.stdout, re.MULTILINE)) == 2
    assert failed.stdout.count("- exit code: 1\n") == 2
    assert not (work / "app.zip").exists()
