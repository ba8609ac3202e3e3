"""The patterns of what never goes inside a used unit, from ``rules/shrink/never.toml``."""

from __future__ import annotations

from slimmer.toml import Table, data_folder, read_text

NAME = "shrink/never.toml"


def load_never() -> tuple[str, ...]:
    """Return the patterns. Raises UsageError for a file that cannot be followed."""
    table = Table.parse(read_text(data_folder() / NAME), NAME)
    patterns = table.texts("never")
    table.finish()
    return patterns
