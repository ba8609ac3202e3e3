"""From a tree to verdicts: rules first, then all that may take back or drop more.

It opens nothing itself: the source reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from slimmer.config.settings import Settings
from slimmer.decide.links import drop_dangling
from slimmer.decide.rescue import rescue
from slimmer.decide.selection import at_tier, select, unused_selectors
from slimmer.ecosystems import check_fit, drop_more, make_guards, needed_by
from slimmer.ecosystems.context import NOWHERE, Context, Deployment
from slimmer.ecosystems.interface import DropRequest
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.model.findings import Finding, Severity
from slimmer.model.rules import Rescue, Tier, Verdict
from slimmer.model.tree import Entry, Tree
from slimmer.rules.engine import PackRoot, Ruleset, decide, find_roots, place_packs
from slimmer.rules.packs import Pack
from slimmer.text import printable


class Source(Protocol):
    """A scanned tree and the bytes of its files."""

    @property
    def tree(self) -> Tree:
        """The picture taken at the scan."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises InputError."""

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises InputError."""

    def mtime_s(self, path: str) -> int:
        """Return when a file was last changed, in whole seconds since 1970."""


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
    ecosystems = needed_by(context)
    guards = make_guards(ecosystems, settings.guards, context)
    rescued = rescue(tree, ruleset, roots, decide(tree.entries, pack_roots), guards)
    request = DropRequest(
        context=context,
        verdicts=rescued.verdicts,
        tier=settings.tier if tier is None else tier,
        foreign=settings.foreign,
        pyc=settings.pyc,
        mtime_s=source.mtime_s,
    )
    more = drop_more(ecosystems, request)
    verdicts, dangling = drop_dangling(tree, rescued.verdicts | more.drops)
    findings = [*more.findings, *check_fit(ecosystems, context, verdicts)]
    findings += [*unused_selectors(settings, ruleset, tree, roots), *rescued.findings]
    findings += [_dangling(tree.by_path[path]) for path in dangling]
    placed_packs, valid = tuple(pack_roots), more.valid_bytecode
    return Decision(ruleset, placed_packs, verdicts, rescued.rescues, tuple(findings), valid)


def _dangling(entry: Entry) -> Finding:
    message = (
        f"{printable(entry.path)} is a link to {printable(entry.target)}, which is not there; "
        "kept as it is"
    )
    return Finding("dangling-link", Severity.WARN, message)
