"""Two dozen surroundings: the zip is the same byte for byte in each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.command import SLIM, environment
from tests.support.trees import write_tree

pytestmark = pytest.mark.heavy


class Surroundings(NamedTuple):
    """What is around a run: variables, a shell's words before it, and the folder it starts in."""

    env: Mapping[str, str] = {}
    before: str = ""
    folder: str = "plain"


ALL = {
    "plain": Surroundings(),
    "C locale": Surroundings({"LC_ALL": "C", "LANG": "C"}),
    "POSIX locale without UTF-8 mode": Surroundings({"LC_ALL": "POSIX", "PYTHONUTF8": "0"}),
    "a locale that is not there": Surroundings({"LC_ALL": "tr_TR.ISO-8859-9"}),
    "another time zone": Surroundings({"TZ": "Pacific/Kiritimati"}),
    "a time zone that is none": Surroundings({"TZ": ":/dev/null"}),
    "another hash seed": Surroundings({"PYTHONHASHSEED": "12345"}),
    "no assertions": Surroundings({"PYTHONOPTIMIZE": "2"}),
    "no bytecode": Surroundings({"PYTHONDONTWRITEBYTECODE": "1"}),
    "development mode": Surroundings({"PYTHONDEVMODE": "1"}),
    "no home": Surroundings({"HOME": "/nonexistent"}),
    "no temporary folder": Surroundings({"TMPDIR": "/nonexistent"}),
    "no PATH": Surroundings({"PATH": "/nonexistent"}),
    "a terminal of one column": Surroundings({"COLUMNS": "1", "TERM": "dumb"}),
    "forced colours": Surroundings({"FORCE_COLOR": "1"}),
    "a strict umask": Surroundings(before="umask 077;"),
    "an open umask": Surroundings(before="umask 0;"),
    "few open files": Surroundings(before="ulimit -n 32;"),
    "a small stack": Surroundings(before="ulimit -s 512;"),
    "ignored signals": Surroundings(before="trap '' INT HUP PIPE TERM;"),
    "closed streams": Surroundings(before="exec <&- >&- 2>&-;"),
    "a full standard output": Surroundings(before="exec >/dev/full;"),
    "one core": Surroundings(before="exec taskset -c 0"),
    "a folder with odd bytes": Surroundings(folder="odd \udce9 $(x) `y` \n *"),
    "a folder that looks like options": Surroundings(folder="--help"),
}


def test_the_bytes_are_the_same_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zips: dict[str, bytes] = {}
    for name, around in ALL.items():
        work = tmp_path / name / around.folder
        tree = {f"lib/{n}/é{n}.txt": "content\n" * n for n in range(300)}
        write_tree(work / "tree", {**tree, "bin/run": "#!/bin/sh\n", "docs/a.md": "# a\n"})
        done = subprocess.run(
            ["/bin/sh", "-c", f'{around.before} "$@"', "sh", *SLIM, "build", "tree"],
            cwd=work,
            env={**environment(around.env), "PATH": around.env.get("PATH", os.environ["PATH"])},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (name, done.stderr)
        assert b"Traceback" not in done.stderr, name
        zips[name] = (work / "tree.zip").read_bytes()
    assert [name for name, data in zips.items() if data != zips["plain"]] == []
    with capsys.disabled():
        print(f"\nsurroundings: {len(ALL)}, equal zips: {len(zips)}")
