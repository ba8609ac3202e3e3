"""Where packages lie in the zip against where Lambda's Node looks for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimmer.ecosystems.node.sources import ENDINGS
from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.model.forms import DeployedAs
from slimmer.text import and_more

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
    is_function = shipped.may_be_function(ENDINGS)
    for holder, held in sorted(holders.items()):
        folder = posixpath.join(holder, "node_modules")
        of_layer = re.fullmatch(r"nodejs(?:/node(\d+))?/node_modules", folder)
        if of_layer and shipped.deployed_as is DeployedAs.FUNCTION:
            if not _has_code_in(holder, shipped):
                yield _warning(
                    f"{_lie(held)} in {folder}; {shipped.target.name} looks there only in a "
                    "layer; put a function's packages into node_modules/ beside its code"
                )
        elif of_layer and folder not in language.paths:
            yield _warning(
                f"{folder}: searched by Node {of_layer[1]} only; {shipped.target.name} "
                f"searches {' and '.join(language.paths)}",
            )
        elif holder == "" and not is_function:
            looks = "does not look there"
            if shipped.deployed_as is None:
                looks = "looks there only in a function (--as-function)"
            yield _warning(
                f"{_lie(held)} in node_modules/ at the root of the zip; {shipped.target.name} "
                f"{looks}; put a layer's packages under nodejs/ (--prefix nodejs)",
            )


def _lie(held: list[str]) -> str:
    return f"{and_more(held)} {'lies' if len(held) == 1 else 'lie'}"


def _has_code_in(holder: str, shipped: Shipped) -> bool:
    """Return whether code lies in a folder or below it, from where Node finds its packages."""
    paths = (shipped.context.in_zip(entry.path) for entry in shipped.entries)
    return any(
        path.startswith(f"{holder}/") and path.endswith(ENDINGS) and "/node_modules/" not in path
        for path in paths
    )


def _warning(message: str) -> Finding:
    return finding("node-path", message)
