"""From a tree to verdicts: rules first, then all that may take back or drop more.

It opens nothing itself: the source reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from slimmer.around import NOWHERE, Around, Deployment
from slimmer.binaries import Binaries
from slimmer.bytecode import judge
from slimmer.config import Settings
from slimmer.fit import check_fit
from slimmer.foreign import judge as judge_foreign
from slimmer.guards import GUARDS
from slimmer.held import judge_held
from slimmer.links import drop_dangling
from slimmer.model import (
    Entry,
    Finding,
    Rescue,
    Severity,
    Tier,
    Tree,
    Verdict,
)
from slimmer.names import printable
from slimmer.packs import Pack
from slimmer.rescue import rescue
from slimmer.rules import Mount, Ruleset, decide, find_roots, mounts
from slimmer.selection import at_tier, select, unused_words


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
    placed: tuple[Mount, ...]
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
    placed = mounts(roots, ruleset)
    binaries = Binaries(tree, source.read_part)
    around = Around(tree, source.read, binaries, deployment, settings.prefix, settings.arch)
    guards = {name: GUARDS[name](around) for name in settings.guards}
    rescued = rescue(tree, ruleset, roots, decide(tree.entries, placed), guards)
    foreign = judge_foreign(around, rescued.verdicts, settings.foreign)
    loadable = rescued.verdicts | foreign.drops
    held, offers = judge_held(around, loadable, settings.tier if tier is None else tier)
    loadable |= held
    judged = judge(tree, loadable, settings.pyc, source.read, source.mtime_s)
    verdicts, dangling = drop_dangling(tree, loadable | judged.drops)
    findings = [*foreign.findings, *offers, *check_fit(around, verdicts)]
    findings += [*unused_words(settings, ruleset, tree, roots), *rescued.findings]
    findings += [_dangling(tree.by_path[path]) for path in dangling]
    placed_packs, valid = tuple(placed), judged.valid
    return Decision(ruleset, placed_packs, verdicts, rescued.rescues, tuple(findings), valid)


def _dangling(entry: Entry) -> Finding:
    message = (
        f"{printable(entry.path)} is a link to {printable(entry.target)}, which is not there; "
        "kept as it is"
    )
    return Finding("dangling-link", Severity.WARN, message)
