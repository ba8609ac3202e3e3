"""Strip all of Erlang/OTP and ask its own tools, and readelf, whether it is still the same."""

import re
import subprocess
from pathlib import Path

import pytest

from slimmer.formats.elf import strip as elf_strip
from slimmer.formats.erlang import beam
from tests.real.command import tool
from trees.otp import otp_layer

pytestmark = pytest.mark.real

# For each line "original stripped": the MD5 of both, and whether the loader takes the stripped.
ASK = """
{ok, Text} = file:read_file(hd(init:get_plain_arguments())),
[begin
   [Old, New] = string:lexemes(Line, " "),
   {ok, {Module, A}} = beam_lib:md5(Old),
   {ok, {Module, B}} = beam_lib:md5(New),
   {ok, Code} = file:read_file(New),
   io:format("~s ~s ~p~n", [binary:encode_hex(A), binary:encode_hex(B),
                            is_reference(erlang:prepare_loading(Module, Code))])
 end || Line <- string:lexemes(binary_to_list(Text), "\\n")].
"""


def test_erlang_calls_every_stripped_module_the_same_and_loads_it(tmp_path: Path) -> None:
    modules = sorted(otp_layer().rglob("*.beam"))
    lines, digests = [], []
    for number, path in enumerate(modules):
        stripped = tmp_path / f"{number}.beam"
        stripped.write_bytes(beam.strip(path.read_bytes()))
        digests.append(beam.digest(path.read_bytes()).hex().upper())
        lines.append(f"{path} {stripped}\n")
    (tmp_path / "list").write_text("".join(lines))
    answer = _erl(ASK, str(tmp_path / "list")).splitlines()
    assert len(modules) > 1000
    assert answer == [f"{digest} {digest} true" for digest in digests]


def test_readelf_says_the_same_of_every_stripped_program_and_library(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    shrunk = 0
    for path in sorted(otp_layer().rglob("*")):
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if data[:4] != b"\x7fELF":
            continue
        before.write_bytes(data)
        after.write_bytes(elf_strip.strip(data))
        shrunk += after.stat().st_size < len(data)
        assert after.stat().st_size <= len(data)
        assert _readelf(before) == _readelf(after), path
    assert shrunk > 10


def _erl(code: str, argument: str) -> str:
    root = otp_layer().resolve() / "lib" / "erlang"
    binaries = next(root.glob("erts-*")) / "bin"
    env = {"ROOTDIR": str(root), "BINDIR": str(binaries), "EMU": "beam", "PROGNAME": "erl"}
    run = [str(binaries / "erlexec"), "-noshell", "-eval", code, "-s", "init", "stop"]
    done = subprocess.run(
        [*run, "-extra", argument], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def _readelf(path: Path) -> str:
    done = tool("readelf", "-W", "-d", "--dyn-syms", "-V", "-r", path)
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(r"(offset|Offset:) 0x[0-9a-f]+", "at", done.stdout)
