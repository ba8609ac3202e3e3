"""The packages that a zip holds as a bill of materials; see :mod:`slimmer.report.build.cyclone`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import cast

from slimmer.build.report import Report
from slimmer.errors import UsageError

_BILL = "slimmer.report.build.cyclone:bill"


def render_sbom(report: Report) -> str:
    """Return the bill of materials. Raises UsageError where the library is not installed."""
    try:
        bill = cast("Callable[[Report], str]", pkgutil.resolve_name(_BILL))
    except ModuleNotFoundError:
        raise UsageError(
            "--sbom needs the library of CycloneDX; run pip install 'layerslim[sbom]'"
        ) from None
    return bill(report)
