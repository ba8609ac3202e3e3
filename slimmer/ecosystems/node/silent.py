"""What used JavaScript does without, and says nothing: a file that a handler misses.

A package picks one file of a folder by a name that is put together, as moment does with its
locales. Where a handler takes the failure, the package goes on with something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.node.resolver import Resolver
from slimmer.ecosystems.node.sources import ENDINGS, Sources, home_of
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind

_PICKED = (*ENDINGS, ".json")
_PUT_TOGETHER = "prefix"


def find_silent(
    context: Context, used: frozenset[str], verdicts: Mapping[str, Verdict]
) -> Iterator[str]:
    """Yield what ``verdicts`` drop of the folders out of which used sources pick a file.

    Raises InputError.
    """
    resolver = Resolver(context.tree, lambda _: None)

    def resolve(source: str, specifier: str, how: str) -> tuple[str, ...]:
        return resolver.resolve(source, specifier, how) if how == _PUT_TOGETHER else ()

    sources = Sources(context.read, resolve)
    scripts = [e.path for e in context.tree.ending_in(*ENDINGS) if e.kind is Kind.FILE]
    for path in sorted(used.intersection(scripts)):
        for find in sources.finds(path):
            place = sources.place(path, find.asked.offset)
            if place is not None and place.caught:
                yield from _dropped_below(context, path, find.targets, verdicts)


def _dropped_below(
    context: Context, source: str, folders: tuple[str, ...], verdicts: Mapping[str, Verdict]
) -> Iterator[str]:
    """Yield what is dropped of some folders, which are no whole packages."""
    home = home_of(source)
    for folder in folders:
        if not folder.startswith(f"{home}/"):
            continue
        for entry in context.tree.below(folder):
            verdict = verdicts.get(entry.path)
            is_dropped = verdict is not None and verdict.dropped
            if is_dropped and entry.path.endswith(_PICKED) and home_of(entry.path) == home:
                yield entry.path
