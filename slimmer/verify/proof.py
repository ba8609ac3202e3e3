"""The thread through a proof: artifacts are unpacked, run, compared and judged."""

from __future__ import annotations

from dataclasses import replace

from slimmer.verify.judge import check_against, check_alone, check_expected, differ
from slimmer.verify.model import Failure, Invocation, Job, Proof, Run, RunSpec
from slimmer.verify.runner import run
from slimmer.verify.workspace import NotStartable, Workspace, laid_out


def prove(job: Job) -> Proof:
    """Run the artifacts, and the original where there is one, and judge every answer.

    Raises InputError for an artifact that cannot be unpacked, UsageError for a runtime or a
    sandbox that cannot be had here.
    """
    with laid_out(job.spec) as workspace:
        result = _run(workspace, job)
        proof = Proof(
            run=result,
            checks=(
                check_expected(result.invocations, job.expected)
                if job.expected
                else check_alone(result.invocations)
            ),
            sandbox=workspace.sandbox,
            hidden=workspace.hidden,
            memory_bytes=job.limits.memory_bytes,
            warnings=workspace.warnings,
        )
    if job.original is None or result.failure is not None:
        return proof
    return _compared(proof, job, job.original)


def _compared(proof: Proof, job: Job, spec: RunSpec) -> Proof:
    """Return the proof judged against the original, which is run a second time if it differs."""
    invocations = proof.run.invocations
    with laid_out(spec) as workspace:
        original = _run(workspace, job)
        if original.failure is not None:
            failure = Failure("original", f"the original {original.failure.message}")
            failed = replace(proof.run, failure=failure, output=original.output)
            return replace(proof, run=failed, original=original)
        again = (
            _run(workspace, job).invocations if differ(invocations, original.invocations) else ()
        )
    checks = check_against(invocations, original.invocations, again)
    return replace(proof, checks=checks, original=original)


def _run(workspace: Workspace, job: Job) -> Run:
    try:
        start = workspace.start()
    except NotStartable as reason:
        failure = Failure("not-startable", str(reason))
        return Run(tuple(Invocation(event.name) for event in job.events), failure)
    return run(start, job.events, job.limits)
