"""Of Prisma stays what its generated client asks for: no command line, no engines of others."""

from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import prisma

pytestmark = [pytest.mark.real, pytest.mark.heavy]  # 230 MB from npm

MAX_UNZIPPED_BYTES = 60_000_000


def test_a_function_with_prisma_answers_without_its_command_line(tmp_path: Path) -> None:
    tree = prisma.function()
    options = ("--tree-shake", "--entry", "index.handler", "--target", "nodejs22.x")
    built = build(tree, tmp_path / "out", *options, "--level", "1")
    assert built.status == 0, built.said
    shaken = unpack(built.zip, tmp_path / "slim")
    assert not (shaken / "node_modules/prisma").exists()
    assert sum(f.lstat().st_size for f in shaken.rglob("*") if f.is_file()) <= MAX_UNZIPPED_BYTES
    before, after = (prisma.answer(folder, tmp_path) for folder in (tree, shaken))
    assert (
        after == before == {"notes": [{"text": "one two"}], "width": 8, "refused": "ECONNREFUSED"}
    )
