"""The thread through ``slim warm``: run, make, run again and hit, run again and miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from slimmer.errors import InputError, UsageError
from slimmer.inputs.zip_tree import ZipTree
from slimmer.model.tree import Kind as EntryKind
from slimmer.model.warm import FOLDER, Cache, Warm, digest_of, is_made_of
from slimmer.paths import join
from slimmer.text import printable
from slimmer.verify.judge import check_against
from slimmer.verify.model import Run
from slimmer.warm.kinds import KINDS, Kind
from slimmer.warm.making import Made
from slimmer.warm.plot import Plot

Tell = Callable[[str], object]


@dataclass(frozen=True)
class WarmJob:
    """What ``slim warm`` starts from: the zip as it ships, and where the tree lies in it."""

    artifact: ZipTree
    prefix: str
    arch: str
    #: The name of the file that is written.
    name: str


@dataclass(frozen=True)
class Warmed:
    """What was made, and a run without it, with it, and with one that does not fit."""

    warm: Warm
    cold: Run
    hit: Run
    missed: Run


def warm(job: WarmJob, plot: Plot, tell: Tell = lambda _: None) -> Warmed:
    """Return the caches that a fresh run has hit.

    Raises UsageError for a function that nothing can be made for, InputError for an event that
    fails, a cache that cannot be made, is not hit, or changes an answer.
    """
    kinds = _kinds(job, plot)
    tell("run as it is")
    first, cold = _run(plot, {}), _run(plot, {})
    folder = join(job.prefix, FOLDER)

    def same(run: Run, what: str) -> Run:
        checks = check_against(run.invocations, first.invocations, cold.invocations)
        wrong = next((check.wrong for check in checks if check.wrong), "")
        if wrong:
            raise InputError(f"{what} the function answers otherwise: {wrong}; nothing is made")
        return run

    tell("run, and make")
    same(_run(plot, _joined(kind.making.prepare(plot) for kind in kinds)), "while caches are made")
    made = {kind: kind.making.collect(plot, folder) for kind in kinds}
    for each in made.values():
        plot.put(each.files)
    tell("run, and hit")
    same(_run(plot, _joined(k.making.watch(plot, m) for k, m in made.items())), "with the caches")
    found = dict(_hit(job, plot, made))
    files = {path: data for _, kept in found.values() for path, data in kept.items()}
    plot.remove({path for each in made.values() for path in each.files} - files.keys())
    on = _joined([dict([each.env]) for each in made.values()])
    hit = same(_run(plot, on), "with the caches")
    tell("run, and miss")
    for kind, each in made.items():
        kind.making.spoil(plot, each)
    missed = same(_run(plot, on), "with caches that do not fit")
    caches = tuple(cache for cache, _ in found.values())
    start = len(join(job.prefix, ""))
    inside = {path[start:]: data for path, data in sorted(files.items())}
    return Warmed(Warm(job.name, job.prefix, caches, inside), cold, hit, missed)


def _kinds(job: WarmJob, plot: Plot) -> list[Kind]:
    spec = plot.workspace.spec
    paths = [entry.path for entry in job.artifact.tree.entries]
    found = [kind for kind in KINDS if kind.applies(spec, paths)]
    if not found:
        raise UsageError(
            "slim warm has nothing to make for this function: it makes the caches of Node.js, and "
            "of a JVM in the tree; Python's bytecode is made by slim build --pyc compile"
        )
    return found


def _run(plot: Plot, env: Mapping[str, str]) -> Run:
    """Run the events. Raises InputError where one is not answered."""
    result = plot.run(env)
    if result.failure is not None:
        raise InputError(f"the function {result.failure.message}; make it answer first")
    for invocation in result.invocations:
        answer = invocation.answer
        if answer is None or answer.kind == "error":
            raise InputError(
                f"{printable(invocation.event)}: the function answers with an error; name an event "
                "that it answers"
            )
    return result


def _joined(parts: Iterator[Mapping[str, str]] | list[dict[str, str]]) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}


def _hit(
    job: WarmJob, plot: Plot, made: Mapping[Kind, Made]
) -> Iterator[tuple[str, tuple[Cache, Mapping[str, bytes]]]]:
    """Yield each cache with its files. Raises InputError for one that was not hit."""
    for kind, each in made.items():
        hits = kind.making.hits(plot, each)
        if not hits.number:
            raise InputError(
                f"a fresh run took nothing from the cache of {each.title}, so nothing is written; "
                "its bootstrap may set the same variable"
            )
        cache = Cache(
            kind=kind.name,
            title=each.title,
            runtime=plot.workspace.spec.runtime,
            arch=job.arch,
            env="=".join(each.env),
            hits=hits.number,
            digest=_digest(job.artifact, kind.name),
        )
        yield kind.name, (cache, hits.files)


def _digest(artifact: ZipTree, kind: str) -> str:
    entries = (e for e in artifact.tree.entries if e.kind is EntryKind.FILE)
    return digest_of((e.path, artifact.read(e.path)) for e in entries if is_made_of(kind, e.path))
