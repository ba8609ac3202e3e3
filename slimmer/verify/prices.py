"""What billed starts cost, from the prices in ``rules/prices.toml``."""

from __future__ import annotations

import functools
import math
from decimal import Decimal
from typing import NamedTuple

from slimmer.toml import PRICES_FILE, Table, data_folder, read_text

STARTS = 1_000_000
_GB = 2**30  # AWS counts a GB of memory as 1,024 MB


class Prices(NamedTuple):
    """Prices of the time that functions run, in dollars for each GB-second, by processor."""

    source: str
    step_ms: int
    usd_per_gb_second: dict[str, Decimal]

    def usd(self, init_s: float, memory_bytes: int, arch: str) -> Decimal:
        """Return what the initialization of a million cold starts costs."""
        billed_ms = math.ceil(init_s * 1000 / self.step_ms) * self.step_ms
        gb_seconds = Decimal(billed_ms) / 1000 * memory_bytes / _GB
        return gb_seconds * self.usd_per_gb_second[arch] * STARTS


@functools.cache
def load_prices() -> Prices:
    """Return slim's own prices. Raises UsageError, with file and line, for what is wrong there."""
    table = Table.parse(read_text(data_folder() / PRICES_FILE), f"rules/{PRICES_FILE}")
    rows = table.table("usd_per_gb_second")
    prices = {arch: Decimal(rows.text(arch)) for arch in rows.keys} if rows else {}
    return Prices(table.text("source"), table.whole("billed_step_ms"), prices)
