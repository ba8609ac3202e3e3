"""What is refused of `--sandbox docker` and its image before any container is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.functions import ECHO
from tests.support.trees import write_tree
from tests.support.zips import zip_of

REFUSED = {
    ("--sandbox", "docker"): "--sandbox docker needs --image, such as ",
    ("--image", "x"): "--image needs --sandbox docker or podman; name one",
    ("--sandbox", "bwrap", "--image", "x"): "--image needs --sandbox docker or podman; name one",
    ("--sandbox", "podman", "--image", "x"): "--sandbox podman: there is no podman on PATH; ",
    ("--sandbox", "docker", "--image", "x", "--runtime", "java21"): (
        "--runtime java21 needs --handler, such as "
    ),
}


@pytest.mark.parametrize("args", REFUSED)
def test_what_is_missing_is_said_in_a_line(tmp_path: Path, args: tuple[str, ...]) -> None:
    zip_of(tmp_path / "f.zip", {"bootstrap": ECHO})
    write_tree(tmp_path, {"a.json": b"1", "bin/nothing": b""})
    given = ("--function", "f.zip", "--event", "a.json")
    env = {"PATH": str(tmp_path / "bin")}
    outcome = slim("verify", *given, *args, cwd=tmp_path, env=env)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith(f"slim: {REFUSED[args]}")
