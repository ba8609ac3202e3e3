"""From a question to a plan: what ships, what is dropped, what becomes a link, and why."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from slimmer.build.archives import (
    drops_in_archives,
    packed_finding,
    stated_archives,
    stated_findings,
    without_room,
)
from slimmer.build.base_layers import with_base, without_placed
from slimmer.build.boots import with_boots
from slimmer.build.contents import Contents
from slimmer.build.modules import reading_hollow
from slimmer.build.own_archives import own_data
from slimmer.build.recorders import with_recorders
from slimmer.build.steps import make_plan, treatment_for
from slimmer.build.stubs import with_stubs
from slimmer.config.settings import Settings
from slimmer.decide.compiled import Compiled, Looked, find_compiled
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.links import link_identical, linkable, same_size
from slimmer.decide.question import Question
from slimmer.inputs.base import Source
from slimmer.model.artifact import DeployedZip
from slimmer.model.findings import Finding
from slimmer.model.plan import Drop, Plan
from slimmer.model.rules import Rule
from slimmer.model.tree import Entry, Kind
from slimmer.outputs.zip import file_mode
from slimmer.transforms import ARCHIVE_REPACK, TransformContext


@dataclass(frozen=True)
class Planned:
    """A plan, the decision that it follows, and the contents of its steps."""

    plan: Plan
    decision: Decision
    contents: Contents
    #: Reads a file of the plan as it is before any transform.
    read: Callable[[str], bytes]
    #: What planning has to say beside the decision.
    findings: tuple[Finding, ...] = ()

    @property
    def drops(self) -> dict[str, Rule]:
        """The rule that drops each path that is dropped."""
        return {s.entry.path: s.rule for s in self.plan.steps if isinstance(s, Drop)}


def plan_tree(question: Question, tell: Callable[[str], object] = lambda _: None) -> Planned:
    """Return the plan that answers a question; ``tell`` is told what is being done.

    Raises UsageError for selectors that name nothing, InputError for what cannot be read and for
    what is kept and cannot go into a zip.
    """
    source, settings = question.source, question.settings
    decision = decide_tree(question, tell)
    tell("which files are alike")
    plan, context, findings = _with_archives(question, decision)
    plan = with_base(plan, question.base)
    read: Callable[[str], bytes] = source.read
    if question.observes:
        plan, read, notes = with_recorders(plan, decision.observed, read)
        findings += notes
    elif question.shrunk.units:
        plan, read = with_boots(plan, reading_hollow(read, decision.hollow.by_path))
    contents = Contents(read, context)
    plan = without_placed(plan, question.deployment.base_layers, settings.prefix, contents.of)
    if question.shrunk.guarded and not question.observes:
        packages = decision.hollow.packages
        hollow, of_image = question.shrunk.hollow, question.started is not None
        plan, read = with_stubs(plan, read, hollow, packages, of_image=of_image)
        contents = contents.reading(read)
    return Planned(plan, decision, contents, read, tuple(findings))


def deployed_zips(question: Question) -> tuple[DeployedZip, ...]:
    """Return the sizes of the zips that are deployed beside the tree's own."""
    siblings = question.deployment.siblings
    return tuple(DeployedZip(z.name, z.zip_bytes, z.unzipped_bytes) for z in siblings)


def plan_of(
    source: Source,
    decision: Decision,
    settings: Settings,
    as_they_are: frozenset[str] = frozenset(),
    times_s: Mapping[str, int] = MappingProxyType({}),
    *,
    as_image: bool = False,
) -> Plan:
    """Return the plan for a decision, with links to identical files where they are safe.

    No transform is used on the files ``as_they_are``; ``times_s`` has those whose times a runtime
    compares.
    """
    keep_bytes = [selector.text for selector in settings.keep_bytes]
    transforms, valid = settings.transforms, decision.valid_bytecode
    treatment = treatment_for(source.tree, transforms, keep_bytes, valid, as_they_are)
    links: dict[str, str] = {}
    if settings.dedupe != "off":
        media = settings.dedupe == "media"
        files = linkable(
            source.tree, decision.verdicts, decision.pack_roots, decision.owners, media=media
        )
        twins = same_size(e for e in files if e.path not in times_s)
        sameness = {e.path: (treatment(e), *_shipped_as(source, e)) for e in twins}
        links = link_identical(twins, sameness)
    return make_plan(source.tree, decision.verdicts, links, treatment, times_s, as_image=as_image)


def _with_archives(
    question: Question, decision: Decision
) -> tuple[Plan, TransformContext, list[Finding]]:
    """Return the plan, what transforms must know, and why archives stay as they are."""
    source, settings = question.source, question.settings
    repacks = ARCHIVE_REPACK in settings.transforms
    stated = stated_archives(source, decision.verdicts) if repacks else {}
    compiled = _compiled(source, decision)
    as_they_are = own_data(question, decision).union(stated, compiled.as_they_are)
    plan_with = functools.partial(
        plan_of, source, decision, settings, times_s=compiled.times_s, as_image=question.as_image
    )
    plan = plan_with(as_they_are)
    left_out = drops_in_archives(question, decision, plan)
    findings = [*stated_findings(stated), *compiled.findings]
    if packed := without_room(question, plan, left_out, deployed_zips(question)):
        plan = plan_with(as_they_are.union(packed))
        findings.append(packed_finding(packed))
    shipped = frozenset(step.entry.path for step in plan.shipped)
    context = TransformContext(
        consolidates=any(path.endswith("/ebin/mix.app") for path in shipped),
        inside=left_out,
        gzip_beams=settings.beams == "gzip",
        repacks=repacks,
        shipped=shipped,
        kept_chunks=decision.kept_chunks,
        gone_packages=decision.gone_packages,
    )
    return plan, context, findings


def _compiled(source: Source, decision: Decision) -> Compiled:
    kept = (e for e in source.tree.entries if e.kind is Kind.FILE)
    sizes = {e.path: e.size_bytes for e in kept if decision.verdicts[e.path].kept}
    return find_compiled(Looked(sizes, source.mtime_ns, source.read))


def _shipped_as(source: Source, entry: Entry) -> tuple[int, bytes]:
    data = source.read(entry.path)
    return file_mode(data, executable=entry.executable), hashlib.sha256(data).digest()
