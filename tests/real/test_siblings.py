"""What the function beside a layer names stays in the layer, and runs from there."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real import beam
from tests.real.command import Build, build, unpack
from tests.support.command import slim
from tests.support.zips import zip_of
from trees import wheels
from trees.otp import otp_layer

pytestmark = pytest.mark.real

APP = b'{application,fn,[{vsn,"1"},{modules,[]},{applications,[kernel,stdlib,ssh,mnesia]}]}.'
FORMS = """
Forms = [{attribute,1,module,bare},{attribute,1,export,[{main,0},{serve,1}]},
 {function,1,main,0,[
  {clause,1,[],[],[{call,1,{remote,1,{atom,1,mnesia},{atom,1,start}},[]}]}]},
 {function,1,serve,1,[
  {clause,1,[{var,1,'X'}],[],
   [{call,1,{remote,1,{atom,1,inets},{atom,1,start}},[{atom,1,httpd},{var,1,'X'}]}]}]}],
{ok, _, Beam} = compile:forms(Forms, []),
io:format("<~s>~n", [base64:encode(Beam)]), halt().
"""


@pytest.fixture(scope="module")
def bare(otp_build: Build, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give a module that calls mnesia, compiled by the layer's own compiler."""
    layer = unpack(otp_build.zip, tmp_path_factory.mktemp("compiler") / "layer")
    output = beam.evaluate(layer, FORMS).output
    return base64.b64decode(output.partition("<")[2].partition(">")[0])


def test_applications_that_the_function_lists_start(tmp_path: Path) -> None:
    function = tmp_path / "function.zip"
    zip_of(function, {"fn/ebin/fn.app": APP})
    built = build(otp_layer(), tmp_path / "out", "--with", str(function), "--level", "1")
    assert built.status == 0, built.said
    layer, code = unpack(built.zip, tmp_path / "layer"), unpack(function, tmp_path / "code")
    said = beam.evaluate(
        layer,
        """true = code:add_patha("/var/task/fn/ebin"),
        io:format("~p~n", [application:ensure_all_started(fn)]), halt().""",
        function=code,
    )
    assert "{ok,[" in said.output, said.output
    assert "mnesia" in said.output
    chains = [rescue["chain"] for rescue in built.report["rescues"]]
    assert "function.zip: fn.app needs mnesia" in chains


SERVED = """
true = code:add_patha("/var/task"),
ok = inets:start(),
{ok, Pid} = bare:serve([{port, 0}, {server_name, "x"}, {server_root, "/tmp"},
                        {document_root, "/tmp"}, {bind_address, {127, 0, 0, 1}}]),
[{port, Port}] = httpd:info(Pid, [port]),
{ok, {{_, Status, _}, _, _}} =
    httpc:request("http://127.0.0.1:" ++ integer_to_list(Port) ++ "/none"),
io:format("~p ~p~n", [bare:main(), Status]), halt().
"""


def test_a_module_without_an_application_finds_what_it_calls_and_starts(
    tmp_path: Path, bare: bytes
) -> None:
    function = tmp_path / "function.zip"
    zip_of(function, {"bare.beam": bare})
    built = build(otp_layer(), tmp_path / "out", "--with", str(function), "--level", "1")
    assert built.status == 0, built.said
    layer, code = unpack(built.zip, tmp_path / "layer"), unpack(function, tmp_path / "code")
    said = beam.evaluate(layer, SERVED, function=code)
    assert said.output.strip() == "ok 404", said.output


def test_check_fails_for_a_layer_that_was_built_without_the_function(
    otp_build: Build, tmp_path: Path
) -> None:
    function = tmp_path / "function.zip"
    zip_of(function, {"fn/ebin/fn.app": APP})
    without = slim("check", str(otp_build.zip), "--function", str(function), cwd=tmp_path)
    assert without.code == 1
    for name in ("mnesia", "ssh"):
        assert f"function.zip: fn/ebin/fn.app needs the application {name}" in without.out
    built = build(otp_layer(), tmp_path / "out", "--with", str(function), "--level", "1")
    beside = slim("check", str(built.zip), "--function", str(function), cwd=tmp_path)
    assert (beside.code, "needs the application" in beside.out) == (0, False), beside.text
    assert "public-dropped" not in {f["code"] for f in built.report["findings"]}


def test_a_build_that_knows_no_function_names_the_public_parts(otp_build: Build) -> None:
    notes = [f["message"] for f in otp_build.report["findings"] if f["code"] == "public-dropped"]
    assert len(notes) == 1
    assert {"ssh", "ftp", "mnesia"} <= set(re.findall(r"\w+", notes[0]))
    assert "--with" in notes[0]


def test_setuptools_comes_back_whole_for_pkg_resources(tmp_path: Path) -> None:
    function = tmp_path / "function.zip"
    source = b"import pkg_resources\ndef handler(event, context):\n    return pkg_resources"
    zip_of(function, {"app.py": source})
    layer = wheels.layer("setuptools==80.9.0", "idna==3.20")
    plain = build(layer, tmp_path / "plain", "--level", "1")
    check = ("check", "--function", str(function), "--target", "python3.13")
    missing = slim(*check, str(plain.zip), cwd=tmp_path)
    assert missing.code == 1
    assert "function.zip: app.py needs the Python module pkg_resources" in missing.out
    built = build(layer, tmp_path / "out", "--with", str(function), "--level", "1")
    assert built.status == 0, built.said
    assert slim(*check, str(built.zip), cwd=tmp_path).code == 0
    opt, task = unpack(built.zip, tmp_path / "opt"), unpack(function, tmp_path / "task")
    work = f"""
import sys
sys.path[:0] = [{str(task)!r}, {str(opt / "python")!r}]
import app, setuptools.command.build_py
print(app.handler(1, 2).get_distribution("idna").version, app.pkg_resources.__file__)
"""
    ran = [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", work]
    done = subprocess.run(ran, capture_output=True, text=True, check=False)
    assert done.stdout == f"3.20 {opt}/python/pkg_resources/__init__.py\n", done.stderr
