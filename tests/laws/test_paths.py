"""No output may be an input: for every command and every pair of its paths, however spelt."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from slimmer.cli import COMMANDS, cli
from slimmer.cli.frame import names_program
from slimmer.cli.options import PathType
from slimmer.config.path_values import Role
from tests.support.command import Outcome, picture, slim

SETTINGS = "slim.toml"
TREES = ("tree", "trees", "artifact")  # the arguments that name a folder


def same(path: Path) -> Path:
    return path


def dotted(path: Path) -> Path:
    return Path(".", "folder", "..", path)


def absolute(path: Path) -> Path:
    return path.absolute()


def linked(path: Path) -> Path:
    link = path.with_name("link-to-it")
    link.symlink_to(path.name)
    return link


def hard_linked(path: Path) -> Path:
    link = path.with_name("hard-link-to-it")
    if path.is_file():
        link.hardlink_to(path)
        return link
    return path


SPELLINGS = (same, dotted, absolute, linked, hard_linked)


def parameters(command: str) -> list[click.Parameter]:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    return found.params


def is_written(param: click.Parameter) -> bool:
    return isinstance(param.type, PathType) and (
        param.type.role is Role.OUT or bool(param.type.written_with)
    )


def names_path(param: click.Parameter) -> bool:
    return isinstance(param.type, PathType) or names_program(param)


def label(param: click.Parameter) -> str:
    return param.opts[-1] if isinstance(param, click.Option) else str(param.name)


def pairs() -> Iterator[tuple[str, str, str]]:
    """Yield command, an output of it, and another path of it."""
    for command in COMMANDS:
        paths = [param for param in parameters(command) if names_path(param)]
        for output, other in itertools.permutations(paths, 2):
            if is_written(output):
                yield command, label(output), label(other)


def needs(command: str) -> list[click.Parameter]:
    """Return the paths that a command cannot do without."""
    return [
        param
        for param in parameters(command)
        if names_path(param) and (param.required or param.nargs == -1)
    ]


def place_of(param: click.Parameter) -> Path:
    return Path("tree" if label(param) in TREES else f"other-{param.name}")


def called(command: str, given: dict[str, Path], cwd: Path) -> Outcome:
    """Run a command with these paths, and with others for whatever it cannot do without."""
    options: list[str] = []
    arguments: list[str] = []
    paths = {label(param): place_of(param) for param in needs(command)} | given
    for param in parameters(command):
        path = paths.get(label(param))
        if path is None:
            continue
        if isinstance(param, click.Option):
            options += [param.opts[-1], str(path)]
        else:
            arguments.append(str(path))
        if isinstance(param.type, PathType) and param.type.written_with:
            options.append("--" + param.type.written_with.replace("_", "-"))
    arguments += ["app.py"] if command == "explain" else []
    return slim(command, *options, *arguments, cwd=cwd)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a folder with a tree, and a file for each path that any command must be given."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "app.py").write_text("x = 1\n")
    for command in COMMANDS:
        for param in needs(command):
            if label(param) not in TREES:
                (tmp_path / place_of(param)).write_text("{}")
    return tmp_path


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("command", "output", "other"), list(pairs()))
def test_no_output_is_another_path_of_the_run(
    work: Path,
    command: str,
    output: str,
    other: str,
    spelling: Callable[[Path], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(work)
    path = Path("shared.file")
    if other in TREES:
        shutil.copytree("tree", path)
    else:
        path.write_text("{}")
    spelt = spelling(path)
    before = picture(work)
    is_program = other == "--python"  # a name without a folder is looked for on PATH
    given = {output: spelt, other: path.absolute() if is_program else path}
    outcome = called(command, given, work)
    assert outcome.code == 2, outcome.text
    assert outcome.err.count("\n") == 1
    assert "same file" in outcome.err or "must name a file" in outcome.err
    assert picture(work) == before


@pytest.mark.parametrize(
    ("command", "output"), sorted({(c, o) for c, o, other in pairs() if other == "--config"})
)
def test_no_output_is_the_settings_file_that_is_found(
    work: Path, command: str, output: str
) -> None:
    (work / SETTINGS).write_text("")
    before = picture(work)
    outcome = called(command, {output: Path(SETTINGS)}, work)
    assert outcome.code == 2, outcome.text
    assert outcome.err.startswith(f"slim: {SETTINGS}: {SETTINGS} and {output} name the same")
    assert picture(work) == before


@pytest.mark.parametrize(
    ("command", "output"),
    sorted({(c, o) for c, o, other in pairs() if other in TREES}),
)
def test_no_output_lies_in_a_tree_that_is_read(work: Path, command: str, output: str) -> None:
    (work / "door").symlink_to("tree")
    before = picture(work)
    for inside in ("tree/new.file", "door/new.file"):
        outcome = called(command, {output: Path(inside)}, work)
        assert outcome.code == 2, outcome.text
        assert "lies inside the tree" in outcome.err
    assert picture(work) == before


def test_a_path_of_its_own_is_written(work: Path) -> None:
    outcome = called("build", {"--json": Path("folder/r.json"), "--output": Path("o.zip")}, work)
    assert outcome.code == 0, outcome.text
    assert (work / "folder/r.json").is_file()
