"""From a tree to verdicts: rules first, then all that may take back or drop more.

It opens nothing itself: the source reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from slimmer.decide.links import drop_dangling
from slimmer.decide.question import Question
from slimmer.decide.rescue import rescue
from slimmer.decide.selection import select, unused_selectors
from slimmer.ecosystems import check_fit, drop_more, make_guards, needed_by
from slimmer.ecosystems.context import Context
from slimmer.ecosystems.interface import DropRequest
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Rescue, Verdict
from slimmer.model.tree import Entry
from slimmer.rules.engine import PackRoot, Ruleset, decide, find_roots, place_packs
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


def decide_tree(question: Question) -> Decision:
    """Return the verdicts on the tree of a question.

    Raises UsageError for selectors that name nothing there is, InputError for metadata that
    cannot be read and for kept links that leave the tree or go in a circle.
    """
    source, settings, deployment = question.source, question.settings, question.deployment
    tree = source.tree
    ruleset = select(question.packs, settings, tree)
    roots = find_roots(tree, ruleset.packs)
    pack_roots = place_packs(roots, ruleset)
    binaries = Binaries(tree, source.read_part)
    context = Context(tree, source.read, binaries, deployment, settings.prefix, settings.arch)
    ecosystems = needed_by(context)
    guards = make_guards(ecosystems, settings.guards, context)
    rescued = rescue(tree, ruleset, roots, decide(tree.entries, pack_roots), guards)
    request = DropRequest(
        context=context,
        verdicts=rescued.verdicts,
        tier=settings.tier,
        foreign=settings.foreign,
        pyc=settings.pyc,
        mtime_s=source.mtime_s,
    )
    more = drop_more(ecosystems, request)
    verdicts, dangling = drop_dangling(tree, rescued.verdicts | more.drops)
    findings = [*more.findings, *check_fit(ecosystems, context, verdicts)]
    findings += [*unused_selectors(settings, ruleset, tree, roots), *rescued.findings]
    findings += [_dangling(tree.by_path[path]) for path in dangling]
    return Decision(
        ruleset=ruleset,
        pack_roots=tuple(pack_roots),
        verdicts=verdicts,
        rescues=rescued.rescues,
        findings=tuple(findings),
        valid_bytecode=more.valid_bytecode,
    )


def _dangling(entry: Entry) -> Finding:
    message = (
        f"{printable(entry.path)} is a link to {printable(entry.target)}, which is not there; "
        "kept as it is"
    )
    return finding("dangling-link", message)
