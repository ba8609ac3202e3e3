"""The thread through the flow: a folder, packs and settings in, a report out.

It opens nothing itself: the folder reads, and the sink writes.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from slimmer import caps as budget
from slimmer.build.base_layers import without_placed
from slimmer.build.bootstrap import NAME as BOOTSTRAP
from slimmer.build.bootstrap import bootstrap_findings
from slimmer.build.bytecode_report import bytecode_findings, bytecode_of
from slimmer.build.contents import (
    content_of,
    may_be_stored,
    may_change,
    pending_member,
    plain_bytes,
)
from slimmer.build.measure import Measure, measure, not_as_it_was
from slimmer.build.planner import make_plan, name_findings, treatment_for
from slimmer.build.report import (
    Report,
    TierSaving,
    broken_files,
    count_steps,
    dropped_components,
    kept_groups,
    members_by_path,
    packed_in_tree,
    tier_saving,
    transform_rows,
)
from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.links import link_identical, linkable, same_size
from slimmer.ecosystems.context import Deployment
from slimmer.ecosystems.python.bytecode import COMPILE, Compiled, Compiler, with_bytecode
from slimmer.errors import InputError, UsageError
from slimmer.formats.zip.repack import unpacked_bytes
from slimmer.formats.zip.writer import Sink
from slimmer.inputs.base import Read, Sibling, Source
from slimmer.inputs.zip_tree import ZipTree
from slimmer.model.artifact import Artifact, DeployedZip, Member
from slimmer.model.findings import Finding, Severity
from slimmer.model.limits import LimitUsage
from slimmer.model.plan import Plan, Shipped
from slimmer.model.rules import Tier
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import follow
from slimmer.outputs.zip import file_mode, write_zip
from slimmer.rules.archives import drops_inside
from slimmer.rules.packs import Pack
from slimmer.secrets.findings import shipped_secrets
from slimmer.secrets.kinds import NO_SECRETS, SecretRules
from slimmer.targets import Target
from slimmer.transforms import ARCHIVE_REPACK, TransformContext

_NO_ROOM = Finding(
    "archives-packed",
    Severity.NOTE,
    "archives stay packed: with their members stored, what is unzipped could pass the cap",
)


_GZIPPED = Finding(
    "beams-gzipped",
    Severity.NOTE,
    "Erlang's modules are shipped gzipped: plain they would pass the cap on what is unzipped",
)


@dataclass(frozen=True)
class Job:
    """What a build starts from; ``name`` is the zip's name, without folder.

    ``siblings`` are deployed beside it; ``base_layers`` are those of them whose files are not
    shipped again. ``compiler`` is there where the settings ask for bytecode
    to be compiled. ``targets`` are all that there are, for advice. ``measure_dropped``: what is
    not in the zip is compressed too, for the report. ``secret_rules`` say what must never ship.
    """

    source: Source
    packs: tuple[Pack, ...]
    settings: Settings
    target: Target
    name: str = "artifact.zip"
    base_layers: tuple[Sibling, ...] = ()
    compiler: Compiler | None = None
    siblings: tuple[ZipTree, ...] = ()
    targets: tuple[Target, ...] = ()
    measure_dropped: bool = False
    secret_rules: SecretRules = NO_SECRETS

    @property
    def deployment(self) -> Deployment:
        """Where the artifact goes."""
        return Deployment(self.target, self.targets, self.siblings)

    @property
    def deployed(self) -> tuple[DeployedZip, ...]:
        """The sizes of the zips beside this one, for the caps."""
        return tuple(DeployedZip(z.name, z.zip_bytes, z.unzipped_bytes) for z in self.siblings)


def _silent(_done_bytes: int, _total_bytes: int) -> None:
    pass


def build(job: Job, sink: Sink, progress: Callable[[int, int], object] = _silent) -> Report:
    """Decide, pack the zip into ``sink``, hold it to the caps.

    ``progress`` is told how many unpacked bytes went in, and of how many. Raises UsageError
    and InputError; being over a cap is in the report, and such a zip should go nowhere.
    """
    decision = decide_tree(job.source, job.packs, job.settings, None, job.deployment)
    plan, notes = _plan_with_room(job, decision)
    context = _context(plan, decision, job.settings.beams == "gzip")
    plan = without_placed(
        plan,
        job.base_layers,
        job.settings.prefix,
        lambda s: content_of(s, job.source.read, context),
    )
    plan, compiled, read = _with_bytecode(job, plan)
    steps = plan.shipped
    if all(step.entry.kind is Kind.DIRECTORY for step in steps):
        raise InputError("there is no file to pack that is not dropped; keep something with --keep")
    allowed = job.settings.allow_secret
    secrets = shipped_secrets(job.secret_rules, job.source, steps, allowed)
    decision = replace(decision, findings=(*secrets, *decision.findings))
    caps, context, more = _fitting(job, steps, read, context)
    artifact = None
    fits = all(finding.severity is not Severity.FAIL for finding in decision.findings)
    if fits and not any(cap.over for cap in caps):
        total_bytes = sum(plain_bytes(step) for step in steps)
        artifact = write_zip(
            sink,
            job.name,
            [pending_member(s, job.settings.prefix, read, context) for s in steps],
            level=job.settings.level,
            progress=lambda done_bytes: progress(done_bytes, total_bytes),
        )
        caps = budget.before_packing(
            artifact.unzipped_bytes, len(steps), job.deployed, job.target
        ) + budget.after_packing(artifact.zip_bytes, job.deployed, job.settings.max_bytes)
    decision = replace(decision, findings=(*decision.findings, *notes, *more))
    measured = _measured(job, plan, artifact, progress) if artifact else None
    return _report(job, decision, plan, artifact, caps, compiled, measured)


def _measured(
    job: Job, plan: Plan, artifact: Artifact, progress: Callable[[int, int], object]
) -> dict[str, Measure] | None:
    """Return what the tree's files that are not in the zip as they were would take there."""
    if not job.measure_dropped:
        return None
    entries = not_as_it_was(plan, members_by_path(plan, job.settings.prefix, artifact))
    return measure(entries, job.settings.prefix, job.source, job.settings.level, progress)


def _fitting(
    job: Job, steps: Sequence[Shipped], read: Read, context: TransformContext
) -> tuple[list[LimitUsage], TransformContext, list[Finding]]:
    """Return the caps before packing, with Erlang's modules gzipped where only that fits."""
    caps = _caps_before(job, steps, read, context)
    if job.settings.beams == "auto" and any(cap.over for cap in caps):
        gzipped = context._replace(gzip_beams=True)
        smaller = _caps_before(job, steps, read, gzipped)
        if not any(cap.over for cap in smaller):
            return smaller, gzipped, [_GZIPPED]
    return caps, context, []


def _with_bytecode(job: Job, plan: Plan) -> tuple[Plan, Compiled, Read]:
    """Return the plan with the bytecode that is to be compiled, and how to read its files."""
    if job.settings.pyc != COMPILE:
        return plan, Compiled({}, {}), job.source.read
    if job.compiler is None:
        raise UsageError(f"--pyc {COMPILE} needs --python, a Python of the target's version")
    place = posixpath.join(job.settings.unpacked_at, job.settings.prefix)
    return with_bytecode(plan, job.compiler, place, job.source.read)


def _plan_with_room(job: Job, decision: Decision) -> tuple[Plan, list[Finding]]:
    """Return the plan, and a note where archives stay packed because there is no room for them.

    Archives whose members are stored make the zip smaller and what is unzipped larger.
    """
    plan = plan_of(job.source, decision, job.settings)
    steps = plan.shipped
    unpacked = (
        unpacked_bytes(job.source.read(step.entry.path)) if may_be_stored(step) else 0
        for step in steps
    )
    most_bytes = sum(max(plain_bytes(s), there) for s, there in zip(steps, unpacked, strict=True))
    caps = budget.before_packing(most_bytes, len(steps), job.deployed, job.target)
    if not any(cap.over for cap in caps) or not any(may_be_stored(step) for step in steps):
        return plan, []
    siblings = tuple(name for name in job.settings.transforms if name != ARCHIVE_REPACK)
    without = plan_of(job.source, decision, replace(job.settings, transforms=siblings))
    return without, [_NO_ROOM]


def _caps_before(
    job: Job, steps: Sequence[Shipped], read: Read, context: TransformContext
) -> list[LimitUsage]:
    """Return the caps that can be passed before anything is compressed.

    Compressing is nearly all of a build's time, transforming little of it: where only the
    latter can tell whether a cap is passed, it is done twice.
    """
    fixed = sum(plain_bytes(step) for step in steps if not may_change(step))
    plain = fixed + sum(plain_bytes(step) for step in steps if may_change(step))
    caps = budget.before_packing(plain, len(steps), job.deployed, job.target)
    at_best = budget.before_packing(fixed, len(steps), job.deployed, job.target)
    if not any(cap.over for cap in caps) or any(cap.over for cap in at_best):
        return caps
    changed = (len(content_of(step, read, context).data) for step in steps if may_change(step))
    return budget.before_packing(fixed + sum(changed), len(steps), job.deployed, job.target)


def _context(plan: Plan, decision: Decision, gzip_beams: bool) -> TransformContext:
    def inside(archive: str, names: Iterable[str]) -> dict[str, str]:
        return drops_inside(archive, names, decision.pack_roots)

    return TransformContext(_keeps_mix(plan), inside, gzip_beams)


def _keeps_mix(plan: Plan) -> bool:
    return any(step.entry.path.endswith("/ebin/mix.app") for step in plan.shipped)


def plan_of(source: Source, decision: Decision, settings: Settings) -> Plan:
    """Return the plan for a decision, with links to identical files where they are safe."""
    keep_bytes = [word.text for word in settings.keep_bytes]
    transforms, valid = settings.transforms, decision.valid_bytecode
    treatment = treatment_for(source.tree, transforms, keep_bytes, valid)
    links: dict[str, str] = {}
    if settings.dedupe:
        twins = same_size(linkable(source.tree, decision.verdicts, decision.pack_roots))
        sameness = {e.path: (treatment(e), *_shipped_as(source, e)) for e in twins}
        links = link_identical(twins, sameness)
    return make_plan(source.tree, decision.verdicts, links, treatment)


def _shipped_as(source: Source, entry: Entry) -> tuple[int, bytes]:
    data = source.read(entry.path)
    return file_mode(data, executable=entry.executable), hashlib.sha256(data).digest()


def _report(
    job: Job,
    decision: Decision,
    plan: Plan,
    artifact: Artifact | None,
    caps: Sequence[LimitUsage],
    compiled: Compiled,
    measured: Mapping[str, Measure] | None,
) -> Report:
    members = members_by_path(plan, job.settings.prefix, artifact) if artifact else None
    over = budget.findings(caps)
    made_by = job.compiler.title if job.compiler else ""
    bytecode = bytecode_of(plan, members, made_by) if members is not None else None
    findings = [*over, *decision.findings, *name_findings(plan), *_bootstrap(job, plan)]
    findings += [*_upload_notes(job, artifact), *broken_files(members or {})]
    findings += bytecode_findings(bytecode, compiled.refused)
    packed = packed_in_tree(members or {}, measured)
    kept, dropped, linked = count_steps(plan, packed)
    components = {c.name: c for pack in decision.ruleset.packs for c in pack.components}
    return Report(
        target=job.target.name,
        tier=job.settings.tier,
        prefix=job.settings.prefix,
        written=False,
        plan=plan,
        artifacts=(artifact,) if artifact else (),
        siblings=job.deployed,
        kept=kept,
        dropped=dropped,
        linked=linked,
        components=dropped_components(plan, components, packed),
        groups=kept_groups(plan, decision.pack_roots, members),
        transforms=transform_rows(members or {}, packed),
        rescues=decision.rescues,
        usages=tuple(caps),
        findings=tuple(findings),
        tiers=tuple(_tier_savings(job, plan, members)) if over else (),
        bytecode=bytecode,
        measured=measured,
        packs=job.packs,
    )


def _upload_notes(job: Job, artifact: Artifact | None) -> list[Finding]:
    if artifact is None:
        return []
    sizes = [(artifact.name, artifact.zip_bytes)]
    sizes += [(sibling.name, sibling.zip_bytes) for sibling in job.deployed]
    return budget.upload_notes(sizes, job.target)


def _tier_savings(
    job: Job, plan: Plan, members: Mapping[str, Member] | None
) -> Iterator[TierSaving]:
    for tier in Tier:
        if tier > job.settings.tier:
            further = decide_tree(job.source, job.packs, job.settings, tier, job.deployment)
            then = make_plan(job.source.tree, further.verdicts, {})
            saving = tier_saving(tier, plan, then, members)
            if saving.amount.files:
                yield saving


def _bootstrap(job: Job, plan: Plan) -> list[Finding]:
    """Look at the file that Lambda would start, if the artifact brings one at its root."""
    if job.settings.prefix:
        return []
    tree = job.source.tree
    kept = any(step.entry.path == BOOTSTRAP for step in plan.shipped)
    entry = tree.by_path.get(BOOTSTRAP) if kept else None
    if entry is not None and entry.kind is Kind.LINK:
        entry = tree.by_path.get(follow(tree, entry).end or "")
    if entry is None or entry.kind is not Kind.FILE:
        return []
    return bootstrap_findings(job.source.read(entry.path))
