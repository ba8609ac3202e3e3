"""``slim explain``: for each path the verdict, the rule, its file and its reason."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

import click

from slimmer.build.pipeline import plan_of
from slimmer.cli.options import deciding, settings_from, target_of
from slimmer.cli.paths import PATH, as_utf8
from slimmer.decide.decide import Decision, decide_tree
from slimmer.ecosystems.context import Deployment
from slimmer.errors import EXIT_OK, InputError
from slimmer.inputs.folder import Folder, scan
from slimmer.model.plan import Keep, Link, Step
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, name_of
from slimmer.rules.packs import load_packs
from slimmer.text import did_you_mean, printable


@click.command(short_help="Say for each path what becomes of it, and why.")
@click.argument("tree", type=PATH)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@deciding
def explain(tree: Path, paths: tuple[str, ...], **deciding_options: Any) -> int:
    """Say what becomes of each PATH of TREE: the verdict, the rule, its file, its reason.

    PATH is relative to TREE, or a path on this machine that lies in it.
    """
    settings = settings_from(**deciding_options)
    folder = scan(tree)
    decision = decide_tree(folder, load_packs(), settings, None, Deployment(*target_of(settings)))
    steps = {s.entry.path: s for s in plan_of(folder, decision, settings).steps}
    for path in paths:
        step = steps[_find(folder, path)]
        click.echo("\n".join(_lines(step, _linker(step, decision))))
    return EXIT_OK


def _find(folder: Folder, path: str) -> str:
    known = folder.tree.by_path
    inside = posixpath.normpath(as_utf8(path))
    if inside in known:
        return inside
    full = Path(path).absolute()
    root = folder.root.absolute()
    if full.is_relative_to(root) and as_utf8(str(full.relative_to(root))) in known:
        return as_utf8(str(full.relative_to(root)))
    beside = [entry for entry in known if folder_of(entry) == folder_of(inside)]
    near = did_you_mean(inside, beside) if len(beside) <= 1000 else ""
    near = near if "did you mean" in near else "; name a path relative to it"
    raise InputError(f"{printable(path)}: not in the tree {folder.root}{near}")


def _linker(step: Step, decision: Decision) -> str:
    """Return why a file may be a link to an identical one: its kind, or the pack that says so."""
    path = step.entry.path
    sources = {pack.name: pack.source for pack in decision.ruleset.packs}
    for pack_root in decision.pack_roots:
        if pack_root.may_link(path, name_of(path)):
            return f"{pack_root.pack}: linkable  ({sources[pack_root.pack]})"
    return "a shared library"


def _lines(step: Step, linker: str) -> list[str]:
    path = printable(step.entry.path)
    if isinstance(step, Link):
        return [
            f"{click.style('link', fg='cyan')}  {path}",
            f"      to {printable(step.to)}, which has the same bytes",
            f"      {linker}; --no-dedupe keeps both",
        ]
    kept = isinstance(step, Keep)
    verdict = click.style("keep", fg="green") if kept else click.style("drop", fg="red")
    target = f" -> {printable(step.entry.target)}" if step.entry.kind is Kind.LINK else ""
    lines = [f"{verdict}  {path}{target}"]
    rule = step.rule
    if rule is None:
        return [*lines, "      no rule speaks of it"]
    what = f"{rule.component}: {printable(rule.pattern)}"
    return [*lines, f"      {what}  ({rule.place})", f"      {rule.why}"]
