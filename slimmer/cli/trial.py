"""What commands that run an artifact before it ships have in common: it is built, quickly."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from slimmer.errors import InputError, UsageError

if TYPE_CHECKING:
    from slimmer.cli.run_options import PostBuildVerify, RunOptions
    from slimmer.decide.question import Question
    from slimmer.verify.model import Job


class BuiltForTrial(NamedTuple):
    """An artifact as it would ship, caps apart, and the job that runs it."""

    file: Path
    job: Job


def refuse_comparison(run_options: RunOptions, command: str) -> None:
    """Raise UsageError for options that say what the answers should be."""
    if run_options.expected or run_options.against:
        option = "--expect" if run_options.expected else "--against"
        raise UsageError(f"{option}: {command} compares with the artifact itself; remove it")


@contextlib.contextmanager
def built_for_trial(question: Question, run: PostBuildVerify) -> Iterator[BuiltForTrial]:
    """Give the artifact, which is gone afterwards. Raises InputError where a build would fail."""
    from slimmer.build.job import Job, compiler_for
    from slimmer.build.pipeline import build
    from slimmer.cli.run_options import ORIGINAL_BELOW_BYTES
    from slimmer.formats.zip.reader import MAX_MEMBERS
    from slimmer.model.forms import IMAGE, ZIP
    from slimmer.verify.model import Bounds
    from slimmer.verify.scratch import scratch_folder

    quick = replace(question, settings=replace(question.settings, level=1))
    form = IMAGE if question.as_image else ZIP
    job = Job(quick, compiler=compiler_for(quick), fail_on=frozenset(), form=form)
    with scratch_folder() as folder:
        built = folder / job.name
        with built.open("wb") as sink:
            build(job, sink)
        if not built.stat().st_size:
            raise InputError("slim build would refuse the tree; run it and follow its report first")
        run_job = run.job(built)
        spec = replace(run_job.spec, bounds=Bounds(ORIGINAL_BELOW_BYTES, MAX_MEMBERS))
        yield BuiltForTrial(built, replace(run_job, spec=spec))
