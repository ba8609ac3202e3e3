"""Where packages lie in the zip against where Lambda's Node looks for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimmer.ecosystems.node.sources import ENDINGS
from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.text import and_more, printable

_MODULES = re.compile(r"(?:(.+)/)?node_modules/(?:@[^/]+/)?[^/]+/package\.json")


def check_search_path(shipped: Shipped) -> Iterator[Finding]:
    """Yield a warning for each folder of packages that is not searched."""
    language = shipped.language("nodejs")
    if language is None:
        return
    holders: dict[str, list[str]] = {}
    for entry in shipped.entries:
        found = _MODULES.fullmatch(shipped.context.in_zip(entry.path))
        if found and "node_modules" not in (found[1] or "").split("/"):
            holders.setdefault(found[1] or "", []).append(entry.path)
    for holder, held in sorted(holders.items()):
        folder = posixpath.join(holder, "node_modules")
        other = re.fullmatch(r"nodejs/node(\d+)/node_modules", folder)
        if other and folder not in language.paths:
            yield _warning(
                f"{printable(folder)}: searched by Node {other[1]} only; {shipped.target.name} "
                f"searches {' and '.join(language.paths)}",
            )
        elif holder == "" and not shipped.has_code_at_root(ENDINGS):
            verb = "lies" if len(held) == 1 else "lie"
            yield _warning(
                f"{and_more(held)} {verb} in node_modules/ at the root of the zip; "
                f"{shipped.target.name} looks there only in a function; put a layer's packages "
                "under nodejs/ (--prefix nodejs)",
            )


def _warning(message: str) -> Finding:
    return finding("node-path", message)
