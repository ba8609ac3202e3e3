"""What is told of names in the zip."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import slim
from tests.support.trees import write_tree


def test_two_names_that_differ_only_in_case_are_told_once(tmp_path: Path) -> None:
    files = ("Sys/a.txt", "sys/b.txt", "sys/c.txt", "sys/deep/d.txt", "app/X", "app/x")
    tree = write_tree(tmp_path / "tree", dict.fromkeys(files, "free"))
    done = slim("build", str(tree), "-o", "out.zip", cwd=tmp_path)
    said = [line for line in (done.out + done.err).splitlines() if "only in case" in line]
    assert [line.partition(":")[2].split(" differ")[0] for line in said] == [
        " app/X and app/x",
        " Sys and sys",
    ]
