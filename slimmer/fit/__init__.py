"""Fit: whether what is shipped will load on the target.

Each check is a function and a row in CHECKS. What certainly cannot load is a failure, what is
not known for sure a warning. Without a target that names a runtime there is nothing to check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from slimmer.around import Around
from slimmer.fit.java import check_classes
from slimmer.fit.layout import check_layout
from slimmer.fit.libraries import check_libraries
from slimmer.fit.node import check_node
from slimmer.fit.python import check_python
from slimmer.fit.shipped import Shipped
from slimmer.fit.versions import check_versions
from slimmer.model import Finding, Verdict

CHECKS: dict[str, Callable[[Shipped], Iterator[Finding]]] = {
    "versions": check_versions,
    "libraries": check_libraries,
    "python": check_python,
    "node": check_node,
    "java": check_classes,
    "layout": check_layout,
}


def check_fit(around: Around, verdicts: Mapping[str, Verdict]) -> list[Finding]:
    """Return what does not fit the target of ``around``. Raises what reading raises."""
    target = around.deployment.target
    if target is None or target.system is None:
        return []
    shipped = Shipped.of(around, verdicts, target)
    return [finding for check in CHECKS.values() for finding in check(shipped)]
