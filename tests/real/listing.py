"""What unzip says of a zip."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from trees import tools

_ROW = re.compile(r"\s*(\d+)\s+\S+\s+(\d+)\s+\S+ \S+ \S+ [0-9a-f]{8}\s+(.+)")


class Listed(NamedTuple):
    """Files, and their sums."""

    files: int
    unzipped_bytes: int
    compressed_bytes: int


def members(archive: Path) -> dict[str, Listed]:
    """Return each file of a zip by its name, as ``unzip -lv`` lists it."""
    argv = ["unzip", "-lv", str(archive)]
    done = subprocess.run(argv, env=tools.environment(), capture_output=True, text=True, check=True)
    rows = [found for line in done.stdout.splitlines() if (found := _ROW.fullmatch(line))]
    return {r[3]: Listed(1, int(r[1]), int(r[2])) for r in rows if not r[3].endswith("/")}


def listed(archive: Path, pattern: str = "") -> Listed:
    """Return the sums of ``unzip -lv`` over the files whose names a pattern matches."""
    mine = [row for name, row in members(archive).items() if re.match(pattern, name)]
    return Listed(*(sum(column) for column in zip(*mine, strict=True))) if mine else Listed(0, 0, 0)
