"""What zips that are deployed together need, and what of it neither they nor the target have."""

from __future__ import annotations

from collections.abc import Iterable

from slimmer.ecosystems.interface import NeedsRequest
from slimmer.ecosystems.parts import find_needs
from slimmer.errors import InputError
from slimmer.inputs.base import Sibling
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.needs import Missing, Needs, missing
from slimmer.targets import Target
from slimmer.text import and_more, printable


def need_findings(
    layers: tuple[Sibling, ...], function: Sibling | None, target: Target
) -> list[Finding]:
    """Return what is missing, and what cannot be read, so that nobody knows.

    A function without a layer may have one that is not named, so that only warns.
    """
    try:
        found = find_needs(NeedsRequest(layers, function, target))
    except InputError as error:
        message = f"{error}; what the zips need of each other is not known"
        return [finding("unreadable-metadata", message)]
    broken = {path: reason for needs in found for path, reason in needs.broken}
    return [
        *_findings(found, target, layers, function),
        *(_unknown(path, reason) for path, reason in sorted(broken.items())),
    ]


def _findings(
    found: Iterable[Needs], target: Target, layers: tuple[Sibling, ...], function: Sibling | None
) -> Iterable[Finding]:
    advice = "add it to a zip"
    if function is not None and layers:
        advice = f"build the layer with --with {printable(function.name)}, or add it to a zip"
    elif function is not None:
        advice = "add it, or name the layer that has it"
    for each in missing(found):
        yield finding("missing-need", _message(each, target, advice), _severity(each, layers))


def _unknown(path: str, reason: str) -> Finding:
    message = f"{printable(path)} cannot be understood ({reason}): what it needs is not known"
    return finding("unreadable-metadata", message)


def _severity(each: Missing, layers: tuple[Sibling, ...]) -> Severity:
    return Severity.FAIL if each.certain and layers else Severity.WARN


def _message(each: Missing, target: Target, advice: str) -> str:
    verb = "needs" if len(each.who) == 1 else "need"
    return (
        f"{and_more(each.who)} {verb} {printable(each.what)}, which is in none of the zips, nor "
        f"known to be in {target.name}; {advice}"
    )
