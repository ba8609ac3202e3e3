"""``[accept]``: the warnings that a project accepts, each code with its reason."""

from __future__ import annotations

from slimmer.model.codes import CODES
from slimmer.text import did_you_mean
from slimmer.toml import Table


def parse_accepted(table: Table | None) -> dict[str, str]:
    """Return the reasons by their codes. Raises UsageError, with file and line."""
    if table is None:
        return {}
    reasons = {}
    for code in table.keys:
        if code not in CODES:
            table.fail(code, f"there is no code {code!r}{did_you_mean(code, CODES)}")
        reasons[code] = table.text(code)  # never empty
    table.finish()
    return reasons
