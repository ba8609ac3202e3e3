"""What a guard says of metadata that it could not understand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slimmer.model.findings import Finding, finding
from slimmer.text import printable


def unreadable(broken: Mapping[str, str], unknown: str) -> Iterator[Finding]:
    """Yield a warning for each file that was not understood, in path order.

    ``broken`` gives the reason by path; ``unknown`` says what nobody knows for that.
    """
    for path, reason in sorted(broken.items()):
        yield finding(
            "unreadable-metadata",
            f"{printable(path)} cannot be understood ({reason}): kept as it is, and {unknown}",
        )
