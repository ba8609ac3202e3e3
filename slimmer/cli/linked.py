"""``--jlink``: the Java runtimes of a tree, made again of the modules that are wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from slimmer.errors import UsageError
from slimmer.paths import join
from slimmer.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slimmer.decide.question import Question
    from slimmer.ecosystems.java.runtimes import Reach
    from slimmer.inputs.base import Source
    from slimmer.model.findings import Finding

REACHED = "reached"
_MODULE = re.compile(r"[A-Za-z_][\w.]*")
_LOCALES = "jdk.localedata"


def linked(
    source: Source,
    question: Question,
    words: Iterable[str],
    jdk: Path | None,
    tell: Callable[[str], object],
) -> tuple[Source, list[Finding]]:
    """Return the tree with runtimes of the modules that ``words`` name, and what there is to say.

    Raises UsageError for words that name none, for a runtime in a layer that stays, and where the
    tree has no runtime or no code; and what :func:`slimmer.inputs.jlink.relinked` raises.
    """
    from slimmer.ecosystems.java.runtimes import MODULES, find_reach
    from slimmer.inputs.jlink import Wanted, relinked

    named = [name for word in words for name in word.split(",") if name]
    for name in named:
        if not _MODULE.fullmatch(name):
            raise UsageError(f"--jlink {printable(name)}: not the name of a module")
    siblings = question.deployment.siblings
    reaches = find_reach(source.tree, source.read, siblings, lambda _: True)
    if not reaches:
        raise UsageError(
            "--jlink: no Java runtime with lib/modules and release in the tree, no code of Java "
            "with it, or a jar that cannot be read; name them together, or leave --jlink out"
        )
    wanted = []
    found: list[Finding] = []
    for reach in reaches:
        if join(reach.root, MODULES) in question.base.paths:
            raise UsageError(
                f"--jlink: {printable(reach.root)} lies in a layer of --base-layers, which stays "
                "beside a new one; remove one of the two, or name fewer layers"
            )
        chosen = _chosen(reach, named)
        wanted.append(Wanted(reach.root, chosen))
        found += _said(reach, frozenset(chosen))
    arch, is_image = question.settings.arch, question.as_image
    source, more = relinked(source, wanted, jdk, arch, tell, as_before=is_image)
    return source, [*found, *more]


def _chosen(reach: Reach, named: Iterable[str]) -> tuple[str, ...]:
    """Return the modules that words mean, with what they require. Raises UsageError."""
    todo: list[str] = []
    for name in named:
        if name != REACHED and name not in reach.runtime:
            raise UsageError(
                f"--jlink {printable(name)}: no such module in {printable(reach.root)}/lib/modules"
            )
        todo += reach.modules if name == REACHED else [name]
    chosen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in chosen:
            chosen.add(name)
            todo += [each for each in reach.runtime[name].info.requires if each in reach.runtime]
    return tuple(sorted({"java.base", *chosen}))


def _said(reach: Reach, chosen: frozenset[str]) -> Iterable[Finding]:
    """Yield what there is to say of a choice."""
    from slimmer.model.findings import finding

    root, runtime = printable(reach.root), reach.runtime
    without = [name for name in runtime if name not in chosen]
    spare = sum(runtime[name].size_bytes for name in without)
    count = len(runtime) - len(without)
    said = f"{root}: linked with {count:,} of {len(runtime):,} modules; the others take {spare:,} B"
    yield finding("jlink", said)
    if missed := [f"{name} ({reach.modules[name]})" for name in without if name in reach.modules]:
        what = "what asks for a class of them fails with NoClassDefFoundError"
        said = f"{root}: {', '.join(missed)}: reached, and left out; {what}"
        yield finding("jlink-reached", said)
    if _LOCALES in without:
        what = "numbers, dates and names of all languages are written as in English"
        use = f"--jlink {REACHED},{_LOCALES} keeps it"
        yield finding("jlink-locales", f"{root}: without {_LOCALES} {what}; {use}")
