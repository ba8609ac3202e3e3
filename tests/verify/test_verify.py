"""`slim verify`: every way in which an artifact can fail has its own line, and leaves nothing."""

from __future__ import annotations

import json
import os
import platform
import signal
import stat
import struct
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import SLIM, Outcome, environment, picture, slim
from tests.support.functions import ECHO, SPEAK, processes_with
from tests.support.trees import write_tree
from tests.support.zips import Content, link, zip_of

EVENT = b'{"name":"caf\xc3\xa9"}'


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with two events, and an empty one for what is temporary."""
    write_tree(tmp_path, {"a.json": EVENT, "b.json": b"[1, 2]"})
    (tmp_path / "temporary").mkdir()
    yield tmp_path
    assert list((tmp_path / "temporary").iterdir()) == []


def verify(
    work: Path, *args: str, events: tuple[str, ...] = ("a.json",), process: bool = True
) -> Outcome:
    """Run the command; see to it that no process of the function's outlives it.

    Where it refuses to start one, it needs no process of its own either.
    """
    mark = f"MARK={uuid.uuid4()}"
    given = [word for event in events for word in ("--event", event)]
    env = {"TMPDIR": str(work / "temporary")}
    outcome = slim("verify", *args, *given, "--env", mark, cwd=work, env=env, process=process)
    assert processes_with(mark) == []
    return outcome


def function(work: Path, bootstrap: str, **others: Content) -> str:
    zip_of(work / "function.zip", {"bootstrap": bootstrap, **others})
    return "function.zip"


def library_of(processor: str) -> bytes:
    """Return a library for a processor, of which nothing but its head matters."""
    machine = {"x86_64": 62, "arm64": 183}[processor]
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(44)


def failed(outcome: Outcome) -> str:
    """Return what is wrong, which is said in one line."""
    lines = [line for line in outcome.out.splitlines() if line.startswith("failed: ")]
    assert (outcome.code, outcome.err, len(lines)) == (5, "", 1), outcome.text
    return lines[0].removeprefix("failed: ")


def refused(outcome: Outcome, code: int = 3) -> str:
    """Return why nothing was run at all."""
    assert (outcome.code, outcome.out) == (code, ""), outcome.text
    assert outcome.err.startswith("slim: ")
    assert outcome.err.count("\n") == 1
    return outcome.err.removeprefix("slim: ").rstrip()


# --- what works ---


def test_every_event_is_answered_by_one_process(work: Path) -> None:
    count = SPEAK + 'n=0; while next; do n=$((n+1)); answer "[$n,$event]"; done\n'
    outcome = verify(
        work,
        "--function",
        function(work, count),
        "--json",
        "report.json",
        events=("a.json", "b.json"),
    )
    assert outcome.code == 0, outcome.text
    assert "passed: 2 events answered" in outcome.out
    report = json.loads((work / "report.json").read_bytes())
    assert report["passed"]
    answers = [event["answer"] for event in report["run"]["events"]]
    assert answers == [[1, json.loads(EVENT)], [2, [1, 2]]]
    assert 0 <= report["run"]["init_s"] < report["run"]["first_answer_s"]
    assert report["run"]["peak_bytes"] > 500_000
    assert report["run"]["processes"] >= 1


def test_a_run_ends_without_a_request_that_fails(work: Path) -> None:
    ask = 'for n in {1..40}; do (next; echo "asked in vain") & done; wait\n'
    speak = SPEAK + "next; answer 1\n" + ask
    args = ("--function", function(work, speak), "--json", "-")
    report = json.loads(verify(work, *args).out)
    assert (report["passed"], report["run"]["output"]) == (True, "")


def test_an_error_of_what_a_shrink_dropped_names_its_row(work: Path) -> None:
    crash = SPEAK + "next; echo '{undef,[{ssl,start,[],[]}]}'; exit 1\n"
    listed = {"slim.dropped": "inets slim.shrink.toml:3\nssl slim.shrink.toml:7\n"}
    outcome = verify(work, "--function", function(work, crash, **listed))
    assert outcome.code == 5
    assert "slim shrink dropped ssl, which an error names: slim.shrink.toml:7" in outcome.out
    assert "inets" not in outcome.out


@pytest.mark.parametrize(("both", "told"), [(False, True), (True, False)])
def test_a_failure_says_that_native_code_is_for_the_other_processor(
    work: Path, both: bool, told: bool
) -> None:
    """Where there is code for this machine too, another reason is likelier."""
    here, there = ("x86_64", "arm64") if platform.machine() == "x86_64" else ("arm64", "x86_64")
    files: dict[str, Content] = {"lib/a.so": library_of(there)}
    files |= {"lib/b.so": library_of(here)} if both else {}
    zip_ = function(work, "#!/bin/sh\nexit 1\n", **files)
    outcome = verify(work, "--function", zip_)
    failed(outcome)
    line = f"/var/task/lib/a.so is for {there}, and this machine is {here}"
    assert (line in outcome.text) is told, outcome.text


def test_a_custom_runtime_is_not_told_its_name(work: Path) -> None:
    show = SPEAK + 'next; answer "\\"${AWS_EXECUTION_ENV-none}\\""; next\n'
    args = ("--function", function(work, show), "--target", "provided.al2023", "--json", "-")
    assert json.loads(verify(work, *args).out)["run"]["events"][0]["answer"] == "none"


def test_layers_lie_over_each_other_and_the_functions_bootstrap_wins(work: Path) -> None:
    show = SPEAK + 'next; answer "\\"$(cat /opt/x /opt/y) $PWD\\""; next\n'
    zip_of(work / "one.zip", {"x": "one", "y": "one", "bootstrap": "#!/bin/sh\nexit 9\n"})
    zip_of(work / "two.zip", {"y": "two"})
    args = ("one.zip", "two.zip", "--function", function(work, show), "--json", "-")
    answer = json.loads(verify(work, *args).out)["run"]["events"][0]["answer"]
    assert answer == "onetwo /var/task"


def test_the_answer_can_be_expected(work: Path) -> None:
    write_tree(work, {"same.json": b'{ "name": "caf\\u00e9" }', "other.json": b'{"name": "tea"}'})
    echo = function(work, ECHO)
    assert verify(work, "--function", echo, "--expect", "same.json").code == 0
    line = failed(verify(work, "--function", echo, "--expect", "other.json"))
    assert line == 'a.json: answers otherwise: .name: expected "tea", got "café"'


def test_the_original_says_what_the_answer_should_be(work: Path) -> None:
    answer = """printf '{"x":"%s","at":"%s"}' "$(cat /opt/x)" "$(date +%N)" """
    say = f'{SPEAK}next; answer "$({answer})"; next\n'
    write_tree(work / "tree", {"x": "before"})
    zip_of(work / "same.zip", {"x": "before"})
    zip_of(work / "other.zip", {"x": "after"})
    args = ("--function", function(work, say), "--against", "tree")
    passed = verify(work, "same.zip", *args)
    assert passed.code == 0, passed.text
    assert "passed: 1 event answered, as by the original" in passed.out
    assert "varies in .at, so that was not compared" in passed.out
    line = failed(verify(work, "other.zip", *args))
    assert line == 'a.json: answers otherwise: .x: expected "before", got "after"'


@pytest.mark.parametrize(
    ("places", "passes"),
    [
        ((".at", ".items[*].id"), True),
        ((".at", ".items[1]", ".items[0].id"), True),
        ((".at", ".items"), True),
        ((".at",), False),
        ((".at", ".items[*].i"), False),
    ],
)
def test_places_that_are_named_may_differ(
    work: Path, places: tuple[str, ...], passes: bool
) -> None:
    answer = '{"at":%d,"items":[{"id":%d,"n":1},{"id":7,"n":%d}]}'
    speak = [SPEAK + f"next; answer '{answer % n}'; next\n" for n in ((1, 2, 3), (4, 5, 3))]
    zip_of(work / "original.zip", {"bootstrap": speak[1]})
    ignored = [word for place in places for word in ("--ignore", place)]
    args = ("--function", function(work, speak[0]), "--against", "original.zip", *ignored)
    outcome = verify(work, *args)
    assert (outcome.code == 0) is passes, outcome.text
    assert f"not compared, as --ignore says: {', '.join(places)}" in outcome.out


def test_an_original_that_fails_is_no_measure(work: Path) -> None:
    zip_of(work / "old.zip", {"bootstrap": "#!/bin/sh\nexit 3\n"})
    args = ("--function", function(work, ECHO), "--against", "old.zip")
    assert failed(verify(work, *args)) == (
        "the original exited with code 3 before it asked for an event"
    )


# --- what goes wrong while it runs ---

RUNS = {
    "an error": (
        SPEAK + "next; fail Bad.Luck 'no luck'; next\n",
        "a.json: answered with an error: Bad.Luck: no luck",
    ),
    "says that it cannot start": (
        SPEAK + 'call POST init/error \'{"errorType":"Early","errorMessage":"no"}\'; exit 1\n',
        "said that it cannot start: Early: no",
    ),
    "exits at once": (
        "#!/bin/sh\necho why >&2\nexit 7\n",
        "exited with code 7 before it asked for an event",
    ),
    "exits at work": (SPEAK + "next; exit 8\n", "exited with code 8 instead of answering a.json"),
    "exits after the answer": (
        SPEAK + "next; answer 1; exit 0\n",
        "exited with code 0 after it had answered a.json",
    ),
    "is killed": (SPEAK + "next; kill -9 $$\n", "was ended by SIGKILL instead of answering a.json"),
    "never answers": (SPEAK + "next; sleep 60\n", "did not answer a.json within 1 s"),
    "answers twice": (SPEAK + "next; answer 1; answer 2; next\n", "answered a.json twice"),
    "breaks its answer off": (
        SPEAK
        + """next; exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\n' "$id" >&3
printf 'Transfer-Encoding: chunked\\r\\n\\r\\n6\\r\\nbroken\\r\\n' >&3
""",
        "its answer to a.json broke off after 6 bytes; end the response before the program ends",
    ),
    "answers another": (
        SPEAK + "next; id=1; answer 1; next\n",
        "answered a request id that it was never given (1)",
    ),
    "hangs after the answer": (
        SPEAK + "next; answer 1; sleep 60\n",
        "answered a.json, then did not ask for another within 0.75 s; Lambda would wait for it",
    ),
    "answers too much": (
        SPEAK + "next; answer \"$(head -c 6300000 /dev/zero | tr '\\0' 1)\"; next\n",
        "exceeded maximum allowed payload size (6291556 bytes).",
    ),
    "starts nothing that is there": (
        "#!/bin/sh\nexec /opt/nowhere\n",
        "exited with code 127 before it asked for an event; something that it starts is not there",
    ),
    "takes too much memory": (
        SPEAK + "next; x=$(head -c 120000000 /dev/zero | tr '\\0' x); sleep 1; answer 1; next\n",
        " of memory, and --memory is 100 MiB; Lambda would end it",
    ),
}


@pytest.mark.parametrize("sandbox", ["best", "none"])
@pytest.mark.parametrize("case", RUNS)
def test_what_goes_wrong_is_said_in_a_line(work: Path, case: str, sandbox: str) -> None:
    bootstrap, line = RUNS[case]
    timeout = "1" if case == "never answers" else "20"
    args = ["--function", function(work, bootstrap), "--timeout", timeout, "--memory", "100"]
    if sandbox == "none":
        args += ["--sandbox", "none"]
    outcome = verify(work, *args)
    assert failed(outcome).endswith(line)
    if case == "exits at once":
        assert "\n  why\n" in outcome.out


def test_a_function_that_never_asks_has_as_long_as_lambda_gives_it(work: Path) -> None:
    bootstrap = function(work, "#!/bin/sh\nsleep 60\n")
    line = failed(verify(work, "--function", bootstrap, "--timeout", "1"))
    assert line == "did not ask for an event within 10 s"


@pytest.mark.parametrize("sandbox", [(), ("--sandbox", "none")], ids=["best", "none"])
def test_children_that_stay_go_with_it(work: Path, sandbox: tuple[str, ...]) -> None:
    fork = "(sleep 60 &) ; setsid sleep 60 & trap '' TERM; nohup sleep 60 >/dev/null 2>&1 &\n"
    bootstrap = function(work, SPEAK + fork + "while next; do answer 1; done\n")
    outcome = verify(work, "--function", bootstrap, "--json", "-", *sandbox)
    assert outcome.code == 0, outcome.text
    run = json.loads(outcome.out)["run"]
    assert run["processes"] >= 4
    assert run["return_s"] < 10


@pytest.mark.parametrize("sandbox", [(), ("--sandbox", "none")], ids=["best", "none"])
def test_what_forks_while_it_is_ended_goes_too(work: Path, sandbox: tuple[str, ...]) -> None:
    fork = "spawn() { while :; do (sleep 60 &); done; }; spawn & spawn &\n"
    bootstrap = function(work, SPEAK + fork + "while next; do answer 1; done\n")
    outcome = verify(work, "--function", bootstrap, *sandbox)
    assert outcome.code == 0, outcome.text


# --- what cannot be started ---


@pytest.mark.parametrize(
    ("bootstrap", "mode", "line"),
    [
        (b"#!/bin/sh\n", 0o644, "is not executable for Lambda's user; chmod 755 it"),
        (b"#!/bin/sh\n", 0o700, "is not executable for Lambda's user; chmod 755 it"),
        (b"#!/opt/bin/ruby\n", 0o755, "asks for the interpreter '/opt/bin/ruby', which is not"),
        (b"#!/bin/sh\r\n", 0o755, "has CRLF line ends, so its interpreter is not found"),
        (b"echo\n", 0o755, "has no '#!' and is not an ELF program; start it with #!/bin/sh"),
        (b"\x7fELF\x01\x01", 0o755, "is not a 64-bit little-endian ELF program"),
        (b"\x7fELF\x02\x01" + bytes(12) + b"\x08\x00" + bytes(44), 0o755, "another processor"),
    ],
)
def test_a_bootstrap_that_cannot_start(work: Path, bootstrap: bytes, mode: int, line: str) -> None:
    zip_of(work / "layer.zip", {"bootstrap": (bootstrap, stat.S_IFREG | mode)})
    said = failed(verify(work, "layer.zip", "--as-layer"))
    assert said.startswith("/opt/bootstrap ")
    assert line in said


def test_without_a_bootstrap_it_says_what_is_missing(work: Path) -> None:
    zip_of(work / "layer.zip", {"x": "y"})
    assert failed(verify(work, "layer.zip")).startswith(
        "neither /var/task/bootstrap nor /opt/bootstrap is there; put one in"
    )


# --- what is not unpacked ---


def outside(work: Path) -> dict[str, tuple[object, ...]]:
    """Return everything but the temporary folder, whose time changes as things come and go."""
    return {name: what for name, what in picture(work).items() if name != "temporary"}


ZIPS: dict[str, tuple[list[tuple[str, Content]], str]] = {
    "climbs out": ([("../evil", "x")], "'../evil' is a name that climbs out"),
    "climbs out below": ([("a/../../evil", "x")], "'a/../../evil' is a name that climbs out"),
    "absolute": ([("/evil", "x")], "'/evil' is an absolute name"),
    "link climbs out": ([("a", link("../evil"))], "'a' is a link that leads out (../evil)"),
    "link absolute": ([("a", link("/etc"))], "'a' is a link that leads out (/etc)"),
    "link over a link": (
        [("d/e/f", "x"), ("up", link("d/e/..")), ("a", link("up/../../evil"))],
        "'a' is a link that leads out (up/../../evil)",
    ),
    "file below a link": (
        [("a", link("b")), ("b/x", "x"), ("a/evil", "x")],
        "'a' is a link, yet others lie in it",
    ),
    "file below a file": ([("a", "x"), ("a/evil", "x")], "'a' is a file, yet others lie in it"),
    "twice": ([("a", "1"), ("b", "x"), ("a", "2")], "two members have the name 'a'"),
    "twice in other words": ([("a", "1"), ("./a", "2")], "two members have the name 'a'"),
    "a device": (
        [("null", ("", stat.S_IFCHR | 0o666))],
        "'null' is neither a file, a folder nor a link",
    ),
    "a bomb": ([("a", bytes(270_000_000))], "would unpack to 270,000,000 B, and less than"),
    "too deep": ([("a/" * 200 + "x", "x")], "is too long or too deep a name"),
}


@pytest.mark.parametrize("case", ZIPS)
def test_an_unsafe_zip_is_not_unpacked(work: Path, case: str) -> None:
    members, line = ZIPS[case]
    zip_of(work / "bad.zip", members)
    before = outside(work)
    assert line in refused(verify(work, "bad.zip", process=False))
    assert outside(work) == before


def test_a_folder_beside_it_makes_a_zip_no_safer(work: Path) -> None:
    write_tree(work / "tree", {"x": "y"})
    for target in ("/etc", "../evil", "x/../../evil"):
        zip_of(work / "bad.zip", {"a": link(target)})
        for args in (("tree", "bad.zip"), ("bad.zip", "tree")):
            line = refused(verify(work, *args, process=False))
            assert f"'a' is a link that leads out ({target})" in line


def test_the_targets_own_limits_hold(work: Path) -> None:
    zip_of(work / "large.zip", {"a": bytes(270_000_000), "bootstrap": ECHO})
    outcome = verify(work, "large.zip", "--target", "lambda-image")
    assert outcome.code == 0, outcome.text


def test_many_members_are_bounded(work: Path) -> None:
    zip_of(work / "bad.zip", [(str(n), "") for n in range(65_540)])
    assert "65540 members" in refused(verify(work, "bad.zip", process=False))


def broken(work: Path, **changes: int) -> None:
    """Write a zip whose bytes differ, at a place from its end, from what they should be."""
    data = bytearray(zip_of(work / "bad.zip", {"a": "x" * 100}).read_bytes())
    for place, value in changes.items():
        data[-int(place.removeprefix("at"))] ^= value
    (work / "bad.zip").write_bytes(data)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"at4": 7}, "its central directory does not lie where it says"),  # its offset
        ({"at69": 1}, "its central directory is broken"),  # a magic number, 46 + 1 + 22 before
        ({"at53": 1}, "'a' gives it another size or checksum"),  # the CRC
    ],
)
def test_a_broken_zip_is_named(work: Path, changes: dict[str, int], line: str) -> None:
    broken(work, **changes)
    assert line in refused(verify(work, "bad.zip", process=False))


def test_a_bomb_that_says_it_is_small_is_stopped(work: Path) -> None:
    data = bytearray(zip_of(work / "bad.zip", {"a": bytes(100_000_000)}).read_bytes())
    for place in (22, data.index(b"PK\x01\x02") + 24):  # its size in both of its headers
        struct.pack_into("<L", data, place, 10)
    (work / "bad.zip").write_bytes(data)
    assert "the packed data of 'a' does not end where it" in refused(
        verify(work, "bad.zip", process=False)
    )


def test_a_bomb_of_members_over_one_another_is_named(work: Path) -> None:
    data = bytearray(zip_of(work / "bad.zip", {"a": "x" * 100, "b": "x" * 100}).read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second : second + 46] = data[first : first + 46]  # the same place, under another name
    (work / "bad.zip").write_bytes(data)
    assert "a member's own header gives it another name" in refused(
        verify(work, "bad.zip", process=False)
    )


def test_an_encrypted_member_is_named(work: Path) -> None:
    data = bytearray(zip_of(work / "bad.zip", {"a": "x" * 100}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (work / "bad.zip").write_bytes(data)
    assert "'a' is encrypted, and Lambda has no key" in refused(
        verify(work, "bad.zip", process=False)
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"", "it is empty"), (b"hello", "it is not a zip, or its end is missing")],
)
def test_what_is_no_zip_is_named(work: Path, content: bytes, line: str) -> None:
    (work / "bad.zip").write_bytes(content)
    assert refused(verify(work, "bad.zip", process=False)).startswith(
        "bad.zip: cannot be read as a zip"
    )
    assert line in refused(verify(work, "bad.zip", process=False))
    assert refused(verify(work, "none.zip", process=False)).startswith("none.zip: no such file")


# --- how it is asked ---


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"{", "event.json:1: not JSON (Expecting property name"),
        (b"\xff", "event.json:1: not JSON (it is not UTF-8"),
        ('{"a": "é"}'.encode("utf-16"), "event.json:1: not JSON (it is not UTF-8"),
        (b'{"a": NaN}', "event.json:1: not JSON (NaN is not a value)"),
        (b"-Infinity", "event.json:1: not JSON (-Infinity is not a value)"),
        (b"{} {}", "event.json:1: not JSON (Extra data)"),
        (b"", "event.json:1: not JSON (Expecting value)"),
        (b"[" * 100_000, "event.json:1: not JSON"),
        (b'"' + b"x" * 6_300_000 + b'"', "event.json: larger than the 6 MiB that"),
    ],
)
def test_an_event_that_cannot_be_one(work: Path, content: bytes, line: str) -> None:
    (work / "event.json").write_bytes(content)
    outcome = verify(
        work, "--function", function(work, ECHO), events=("event.json",), process=False
    )
    assert line in refused(outcome)


@pytest.mark.parametrize("option", ["--event", "--expect"])
def test_an_endless_event_is_refused(work: Path, option: str) -> None:
    args = ("--function", function(work, ECHO), option, "/dev/zero")
    outcome = slim("verify", *args, "--event", "a.json", cwd=work, process=False)
    assert "/dev/zero: larger than the 6 MiB that Lambda takes" in refused(outcome)


def test_a_number_of_any_length_is_json(work: Path) -> None:
    (work / "event.json").write_bytes(b"9" * 5000)
    outcome = verify(work, "--function", function(work, ECHO), events=("event.json",))
    assert outcome.code == 0, outcome.text


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ((), "nothing to run; name a layer's zip, or the function with --function"),
        (("x.zip", "--expect", "a.json", "--against", "x"), "--expect and --against both say"),
        (("x.zip", "--expect", "a.json", "--expect", "a.json"), "1 events and 2 answers"),
        (("x.zip", "--target", "lamda"), "there is no target 'lamda'; did you mean 'lambda'?"),
        (("x.zip", "--env", "X"), "--env 'X': write it as NAME=VALUE"),
        (("x.zip", "--sandbox", "unshar"), "there is no sandbox 'unshar'; did you mean 'unshare'?"),
        (("x.zip", "--runtime", "ruby3.4"), "--runtime ruby3.4: only provided.*, python3.X, "),
        (("x.zip", "--runtime", "java21", "--handler", "a/b"), "--handler a/b: java21 takes one"),
        (("x.zip", "--runtime", "python3.11", "--handler", "app"), "--handler app: python3.11 tak"),
        (("x.zip", "--runtime", "nodejs20.x", "--handler", "app"), "--handler app: nodejs20.x tak"),
        (("x.zip", "--interpreter", "/bin/true"), "--interpreter is for a managed runtime; name"),
        (("x.zip", "--client", "/"), "--client is for a managed runtime; name one with --runtime"),
        (("x.zip", "--runtime", "python3.11"), "--runtime python3.11 needs --handler"),
        (("x.zip", "--target", "python3.11"), "--runtime python3.11 needs --handler"),
        (("x.zip", "--runtime", "python3.99", "--handler", "a.b"), "there is no python3.99 on"),
    ],
)
def test_what_cannot_be_asked_is_said(work: Path, args: tuple[str, ...], line: str) -> None:
    zip_of(work / "x.zip", {"x": "y"})
    assert line in refused(verify(work, *args, process=False), code=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("sandbox", [(), ("--sandbox", "none")], ids=["best", "none"])
def test_when_interrupted_it_leaves_nothing(
    work: Path, number: signal.Signals, sandbox: tuple[str, ...]
) -> None:
    mark = f"MARK={uuid.uuid4()}"
    args = ["--function", function(work, SPEAK + "(sleep 99 &); next; sleep 99\n"), *sandbox]
    process = subprocess.Popen(
        [*SLIM, "verify", *args, "--event", "a.json", "--env", mark],
        cwd=work,
        env=environment({"TMPDIR": str(work / "temporary")}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 20
    while len(processes_with(mark)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.count(b"\n") == 1
    assert processes_with(mark) == []


# --- slim build --verify ---


def test_a_zip_that_fails_does_not_replace_the_old_one(work: Path) -> None:
    write_tree(work / "tree", {"bootstrap": "#!/bin/sh\nexit 4\n", "LICENSE": "x"})
    (work / "tree.zip").write_bytes(b"old")
    outcome = slim("build", "tree", "--verify", "a.json", "--json", "r.json", cwd=work)
    assert "exited with code 4 before it asked for an event" in failed(outcome)
    assert (work / "tree.zip").read_bytes() == b"old"
    report = json.loads((work / "r.json").read_bytes())
    assert (report["written"], report["verified"]) == (False, False)
    assert sorted(path.name for path in work.iterdir()) == [
        "a.json",
        "b.json",
        "r.json",
        "temporary",
        "tree",
        "tree.zip",
    ]


@pytest.mark.parametrize("role", [(), ("--as-function",)])
def test_a_zip_that_passes_is_put_in_place(work: Path, role: tuple[str, ...]) -> None:
    write_tree(work / "tree", {"bootstrap": ECHO})
    args = ("--verify", "a.json", "--verify", "b.json", "--against", "tree", "--json", "r.json")
    (work / "tree/bootstrap").chmod(0o755)
    outcome = slim("build", "tree", *args, *role, cwd=work)
    assert outcome.code == 0, outcome.text
    assert "passed: 2 events answered, as by the original" in outcome.out
    assert (work / "tree.zip").is_file()
    assert json.loads((work / "r.json").read_bytes())["verified"]


def test_the_function_runs_with_the_layer_that_is_built(work: Path) -> None:
    write_tree(work / "tree", {"x.txt": '"from the layer"'})
    say = SPEAK + 'next; answer "$(cat /opt/data/x.txt)"; next\n'
    write_tree(work, {"say.json": '"from the layer"'})
    args = ("--prefix", "data", "--function", function(work, say), "--verify", "a.json")
    outcome = slim("build", "tree", *args, "--expect", "say.json", cwd=work)
    assert outcome.code == 0, outcome.text
    against = slim("build", "tree", *args, "--against", "tree", cwd=work)
    assert against.code == 0, against.text


def test_a_dry_run_has_nothing_to_verify(work: Path) -> None:
    write_tree(work / "tree", {"bootstrap": ECHO})
    outcome = slim("build", "tree", "--dry-run", "--verify", "a.json", cwd=work)
    assert "--dry-run writes no zip that --verify could run" in refused(outcome, code=2)


# --- what it must not do, whatever happens ---


def test_without_a_working_sandbox_nothing_is_run_unless_that_is_said(work: Path) -> None:
    bootstrap = function(work, SPEAK + f"touch {work}/ran; next; answer 1; next\n")
    through = without_namespaces()
    args = ("verify", "--function", bootstrap, "--event", "a.json")
    env = {"TMPDIR": str(work / "temporary")}
    outcome = slim(*args, cwd=work, through=through, env=env)
    assert not (work / "ran").exists()
    line = refused(outcome, code=2)
    assert line.startswith("no sandbox works here (bwrap: ")
    assert line.endswith("or say --sandbox none to run the function with your own rights")
    outcome = slim(*args, "--sandbox", "none", cwd=work, through=through, env=env)
    assert outcome.code == 0, outcome.text
    assert (work / "ran").exists()


def without_namespaces() -> tuple[str, ...]:
    """Return what to run slim through so that it can make no namespace, as in most containers."""
    limit = "for kind in user mnt pid ipc; do echo 0 > /proc/sys/user/max_${kind}_namespaces; done"
    return ("unshare", "-Ur", "sh", "-ec", f'{limit}; exec "$@"', "sh")


def test_what_is_not_isolated_is_told_before_the_function_runs(work: Path) -> None:
    say = SPEAK + "next; cat said >&2; answer 1; next\n"
    outcome = verify(work, "--function", function(work, say))
    first = outcome.out.splitlines()[0]
    assert (
        first == "note: the function can reach this machine's network, which no sandbox keeps apart"
    )
    bare = verify(work, "--function", function(work, say), "--sandbox", "none", "--json", "-")
    first = bare.err.splitlines()[0]
    assert first == "warn: --sandbox none: the function runs with your rights on this machine"


def test_a_function_has_as_many_processes_as_lambda_gives_it(work: Path) -> None:
    show = SPEAK + 'next; answer "$(ulimit -u)"; next\n'
    outcome = verify(work, "--function", function(work, show), "--json", "report.json")
    assert outcome.code == 0, outcome.text
    report = json.loads((work / "report.json").read_bytes())
    assert report["run"]["events"][0]["answer"] == 1024


@pytest.mark.parametrize("sandbox", [(), ("--sandbox", "none")], ids=["best", "none"])
def test_when_killed_no_process_outlives_it(work: Path, sandbox: tuple[str, ...]) -> None:
    mark = f"MARK={uuid.uuid4()}"
    fork = (
        "(sleep 99 &); setsid sleep 99 & trap '' TERM HUP INT; nohup sleep 99 >/dev/null 2>&1 &\n"
    )
    args = ["--function", function(work, SPEAK + fork + "next; sleep 99\n"), *sandbox]
    with subprocess.Popen(
        [*SLIM, "verify", *args, "--event", "a.json", "--env", mark],
        cwd=work,
        env=environment({"TMPDIR": str(work / "temporary")}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        until(lambda: len(processes_with(mark)) >= 5)
        process.kill()
        process.communicate(timeout=60)  # nobody holds its streams
    until(lambda: processes_with(mark) == [])
    # What it could not clear itself a later run clears.
    assert len(list((work / "temporary").iterdir())) == 1
    assert verify(work, "--function", function(work, ECHO)).code == 0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_scratch_folder_that_vanishes_takes_no_verdict_with_it(work: Path) -> None:
    gone = SPEAK + 'next; answer 1; next; rm -rf "${LAMBDA_TASK_ROOT%/task}"; next\n'
    args = ("--function", function(work, gone), "--sandbox", "none")
    outcome = verify(work, *args, events=("a.json", "b.json"))
    assert failed(outcome).endswith("instead of answering event 2 (b.json)")


def test_an_event_stands_on_the_command_line_or_comes_from_standard_input(work: Path) -> None:
    echo = ("verify", "--function", function(work, ECHO), "--json", "-", "--event")
    inline = slim(*echo, '{"url": "https://a//b"}', cwd=work, process=True)
    events = json.loads(inline.out)["run"]["events"]
    assert [(e["event"], e["answer"]) for e in events] == [("event 1", {"url": "https://a//b"})]
    piped = slim(*echo, "-", cwd=work, process=True, stdin='{"n": 1}')
    assert json.loads(piped.out)["run"]["events"][0]["answer"] == {"n": 1}


@pytest.mark.parametrize("value", ["201", "-1.5e3", "true", "null", '"x"'])
def test_a_single_value_is_json_unless_a_file_has_its_name(work: Path, value: str) -> None:
    echo = ("verify", "--function", function(work, ECHO), "--event", value, "--expect")
    assert slim(*echo, value, cwd=work).code == 0
    assert slim(*echo, "202", cwd=work).code == 5
    (work / "202").write_text(value, encoding="utf-8")
    assert slim(*echo, "202", cwd=work).code == 0
    assert "2020x: cannot be read" in slim(*echo, "2020x", cwd=work).err


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("--event", "{x"), "--event:1: not JSON"),
        (("--event", "-", "--event", "-"), "-: standard input is read once"),
        (("--event", "a.json", "--expect-exact"), "--expect-exact needs --expect"),
    ],
)
def test_events_without_a_file_are_checked(work: Path, args: tuple[str, ...], line: str) -> None:
    outcome = slim("verify", "--function", function(work, ECHO), *args, cwd=work, stdin="{}")
    assert line in outcome.err
    assert outcome.code in (2, 3)
