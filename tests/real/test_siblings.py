"""What the function beside a layer names stays in the layer, and runs from there."""

import base64
from pathlib import Path

import pytest

from tests.real import beam
from tests.real.command import Build, build, unpack
from tests.support.zips import zip_of
from trees.otp import otp_layer

pytestmark = pytest.mark.real

APP = b'{application,fn,[{vsn,"1"},{modules,[]},{applications,[kernel,stdlib,ssh,mnesia]}]}.'
FORMS = """
Forms = [{attribute,1,module,bare},{attribute,1,export,[{main,0}]},{function,1,main,0,[
  {clause,1,[],[],[{call,1,{remote,1,{atom,1,mnesia},{atom,1,start}},[]}]}]}],
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


def test_a_module_without_an_application_finds_what_it_calls(tmp_path: Path, bare: bytes) -> None:
    function = tmp_path / "function.zip"
    zip_of(function, {"bare.beam": bare})
    built = build(otp_layer(), tmp_path / "out", "--with", str(function), "--level", "1")
    assert built.status == 0, built.said
    layer, code = unpack(built.zip, tmp_path / "layer"), unpack(function, tmp_path / "code")
    said = beam.evaluate(
        layer,
        """true = code:add_patha("/var/task"), io:format("~p~n", [bare:main()]), halt().""",
        function=code,
    )
    assert said.output.strip() == "ok", said.output
