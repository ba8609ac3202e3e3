"""Orphans: packages that were there only for packages of which nothing is left.

A package goes that the records call installed for others only, and whose others are all dropped or
go themselves. What a person installed stays, and so does what the distribution requires. It goes
whole, licences included; what a kept file needs of it brings it back (see :mod:`.guard`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.distribution.records import Records
from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.formats.dpkg import INFO_FOLDER
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Kind

ORPHANS = "packages/orphans"
RECORDS = "packages/records"
_PLACE = "the records of the packages"
_SHOWN = 6  # packages of a chain; the middle of a longer one is left out


def drop_companions(
    context: Context,
    verdicts: Mapping[str, Verdict],
    owners: Mapping[str, str],  # noqa: ARG001 - as all companions
) -> dict[str, Verdict]:
    """Return the drops of the packages that nothing is left for. Raises what reading raises."""
    records = context.package_records
    if not records.automatic:
        return {}
    gone = {
        name: files for name in records.packages if (files := _dropped(records, name, verdicts))
    }
    held = {name for name, files in records.files.items() if _is_asked_for(files, verdicts)}
    orphans = find_orphans(records, gone.keys(), held)
    first = {chain[-1] for chain in orphans.values()}
    by = {name: _dropper(gone[name], verdicts) for name in first}
    rules = {name: _rule(name, chain, by[chain[-1]]) for name, chain in orphans.items()}
    return {
        path: Verdict(Action.DROP, rules[name])
        for path, name in going(records, orphans)
        if verdicts[path].kept
    }


def drop_records(request: DropRequest) -> Drops:
    """Return the drops of what is left of packages whose every program and library is dropped.

    Names these packages, so that the records do so no more. Raises what reading raises.
    """
    records = request.context.package_records
    if not records.is_whole:
        return Drops(findings=tuple(_doubts(records)))
    verdicts = request.verdicts
    gone = frozenset(name for name in records.packages if _is_gone(records, name, verdicts))
    rule = "Nothing else of the package is left."
    drops = {
        path: Verdict(Action.DROP, Rule(RECORDS, Action.DROP, name, rule, _PLACE, _TITLE))
        for path, name in going(records, gone)
        if verdicts[path].kept
    }
    drops |= {
        path: Verdict(Action.DROP, _SCRIPTS) for path in _scripts(request) if path not in drops
    }
    return Drops(drops, gone_packages=gone)


_TITLE = "Records and licences of packages that are gone"
_SCRIPTS = Rule(
    RECORDS,
    Action.DROP,
    "scripts of packages",
    "dpkg is gone, which runs them when a package is installed or removed.",
    _PLACE,
    _TITLE,
)
#: What of dpkg's records only dpkg and what installs read, and no scanner.
_RUN_BY_DPKG = (".preinst", ".postinst", ".prerm", ".postrm", ".config", ".templates", ".triggers")
_DPKG = "usr/bin/dpkg"


def _scripts(request: DropRequest) -> Iterator[str]:
    """Yield the packages' scripts of installation where dpkg was there and is dropped."""
    verdicts = request.verdicts
    dpkg = verdicts.get(_DPKG)
    for entry in request.context.tree.below(INFO_FOLDER) if dpkg and dpkg.dropped else ():
        is_script = entry.path.endswith(_RUN_BY_DPKG) and entry.kind is Kind.FILE
        if is_script and verdicts[entry.path].kept and not verdicts[entry.path].kept_by_user:
            yield entry.path


def _doubts(records: Records) -> Iterator[Finding]:
    """Yield what makes the records no base of a decision."""
    if records.doubt:
        kept = "no package is dropped that only others needed, and none shaken out"
        yield finding("package-records", f"{records.doubt}; {kept}")


def find_orphans(
    records: Records, gone: Collection[str], held: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the packages that are there only for ``gone`` ones, each with its chain.

    A chain leads from who asks for the package to the one that is gone. ``held`` stay whatever
    the records say.
    """
    stays = {
        name
        for name, package in records.packages.items()
        if name not in records.automatic or package.is_required or name in held
    }
    before = _reached(records, stays, ())
    after = _reached(records, stays - set(gone), gone)
    orphans = before.keys() - after.keys() - set(gone)
    chains = _reached(records, sorted(gone), after)
    return {name: _chain(name, chains) for name in sorted(orphans) if name in chains}


def going(records: Records, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths that go with packages, each with its package; none that others have too."""
    others = (files for name, files in records.files.items() if name not in names)
    stays = frozenset(path for files in others for path in files)
    for name in sorted(names):
        for path in records.files[name]:
            if path not in stays:
                yield path, name


def _reached(
    records: Records, roots: Iterable[str], barred: Collection[str]
) -> dict[str, str | None]:
    """Return what packages ask for, over others: each with who asked for it first."""
    via: dict[str, str | None] = dict.fromkeys(sorted(roots))
    now = list(via)
    while now:
        later: dict[str, str | None] = {}
        for name in now:
            for asked in records.needed(name, with_liked=True):
                if asked not in via and asked not in barred:
                    later.setdefault(asked, name)
        via |= later
        now = sorted(later)
    return via


def _chain(name: str, via: Mapping[str, str | None]) -> tuple[str, ...]:
    found: list[str] = []
    before = via[name]
    while before is not None:
        found.append(before)
        before = via[before]
    return tuple(found)


def _rule(name: str, chain: tuple[str, ...], component: str) -> Rule:
    shown = list(chain)
    if len(shown) > _SHOWN:
        shown[_SHOWN // 2 : -_SHOWN // 2] = ["…"]
    why = f"{name}: only for {' → '.join(shown)}, dropped by {component}."
    title = "Packages that were there only for dropped ones"
    return Rule(ORPHANS, Action.DROP, name, why, _PLACE, title)


def _dropped(records: Records, name: str, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Return the programs and data of a package if all of them are dropped, else none."""
    works = records.works(name)
    return [] if any(records.has_left(path, verdicts) for path in works) else works


def _is_gone(records: Records, name: str, verdicts: Mapping[str, Verdict]) -> bool:
    files = records.works(name) or records.files[name]
    return bool(files) and not any(records.has_left(path, verdicts) for path in files)


def _is_asked_for(files: Iterable[str], verdicts: Mapping[str, Verdict]) -> bool:
    return any(verdicts[path].kept_by_user for path in files)


def _dropper(files: Iterable[str], verdicts: Mapping[str, Verdict]) -> str:
    """Return what dropped the most of these files."""
    rules = (verdicts[path].rule for path in files)
    return Counter(rule.component for rule in rules if rule).most_common(1)[0][0]
