"""Where a bootstrap lies in the zip against where a custom runtime starts it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimmer.ecosystems.shipped import Shipped
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Kind
from slimmer.text import printable

_BOOTSTRAP = "bootstrap"


def check_bootstrap(shipped: Shipped) -> Iterator[Finding]:
    """Yield a warning for each bootstrap of a custom runtime where none is at the root."""
    if shipped.target.language is not None:
        return
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
