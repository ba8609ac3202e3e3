"""Sizes as people type and read them: MB is 1,000,000 bytes and MiB is 1,048,576.

What a function works with is imported by its first call, since every command imports this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slimmer.errors import UsageError

if TYPE_CHECKING:
    from fractions import Fraction

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*%")
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z]*)")


def parse_size(text: str) -> int:
    """Return the whole bytes that ``text`` means, such as ``65MB``, ``1.5 MiB`` or ``4096``.

    A fraction of a byte is cut off. Raises UsageError when it is no size, is zero, or has
    a unit that could mean two things.
    """
    match = _SIZE.fullmatch(text.strip())
    factor = _UNITS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise UsageError(f"{text!r} is not a size; write it as 65MB, 62.5MiB, 800kB or whole bytes")
    from decimal import Decimal

    size_bytes = int(Decimal(match[1]) * factor)
    if size_bytes == 0:
        raise UsageError(f"{text!r} is not a limit; it must be at least one byte")
    return size_bytes


def parse_percent(text: str) -> Fraction | None:
    """Return the share that ``text`` means, such as ``90%``; None for any other text."""
    from fractions import Fraction

    match = _PERCENT.fullmatch(text.strip())
    return Fraction(match[1]) / 100 if match else None


def size_text(size_bytes: int) -> str:
    """Return ``size_bytes`` for people, in powers of 1000: ``21.4 MB``."""
    import humanize

    return (
        humanize.naturalsize(size_bytes, format="%.1f").replace("Bytes", "B").replace("Byte", "B")
    )


def exact_text(size_bytes: int) -> str:
    """Return ``size_bytes`` to the byte: ``21,412,008 B``."""
    return f"{size_bytes:,} B"


def growth_text(size_bytes: int) -> str:
    """Return by how much something grew, to the byte and with its sign: ``+1,024 B``."""
    return f"{size_bytes:+,} B" if size_bytes else "0 B"


def count_text(count: int, noun: str) -> str:
    """Return ``count`` with its noun: ``1 file``, ``2,000 files``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
