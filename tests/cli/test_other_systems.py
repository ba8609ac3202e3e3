"""What is promised for Windows works where POSIX's modules and calls are hidden."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.trees import write_tree
from tests.support.zips import zip_of

HIDE = """
import os, signal, sys
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("fork", "geteuid", "getuid", "pread", "sched_getaffinity", "O_NOFOLLOW",
             "O_NONBLOCK", "O_DIRECTORY", "register_at_fork", "getppid", "fchmod", "mkfifo"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGALRM", "setitimer", "pthread_sigmask"):
    delattr(signal, name)
sys.argv = ["slim", *sys.argv[1:]]
from slimmer.__main__ import main
main()
"""


def slim_elsewhere(cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", HIDE, *args]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", {"a/one.py": "x = 1\n", "two.py": "y = 2\n"})
    artifacts = "".join(f"[artifact.{name}]\ntree = 'tree'\n" for name in "ab")
    write_tree(tmp_path, {"several.toml": artifacts})
    zip_of(tmp_path / "a.zip", {"one.py": "x = 1\n"})
    zip_of(tmp_path / "b.zip", {"one.py": "x = 22\n"})
    return tmp_path


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("check", "a.zip", "--html", "c.html", "--json", "c.json"), "passed"),
        (("check", "a.zip", "--baseline", "s.json", "--update-baseline"), "baseline written"),
        (("check", "--config", "several.toml", "-q"), ""),
        (("inspect", "a.zip"), "1 file"),
        (("inspect", "tree"), "2 files"),
        (("diff", "a.zip", "b.zip", "--html", "d.html"), "1 changed"),
        (("diff", "tree", "b.zip"), "one.py"),
        (("event", "sqs"), "aws:sqs"),
    ],
)
def test_these_commands_work(work: Path, args: tuple[str, ...], said: str) -> None:
    done = slim_elsewhere(work, *args)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.parametrize("args", [("build", "tree"), ("verify", "a.zip", "--event", "{}")])
def test_the_others_say_what_they_need(work: Path, args: tuple[str, ...]) -> None:
    done = slim_elsewhere(work, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"slim {args[0]} needs Linux or macOS" in done.stderr
    assert done.stderr.count("\n") == 1
