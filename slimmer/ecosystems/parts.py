"""The parts of languages, each imported from the folder that its row names when a run needs it."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from slimmer.ecosystems import Ecosystem, needed
from slimmer.ecosystems.interface import (
    Advise,
    Check,
    Claim,
    Companions,
    DropPass,
    DropRequest,
    Drops,
    FindNeeds,
    FindSilent,
    FindUses,
    Guard,
    NeedsRequest,
    Published,
    UsesRequest,
)
from slimmer.model.findings import Finding
from slimmer.model.needs import Needs
from slimmer.model.owners import Claims, owners_of
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind
from slimmer.model.uses import Uses

if TYPE_CHECKING:
    from slimmer.ecosystems.context import Context

_MAX_TEXT_BYTES = 16 * 1024 * 1024  # of a list of files; the largest known has some 3 MB


def needed_by(context: Context) -> tuple[Ecosystem, ...]:
    """Return the ecosystems that a tree and the zips beside it need."""
    return needed([*(entry.path for entry in context.tree.entries), *context.sibling_names])


def make_guards(
    ecosystems: Iterable[Ecosystem], names: Iterable[str], context: Context
) -> dict[str, Guard]:
    """Return the guards of these names that the ecosystems have, made for one tree."""
    places = {guard: (e, place) for e in ecosystems for guard, place in e.guards.items()}
    guards = {name: _part(*places[name]) for name in names if name in places}
    return {name: cast("type[Guard]", guard)(context) for name, guard in guards.items()}


def drop_companions(
    ecosystems: Iterable[Ecosystem],
    context: Context,
    verdicts: Mapping[str, Verdict],
    owners: Mapping[str, str],
) -> dict[str, Verdict]:
    """Return drops of what belongs to something that packs drop. Raises what reading raises."""
    parts = [cast("Companions", _part(e, e.companions)) for e in ecosystems if e.companions]
    return {
        path: verdict for part in parts for path, verdict in part(context, verdicts, owners).items()
    }


def drop_more(ecosystems: Iterable[Ecosystem], request: DropRequest) -> Drops:
    """Return what the passes of the ecosystems drop, each told of those before it.

    Raises what reading raises.
    """
    return _dropped(((e, place) for e in ecosystems for place in e.drops), request)


def drop_aside(ecosystems: Iterable[Ecosystem], request: DropRequest) -> Drops:
    """Return what no guard takes back, such as virtual environments. Raises what reading raises."""
    return _dropped(((e, place) for e in ecosystems for place in e.aside), request)


def _dropped(passes: Iterable[tuple[Ecosystem, str]], request: DropRequest) -> Drops:
    drops: dict[str, Verdict] = {}
    findings: tuple[Finding, ...] = ()
    valid_bytecode: frozenset[str] = frozenset()
    chunks: dict[str, frozenset[bytes]] = {}
    gone: frozenset[str] = frozenset()
    for ecosystem, place in passes:
        drop = cast("DropPass", _part(ecosystem, place))
        more = drop(replace(request, verdicts={**request.verdicts, **drops}))
        drops |= more.drops
        findings += more.findings
        valid_bytecode |= more.valid_bytecode
        chunks |= more.kept_chunks
        gone |= more.gone_packages
    return Drops(drops, findings, valid_bytecode, chunks, gone)


def find_owners(
    ecosystems: Iterable[Ecosystem], context: Context, more: Iterable[Claims] = ()
) -> Mapping[str, str]:
    """Return the owner of each path of a tree: who installed it, or OWN.

    ``more`` are the claims of others, such as packs.
    Raises what reading raises.
    """
    tree = context.tree

    def text(path: str) -> str:
        entry = tree.by_path.get(path)
        if entry is None or entry.kind is not Kind.FILE or entry.size_bytes > _MAX_TEXT_BYTES:
            return ""
        return context.read(path).decode("utf-8", "replace")

    parts = [cast("Claim", _part(e, e.owners)) for e in ecosystems if e.owners]
    return owners_of(tree, [*more, *(claim(tree, text) for claim in parts)])


def find_uses(ecosystems: Iterable[Ecosystem], request: UsesRequest) -> list[Uses]:
    """Return who uses whom, as each ecosystem knows it. Raises what reading raises."""
    parts = [cast("FindUses", _part(e, e.uses)) for e in ecosystems if e.uses]
    return [find(request) for find in parts]


def find_silent(
    context: Context, used: frozenset[str], verdicts: Mapping[str, Verdict]
) -> frozenset[str]:
    """Return the dropped paths without which used files say nothing, or something else.

    Raises what reading raises.
    """
    parts = [cast("FindSilent", _part(e, e.silent)) for e in needed_by(context) if e.silent]
    return frozenset(path for find in parts for path in find(context, used, verdicts))


def find_needs(request: NeedsRequest) -> list[Needs]:
    """Return what zips deployed together need and have. Raises what reading raises."""
    ecosystems = [e for e in needed(request.files) if e.needs]
    parts = [cast("FindNeeds", _part(e, e.needs)) for e in ecosystems]
    return [find(request) for find in parts]


def check_fit(
    ecosystems: Iterable[Ecosystem], context: Context, verdicts: Mapping[str, Verdict]
) -> list[Finding]:
    """Return what does not fit the target of ``context``. Raises what reading raises.

    What certainly cannot load is a failure, what is not known for sure a warning. Without a
    target that names a runtime there is nothing to check.
    """
    from slimmer.ecosystems.shipped import Shipped  # noqa: PLC0415 - for fit only

    target = context.deployment.target
    if target is None or target.system is None:
        return []
    shipped = Shipped.of(context, verdicts, target)
    checks = [cast("Check", _part(e, place)) for e in ecosystems for place in e.checks]
    return [finding for check in checks for finding in check(shipped)]


def advise(
    ecosystems: Iterable[Ecosystem], context: Context, verdicts: Mapping[str, Verdict]
) -> list[Finding]:
    """Return what could start sooner, or not from where it will lie. Raises what reading raises."""
    parts = [cast("Advise", _part(e, e.advice)) for e in ecosystems if e.advice]
    return [finding for part in parts for finding in part(context, verdicts)]


def published_by(paths: Collection[str]) -> list[type[Published]]:
    """Return what recognises the published packages of the languages that these paths need."""
    return [cast("type[Published]", _part(e, e.published)) for e in needed(paths) if e.published]


def _part(ecosystem: Ecosystem, place: str) -> object:
    """Return what ``module:name`` names in the folder of an ecosystem."""
    return pkgutil.resolve_name(f"{__package__}.{ecosystem.name}.{place}")
