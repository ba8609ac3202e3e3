"""A folder for each test of the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.check.gate import PYTHON
from tests.support.zips import pack


@pytest.fixture
def work(tmp_path: Path) -> Path:
    pack(tmp_path / "layer.zip", PYTHON)
    return tmp_path
