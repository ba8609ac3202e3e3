"""The beam guard: who calls what is dropped, said once for each application."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.formats import FormatError
from slimmer.formats.erlang import beam
from slimmer.formats.erlang.imports import Call, imports
from slimmer.model.findings import Finding
from tests.support.decide import decide, kept
from tests.support.natives import Zip

LONG = "a" * 200
OF_OTP = b"{application,a,[{runtime_dependencies,[]}]}."


def module(
    *calls: tuple[str, str, int],
    compact: bool = False,
    said: tuple[str, ...] = (),
    literals: bytes = b"",
) -> bytes:
    """A module with an import table, its atoms as OTP 25 or as OTP 28 writes them.

    It has further atoms that are ``said``, and a table of literals.
    """
    atoms = list(dict.fromkeys([*(text for call in calls for text in call[:2]), *said]))
    table = b"".join(
        struct.pack(">3I", atoms.index(m) + 1, atoms.index(f) + 1, arity) for m, f, arity in calls
    )
    texts = b"".join(_length(len(atom), compact) + atom.encode() for atom in atoms)
    count = struct.pack(">i", -len(atoms) if compact else len(atoms))
    chunks = {b"AtU8": count + texts, b"Code": b"", b"StrT": b"", b"ExpT": bytes(4)}
    chunks[b"LitT"] = bytes(4) + literals
    chunks[b"ImpT"] = struct.pack(">I", len(calls)) + table
    return beam.build(tuple(beam.Chunk(name, data) for name, data in chunks.items()))


def _length(number: int, compact: bool) -> bytes:
    if not compact:
        return bytes([number])
    if number < 16:
        return bytes([number << 4])
    return bytes([number >> 8 << 5 | 0x08, number & 0xFF])


def of_applications(files: dict[str, bytes]) -> dict[str, bytes]:
    """Add the .app file of each application, as OTP writes it."""
    homes = {path.rpartition("/ebin/")[0] for path in files}
    names = {home: home.rpartition("/")[2].partition("-")[0] for home in homes}
    apps = {
        f"{home}/ebin/{name}.app": OF_OTP.replace(b",a,", b",%s," % name.encode())
        for home, name in names.items()
    }
    return apps | files


def warnings(files: dict[str, bytes], drop: str) -> list[Finding]:
    found = decide(of_applications(files), drop=drop, packs=(), guards=("beam",)).findings
    return [finding for finding in found if finding.code == "dropped-dependency"]


def decided(files: dict[str, bytes], *beside: Zip) -> Decision:
    deployment = Deployment(siblings=beside)
    tree = of_applications(RUNTIME) | files
    return decide(tree, drop="lib/ssh-*/", packs=(), guards=("beam", "otp"), deployment=deployment)


RUNTIME = {"lib/ssh-5/ebin/ssh.beam": module(), "lib/ssh-5/ebin/ssh_sftp.beam": module()}
IN_SSH = {*RUNTIME, "lib/ssh-5/ebin/ssh.app"}
CALLS_SSH = module(("ssh_sftp", "start_channel", 1))


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("fn.beam", CALLS_SSH),
        ("deep/er/fn.beam", CALLS_SSH),
        ("main.exs", b'{:ok, pid} = :ssh.connect(~c"h", 22, [])'),
        ("main.exs", b"Application.ensure_all_started(:ssh)"),
        ("tool.escript", b"#!/usr/bin/env escript\nmain(_) -> ssh_sftp:start_channel(x)."),
    ],
)
def test_what_no_application_holds_brings_back_what_it_names(path: str, content: bytes) -> None:
    in_tree, beside = decided({path: content}), decided({}, Zip("fn.zip", {path: content}))
    assert kept(in_tree) >= IN_SSH
    assert kept(beside) >= IN_SSH
    assert beside.rescues[0].chain == f"fn.zip: {path} needs ssh"


def test_an_application_beside_brings_back_what_it_lists() -> None:
    app = b"{application,fn,[{applications,[kernel,ssh]}]}."
    found = decided({}, Zip("fn.zip", {"lib/fn-1/ebin/fn.app": app}))
    assert kept(found) >= IN_SSH
    assert found.rescues[0].chain == "fn.zip: fn.app needs ssh"


def test_what_a_projects_application_calls_comes_back_though_it_does_not_list_it() -> None:
    files = {"lib/fn-1/ebin/fn.app": b"{application,fn,[]}.", "lib/fn-1/ebin/fn.beam": CALLS_SSH}
    in_tree, beside = decided(files), decided({}, Zip("fn.zip", files))
    assert kept(in_tree) >= IN_SSH
    assert kept(beside) >= IN_SSH
    assert in_tree.rescues[0].chain == "lib/fn-1/ebin/fn.beam needs ssh"


def test_a_call_of_otps_own_application_beside_that_it_does_not_list_is_told() -> None:
    files = {"lib/fn-1/ebin/fn.app": OF_OTP, "lib/fn-1/ebin/fn.beam": CALLS_SSH}
    found = decided({}, Zip("fn.zip", files))
    assert not kept(found) & IN_SSH
    (said,) = found.findings
    assert said.message == (
        "ssh is dropped, yet fn.zip: fn may call it (fn.zip: lib/fn-1/ebin/fn.beam calls "
        "ssh_sftp:start_channel/1); keep it with --keep '/lib/ssh-5' if so"
    )


INETS = {
    f"lib/inets-8/ebin/{name}.beam": module()
    for name in ("httpd", "httpd_conf", "httpd_util", "mod_auth", "httpc")
}
TOOLS = {"lib/tools-3/ebin/make.beam": module(), "lib/tools-3/ebin/cover.beam": module()}
KERNEL = {"lib/kernel-8/ebin/kernel.beam": module()}
OF_SERVER = {f"lib/inets-8/ebin/{name}.beam" for name in ("httpd_conf", "mod_auth")}


def with_server(files: dict[str, bytes], *beside: Zip, drop: str = "") -> set[str]:
    """Return what is kept of the web server of inets, and of tools."""
    tree = of_applications(KERNEL | INETS | TOOLS) | files
    deployment = Deployment(siblings=beside)
    found = kept(decide(tree, drop=drop, guards=("beam",), deployment=deployment))
    return found & {*OF_SERVER, *TOOLS}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("fn.beam", module(("inets", "start", 2), said=("httpd",))),
        ("fn.beam", module(("httpd", "info", 1))),
        ("fn.beam", module(said=("mod_auth",))),
        ("fn.beam", module(literals=b"\x83l\0\0\0\1d\0\x08mod_authj")),
        ("fn.beam", module(literals=b"\x83h\2w\x05httpda\1")),
        ("bootstrap", b"erl -noshell -eval 'inets:start(httpd, [{port, 0}])'\n"),
        ("run.sh", b"exec erl -run httpd -noshell\n"),
        ("main.exs", b":inets.start(:httpd, port: 0)"),
        ("releases/1/sys.config", b"[{inets, [{services, [{httpd, [{port, 0}]}]}]}].\n"),
    ],
)
def test_what_names_a_service_of_an_application_keeps_all_of_it(path: str, content: bytes) -> None:
    assert with_server({path: content}) == OF_SERVER
    assert with_server({}, Zip("fn.zip", {path: content})) == OF_SERVER


def test_an_atom_that_names_an_application_that_is_started_keeps_it() -> None:
    start = ("application", "ensure_all_started", 1)
    assert with_server({"fn.beam": module(start, said=("tools",))}) == set(TOOLS)
    assert with_server({"fn.beam": module(said=("tools",))}) == set()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("fn.beam", module(said=("int", "make", "cover", "mod", "inets", "httpd_util"))),
        ("fn.beam", module(("httpd_util", "rfc1123_date", 0))),
        ("fn.beam", module(literals=b"\x83k\0\x08mod_auth")),
        ("bootstrap", b"PATH=/opt/tools:$PATH\n# erl -s httpd\nexec erl -s fn\n"),
        ("releases/1/sys.config", b'%% httpd\n[{fn, [{name, "httpd"}, {make, cover}]}].\n'),
    ],
)
def test_a_word_that_means_something_else_keeps_nothing(path: str, content: bytes) -> None:
    assert with_server({path: content}) == set()


def test_what_the_user_drops_comes_back_for_calls_alone() -> None:
    says, calls = module(said=("mod_auth",)), module(("mod_auth", "do", 1))
    assert with_server({"fn.beam": says}, drop="mod_auth.beam") == set()
    assert "lib/inets-8/ebin/mod_auth.beam" in with_server({"fn.beam": calls}, drop="mod_auth.beam")


@pytest.mark.parametrize(
    "text",
    ["# :ssh.connect", "%% ssh:connect(x)", "ssh = 1", "x = %{ssh: 1}", "%{ssh: MyApp.call()}"],
)
def test_a_script_that_only_has_the_word_asks_for_nothing(text: str) -> None:
    assert not kept(decided({"main.exs": text.encode()})) & IN_SSH


@pytest.mark.parametrize("compact", [False, True])
def test_the_import_table_is_read_as_every_otp_writes_it(compact: bool) -> None:
    calls = [("lists", "map", 2), (LONG, "ok", 0), ("lists", "foldl", 3)]
    assert imports(module(*calls, compact=compact)) == tuple(Call(*call) for call in calls)


def test_a_call_of_a_dropped_application_is_named_with_its_mend() -> None:
    files = {
        "lib/observer-2.13/ebin/observer_wx.beam": module(("wx", "new", 1), ("wx", "destroy", 0)),
        "lib/wx-2.2/ebin/wx.beam": module(),
    }
    (said,) = warnings(files, "lib/wx-*/")
    assert said.message == (
        "wx is dropped, yet observer may call it (lib/observer-2.13/ebin/observer_wx.beam calls "
        "wx:new/1); keep it with --keep '/lib/wx-2.2' if so"
    )


def test_each_application_is_one_line_however_many_call_it() -> None:
    files = {f"lib/a{n}/ebin/a{n}.beam": module(("gone", "f", 0)) for n in range(9)}
    files |= {"lib/b/ebin/gone.beam": module(), "lib/b/ebin/b.app": OF_OTP}
    (said,) = warnings(files, "lib/b/")
    assert said.message.startswith("b is dropped, yet a0, a1, a2, a3, 5 more may call it (lib/a0/")


def test_modules_that_go_out_of_an_application_that_stays_are_named() -> None:
    files = {
        "lib/a/ebin/a.beam": module(("b_one", "f", 0), ("b_two", "g", 1)),
        "lib/b/ebin/b.app": OF_OTP,
        "lib/b/ebin/b_one.beam": module(),
        "lib/b/ebin/b_two.beam": module(),
    }
    (said,) = warnings(files, "b_*.beam")
    assert said.message.startswith("part of b (b_one and 1 more) is dropped, yet a may call it (")


def test_a_module_that_is_kept_elsewhere_is_there() -> None:
    files = {"lib/a/ebin/a.beam": module(("x", "f", 0))}
    files |= {"lib/x-1/ebin/x.beam": module(), "lib/x-2/ebin/x.beam": module()}
    assert warnings(files, "lib/x-1/") == []


def test_the_emulators_own_modules_are_always_there() -> None:
    files = {"lib/a/ebin/a.beam": module(("erlang", "self", 0))}
    assert warnings(files | {"lib/erts-13.1/ebin/erlang.beam": module()}, "lib/erts-*/") == []


def test_what_only_dropped_modules_call_is_not_missed() -> None:
    files = {"a/ebin/a.beam": module(("b", "f", 0)), "b/ebin/b.beam": module()}
    assert warnings(files | {"c/ebin/c.beam": module()}, "a/ b/") == []


def test_a_module_that_cannot_be_understood_asks_for_nothing() -> None:
    files = {"a/ebin/a.beam": module(("b", "f", 0))[:-4], "b/ebin/b.beam": module()}
    assert warnings(files, "b/") == []


@given(st.data())
def test_a_broken_import_table_is_read_or_refused(draw: st.DataObject) -> None:
    data = bytearray(module(("lists", "map", 2), ("x", "y", 0), compact=draw.draw(st.booleans())))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        imports(bytes(data))


def test_a_broken_module_beside_may_call_all_that_is_dropped() -> None:
    found = decided({}, Zip("fn.zip", {"fn.beam": CALLS_SSH[:40]}))
    assert kept(found) >= IN_SSH
    said = [f.message for f in found.findings if f.code == "unreadable-metadata"]
    assert len(said) == 1
    assert said[0].startswith("fn.zip: fn.beam cannot be understood")


def test_a_broken_application_beside_may_need_all_that_is_dropped() -> None:
    found = decided({}, Zip("fn.zip", {"ebin/fn.app": b"{application,fn,[{applications,[ker"}))
    assert kept(found) >= IN_SSH
    said = [f.message for f in found.findings if f.code == "unreadable-metadata"]
    assert len(said) == 1
    assert said[0].startswith("fn.zip: ebin/fn.app cannot be understood")
