"""A command imports what it needs: what it imports is counted, since a time would depend on load.

What is imported is nearly all that a short command costs. A module more than the limits is seen
here, and either it is imported by the first call that needs it, or the limit is raised with a word.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import slimmer
from tests.support.zips import zipped

RUN = """
import json, sys
before = set(sys.modules)
from slimmer.__main__ import main
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""
#: Large modules, and what wants them: no command below does.
LARGE = {
    "pathspec": "a pattern that a path may match",
    "hyperscan": "much text",
    "hashlib": "a digest",
    "difflib": "a wrong name",
    "http.client": "slim verify",
    "yaml": "a template",
    "slimmer.ecosystems.interface": "a tree",
}
FILES = {
    "app.py": b"def handler(event, context):\n    return event\n",
    "package/__init__.py": b"",
    "package/module.py": b"VALUE = 1\n" * 500,
    "bin/run": b"#!/bin/sh\necho\n",
    "package.json": b"{}\n",
}


def imported(folder: Path, *arguments: str, **environment: str) -> tuple[list[str], str]:
    """Return the modules that one run imports, and what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return modules, done.stdout


def assert_few(modules: list[str], most: int) -> None:
    own = [name for name in modules if name.startswith("slimmer")]
    assert [name for name in modules if name in LARGE] == []
    assert len(own) <= most, own


def test_the_version_imports_nothing(tmp_path: Path) -> None:
    modules, said = imported(tmp_path, "--version")
    assert modules == ["slimmer", "slimmer.__main__"]
    assert said.startswith("slim, version ")


def test_the_help_of_slim_imports_the_table_of_commands(tmp_path: Path) -> None:
    modules, said = imported(tmp_path, "--help")
    assert "Commands:" in said
    assert_few(modules, 8)


@pytest.mark.parametrize("command", ["build", "check", "diff", "explain", "inspect", "rules"])
def test_the_help_of_a_command_imports_the_table_of_options(tmp_path: Path, command: str) -> None:
    modules, said = imported(tmp_path, command, "--help")
    assert "Options:" in said
    assert_few(modules, 50)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("slim bu", "build"),
        ("slim build --ti", "--tier"),
        ("slim build --tier ", "aggressive"),
        ("slim check --target python3.1", "python3.13"),
    ],
)
def test_completion_imports_no_more(tmp_path: Path, words: str, offered: str) -> None:
    at = str(len(words.split(" ")) - 1)
    environment = {"_SLIM_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": at}
    modules, said = imported(tmp_path, **environment)
    assert offered in said
    assert_few(modules, 52)


@pytest.mark.parametrize("options", [(), ("--max", "65MB", "--warn-at", "80%"), ("--quiet",)])
def test_the_check_of_a_small_zip_imports_no_language(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "small.zip").write_bytes(zipped(FILES))
    modules, _ = imported(tmp_path, "check", "small.zip", *options)
    assert_few(modules, 117)  # widths, versions, what is accepted, artifacts, forms, images, trees


def test_a_build_imports_nothing_of_verify_and_of_templates(tmp_path: Path) -> None:
    for path, data in FILES.items():
        file = tmp_path / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    modules, _ = imported(tmp_path, "build", "tree", "-o", "made.zip", "-q")
    network = {"http.client", "ssl", "socket", "email", "yaml", "slimmer.verify.workspace"}
    assert (tmp_path / "made.zip").exists()
    assert network.isdisjoint(modules)


def test_no_module_has_an_expression_that_is_slow_to_compile() -> None:
    """A range to the last character takes 10 ms: Python's compiler looks at each."""
    package = Path(slimmer.__file__).parent
    texts = {file: file.read_text("utf-8").lower() for file in package.rglob("*.py")}
    assert [file for file, text in texts.items() if r"-\U0010ffff".lower() in text] == []
