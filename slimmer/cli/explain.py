"""``slim explain``: for each path the verdict, the rule, its reason, and the owner."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import say
from slimmer.cli.paths import as_utf8
from slimmer.config.option import QUESTION
from slimmer.errors import EXIT_OK, InputError
from slimmer.text import did_you_mean, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slimmer.inputs.base import Source


@command(
    QUESTION,
    "--form",
    "--base-layers",
    "--rootfs",
    "--over",
    "--requirements",
    "--npm",
    named_by="tree",
)
@click.argument("tree", type=IN, metavar="TREE|NAME")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def explain(
    tree: Path,
    paths: tuple[str, ...],
    asked: Asked,
    form: str,
    base_count: int,
    over: tuple[Path, ...],
    requirements: Path | None,
    npm: Path | None,
    *,
    rootfs: bool,
) -> int:
    """Say what becomes of each PATH of TREE: the verdict, its rule, file and reason, and the owner.

    PATH is relative to TREE, or a path on this machine that lies in it. NAME is an artifact of
    slim.toml. The options are those of slim build: with the same ones, the verdicts are the
    build's. An image is asked about as one, but with --form zip.
    """
    from slimmer.build.planner import plan_tree
    from slimmer.cli.forms import as_function, form_for
    from slimmer.cli.trees import open_trees, wanted_of
    from slimmer.report.explain import step_lines

    wanted, trees = wanted_of(requirements, npm), (tree, *over)
    settings = asked.settings
    source, _ = open_trees(trees, wanted, settings, rootfs=rootfs, refresh=False, quiet=False)
    form = form_for(source, form, settings)
    source, _ = as_function(source, form, settings)
    planned = plan_tree(asked.of(source, form, base_count))
    steps = {step.entry.path: step for step in planned.plan.steps}
    for path in paths:
        lines = step_lines(steps[_find(trees, source, path)], planned.decision)
        say("".join(f"{line}\n" for line in lines))
    return EXIT_OK


def _find(trees: Sequence[Path], source: Source, path: str) -> str:
    known = source.tree.by_path
    inside = posixpath.normpath(as_utf8(path))
    if inside in known:
        return inside
    full = Path(path).absolute()
    for root in (tree.absolute() for tree in trees):
        if full.is_relative_to(root) and as_utf8(str(full.relative_to(root))) in known:
            return as_utf8(str(full.relative_to(root)))
    beside = [entry for entry in known if posixpath.dirname(entry) == posixpath.dirname(inside)]
    near = did_you_mean(inside, beside) if len(beside) <= 1000 else ""
    near = near if "did you mean" in near else "; name a path relative to it"
    where = " and ".join(printable(str(tree)) for tree in trees)
    raise InputError(f"{printable(path)}: not in the tree {where}{near}")
