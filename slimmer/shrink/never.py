"""The patterns of ``rules/shrink/``: what a shrink leaves alone, and what it leaves hollow."""

from __future__ import annotations

from slimmer.toml import Table, data_folder, read_text


def load_never() -> tuple[str, ...]:
    """Return what never goes inside a used unit. Raises UsageError."""
    return _patterns("never")


def load_hollow() -> tuple[str, ...]:
    """Return what may stay without its bytes where it was only looked for. Raises UsageError."""
    return _patterns("hollow")


def _patterns(key: str) -> tuple[str, ...]:
    name = f"shrink/{key}.toml"
    table = Table.parse(read_text(data_folder() / name), name)
    patterns = table.texts(key)
    table.finish()
    return patterns
