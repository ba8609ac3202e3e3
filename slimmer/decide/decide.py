"""From a tree to verdicts: rules first, then all that may take back or drop more.

It opens nothing itself: the source reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slimmer.config.settings import Settings
from slimmer.decide.links import drop_dangling
from slimmer.decide.rescue import rescue
from slimmer.decide.selection import at_tier, select, unused_selectors
from slimmer.ecosystems import check_fit, make_guards
from slimmer.ecosystems.context import NOWHERE, Context, Deployment
from slimmer.ecosystems.java.shaded_jars import drop_shaded_jars
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.ecosystems.native.foreign import drop_foreign
from slimmer.ecosystems.python.bytecode import drop_stale_bytecode
from slimmer.inputs.base import Source
from slimmer.model.findings import Finding, Severity
from slimmer.model.rules import Rescue, Tier, Verdict
from slimmer.model.tree import Entry
from slimmer.rules.engine import PackRoot, Ruleset, decide, find_roots, place_packs
from slimmer.rules.packs import Pack
from slimmer.text import printable


@dataclass(frozen=True)
class Decision:
    """The verdicts on a tree, guards and links included, and what there is to say of them."""

    ruleset: Ruleset
    pack_roots: tuple[PackRoot, ...]
    verdicts: dict[str, Verdict]
    rescues: tuple[Rescue, ...]
    findings: tuple[Finding, ...]
    valid_bytecode: frozenset[str]


def decide_tree(
    source: Source,
    packs: Sequence[Pack],
    settings: Settings,
    tier: Tier | None = None,
    deployment: Deployment = NOWHERE,
) -> Decision:
    """Return the verdicts on a tree under these settings, or at another tier than theirs.

    Raises UsageError for words that name nothing there is, InputError for metadata that
    cannot be read and for kept links that leave the tree or go in a circle.
    """
    tree = source.tree
    ruleset = select(packs, settings, tree)
    if tier is not None:
        ruleset = at_tier(ruleset, settings, tier)
    roots = find_roots(tree, ruleset.packs)
    pack_roots = place_packs(roots, ruleset)
    binaries = Binaries(tree, source.read_part)
    context = Context(tree, source.read, binaries, deployment, settings.prefix, settings.arch)
    guards = make_guards(settings.guards, context)
    rescued = rescue(tree, ruleset, roots, decide(tree.entries, pack_roots), guards)
    foreign = drop_foreign(context, rescued.verdicts, settings.foreign)
    loadable = rescued.verdicts | foreign.drops
    held, offers = drop_shaded_jars(context, loadable, settings.tier if tier is None else tier)
    loadable |= held
    judged = drop_stale_bytecode(tree, loadable, settings.pyc, source.read, source.mtime_s)
    verdicts, dangling = drop_dangling(tree, loadable | judged.drops)
    findings = [*foreign.findings, *offers, *check_fit(context, verdicts)]
    findings += [*unused_selectors(settings, ruleset, tree, roots), *rescued.findings]
    findings += [_dangling(tree.by_path[path]) for path in dangling]
    placed_packs, valid = tuple(pack_roots), judged.valid
    return Decision(ruleset, placed_packs, verdicts, rescued.rescues, tuple(findings), valid)


def _dangling(entry: Entry) -> Finding:
    message = (
        f"{printable(entry.path)} is a link to {printable(entry.target)}, which is not there; "
        "kept as it is"
    )
    return Finding("dangling-link", Severity.WARN, message)
