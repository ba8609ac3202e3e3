"""From a tree to verdicts: rules first, then all that may take back or drop more.

It opens nothing itself: the source reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from slimmer.decide.held import hold
from slimmer.decide.hollow import NONE_HOLLOW, HollowModules, hollow_modules
from slimmer.decide.husks import GUARD, Manifests
from slimmer.decide.links import drop_dangling, is_of_system
from slimmer.decide.named_paths import NamedPaths
from slimmer.decide.ownership import OwnedTree, name_own, own_findings, pack_claims
from slimmer.decide.public import public_findings
from slimmer.decide.question import Question
from slimmer.decide.readers import ReadersGuard
from slimmer.decide.rescue import rescue
from slimmer.decide.selection import all_but_kept, opt_in_notes, select, unused_selectors
from slimmer.decide.shake import find_reach, unreached_drops, unreached_findings, what_runs
from slimmer.decide.shrunk import may_go, shrunk_drops
from slimmer.decide.tool_folders import GUARD as TOOLS
from slimmer.decide.tool_folders import ToolFolders
from slimmer.ecosystems import PATHS, READERS, Ecosystem
from slimmer.ecosystems.context import Context
from slimmer.ecosystems.interface import DropRequest, UsesRequest
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.ecosystems.parts import (
    advise,
    check_fit,
    drop_aside,
    drop_companions,
    drop_more,
    find_owners,
    make_guards,
    needed_by,
)
from slimmer.inputs.base import ReadPart
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Rescue, Verdict
from slimmer.model.tree import Entry
from slimmer.model.unit_rules import PartsRule
from slimmer.model.uses import Reach
from slimmer.paths import join
from slimmer.rules.engine import PackRoot, Ruleset, find_roots, place_packs
from slimmer.rules.evidence.judge import Judge
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
    #: The chunks that stay in Erlang's modules, by the path of each module that has any.
    kept_chunks: Mapping[str, frozenset[bytes]]
    #: The packages of a distribution of which nothing is left.
    gone_packages: frozenset[str]
    #: Who installed each path of the tree, or OWN.
    owners: Mapping[str, str]
    #: What was found, and what was missing, where rules matched.
    judge: Judge
    #: What the roots reach; None where nothing is known that runs.
    reach: Reach | None = None
    #: What a shrink would drop, and what ships to be observed.
    observed: frozenset[str] = frozenset()
    #: The modules of Java runtimes that a shrink leaves hollow.
    hollow: HollowModules = NONE_HOLLOW


def _untold(_step: str) -> None:
    """Tell nobody."""


def decide_tree(question: Question, tell: Callable[[str], object] = _untold) -> Decision:
    """Return the verdicts on the tree of a question; ``tell`` is told what is being done.

    Raises UsageError for selectors that name nothing there is, InputError for metadata that
    cannot be read and for kept links that leave the tree or go in a circle.
    """
    source, settings = question.source, question.settings
    tree = source.tree
    tell("whose each file is")
    ruleset = select(question.packs, settings, tree, question.ignored)
    context = context_of(question)
    ecosystems = needed_by(context)
    owned = _owned_tree(context, ecosystems, ruleset.packs, source.read_part)
    roots = owned.roots
    pack_roots = place_packs(roots, ruleset)
    context = replace(context, owners=owned.owners)
    guards = make_guards(ecosystems, settings.guards, context)
    if READERS in settings.guards:
        guards[READERS] = ReadersGuard(owned, ruleset.packs, context.read)
    if PATHS in settings.guards:
        guards[PATHS] = NamedPaths(tree, owned.owners, context.read)
    guards[GUARD] = manifests = Manifests(tree, owned.owners)
    guards[TOOLS] = tools = ToolFolders(owned, ruleset.components.values(), context.read)
    ruled = owned.decide(tree.entries, ruleset)
    ruled |= tools.make_whole(ruled)
    request = _drop_request(question, context, owned.owners, ruled)
    aside = drop_aside(ecosystems, request)
    ruled |= aside.drops
    ruled |= drop_companions(ecosystems, context, ruled, owned.owners)
    ruled |= {path: verdict for path, verdict in question.tried.items() if may_go(ruled[path])}
    held = hold(question.base, tree, ruled)
    ruled |= held.verdicts
    tell("what kept files need")
    rescued = rescue(owned, ruleset, ruled, guards, tools.is_refused(aside.drops, ruled))
    parts = _parts(ruleset.packs, roots)
    uses = UsesRequest(
        context=context,
        owners=owned.owners,
        verdicts=rescued.verdicts,
        parts=parts,
        variants=tuple(rule for pack in ruleset.packs for rule in pack.variants),
        entry=settings.entry,
        is_asked=settings.tree_shake or bool(settings.entry),
    )
    tell("what is reached")
    runs = what_runs(uses, settings)
    is_sought = question.tells_reach or settings.tree_shake
    reach = find_reach(ecosystems, uses, settings, runs) if is_sought else None
    unreached = unreached_drops(reach, uses, settings) if reach and settings.tree_shake else {}
    tell("what fits the target")
    shrunk = shrunk_drops(question.shrunk, tree, owned.owners, rescued.verdicts | unreached)
    going = {} if question.observes else shrunk.drops
    request = replace(request, verdicts=rescued.verdicts | unreached | going)
    more = drop_more(ecosystems, request)
    named = name_own(request.verdicts, owned.owners, ruleset.components)
    shipped = named | more.drops
    verdicts, dangling = drop_dangling(tree, shipped | manifests.make_whole(shipped))
    findings = [
        *question.findings,
        *held.findings,
        *aside.findings,
        *more.findings,
        *check_fit(ecosystems, context, verdicts),
    ]
    findings += _fitting(question, advise(ecosystems, context, verdicts))
    findings += [*unused_selectors(settings, ruleset, tree, roots), *rescued.findings]
    hollow = NONE_HOLLOW
    if not question.observes:
        hollow = hollow_modules(question.shrunk, verdicts, context.read)
    findings += [*shrunk.findings, *hollow.findings]
    findings += [
        _dangling(tree.by_path[path])
        for path in dangling
        if not (question.as_image and is_of_system(tree.by_path[path]))
    ]
    findings += opt_in_notes(
        ruleset, tree, roots, lambda e: verdicts[e.path].kept and owned.owners[e.path] != OWN
    )
    findings += unreached_findings(reach, uses, settings) if reach else ()
    if not runs.is_known:
        active = (c for n, c in ruleset.components.items() if n in ruleset.active)
        findings += public_findings(tree, verdicts, active)
    findings += own_findings(owned, all_but_kept(ruleset, settings), verdicts, ruleset.active)
    return Decision(
        ruleset=ruleset,
        pack_roots=tuple(pack_roots),
        verdicts=verdicts,
        rescues=tuple(r for r in rescued.rescues if not unreached.keys() >= {*r.paths, r.path}),
        findings=tuple(findings),
        valid_bytecode=more.valid_bytecode,
        kept_chunks=more.kept_chunks,
        gone_packages=more.gone_packages,
        owners=owned.owners,
        judge=owned.judge,
        reach=reach,
        observed=frozenset(shrunk.drops) if question.observes else frozenset(),
        hollow=hollow,
    )


def _fitting(question: Question, advice: Iterable[Finding]) -> list[Finding]:
    """Return the advice that holds for what comes out; an image lies where it was installed."""
    return [each for each in advice if not (question.as_image and each.code == "start-path")]


def _drop_request(
    question: Question, context: Context, owners: Mapping[str, str], ruled: Mapping[str, Verdict]
) -> DropRequest:
    """Return what drop passes decide on, as the rules have it."""
    settings, source = question.settings, question.source
    return DropRequest(
        context=context,
        verdicts=ruled,
        tier=settings.tier,
        foreign=settings.foreign,
        pyc=settings.pyc,
        guards=settings.guards,
        owners=owners,
        mtime_s=lambda path: source.mtime_ns(path) // 1_000_000_000,
    )


def _parts(
    packs: Iterable[Pack], roots: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[PartsRule, ...]]:
    """Return what each pack says of parts of units, at each of its roots."""
    return {
        pack.name: tuple(
            rule._replace(folder=join(root, rule.folder))
            for rule in pack.parts
            for root in roots[pack.name]
        )
        for pack in packs
        if pack.parts
    }


def owned_tree(question: Question, packs: Sequence[Pack]) -> OwnedTree:
    """Return the tree of a question with who owns each path. Raises InputError."""
    context = context_of(question)
    return _owned_tree(context, needed_by(context), packs, question.source.read_part)


def _owned_tree(
    context: Context,
    ecosystems: Sequence[Ecosystem],
    packs: Sequence[Pack],
    read: ReadPart,
) -> OwnedTree:
    tree = context.tree
    roots = find_roots(tree, packs)
    claimed = pack_claims(tree, packs, roots)
    owners = find_owners(ecosystems, context, [claimed])
    return OwnedTree(tree, roots, owners, Judge(tree, read, owners))


def context_of(question: Question) -> Context:
    """Return what guards and checks may look at."""
    source, settings = question.source, question.settings
    binaries = Binaries(source.tree, source.read_part)
    return Context(
        tree=source.tree,
        read=source.read,
        binaries=binaries,
        deployment=question.deployment,
        prefix=settings.prefix,
        arch=settings.arch,
        tier=settings.tier,
        started=question.started,
        readings=question.readings,
    )


def _dangling(entry: Entry) -> Finding:
    message = (
        f"{printable(entry.path)} is a link to {printable(entry.target)}, which is not there; "
        "kept as it is"
    )
    return finding("dangling-link", message)
