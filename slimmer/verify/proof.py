"""The thread through a proof: artifacts are unpacked, run, compared and judged."""

from __future__ import annotations

from dataclasses import replace

from slimmer.verify.judge import differ, judge_against, judge_alone, judge_expected
from slimmer.verify.model import Job, Plot, Proof, Run, Trouble, Turn
from slimmer.verify.runner import run
from slimmer.verify.site import NotStartable, Site, laid_out


def prove(job: Job) -> Proof:
    """Run the artifacts, and the original where there is one, and judge every answer.

    Raises InputError for an artifact that cannot be unpacked, UsageError for a runtime or a
    sandbox that cannot be had here.
    """
    with laid_out(job.plot) as site:
        result = _run(site, job)
        proof = Proof(
            run=result,
            judgements=(
                judge_expected(result.turns, job.expected)
                if job.expected
                else judge_alone(result.turns)
            ),
            sandbox=site.sandbox,
            hidden=site.hidden,
            memory_bytes=job.limits.memory_bytes,
            warnings=site.warnings,
        )
    if job.original is None or result.trouble is not None:
        return proof
    return _compared(proof, job, job.original)


def _compared(proof: Proof, job: Job, plot: Plot) -> Proof:
    """Return the proof judged against the original, which is run a second time if it differs."""
    turns = proof.run.turns
    with laid_out(plot) as site:
        original = _run(site, job)
        if original.trouble is not None:
            trouble = Trouble("original", f"the original {original.trouble.message}")
            failed = replace(proof.run, trouble=trouble, output=original.output)
            return replace(proof, run=failed, original=original)
        again = _run(site, job).turns if differ(turns, original.turns) else ()
    judgements = judge_against(turns, original.turns, again)
    return replace(proof, judgements=judgements, original=original)


def _run(site: Site, job: Job) -> Run:
    try:
        start = site.start()
    except NotStartable as reason:
        trouble = Trouble("not-startable", str(reason))
        return Run(tuple(Turn(event.name) for event in job.events), trouble)
    return run(start, job.events, job.limits)
