"""Where distributions lie in the zip against where Lambda's Python looks for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
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
    for holder, held in sorted(holders.items()):
        if holder in language.paths or _is_vendored(holder, holders):
            continue
        if holder == "" and shipped.has_code_at_root((".py",), names):
            continue  # a function's own packages lie beside its code
        where = f"in {printable(holder)}/" if holder else "at the root of the zip"
        advice = "put a layer's packages under python/ (--prefix python)"
        looks = "looks there only in a function" if holder == "" else "does not look there"
        yield finding(
            "python-path",
            f"{and_more(held)} lies {where}; {shipped.target.name} {looks}; {advice}",
        )


def _is_vendored(holder: str, holders: Collection[str]) -> bool:
    """Return whether a folder lies in another that holds packages: a package's own copies."""
    return any(holder.startswith(other + "/") for other in holders if other and other != holder)
