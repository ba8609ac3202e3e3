from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import OLD
from tests.support.trees import write_tree


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a good tree, and the zip of an earlier build at ``out.zip``."""
    write_tree(tmp_path / "tree", {"a.txt": "first\n", "lib/b.txt": "second\n"})
    (tmp_path / "out.zip").write_bytes(OLD)
    yield tmp_path
    for path in [tmp_path, *tmp_path.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
