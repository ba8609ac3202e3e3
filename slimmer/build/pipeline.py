"""The thread through a build: a job in, a report out.

It opens nothing itself: the source reads, and the sink writes. Each step is a value, and none
looks back.
"""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from slimmer import caps
from slimmer.build.base_layers import with_base
from slimmer.build.bootstrap import NAME as BOOTSTRAP
from slimmer.build.bootstrap import bootstrap_findings
from slimmer.build.bytecode_report import bytecode_findings, bytecode_of
from slimmer.build.clean import CleanFiles
from slimmer.build.contents import Contents, may_change, plain_bytes
from slimmer.build.digests import Digests
from slimmer.build.job import Job
from slimmer.build.measure import Measure, measure, not_as_it_was
from slimmer.build.own_archives import own_repacked
from slimmer.build.pack import check_form, not_made, pack
from slimmer.build.planner import Planned, deployed_zips, plan_tree
from slimmer.build.report import (
    Report,
    Saving,
    broken_files,
    count_steps,
    dropped_components,
    kept_groups,
    members_by_path,
    packed_in_tree,
    saving_by,
    transform_rows,
)
from slimmer.build.ships import what_ships
from slimmer.build.steps import make_plan, name_findings
from slimmer.build.warmed import warm_findings, with_warm
from slimmer.cache.readings import Readings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.shake import OPTION as SHAKE
from slimmer.ecosystems.python import COMPILE
from slimmer.ecosystems.python.bytecode import Compiled, with_bytecode
from slimmer.errors import InputError, UsageError
from slimmer.formats.zip.writer import Sink
from slimmer.model.accepted import accept
from slimmer.model.artifact import Artifact, Layer, Member
from slimmer.model.codes import Severity
from slimmer.model.fail_on import weighed
from slimmer.model.findings import Finding, finding
from slimmer.model.forms import ZIP
from slimmer.model.limits import LimitUsage
from slimmer.model.plan import Generated, Plan, Shipped
from slimmer.model.rules import Tier
from slimmer.model.tree import Kind
from slimmer.model.tree_links import follow
from slimmer.outputs.folder import NewFolder
from slimmer.secrets.findings import shipped_secrets

_GZIPPED = finding(
    "beams-gzipped",
    "Erlang's modules are shipped gzipped, which takes 20 % more CPU at a start (measured): plain "
    "they would pass the cap on what is unzipped",
)
_GZIPPED_AS_ASKED = finding(
    "beams-gzipped",
    "Erlang's modules are shipped gzipped, as --beams gzip says, which takes 20 % more CPU at a "
    "start (measured)",
)

#: Is told the phase of a build, and how many bytes of it are done, of how many; nothing of
#: nothing where that is not known.
Progress = Callable[[str, int, int], object]


def _silent(_phase: str, _done_bytes: int, _total_bytes: int) -> None:
    pass


@dataclass(frozen=True)
class _Built:
    """What a build has decided and made, before it is summed up."""

    plan: Plan
    decision: Decision
    compiled: Compiled
    usages: Sequence[LimitUsage]
    findings: Sequence[Finding]
    artifact: Artifact | None = None
    layers: tuple[Layer, ...] = ()
    measured: Mapping[str, Measure] | None = None


def build(job: Job, sink: Sink | NewFolder, progress: Progress = _silent) -> Report:
    """Decide, pack the artifact into ``sink``, hold it to the caps.

    ``progress`` is told each phase, and of packing how many unpacked bytes went in, and of how
    many. Raises UsageError and InputError; being over a cap is in the report, and such a zip should
    go nowhere.
    """
    check_form(job)

    # Decide and plan
    settings, source = job.question.settings, job.question.source
    digests = Digests(source, job.cache)
    readings = Readings(job.cache, digests.of)
    question = replace(job.question, readings=readings)
    # How long a step takes depends on what the one before finds, so none has a total.
    planned = plan_tree(question, lambda step: progress(f"deciding {step}", 0, 0))
    plan, compiled, contents = _with_bytecode(job, planned)
    warmed, contents = with_warm(job, plan, contents)
    steps = warmed.shipped
    if all(step.entry.kind is Kind.DIRECTORY for step in steps):
        raise InputError("every file is dropped; keep something with --keep")

    # Search what ships for secrets
    progress("searching for secrets", 0, 0)
    allowed = settings.allow_secret
    ours = (step for step in plan.shipped if not isinstance(step, Generated))  # the tree's files
    clean = CleanFiles(readings, digests) if readings.is_on else None
    secrets = shipped_secrets(job.secret_rules, source, ours, allowed, clean)

    # Fit it under the caps
    progress("measuring what ships", 0, 0)
    usages, contents, notes = _fitted(job, steps, contents)
    findings = [*secrets, *planned.decision.findings]
    may_ship = not _fails(job, [*findings, *caps.findings(usages)])
    findings += [*planned.findings, *notes]
    built = _Built(warmed, planned.decision, compiled, usages, findings)

    # Pack the zip
    if may_ship:
        if job.cache.is_on and planned.read == source.read:  # else files are not the tree's
            contents = contents.remembering(job.cache, digests)
        if job.estimates:
            built = _estimated(job, built, contents, progress)
        else:
            built = _packed(job, built, contents, sink, progress)
    readings.close()
    digests.close()
    job.cache.close()
    if job.cache.trouble:
        built = replace(built, findings=[*built.findings, _uncached(job.cache.trouble)])
    return _report(job, built)


def _uncached(trouble: str) -> Finding:
    return finding("cache-unused", f"the cache is not used, or not added to: {trouble}")


def _fails(job: Job, findings: Sequence[Finding]) -> bool:
    return any(each.severity is Severity.FAIL for each in weighed(findings, job.fail_on))


def _with_bytecode(job: Job, planned: Planned) -> tuple[Plan, Compiled, Contents]:
    """Return the plan with the bytecode that is to be compiled, and the contents of all."""
    settings = job.question.settings
    if settings.pyc != COMPILE:
        return planned.plan, Compiled({}, {}), planned.contents
    if job.compiler is None:
        raise UsageError(f"--pyc {COMPILE} needs --python, a Python of the target's version")
    place = posixpath.join(settings.unpacked_at, settings.prefix)
    plan, compiled, read = with_bytecode(planned.plan, job.compiler, place, planned.read)
    return plan, compiled, planned.contents.reading(read)


def _fitted(
    job: Job, steps: Sequence[Shipped], contents: Contents
) -> tuple[list[LimitUsage], Contents, list[Finding]]:
    """Return the caps before packing, with Erlang's modules gzipped where only that fits."""
    usages = _caps_before(job, steps, contents)
    if job.question.settings.beams == "gzip":
        has_beams = any(step.entry.path.endswith(".beam") for step in steps)
        return usages, contents, [_GZIPPED_AS_ASKED] if has_beams else []
    if job.question.settings.beams == "auto" and any(usage.over for usage in usages):
        gzipped = contents.gzipped()
        smaller = _caps_before(job, steps, gzipped)
        if not any(usage.over for usage in smaller):
            return smaller, gzipped, [_GZIPPED]
    return usages, contents, []


def _caps_before(job: Job, steps: Sequence[Shipped], contents: Contents) -> list[LimitUsage]:
    """Return the caps that can be passed before anything is compressed.

    Files are only transformed where nothing less can tell whether a cap is passed.
    """

    def usages(unzipped_bytes: int) -> list[LimitUsage]:
        zips = deployed_zips(job.question)
        return caps.before_packing(unzipped_bytes, len(steps), zips, job.target)

    fixed = sum(plain_bytes(step) for step in steps if not may_change(step))
    changing = [step for step in steps if may_change(step)]
    plain = usages(fixed + sum(map(plain_bytes, changing)))
    at_best = usages(fixed)
    if not any(usage.over for usage in plain) or any(usage.over for usage in at_best):
        return plain
    return usages(fixed + sum(map(contents.size_bytes, changing)))


def _estimated(job: Job, built: _Built, contents: Contents, progress: Progress) -> _Built:
    """Say about how large the zip will be."""
    from slimmer.build.estimated import estimated  # noqa: PLC0415 - what few builds need

    usages, said = estimated(job, built.plan.shipped, contents, progress)
    return replace(built, usages=usages, findings=[*built.findings, said])


def _packed(
    job: Job, built: _Built, contents: Contents, sink: Sink | NewFolder, progress: Progress
) -> _Built:
    settings, steps = job.question.settings, built.plan.shipped
    total_bytes = sum(plain_bytes(step) for step in steps)

    def tell(done_bytes: int) -> None:
        progress("packing", done_bytes, total_bytes)

    tell(0)  # the first member may be long in coming
    artifact = pack(job, built.plan, contents, sink, tell)
    zips = deployed_zips(job.question)
    layers = _layers(job, built, artifact)
    usages = caps.before_packing(
        artifact.unzipped_bytes, len(steps), zips, job.target, layers=max(1, len(layers))
    )
    usages += caps.after_packing(artifact.zip_bytes, zips, job.target, settings.max_bytes)
    measured = _measured(job, built.plan, artifact, progress)
    found = [*built.findings, *not_made(sink)]
    made = replace(built, artifact=artifact, layers=layers)
    return replace(made, usages=usages, measured=measured, findings=found)


def _layers(job: Job, built: _Built, artifact: Artifact) -> tuple[Layer, ...]:
    """Return the layers that the zip is parted into, where that was asked for."""
    if job.layers == 1:
        return ()
    from slimmer.build.split import at_most, layers_of  # noqa: PLC0415 - what few builds need

    source, prefix = job.question.source, job.question.settings.prefix
    owners, most = built.decision.owners, at_most(job.target)
    return layers_of(artifact, built.plan, source.tree, owners, most, job.layers, prefix)


def _measured(
    job: Job, plan: Plan, artifact: Artifact, progress: Progress
) -> dict[str, Measure] | None:
    """Return what the tree's files that are not in the zip as they were would take there."""
    if not job.measure_dropped:
        return None
    settings = job.question.settings
    entries = not_as_it_was(plan, members_by_path(plan, settings.prefix, artifact))
    source, level = job.question.source, settings.level
    show = functools.partial(progress, "packing what is dropped")
    return measure(entries, settings.prefix, source, level, show)


def _report(job: Job, built: _Built) -> Report:
    question, plan, artifact = job.question, built.plan, built.artifact
    settings, decision = question.settings, built.decision
    members = members_by_path(plan, settings.prefix, artifact) if artifact else None
    over = caps.findings(built.usages)
    made_by = job.compiler.title if job.compiler else ""
    language = job.target.language.name if job.target.language else ""
    bytecode = None
    if members is not None:
        bytecode = bytecode_of(plan, members, made_by, language=language)
    findings = [*over, *built.findings]
    findings += [*name_findings(plan), *_bootstrap(job, plan)] if job.form == ZIP else []
    findings += [*_upload_notes(job, artifact, built.layers), *broken_files(members or {})]
    findings += own_repacked(members or {}, decision.owners)
    findings += bytecode_findings(bytecode, built.compiled.refused)
    findings += warm_findings(job.warm)
    packed = packed_in_tree(members or {}, built.measured)
    kept, dropped, linked = count_steps(plan, packed)
    components = {c.name: c for pack in decision.ruleset.packs for c in pack.components}
    return Report(
        target=job.target.name,
        tier=settings.tier,
        prefix=settings.prefix,
        written=False,
        plan=plan,
        artifacts=(artifact,) if artifact else (),
        layers=built.layers,
        siblings=deployed_zips(question),
        kept=kept,
        dropped=dropped,
        linked=linked,
        components=dropped_components(plan, components, packed),
        groups=kept_groups(plan, decision.pack_roots, members),
        transforms=transform_rows(members or {}, packed),
        rescues=decision.rescues,
        usages=tuple(built.usages),
        findings=tuple(accept(weighed(findings, job.fail_on), settings.accepted)),
        savings=tuple(_savings(job, decision, plan, members)) if over else (),
        bytecode=bytecode,
        measured=built.measured,
        packs=question.packs,
        ships=what_ships(plan, decision.owners, question.source.read)
        if job.with_packages
        else None,
        owners=decision.owners,
    )


def _upload_notes(job: Job, artifact: Artifact | None, layers: Sequence[Layer]) -> list[Finding]:
    if artifact is None:
        return []
    sizes = [(zip_.name, zip_.zip_bytes) for zip_ in layers or (artifact,)]
    sizes += [(sibling.name, sibling.zip_bytes) for sibling in deployed_zips(job.question)]
    return caps.upload_notes(sizes, job.target)


def _savings(
    job: Job, decision: Decision, plan: Plan, members: Mapping[str, Member] | None
) -> Iterator[Saving]:
    """Yield what each further tier would drop, and what ``--tree-shake`` would."""
    question = job.question
    further = [(f"--tier {t.label}", question.at(t)) for t in Tier if t > question.settings.tier]
    if decision.reach and decision.reach.unreached and not question.settings.tree_shake:
        further.append((SHAKE, question.shaken()))
    for option, asked in further:
        verdicts = decide_tree(asked).verdicts
        then = make_plan(question.source.tree, verdicts, {}, as_image=question.as_image)
        then = with_base(then, question.base)
        saving = saving_by(option, plan, then, members)
        if saving.amount.files:
            yield saving


def _bootstrap(job: Job, plan: Plan) -> list[Finding]:
    """Look at the file that Lambda would start, if the artifact brings one at its root."""
    source = job.question.source
    if job.question.settings.prefix:
        return []
    kept = any(step.entry.path == BOOTSTRAP for step in plan.shipped)
    entry = source.tree.by_path.get(BOOTSTRAP) if kept else None
    if entry is not None and entry.kind is Kind.LINK:
        entry = source.tree.by_path.get(follow(source.tree, entry).end or "")
    if entry is None or entry.kind is not Kind.FILE:
        return []
    return bootstrap_findings(source.read(entry.path))
