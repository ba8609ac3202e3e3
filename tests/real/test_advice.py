"""All advice that a report gives is followed at once, and what was built still runs."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.real import beam, test_jvm, test_mix_release, test_node_app, test_python_layer
from tests.real.command import Build, build, unpack
from trees import jvm, mix, node, otp, wheels

pytestmark = [pytest.mark.real, pytest.mark.heavy]

_ADVICE = re.compile(
    r"--(drop|keep|keep-bytes|arch|dedupe|foreign|no-guard) (?:'([^']+)'|([\w./-]+))"
)
_SAYS = """
io:format("~p ~p~n", [element(1, application:ensure_all_started(ssl)), 'Elixir.Enum':sum([1, 2])]),
halt().
"""


class Stack(NamedTuple):
    """A real tree, some advice that its report gives, and what runs what was built of it.

    What it gives by default may differ from what it gives at every tier.
    """

    tree: Callable[[], Path]
    gives: tuple[str, ...]
    run: Callable[[Path, Path], None]
    gives_by_default: tuple[str, ...] = ()


def _jre(folder: Path) -> None:
    shutil.copytree(jvm.tree() / "jre", folder, symlinks=True)
    shutil.copy(jvm.tree() / "app.jar", folder)


def _run_otp(_tree: Path, layer: Path) -> None:
    outcome = beam.evaluate(layer, _SAYS)
    assert outcome.output.split()[-2:] == ["ok", "3"], outcome.output


def _run_mix(_tree: Path, release: Path) -> None:
    test_mix_release.assert_answers(release)


def _run_node(tree: Path, function: Path) -> None:
    assert test_node_app.answer(function) == test_node_app.answer(tree)


def _run_java(_tree: Path, folder: Path) -> None:
    (folder / "jre").symlink_to(".")
    done = test_jvm.run(folder, test_jvm.CODE)
    assert done.stdout == "285 1,2,3\n", done.stderr


def _run_python(tree: Path, layer: Path) -> None:
    assert test_python_layer.answer(layer) == test_python_layer.answer(tree)


STACKS = {
    "otp": Stack(otp.otp_layer, ("--keep",), _run_otp),
    "mix": Stack(mix.mix_release, (), _run_mix),
    "node": Stack(node.application, ("--keep",), _run_node, ("--drop", "/package-lock.json")),
    "jre": Stack(jvm.tree, (), _run_java),
    "python": Stack(
        lambda: wheels.layer(*test_python_layer.PINNED), ("--pyc", "compile"), _run_python
    ),
}


def advice_of(built: Build) -> list[str]:
    """Give the options that the findings of a report name, as a shell would read them."""
    options: list[str] = []
    for row in built.report["findings"]:
        for name, quoted, plain in _ADVICE.findall(row["message"]):
            options += [f"--{name}", quoted or plain]
        if "--pyc compile" in row["message"]:
            options += ["--pyc", "compile", "--python", sys.executable]
        if "--tree-shake" in row["message"]:
            options.append("--tree-shake")
    return options


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("tier", ["default", "aggressive"])
@pytest.mark.parametrize("name", STACKS)
def test_what_follows_all_advice_runs(name: str, tier: str, folder: Path) -> None:
    stack = STACKS[name]
    if name == "python" and sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    tree = stack.tree()
    if name == "jre":
        tree = folder / "tree"
        _jre(tree)
    options = ("--tier", tier, "--level", "1")
    advice = advice_of(build(tree, folder / "first", *options))
    gives = {*stack.gives, *(stack.gives_by_default if tier == "default" else ())}
    assert gives <= set(advice)
    built = build(tree, folder / "second", *options, *advice)
    assert built.status == 0, built.said
    stack.run(tree, unpack(built.zip, folder / "layer"))
