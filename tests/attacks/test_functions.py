"""Hostile functions: each ends with a verdict in time, and leaves nothing on the machine."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.command import slim
from tests.support.functions import SPEAK, processes_with
from tests.support.zips import zip_of

pytestmark = pytest.mark.heavy

MOST_S = 40  # for a run with --timeout 2; most of it is the ten seconds that a start may take
RAW = 'exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"; '
POST = "POST /2018-06-01/runtime/invocation/$id/response HTTP/1.1\\r\\n"


class Hostile(NamedTuple):
    """A function, and how its run may end; what only a sandbox stops is not run without one."""

    script: str
    codes: tuple[int, ...] = (0, 5)
    only_apart: bool = False


FUNCTIONS = {
    # processes
    "forks without end": Hostile("f() { f | f & }; f; next; answer 1; next", only_apart=True),
    "leaves a thousand sleepers": Hostile(
        "for i in $(seq 900); do sleep 99 & done; next; answer 1; next"
    ),
    "daemons that ignore signals": Hostile(
        "trap '' TERM HUP INT; (setsid nohup sleep 99 &) ; next; answer 1; next"
    ),
    "kills all that it can": Hostile("next; kill -9 -1; answer 1", only_apart=True),
    "kills its parent": Hostile("next; kill -9 $PPID; answer 1; next", only_apart=True),
    "stops itself": Hostile("next; kill -STOP $$", (5,)),
    "stops its group": Hostile("next; kill -STOP 0", (5,), only_apart=True),
    "forks while it is ended": Hostile(
        "s() { while :; do (sleep 9 &); done; }; s & next; answer 1"
    ),
    "ends at once": Hostile("exit 0", (5,)),
    "ends by a signal": Hostile("next; kill -SEGV $$", (5,)),
    "never asks": Hostile("sleep 99", (5,)),
    "never answers": Hostile("next; sleep 99", (5,)),
    "spins": Hostile("next; while :; do :; done", (5,)),
    # memory, disk, handles
    "takes memory without end": Hostile("next; x=$(head -c 900M /dev/zero | tr '\\0' x); answer 1"),
    "fills /tmp": Hostile("head -c 2G /dev/zero >/tmp/x; next; answer 1; next", only_apart=True),
    "makes names without end in /tmp": Hostile(
        "cd /tmp; for i in $(seq 3000); do : >$i; done; next; answer 1; next", only_apart=True
    ),
    "digs folders": Hostile(
        "cd /tmp; for i in $(seq 1500); do mkdir d && cd d || break; done; next; answer 1; next",
        only_apart=True,
    ),
    "opens all handles": Hostile(
        'for i in $(seq 10 2000); do eval "exec $i</dev/null" || break; done 2>/dev/null; next'
    ),
    # what it says
    "prints without end": Hostile("yes & next; answer 1; next"),
    "prints control characters": Hostile("next; printf '\\033]0;x\\007\\033[2J' >&2; exit 1", (5,)),
    "prints bytes that are no text": Hostile("head -c 100000 /dev/urandom; exit 1", (5,)),
    "answers no JSON": Hostile("next; answer '{'; next"),
    "answers deep JSON": Hostile(
        "next; answer \"$(printf '[%.0s' $(seq 900))$(printf ']%.0s' $(seq 900))\"; next"
    ),
    "answers JSON deeper than any stack": Hostile(
        "next; answer \"$(head -c 200000 /dev/zero | tr '\\0' '[')\"; next"
    ),
    "answers too much": Hostile("next; answer \"$(head -c 7M /dev/zero | tr '\\0' 1)\"; next"),
    "answers twice": Hostile("next; answer 1; answer 2; next", (5,)),
    "answers another event": Hostile("next; id=none; answer 1; next", (5,)),
    "answers before it is asked": Hostile("id=x; answer 1; next; answer 1; next"),
    "an error that is no object": Hostile("next; fail '\\u0000' '$(id)'; next", (5,)),
    # the Runtime API
    "a request without end": Hostile(RAW + "next; yes >&3", (5,)),
    "headers without end": Hostile(RAW + "printf 'GET / HTTP/1.1\\r\\n' >&3; yes 'A: b' >&3", (5,)),
    "a negative length": Hostile(
        f"next; {RAW}printf '{POST}Content-Length: -1\\r\\n\\r\\n' >&3; sleep 9", (5,)
    ),
    "a huge length": Hostile(
        f"next; {RAW}printf '{POST}Content-Length: 99999999999\\r\\n\\r\\nx' >&3; sleep 9", (5,)
    ),
    "a chunk without end": Hostile(
        f"next; {RAW}printf '{POST}Transfer-Encoding: chunked\\r\\n\\r\\nfffffffff\\r\\n' >&3; "
        "yes >&3",
        (5,),
    ),
    "three hundred connections": Hostile(
        "for i in $(seq 300); do (" + RAW + "sleep 9) & done; next; answer 1; next"
    ),
    "asks twice at once": Hostile("(next; sleep 9) & next; answer 1; next"),
    # the machine
    "writes to its own code": Hostile(
        "echo x >/var/task/x && exit 9; next; answer 1; next", (0,), only_apart=True
    ),
    "writes to the machine": Hostile(
        "for f in /etc /usr /opt / /dev /proc/sys/kernel; do echo x >$f/pwned && exit 9; done; "
        "next; answer 1; next",
        (0,),
        only_apart=True,
    ),
    "reads the user's files": Hostile(
        "cat /root/* /home/*/* /etc/shadow MARKED && exit 9; next; answer 1; next",
        (0,),
        only_apart=True,
    ),
    "reads the environment of others": Hostile(
        "grep -l SECRET_OF_SLIM /proc/[0-9]*/environ && exit 9; next; answer 1; next",
        (0,),
        only_apart=True,
    ),
    "mounts": Hostile(
        "mount -t tmpfs x /tmp && exit 9; next; answer 1; next", (0,), only_apart=True
    ),
    "makes a device": Hostile(
        "mknod /tmp/d b 8 0 && exit 9; next; answer 1; next", (0,), only_apart=True
    ),
    "becomes root": Hostile("su -c true && exit 9; next; answer 1; next", (0,), only_apart=True),
    "leaves through a link": Hostile(
        "ln -s / /tmp/out; echo x >/tmp/out/pwned && exit 9; next; answer 1; next",
        (0,),
        only_apart=True,
    ),
    "traces its parent": Hostile(
        "cat /proc/$PPID/mem >/dev/null && exit 9; next; answer 1; next", (0,), only_apart=True
    ),
    "removes its scratch folder": Hostile(
        'next; answer 1; rm -rf "${LAMBDA_TASK_ROOT%/task}"; next'
    ),
}
RUNS: list[tuple[str, str | None]] = [(name, None) for name in FUNCTIONS]
RUNS += [(name, "none") for name, hostile in FUNCTIONS.items() if not hostile.only_apart]


def test_hostile_functions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "e.json").write_text("{}")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "secret").write_text("secret")
    ended = {0: 0, 5: 0}
    for name, sandbox in RUNS:
        hostile = FUNCTIONS[name]
        script = hostile.script.replace("MARKED", str(tmp_path / "secret"))
        zip_of(tmp_path / "f.zip", {"bootstrap": SPEAK + script + "\n"})
        mark = f"MARK={uuid.uuid4()}"
        args = ["verify", "--function", "f.zip", "--event", "e.json", "--timeout", "2"]
        args += ["--memory", "256", "--env", mark, "--json", "r.json"]
        env = {"TMPDIR": str(temporary), "SECRET_OF_SLIM": "x"}
        begin_s = time.monotonic()
        outcome = slim(*args, *(["--sandbox", sandbox] if sandbox else []), cwd=tmp_path, env=env)
        assert outcome.code in hostile.codes, (name, sandbox, outcome.text)
        assert (outcome.err, "\x1b" in outcome.out) == ("", False), (name, outcome.text)
        assert time.monotonic() - begin_s < MOST_S, name
        assert processes_with(mark) == [], name
        assert list(temporary.iterdir()) == [], name
        assert json.loads((tmp_path / "r.json").read_bytes())["passed"] == (outcome.code == 0)
        ended[outcome.code] += 1
    with capsys.disabled():
        print(f"\nhostile functions: {len(FUNCTIONS)} in {len(RUNS)} runs; verdicts: {ended}")
