"""The harness itself: without these, a green boot test would mean little."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.real import sandbox
from tests.real.runtime_api import Answer, RuntimeApi
from trees import tools
from trees.mix import mix_release
from trees.otp import compile_elixir, otp_layer

EVENT = b'{"name":"caf\xc3\xa9","list":[1,2.5,null]}'

real = pytest.mark.real


@pytest.fixture
def layer(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "layer"
    folder.mkdir()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@real
def test_the_untouched_otp_layer_answers_from_opt() -> None:
    outcome = sandbox.invoke(otp_layer(), [EVENT, b"{}"])
    assert [answer.kind for answer in outcome.answers] == ["response", "response"], outcome.output
    answer = json.loads(outcome.answers[0].body)
    assert answer["event"] == json.loads(EVENT)
    assert answer["root_dir"] == "/opt/lib/erlang"
    assert answer["otp"].isdigit()
    assert answer["elixir"]


@real
@pytest.mark.parametrize("script", ["bin/erl", "lib/erlang/bin/erl", "lib/erlang/erts-*/bin/erl"])
def test_every_erl_starts_its_own_tree(script: str) -> None:
    show = "io:put_chars(code:root_dir()), halt()."
    command = f"exec /opt/{script} -noshell -eval '{show}'"
    outcome = sandbox.run(otp_layer(), ["sh", "-c", command], env={"HOME": "/opt"})
    assert (outcome.status, outcome.output) == (0, "/opt/lib/erlang")


@real
def test_a_function_brings_its_handler(layer: Path) -> None:
    source = """
    defmodule Hello do
      def greet("1", context), do: [?", context.request_id, ?"]
      def greet(_event, _context), do: raise(ArgumentError, ~s(not "one"))
    end
    """
    script(layer / "hello.exs", source)
    outcome = sandbox.invoke(
        otp_layer(), [b"1", b"2", b"1"], function=layer, env={"_HANDLER": "hello.greet"}
    )
    kinds = [answer.kind for answer in outcome.answers]
    assert kinds == ["response", "error", "response"], outcome.output
    assert len(json.loads(outcome.answers[0].body)) == 36
    report = json.loads(outcome.answers[1].body)
    assert report["errorType"] == "ArgumentError"
    assert report["errorMessage"] == 'not "one"'
    assert any("hello.exs:4" in line for line in report["stackTrace"])


@real
def test_a_compiled_handler_comes_before_a_script(layer: Path, tmp_path: Path) -> None:
    source = "defmodule Hello do def greet(_event, _context), do: ~s(true) end"
    (tmp_path / "hello.ex").write_text(source, "utf-8")
    script(layer / "hello.exs", "defmodule Hello do")
    (layer / "ebin").mkdir()
    compile_elixir(otp_layer(), tmp_path / "hello.ex", layer / "ebin")
    for file in (layer / "ebin").iterdir():
        file.chmod(0o644)
    outcome = sandbox.invoke(otp_layer(), [EVENT], function=layer, env={"_HANDLER": "hello.greet"})
    assert [answer.body for answer in outcome.answers] == [b"true"], outcome.output


@real
def test_a_handler_that_cannot_load_is_an_init_error(layer: Path) -> None:
    script(layer / "hello.exs", "defmodule Hello do")
    outcome = sandbox.invoke(otp_layer(), [EVENT], function=layer, env={"_HANDLER": "hello.greet"})
    assert [answer.kind for answer in outcome.answers] == ["init error"], outcome.output
    assert json.loads(outcome.answers[0].body)["errorType"] == "TokenMissingError"
    assert outcome.status == 1


@real
def test_the_untouched_mix_release_answers() -> None:
    outcome = sandbox.invoke(mix_release(), [EVENT, b"{}"])
    assert [answer.kind for answer in outcome.answers] == ["response", "response"], outcome.output
    answer = json.loads(outcome.answers[0].body)
    assert answer["event"] == json.loads(EVENT)
    assert answer["root_dir"] == "/opt"
    assert "tlsv1.3" in answer["tls"].split()


@real
def test_a_layer_without_bootstrap_says_so(layer: Path) -> None:
    outcome = sandbox.invoke(layer, [EVENT])
    assert outcome.status == 1
    assert outcome.answers == ()
    assert "Runtime.InvalidEntrypoint" in outcome.output


@real
def test_a_bootstrap_that_is_not_executable_says_so(layer: Path) -> None:
    script(layer / "bootstrap", "#!/bin/sh\n").chmod(0o644)
    outcome = sandbox.invoke(layer, [EVENT])
    assert outcome.status == 126
    assert "Permission denied" in outcome.output


@real
def test_a_bootstrap_that_hangs_is_ended_with_all_it_started(layer: Path) -> None:
    script(layer / "bootstrap", "#!/bin/sh\necho waiting\nsleep 60 &\nsleep 60\n")
    outcome = sandbox.invoke(layer, [EVENT], timeout=0.5)
    assert outcome.status is None
    assert outcome.answers == ()
    assert outcome.output == "waiting\n"
    assert outcome.seconds < 10


@real
def test_nothing_but_tmp_can_be_written(layer: Path) -> None:
    places = "/ /etc /opt /tmp /usr /var/task"
    loop = f"for place in {places}; do touch $place/new 2>/dev/null && echo $place; done; true"
    outcome = sandbox.run(layer, ["sh", "-c", loop])
    assert outcome.output.split() == ["/tmp"]  # noqa: S108 - the sandbox's own


@real
def test_the_hosts_variables_stay_out(layer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERL_LIBS", "/somewhere")
    outcome = sandbox.run(layer, ["env"], env={"OWN": "1"})
    names = {line.partition("=")[0] for line in outcome.output.splitlines()}
    assert {"PATH", "LAMBDA_TASK_ROOT", "OWN"} <= names
    assert not {"ERL_LIBS", "HOME", "USER"} & names


@real
@pytest.mark.parametrize("tool", ["bsdtar", "unzip", "zip", "zipinfo"])
def test_the_tools_run(tool: str) -> None:
    env = tools.environment()
    path = shutil.which(tool, path=env["PATH"])
    assert path
    option = "--version" if tool == "bsdtar" else "-h"
    subprocess.run([path, option], env=env, check=True, stdout=subprocess.DEVNULL)


def call(api: RuntimeApi, method: str, path: str, body: bytes = b"") -> tuple[int, str | None]:
    connection = HTTPConnection(api.address, timeout=5)
    try:
        connection.request(method, f"/2018-06-01/runtime{path}", body)
        reply = connection.getresponse()
        reply.read()
        return reply.status, reply.getheader("Lambda-Runtime-Aws-Request-Id")
    finally:
        connection.close()


def test_the_runtime_api_takes_answers_and_errors() -> None:
    with RuntimeApi([b"1", b"2"]) as api:
        _, first = call(api, "GET", "/invocation/next")
        _, second = call(api, "GET", "/invocation/next")
        assert call(api, "POST", f"/invocation/{second}/error", b"bad") == (202, None)
        assert not api.done(0)
        assert call(api, "POST", f"/invocation/{first}/response", b"good") == (202, None)
        assert api.done(0)
    assert api.answers == [Answer("error", b"2", b"bad"), Answer("response", b"1", b"good")]


def test_the_runtime_api_takes_an_init_error() -> None:
    with RuntimeApi([b"1"]) as api:
        assert call(api, "POST", "/init/error", b"why") == (202, None)
        assert api.done(0)
    assert api.answers == [Answer("init error", b"", b"why")]


def test_the_runtime_api_refuses_what_lambda_refuses() -> None:
    with RuntimeApi([b"1"]) as api:
        _, request_id = call(api, "GET", "/invocation/next")
        assert call(api, "POST", "/invocation/unknown/response") == (400, None)
        assert call(api, "POST", f"/invocation/{request_id}/response") == (202, None)
        assert call(api, "POST", f"/invocation/{request_id}/response") == (400, None)
        assert call(api, "GET", "/elsewhere") == (404, None)
