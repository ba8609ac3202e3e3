"""The thread through a proof: artifacts are unpacked, run, compared and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from slimmer.ecosystems.stubs import LIST, SAID, asked_for
from slimmer.inputs.image_programs import started
from slimmer.text import printable
from slimmer.verify.emulated import run_emulated
from slimmer.verify.foreign import foreign
from slimmer.verify.image_root import ImageRoot
from slimmer.verify.judge import check_against, check_alone, check_both_ways, check_expected, differ
from slimmer.verify.missed import missed_by
from slimmer.verify.model import (
    NONE,
    Emulated,
    Failure,
    Invocation,
    Job,
    MostInit,
    NotStartable,
    Proof,
    Run,
    RunSpec,
    Starts,
)
from slimmer.verify.runner import run
from slimmer.verify.starts import measure
from slimmer.verify.workspace import Workspace, laid_out, left_over

Tell = Callable[[str], object]

_NETWORK = "note: the function can reach this machine's network, which no sandbox keeps apart\n"
_RIGHTS = "warn: --sandbox none: the function runs with your rights on this machine\n"


def prove(job: Job, tell: Tell) -> Proof:
    """Run the artifacts, and the original where there is one, and judge every answer.

    ``tell`` is given a line before anything runs: what is not kept from the function. Raises
    InputError for an artifact that cannot be unpacked, UsageError for a runtime or a sandbox that
    cannot be had here.
    """
    with laid_out(job.spec) as workspace:
        if not workspace.launch.is_offline:
            tell(_RIGHTS if workspace.sandbox == NONE else _NETWORK)
        result = run_events(workspace, job)
        dropped = workspace.read(LIST)
        missed = tuple(missed_by(workspace, job, dropped, result.output))
        proof = Proof(
            run=result,
            checks=(
                check_expected(result.invocations, job.expected, is_exact=job.is_exact)
                if job.expected
                else check_alone(result.invocations, job.events)
            ),
            sandbox=workspace.sandbox,
            hidden=workspace.hidden,
            memory_bytes=job.limits.memory_bytes,
            warnings=(*workspace.warnings, *result.warnings),
        )
        if workspace.root and proof.passed:
            proof = _both_ways(proof, workspace, workspace.root, job)
        other = () if proof.passed or workspace.root else tuple(foreign(workspace))
    proof = replace(proof, warnings=(*proof.warnings, *left_over(workspace)))
    named = () if proof.passed else _dropped(dropped, result)
    asked = [f"{SAID}{line}, and the function asked for it" for line in missed]
    proof = replace(proof, warnings=(*proof.warnings, *other, *_told(result), *named, *asked))
    if job.original is not None and result.failure is None:
        proof = _compared(proof, job, job.original)
    return _started(proof, job) if job.starts and proof.passed else proof


def _both_ways(proof: Proof, workspace: Workspace, root: ImageRoot, job: Job) -> Proof:
    """Return the proof with what an entry script does without the Runtime API, if it says that."""
    name, is_there = root.emulator(started(root.source).command)
    if not is_there:
        line = f"without the Runtime API its entry script starts {printable(name)}, which the image"
        doubt = f"{line} does not have; that way was not tried"
        return replace(proof, warnings=(*proof.warnings, doubt)) if name else proof
    result = run_emulated(root, workspace.apart(), job)
    checks = check_both_ways(proof.run.invocations, result.invocations, job)
    return replace(proof, emulated=Emulated(name, result, checks))


def _dropped(listed: bytes, result: Run) -> Iterator[str]:
    """Yield what a shrink dropped that the function's errors name."""
    bodies = [i.answer.body.decode("utf-8", "replace") for i in result.invocations if i.answer]
    for name, place in asked_for(listed, "\n".join((result.output, *bodies))).items():
        yield f"slim shrink dropped {printable(name)}, which an error names: {printable(place)}"


def _told(result: Run) -> Iterator[str]:
    """Yield what stubs wrote to the log, also of what the function went on without."""
    for line in dict.fromkeys(result.output.splitlines()):
        if line.startswith(SAID):
            yield f"the log says: {printable(line)}"


def _started(proof: Proof, job: Job) -> Proof:
    """Return the proof with the figures of starts, or failed by one of them."""
    starts = measure(job)
    if isinstance(starts, Failure):
        return replace(proof, run=replace(proof.run, failure=starts))
    proof = replace(proof, starts=starts)
    line = _over(starts, job.most)
    failure = Failure("over-init-cpu", line) if line else proof.run.failure
    return replace(proof, run=replace(proof.run, failure=failure))


def _over(starts: Starts, most: MostInit) -> str:
    """Return which budget the init of starts is over, empty for none."""
    figure = starts.figure("init_cpu_s")
    if most.cpu_s and (figure is None or figure.artifact.median > most.cpu_s):
        took = f"took {figure.artifact.median:.2f} CPU s" if figure else "could not be measured"
        return f"its init {took}, and --max-init-cpu allows {most.cpu_s:g}"
    ratio = figure.ratio if figure else None
    if most.ratio and (ratio is None or ratio.median > most.ratio):
        took = f"took {ratio.median:.2f} times" if ratio else "could not be compared with"
        return f"its init {took} the original's CPU, and --max-init-ratio allows {most.ratio:g}"
    return ""


def _compared(proof: Proof, job: Job, spec: RunSpec) -> Proof:
    """Return the proof judged against the original, which is run a second time if it differs."""
    invocations = proof.run.invocations
    with laid_out(spec) as workspace:
        original = run_events(workspace, job)
        if original.failure is not None:
            failure = Failure("original", f"the original {original.failure.message}")
            failed = replace(proof.run, failure=failure, output=original.output)
            return replace(proof, run=failed, original=original)
        again = (
            run_events(workspace, job).invocations
            if differ(invocations, original.invocations)
            else ()
        )
    checks = check_against(invocations, original.invocations, again, job.ignored)
    warnings = (*proof.warnings, *left_over(workspace))
    return replace(proof, checks=checks, original=original, warnings=warnings, ignored=job.ignored)


def run_events(workspace: Workspace, job: Job) -> Run:
    """Run a job's events in a workspace; what cannot be started is a run that failed."""
    try:
        start = workspace.start()
    except NotStartable as reason:
        failure = Failure("not-startable", str(reason))
        return Run(tuple(Invocation(event.name) for event in job.events), failure)
    return run(start, job.events, job.limits)
