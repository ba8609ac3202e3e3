"""Where things lie in the zip against where the runtime looks for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Kind
from slimmer.targets import Language
from slimmer.text import and_more, printable

_BOOTSTRAP = "bootstrap"
_DISTRIBUTION = re.compile(r"(?:(.+)/)?([^/]+?)-[^/]*\.dist-info/METADATA")
_MODULES = re.compile(r"(?:(.+)/)?node_modules/(?:@[^/]+/)?[^/]+/package\.json")
_CODE = (".js", ".mjs", ".cjs")


def check_layout(shipped: Shipped) -> Iterator[Finding]:
    """Yield a warning for packages out of the search path, and a bootstrap not at the root."""
    if language := shipped.language("python"):
        yield from _python(shipped, language)
    elif language := shipped.language("nodejs"):
        yield from _node(shipped, language)
    elif shipped.target.language is None:
        yield from _bootstrap(shipped)


def _python(shipped: Shipped, language: Language) -> Iterator[Finding]:
    holders: dict[str, list[str]] = {}
    for entry in shipped.entries:
        found = _DISTRIBUTION.fullmatch(shipped.context.in_zip(entry.path))
        if found:
            holders.setdefault(found[1] or "", []).append(found[2])
    names = {name.casefold() for held in holders.values() for name in held}
    for holder, held in sorted(holders.items()):
        if holder in language.paths or _is_vendored(holder, holders):
            continue
        if holder == "" and _has_code(shipped, (".py",), names):
            continue  # a function's own packages lie beside its code
        where = f"in {printable(holder)}/" if holder else "at the root of the zip"
        mend = "put a layer's packages under python/ (--prefix python)"
        looks = "looks there only in a function" if holder == "" else "does not look there"
        yield finding(
            "python-path", f"{and_more(held)} lies {where}; {shipped.target.name} {looks}; {mend}"
        )


def _is_vendored(holder: str, holders: dict[str, list[str]]) -> bool:
    """Return whether a folder lies in another that holds packages: a package's own copies."""
    return any(holder.startswith(other + "/") for other in holders if other and other != holder)


def _node(shipped: Shipped, language: Language) -> Iterator[Finding]:
    holders: dict[str, list[str]] = {}
    for entry in shipped.entries:
        found = _MODULES.fullmatch(shipped.context.in_zip(entry.path))
        if found and "node_modules" not in (found[1] or "").split("/"):
            holders.setdefault(found[1] or "", []).append(entry.path)
    for holder, held in sorted(holders.items()):
        folder = posixpath.join(holder, "node_modules")
        other = re.fullmatch(r"nodejs/node(\d+)/node_modules", folder)
        if other and folder not in language.paths:
            yield finding(
                "node-path",
                f"{printable(folder)}: searched by Node {other[1]} only; {shipped.target.name} "
                f"searches {' and '.join(language.paths)}",
            )
        elif holder == "" and not _has_code(shipped, _CODE, set()):
            verb = "lies" if len(held) == 1 else "lie"
            yield finding(
                "node-path",
                f"{and_more(held)} {verb} in node_modules/ at the root of the zip; "
                f"{shipped.target.name} looks there only in a function; put a layer's packages "
                "under nodejs/ (--prefix nodejs)",
            )


def _bootstrap(shipped: Shipped) -> Iterator[Finding]:
    names = [e.path for e in shipped.entries if posixpath.basename(e.path) == _BOOTSTRAP]
    placed = {shipped.context.in_zip(path) for path in names} | set(shipped.context.sibling_names)
    if _BOOTSTRAP in placed:
        return
    for entry in shipped.entries:
        if entry.path in names and entry.kind is Kind.FILE and entry.executable:
            where = shipped.context.in_zip(entry.path)
            yield finding(
                "bootstrap-path",
                f"{printable(where)}: {shipped.target.name} starts only a bootstrap at the root of "
                "the zip; move it there",
            )


def _has_code(shipped: Shipped, ends: tuple[str, ...], packages: set[str]) -> bool:
    """Return whether there is code at the root of the zip, other than what a package puts there."""
    for entry in shipped.entries:
        name = shipped.context.in_zip(entry.path)
        stem, end = posixpath.splitext(name)
        if "/" not in name and end in ends and stem.casefold() not in packages:
            return True
    return False
