"""From a question to a plan: what ships, what is dropped, what becomes a link, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slimmer import caps
from slimmer.build.base_layers import without_placed
from slimmer.build.contents import Contents, may_be_stored, plain_bytes
from slimmer.build.own_archives import own_data
from slimmer.build.steps import make_plan, treatment_for
from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.links import link_identical, linkable, same_size
from slimmer.decide.question import Question
from slimmer.formats.zip.repack import unpacked_bytes
from slimmer.inputs.base import Source
from slimmer.model.artifact import DeployedZip
from slimmer.model.findings import Finding, finding
from slimmer.model.plan import Drop, Plan
from slimmer.model.rules import Rule
from slimmer.model.tree import Entry
from slimmer.outputs.zip import file_mode
from slimmer.rules.archives import drops_inside
from slimmer.transforms import ARCHIVE_REPACK, TransformContext

_NO_ROOM = finding(
    "archives-packed",
    "archives stay packed: with their members stored, what is unzipped could pass the cap",
)


@dataclass(frozen=True)
class Planned:
    """A plan, the decision that it follows, and the contents of its steps."""

    plan: Plan
    decision: Decision
    contents: Contents
    #: What planning has to say beside the decision.
    findings: tuple[Finding, ...] = ()

    @property
    def drops(self) -> dict[str, Rule]:
        """The rule that drops each path that is dropped."""
        return {s.entry.path: s.rule for s in self.plan.steps if isinstance(s, Drop)}


def plan_tree(question: Question) -> Planned:
    """Return the plan that answers a question.

    Raises UsageError for selectors that name nothing, InputError for what cannot be read and for
    what is kept and cannot go into a zip.
    """
    source, settings = question.source, question.settings
    decision = decide_tree(question)
    plan, findings = _plan_with_room(question, decision)
    contents = Contents(source.read, _context(plan, decision, settings.beams))
    plan = without_placed(plan, question.deployment.base_layers, settings.prefix, contents.of)
    return Planned(plan, decision, contents, tuple(findings))


def deployed_zips(question: Question) -> tuple[DeployedZip, ...]:
    """Return the sizes of the zips that are deployed beside the tree's own."""
    siblings = question.deployment.siblings
    return tuple(DeployedZip(z.name, z.zip_bytes, z.unzipped_bytes) for z in siblings)


def plan_of(
    source: Source,
    decision: Decision,
    settings: Settings,
    as_they_are: frozenset[str] = frozenset(),
) -> Plan:
    """Return the plan for a decision, with links to identical files where they are safe.

    No transform is used on the files ``as_they_are``.
    """
    keep_bytes = [selector.text for selector in settings.keep_bytes]
    transforms, valid = settings.transforms, decision.valid_bytecode
    treatment = treatment_for(source.tree, transforms, keep_bytes, valid, as_they_are)
    links: dict[str, str] = {}
    if settings.dedupe != "off":
        media = settings.dedupe == "media"
        files = linkable(source.tree, decision.verdicts, decision.pack_roots, media=media)
        twins = same_size(files)
        sameness = {e.path: (treatment(e), *_shipped_as(source, e)) for e in twins}
        links = link_identical(twins, sameness)
    return make_plan(source.tree, decision.verdicts, links, treatment)


def _plan_with_room(question: Question, decision: Decision) -> tuple[Plan, list[Finding]]:
    """Return the plan, and a note where archives stay packed because there is no room for them.

    Archives whose members are stored make the zip smaller and what is unzipped larger.
    """
    source, settings = question.source, question.settings
    data = own_data(question, decision)
    plan = plan_of(source, decision, settings, data)
    steps = plan.shipped
    archives = {s.entry.path: s for s in steps if may_be_stored(s)}
    target = question.deployment.target
    if not archives or target is None:
        return plan, []
    stored = {path: unpacked_bytes(source.read(path)) for path in archives}
    most_bytes = sum(max(plain_bytes(s), stored.get(s.entry.path, 0)) for s in steps)
    usages = caps.before_packing(most_bytes, len(steps), deployed_zips(question), target)
    if not any(usage.over for usage in usages):
        return plan, []
    others = tuple(name for name in settings.transforms if name != ARCHIVE_REPACK)
    return plan_of(source, decision, replace(settings, transforms=others), data), [_NO_ROOM]


def _context(plan: Plan, decision: Decision, beams: str) -> TransformContext:
    def inside(archive: str, names: Iterable[str]) -> dict[str, str]:
        return drops_inside(archive, names, decision.pack_roots)

    has_mix = any(step.entry.path.endswith("/ebin/mix.app") for step in plan.shipped)
    shipped = frozenset(step.entry.path for step in plan.shipped)
    return TransformContext(
        has_mix,
        inside,
        gzip_beams=beams == "gzip",
        shipped=shipped,
        kept_chunks=decision.kept_chunks,
    )


def _shipped_as(source: Source, entry: Entry) -> tuple[int, bytes]:
    data = source.read(entry.path)
    return file_mode(data, executable=entry.executable), hashlib.sha256(data).digest()
