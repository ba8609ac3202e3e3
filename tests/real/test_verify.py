"""`slim verify` on real runtimes, in each of its sandboxes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from slimmer.verify.masked_runtimes import HIDDEN
from tests.real.command import Build
from tests.real.need import absent
from tests.support.command import Outcome, slim
from tests.support.functions import SPEAK
from tests.support.trees import write_tree
from tests.support.zips import zip_of
from trees import tools
from trees.mix import mix_release
from trees.otp import otp_layer

pytestmark = pytest.mark.real

EVENT = {"name": "café", "list": [1, 2.5, None]}
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
AS_ANOTHER = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with an event, where any user may look."""
    write_tree(tmp_path, {"event.json": json.dumps(EVENT)})
    yield tmp_path
    shutil.rmtree(tmp_path)


def verify(
    work: Path,
    *args: str,
    sandbox: str = "",
    path: Path | None = None,
    through: Sequence[str] = (),
) -> Outcome:
    if sandbox:
        args = (*args, "--sandbox", sandbox)
    if sandbox == "bwrap":
        path = tools.bubblewrap()
    env = {"PATH": f"{path}:{os.environ['PATH']}"} if path else {}
    given = ("--event", "event.json", "--json", "report.json")
    outcome = slim("verify", *args, *given, cwd=work, env=env, through=through)
    for why in ("bwrap", "unshare"):
        if outcome.code == 2 and f"--sandbox {why}: " in outcome.err:
            absent(outcome.err)
    return outcome


def report(work: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((work / "report.json").read_bytes())
    return loaded


def answer(work: Path) -> Any:
    return report(work)["run"]["events"][0]["answer"]


# --- the sandboxes ---


@pytest.mark.parametrize("sandbox", ["bwrap", "unshare"])
@pytest.mark.parametrize("through", [(), AS_ANOTHER], ids=["as ever", "as another user"])
def test_a_function_sees_what_lambdas_would(
    work: Path, sandbox: str, through: tuple[str, ...]
) -> None:
    if through and os.geteuid() != 0:
        pytest.skip("the user is another one already")
    look = """next
for place in / /dev /etc /opt /proc /tmp /usr /var/task; do
  (: > $place/new) 2>/dev/null && can="$can $place"
done
for name in NAMES; do "$name" --version >/dev/null 2>&1 && runs="$runs $name"; done
IDS="$(id -un):$(id -u):$(id -g)" PROCESSES=$(ls -d /proc/[0-9]* | wc -l) FILES=$(ulimit -n)
NESTS=$(unshare -U true 2>/dev/null && echo yes || echo no)
FORM='{"nests":"%s","can":"%s","runs":"%s","user":"%s","home":"%s","here":"%s","processes":"%s","files":"%s"}'
answer "$(printf "$FORM" "$NESTS" "$can" "$runs" "$IDS" "$HOME" "$PWD" "$PROCESSES" "$FILES")"
next
"""
    programs = {Path(glob).name for runtime in HIDDEN.values() for glob in runtime.programs}
    names = " ".join(sorted(name for name in programs if "[" not in name and "*" not in name))
    zip_of(work / "layer.zip", {"bootstrap": SPEAK + look.replace("NAMES", f"{names} python3")})
    outcome = verify(work, "layer.zip", sandbox=sandbox, through=through)
    assert outcome.code == 0, outcome.text
    seen = answer(work)
    assert int(seen.pop("processes")) <= 6
    is_roots_own = sandbox == "unshare" and not through  # root makes no user namespace
    assert seen.pop("nests") == "no" or is_roots_own
    assert seen == {
        "can": " /tmp",
        "runs": "",
        "user": "sbx_user1051:993:990",
        "home": "",
        "here": "/var/task",
        "files": "1024",
    }


def test_without_a_sandbox_it_says_what_is_not_proven(work: Path) -> None:
    say = 'next; answer "\\"$LAMBDA_TASK_ROOT $(cat "$LAMBDA_TASK_ROOT/x")\\""; next\n'
    zip_of(work / "function.zip", {"bootstrap": SPEAK + say, "x": "here"})
    outcome = verify(work, "--function", "function.zip", sandbox="none")
    assert outcome.code == 0, outcome.text
    assert "warn: no sandbox (--sandbox none): not proven is that it runs from /opt" in outcome.out
    assert answer(work).endswith("/task here")


# --- Erlang/OTP ---


@pytest.mark.parametrize("sandbox", ["bwrap", "unshare"])
def test_the_otp_layer_answers_before_and_after(
    work: Path, otp_build: Build, sandbox: str, record_property: Any
) -> None:
    tree = str(otp_layer())
    outcome = verify(work, str(otp_build.zip), "--against", tree, sandbox=sandbox)
    assert outcome.code == 0, outcome.text
    said = report(work)
    for which in ("run", "original"):
        run = said[which]
        given = run["events"][0]["answer"]
        assert (given["event"], given["root_dir"]) == (EVENT, "/opt/lib/erlang")
        assert 0 < run["init_s"] < run["first_answer_s"]
        assert run["peak_bytes"] > 20_000_000
        assert run["return_s"] < 10
        for key in ("init_s", "peak_bytes", "return_s"):
            record_property(f"{which} {key}", run[key])
    for shown in ("init ", "original: init ", "peak memory "):
        assert shown in outcome.out


ON_THE_MACHINE = """
mount -t tmpfs tmpfs /usr/local/lib
mkdir /usr/local/lib/erlang
mount --bind "$1" /usr/local/lib/erlang
shift
exec "$@"
"""


def test_the_machines_own_otp_is_out_of_sight(work: Path) -> None:
    way = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-ec", ON_THE_MACHINE, "sh"]
    through = (*way, str((otp_layer() / "lib" / "erlang").resolve()))
    erl = "/usr/local/lib/erlang/bin/erl -noshell -eval 'io:put_chars(\"1\"), halt().'"
    use = f'export HOME=/tmp; one=$({erl}) || exit 5; next; answer "$one"; next\n'
    zip_of(work / "layer.zip", {"bootstrap": SPEAK + use})
    outside = verify(work, "layer.zip", sandbox="none", through=through)
    assert outside.code == 0, outside.text
    inside = verify(work, "layer.zip", sandbox="unshare", through=through)
    assert inside.code == 5, inside.text
    assert "erlang" in report(work)["hidden"]
    assert "exited with code 5 before it asked for an event" in inside.out


def test_a_mix_release_answers_as_before(work: Path) -> None:
    tree = mix_release()
    args = ("--verify", "event.json", "--against", str(tree), "-o", "release.zip", "--level", "1")
    outcome = slim("build", str(tree), *args, cwd=work)
    assert outcome.code == 0, outcome.text
    assert "passed: 1 event answered, as by the original" in outcome.out
    assert (work / "release.zip").is_file()


# --- managed runtimes ---

HANDLER_PY = """
import sys
import greeting

def handler(event, context):
    if isinstance(event, str):
        raise ValueError(event)
    return {"event": event, "says": greeting.HELLO, "python": sys.executable, "path": sys.path}
"""


@pytest.mark.parametrize("sandbox", ["", "none"])
def test_a_python_function_runs_under_awss_own_client(work: Path, sandbox: str) -> None:
    write_tree(work / "layer", {"python/greeting.py": "HELLO = 'hello'\n"})
    zip_of(work / "function.zip", {"app.py": HANDLER_PY})
    args = ("layer", "--function", "function.zip", "--runtime", PYTHON, "--handler", "app.handler")
    outcome = verify(work, *args, sandbox=sandbox)
    assert outcome.code == 0, outcome.text
    given = answer(work)
    assert (given["event"], given["says"]) == (EVENT, "hello")
    if not sandbox:
        assert given["python"] == f"/var/lang/bin/{PYTHON}"
        own = ("/var/", "/opt/")
        assert [place for place in given["path"] if not place.startswith(own)] == []
    write_tree(work, {"event.json": '"no luck"'})
    failed = verify(work, *args, sandbox=sandbox)
    assert "failed: event.json: answered with an error: ValueError: no luck" in failed.out
    shutil.rmtree(work / "layer")
    write_tree(work / "layer", {"other": ""})
    missing = verify(work, *args, sandbox=sandbox)
    assert missing.code == 5
    assert "failed: said that it cannot start: Runtime.ImportModuleError: " in missing.out


HANDLERS_JS = {
    "esm.mjs": "import {hello} from './hello.mjs';\n"
    "export const handler = async (event, context) => ({event, hello, at: process.execPath});\n",
    "hello.mjs": "export const hello = 'hello';\n",
    "cjs.js": "const {hello} = require('greeting');\n"
    "exports.handler = (event, _, done) => setTimeout(() => done(null, {event, hello}), 5);\n",
    "bad.js": "exports.handler = async () => { throw new RangeError('no luck'); };\n",
    "late.js": "exports.handler = () => { setTimeout(() => { throw new Error('late'); }, 5); };\n",
    "none.js": "exports.handler = () => 1;\n",
}


@pytest.mark.parametrize("sandbox", ["", "none"])
@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("esm", 0, "passed: 1 event answered"),
        ("cjs", 0, "passed: 1 event answered"),
        ("none", 0, "passed: 1 event answered"),
        ("bad", 5, "failed: event.json: answered with an error: RangeError: no luck"),
        ("late", 5, "failed: event.json: answered with an error: Error: late"),
        ("gone", 5, "failed: said that it cannot start: Runtime.ImportModuleError: "),
    ],
)
def test_a_node_function_runs(work: Path, sandbox: str, name: str, code: int, line: str) -> None:
    path = tools.node()
    said = subprocess.run([path / "node", "--version"], capture_output=True, text=True, check=True)
    version = said.stdout.removeprefix("v").partition(".")[0]
    modules = {"nodejs/node_modules/greeting/index.js": "exports.hello = 'hello';\n"}
    write_tree(work / "layer", modules)
    write_tree(work / "function", HANDLERS_JS)
    args = ("layer", "--function", "function", "--runtime", f"nodejs{version}.x")
    outcome = verify(work, *args, "--handler", f"{name}.handler", sandbox=sandbox, path=path)
    assert outcome.code == code, outcome.text
    assert line in outcome.out
    if name == "none":
        assert answer(work) is None
    elif code == 0:
        assert (answer(work)["event"], answer(work)["hello"]) == (EVENT, "hello")
    if name == "esm" and not sandbox:
        assert answer(work)["at"] == "/var/lang/bin/node"


def test_a_build_for_a_managed_runtime_is_run_by_it(work: Path) -> None:
    write_tree(work / "tree", {"app.py": HANDLER_PY, "greeting.py": "HELLO = 'hello'\n"})
    args = ("--target", PYTHON, "--handler", "app.handler", "--as-function", "-o", "app.zip")
    outcome = slim("build", "tree", *args, "--verify", "event.json", cwd=work)
    assert outcome.code == 0, outcome.text
    assert "passed: 1 event answered" in outcome.out
