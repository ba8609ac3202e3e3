"""Where distributions lie in the zip against where Lambda's Python looks for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.model.forms import DeployedAs
from slimmer.text import and_more, printable

_DISTRIBUTION = re.compile(r"(?:(.+)/)?([^/][^/-]*)-[^/]*\.dist-info/METADATA")


def check_search_path(shipped: Shipped) -> Iterator[Finding]:
    """Yield a warning for each folder that holds distributions and is not searched."""
    language = shipped.language("python")
    if language is None:
        return
    holders: dict[str, list[str]] = {}
    for entry in shipped.entries:
        found = _DISTRIBUTION.fullmatch(shipped.context.in_zip(entry.path))
        if found:
            holders.setdefault(found[1] or "", []).append(found[2])
    names = {name.casefold() for held in holders.values() for name in held}
    is_found = {*language.paths} if shipped.deployed_as is not DeployedAs.FUNCTION else set()
    if shipped.may_be_function((".py",), names):
        is_found.add("")  # a function's own packages lie beside its code
    for holder, held in sorted(holders.items()):
        if holder not in is_found and not _is_vendored(holder, holders):
            wrong = _why_not(holder, shipped.deployed_as, language.paths)
            where = f"in {printable(holder)}/" if holder else "at the root of the zip"
            verb = "lies" if len(held) == 1 else "lie"
            told = f"{and_more(held)} {verb} {where}; {shipped.target.name} {wrong}"
            yield finding("python-path", told)


def _why_not(holder: str, deployed_as: DeployedAs | None, of_layers: Collection[str]) -> str:
    """Return where Lambda's Python looks instead of in a folder of the zip, and what to do."""
    if deployed_as is DeployedAs.FUNCTION:
        looks = "looks there only in a layer" if holder in of_layers else "does not look there"
        return f"{looks}; put a function's packages beside its code, at the root of the zip"
    advice = "put a layer's packages under python/ (--prefix python)"
    if holder or deployed_as:
        return f"does not look there; {advice}"
    return f"looks there only in a function (--as-function); {advice}"


def _is_vendored(holder: str, holders: Collection[str]) -> bool:
    """Return whether a folder lies in another that holds packages: a package's own copies."""
    return any(holder.startswith(other + "/") for other in holders if other and other != holder)
