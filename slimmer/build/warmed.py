"""What ``slim warm`` made becomes members, if it was made of what ships."""

from __future__ import annotations

from collections.abc import Iterator

from slimmer.build.contents import Contents
from slimmer.build.job import Job
from slimmer.errors import InputError
from slimmer.model.findings import Finding, finding
from slimmer.model.plan import Generated, Link, Plan
from slimmer.model.tree import Entry, Kind
from slimmer.model.warm import FOLDER, PARTS, Cache, Warm, digest_of, is_made_of
from slimmer.paths import join
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_MANAGED = ("nodejs", "java", "python", "ruby", "dotnet")


def with_warm(job: Job, plan: Plan, contents: Contents) -> tuple[Plan, Contents]:
    """Return the plan with the caches of a job, and the contents of all.

    Raises InputError, in one line, for caches of other files or for another runtime.
    """
    warm = job.warm
    if not warm.caches:
        return plan, contents
    if wrong := next(_wrong(job, plan, contents), ""):
        raise InputError(f"{printable(warm.name)}: {wrong}")
    steps = tuple(
        Generated(Entry(path, Kind.FILE, len(data)), warm.name) for path, data in warm.files.items()
    )
    return Plan(plan.steps, (*plan.generated, *steps)), contents.adding(warm.files)


def _wrong(job: Job, plan: Plan, contents: Contents) -> Iterator[str]:
    """Yield what speaks against shipping the caches."""
    settings, warm = job.question.settings, job.warm
    if warm.prefix != settings.prefix:
        yield f"it was made for --prefix {warm.prefix or '(none)'}; run slim warm again"
    taken = [path for path in warm.files if path in job.question.source.tree.by_path]
    if taken:
        yield f"the tree itself has {printable(taken[0])}; remove it there"
    for cache in warm.caches:
        if settings.target.startswith(_MANAGED) and cache.runtime not in ("", settings.target):
            yield f"it is for {cache.runtime}, and --target is {settings.target}; run slim warm"
        if settings.arch and cache.arch != settings.arch:
            yield f"it is for {cache.arch}, and --arch is {settings.arch}; run slim warm there"
        if _digest(plan, contents, settings.prefix, cache) != cache.digest:
            yield (
                f"it was made of other files than ship now, for {cache.title}; run slim warm again"
            )


def _digest(plan: Plan, contents: Contents, prefix: str, cache: Cache) -> str:
    steps = (step for step in plan.shipped if not isinstance(step, Link))
    named = ((join(prefix, step.entry.path), step) for step in steps)
    files = (
        (path, contents.of(step).data)
        for path, step in named
        if is_made_of(cache.kind, path) and step.entry.kind is Kind.FILE
    )
    return digest_of(files)


def warm_findings(warm: Warm) -> list[Finding]:
    """Return how each cache that ships is switched on."""
    size = size_text(sum(map(len, warm.files.values())))
    return [
        finding(
            "warm",
            f"{FOLDER}/ holds {count_text(cache.hits, PARTS[cache.kind])} as {cache.title} "
            f"compiled them ({size} unzipped); the function needs the variable {cache.env}",
        )
        for cache in warm.caches
    ]
