"""The licences of all that a zip holds, as one text."""

from __future__ import annotations

from slimmer.build.report import Report
from slimmer.text import printable

_LINE = "-" * 72


def render_notices(report: Report) -> str:
    """Return the packages with what they say of their licence, and each text once."""
    ships = report.ships
    if ships is None:
        return ""
    parts = ["This artifact holds the packages below. Their licences follow.\n"]
    parts += [
        f"{printable(p.name)} {printable(p.version)}: "
        f"{printable(p.licence.partition(chr(10))[0]) or 'see its text below'}"
        for p in ships.packages
    ]
    for notice in ships.notices:
        names = "\n".join(map(printable, notice.paths))
        parts.append(f"\n{_LINE}\n{names}\n{_LINE}\n\n{notice.text}")
    return "\n".join(parts) + "\n"
