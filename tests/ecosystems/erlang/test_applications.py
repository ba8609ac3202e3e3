"""The OTP guard and the formats it reads."""

from __future__ import annotations

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.formats import FormatError
from slimmer.formats.erlang.applications import (
    decode_external,
    parse_app,
    parse_boot,
    parse_rel,
    without_modules,
)
from slimmer.formats.erlang.terms import Atom, parse_terms
from slimmer.model.codes import Severity
from slimmer.rules.packs import load_packs
from tests.support.decide import decide, kept
from tests.support.natives import Zip

PACKS = load_packs()
BEAM = "erts-13/bin/beam.smp"


def app(name: str, needs: str = "kernel", more: str = "") -> bytes:
    return f'{{application, {name}, [{{vsn, "1"}}, {{applications, [{needs}]}}{more}]}}.'.encode()


def atom(name: str) -> bytes:
    return b"w" + bytes([len(name)]) + name.encode()


def string(text: str) -> bytes:
    return b"k" + len(text).to_bytes(2, "big") + text.encode()


def listed(items: list[bytes]) -> bytes:
    return b"l" + len(items).to_bytes(4, "big") + b"".join(items) + b"j" if items else b"j"


def boot(folders: list[str], modules: list[str], *, compressed: bool = False) -> bytes:
    """A boot file as systools writes it, by hand from the external term format."""
    path = b"h\2" + atom("path") + listed([string(folder) for folder in folders])
    load = b"h\2" + atom("primLoad") + listed([atom(module) for module in modules])
    name = b"h\2" + string("app") + string("1")
    body = b"h\3" + atom("script") + name + listed([path, load])
    if compressed:
        return b"\x83P" + len(body).to_bytes(4, "big") + zlib.compress(body)
    return b"\x83" + body


def decided(
    files: dict[str, bytes], *, drop: str = "", keep: str = "", guards: str = "otp"
) -> Decision:
    tree = {BEAM: b"x", **files}
    return decide(tree, drop=drop, keep=keep, guards=tuple(guards.split()))


def warnings(decision: Decision) -> str:
    return "\n".join(f.message for f in decision.findings if f.severity is Severity.WARN)


OS_MON = {
    "lib/kernel-8/ebin/kernel.app": app("kernel", ""),
    "lib/sasl-4/ebin/sasl.app": app("sasl"),
    "lib/sasl-4/ebin/sasl.beam": b"x",
    "lib/sasl-4/src/sasl.erl": b"x",
    "lib/os_mon-2/ebin/os_mon.app": app("os_mon", "kernel, sasl"),
}


def test_an_application_in_a_zip_beside_is_not_missed() -> None:
    files = {BEAM: b"x", "lib/a/ebin/a.app": app("a", "kernel, jason")}
    layer = Zip("layer.zip", {"erlang/lib/jason-1.4/ebin/jason.app": app("jason")})
    found = [
        decide(files, packs=(), guards=("otp",), deployment=Deployment(siblings=beside))
        for beside in ((), (layer,))
    ]
    assert "a (lib/a/ebin/a.app): needs jason, which is not in this tree" in warnings(found[0])
    assert "jason" not in warnings(found[1])


def test_a_kept_application_gets_back_what_it_needs_but_not_its_sources() -> None:
    decision = decided(OS_MON, drop="lib/sasl-*/")
    assert {"lib/sasl-4/ebin/sasl.app", "lib/sasl-4/ebin/sasl.beam"} <= kept(decision)
    assert "lib/sasl-4/src/sasl.erl" not in kept(decision)
    assert [rescue.chain for rescue in decision.rescues] == ["os_mon needs sasl"]


def test_without_the_guard_the_loss_is_what_was_asked_for() -> None:
    assert "lib/sasl-4/ebin/sasl.app" not in kept(decided(OS_MON, drop="lib/sasl-*/", guards=""))


def test_nothing_is_rescued_for_an_application_that_is_dropped_too() -> None:
    decision = decided(OS_MON, drop="lib/sasl-*/ lib/os_mon-*/")
    assert decision.rescues == ()
    assert not any("sasl" in path for path in kept(decision))


def test_the_chain_tells_who_asked_first() -> None:
    files = {
        "lib/a-1/ebin/a.app": app("a", "b"),
        "lib/b-1/ebin/b.app": app("b", "c"),
        "lib/c-1/ebin/c.app": app("c"),
    }
    chains = [r.chain for r in decided(files, drop="lib/b-1/ lib/c-1/").rescues]
    assert chains == ["a needs b", "b needs c, a needs b"]


def test_included_applications_are_needed_and_optional_ones_are_not() -> None:
    more = ", {included_applications, [inc]}, {optional_applications, [opt]}"
    files = {
        "lib/a-1/ebin/a.app": app("a", "opt", more),
        "lib/inc-1/ebin/inc.app": app("inc"),
        "lib/opt-1/ebin/opt.app": app("opt"),
    }
    decision = decided(files, drop="lib/inc-1/ lib/opt-1/")
    assert "lib/inc-1/ebin/inc.app" in kept(decision)
    assert "lib/opt-1/ebin/opt.app" not in kept(decision)


def test_a_runtime_dependency_only_warns() -> None:
    more = ', {runtime_dependencies, ["wx-1.2", "erts-9.0"]}'
    files = {
        "lib/observer-2/ebin/observer.app": app("observer", "kernel", more),
        "lib/wx-2/ebin/wx.app": app("wx"),
    }
    decision = decided(files, keep="erlang/observer")
    assert "lib/wx-2/ebin/wx.app" not in kept(decision)
    assert "wx is dropped, yet observer may call it" in warnings(decision)
    assert "erts" not in warnings(decision)


def test_what_no_tree_has_is_a_warning() -> None:
    decision = decided({"lib/a-1/ebin/a.app": app("a", "nowhere")})
    assert "a (lib/a-1/ebin/a.app): needs nowhere, which is not in this tree" in warnings(decision)


def test_the_start_module_comes_back_even_when_a_pattern_names_it() -> None:
    files = {
        "lib/a-1/ebin/a.app": app("a", "kernel", ", {mod, {a_app, []}}"),
        "lib/a-1/ebin/a_app.beam": b"x",
    }
    assert "lib/a-1/ebin/a_app.beam" in kept(decided(files, drop="*_app.beam"))


def test_an_application_in_two_versions_counts_as_there_with_one() -> None:
    files = {
        "lib/a-1/ebin/a.app": app("a", "b"),
        "lib/b-9/ebin/b.app": app("b"),
        "lib/b-10/ebin/b.app": app("b"),
    }
    assert decided(files, drop="lib/b-9/").rescues == ()
    both = decided(files, drop="lib/b-9/ lib/b-10/")
    assert [rescue.path for rescue in both.rescues] == ["lib/b-10"]


def test_each_release_of_a_tree_gets_back_what_its_own_applications_need() -> None:
    release = {
        "lib/kernel-8/ebin/kernel.app": app("kernel", ""),
        "lib/my_app-1/ebin/my_app.app": app("my_app", "mnesia"),
        "lib/mnesia-4/ebin/mnesia.app": app("mnesia", "kernel, tools"),
        "lib/tools-3/ebin/tools.app": app("tools"),
    }
    both = {f"{name}/{path}": data for name in "ab" for path, data in release.items()}
    assert {f"{name}/lib/tools-3/ebin/tools.app" for name in "ab"} <= kept(decided(both))
    assert {f"{name}/lib/mnesia-4/ebin/mnesia.app" for name in "ab"} <= kept(decided(both))


def test_a_copy_of_an_app_file_somewhere_is_no_application() -> None:
    files = {
        "lib/kernel-8/ebin/kernel.app": app("kernel", ""),
        "lib/my_app-1/ebin/my_app.app": app("my_app", "mnesia"),
        "lib/my_app-1/priv/fixtures/ebin/mnesia.app": app("mnesia"),
        "lib/my_app-1/priv/mnesia/ebin/mnesia.app": app("mnesia"),
        "lib/mnesia-4/ebin/mnesia.app": app("mnesia"),
    }
    assert "lib/mnesia-4/ebin/mnesia.app" in kept(decided(files))


def test_a_rescue_takes_back_only_the_word_that_dropped_the_application() -> None:
    files = {**OS_MON, "lib/sasl-4/priv/secret.key": b"x"}
    decision = decided(files, drop="lib/sasl-*/ *.key")
    assert "lib/sasl-4/ebin/sasl.app" in kept(decision)
    assert "lib/sasl-4/priv/secret.key" not in kept(decision)


def test_the_application_of_the_tree_itself_keeps_its_start_module() -> None:
    files = {
        "ebin/solo.app": app("solo", "kernel", ", {mod, {solo_app, []}}"),
        "ebin/solo_app.beam": b"x",
    }
    assert "ebin/solo_app.beam" in kept(decided(files, drop="*.beam"))


def test_a_boot_file_that_names_what_is_not_there_is_a_warning() -> None:
    files = {**RELEASE, "releases/1/start.boot": boot(["$ROOT/lib/gone-1/ebin"], [])}
    assert "needs gone-1, which is not in this tree" in warnings(decided(files))


def test_functions_in_an_applications_environment_are_no_trouble() -> None:
    more = ", {env, [{hook, fun my_mod:run/2}, {other, fun 'Elixir.X':y/1}]}"
    assert parse_app(app("a", "b", more)).required == ("b",)
    exported = b"\x83q" + atom("my_mod") + atom("run") + b"a\2"
    assert decode_external(exported) == ("my_mod", "run", 2)


RELEASE = {
    "releases/1/start.boot": boot(
        ["$ROOT/lib/iex-1/ebin", "$RELEASE_LIB/asn1-5/ebin"], ["iex", "asn1ct", "not_there"]
    ),
    "releases/start_erl.data": b"13 1",
    "lib/elixir-1/ebin/elixir.app": app("elixir"),
    "lib/iex-1/ebin/iex.app": app("iex"),
    "lib/iex-1/ebin/iex.beam": b"x",
    "lib/asn1-5/ebin/asn1.app": app("asn1"),
    "lib/asn1-5/ebin/asn1ct.beam": b"FOR1",
    "lib/asn1-5/ebin/asn1ct_gen.beam": b"FOR1",
}


def test_nothing_that_a_boot_file_names_is_dropped() -> None:
    decision = decided(RELEASE)
    assert {"lib/iex-1/ebin/iex.beam", "lib/asn1-5/ebin/asn1ct.beam"} <= kept(decision)
    assert "lib/asn1-5/ebin/asn1ct_gen.beam" not in kept(decision)
    assert "releases/1/start.boot needs iex-1" in [r.chain for r in decision.rescues]


def test_a_module_comes_back_from_an_application_dropped_twice_over() -> None:
    decision = decided(RELEASE, drop="lib/asn1-*/")
    assert "lib/asn1-5/ebin/asn1ct.beam" in kept(decision)


def test_a_broken_boot_file_is_named_and_its_rel_file_speaks_for_it() -> None:
    files = {
        **RELEASE,
        "releases/1/start.boot": b"\x83broken",
        "releases/1/app.rel": b'{release, {"app","1"}, {erts,"13"}, [{iex,"1"}]}.',
    }
    decision = decided(files)
    assert "lib/iex-1/ebin/iex.beam" in kept(decision)
    assert "releases/1/start.boot cannot be understood" in warnings(decision)


def test_a_broken_app_file_is_kept_and_named() -> None:
    decision = decided({"lib/a-1/ebin/a.app": b"{application, a, [oops"})
    assert "lib/a-1/ebin/a.app" in kept(decision)
    assert "lib/a-1/ebin/a.app cannot be understood" in warnings(decision)


def test_terms_are_read_as_erlang_writes_them() -> None:
    text = rb"""%% comment
    {'quoted atom', "a \"string\"\n\x{e9}", -16#ff, 1.5e3, $a, [], <<"bin">>, #{k => [v]}}."""
    assert parse_terms(text) == [
        (Atom("quoted atom"), 'a "string"\n\xe9', -255, 1500.0, 97, [], b"bin", {"k": [Atom("v")]})
    ]


@pytest.mark.parametrize(
    "text", [b"{a", b"a}.", b"{a]}.", b"a b.", b"{a.}", b"\x00.", b"'a.", b"[" * 10_000]
)
def test_a_broken_term_is_a_format_error(text: bytes) -> None:
    with pytest.raises(FormatError):
        parse_terms(text)


def test_an_escape_that_is_cut_off_is_taken_as_it_stands() -> None:
    assert parse_terms(rb"'\^'.") == [Atom("^")]  # found by fuzzing


@pytest.mark.parametrize("compressed", [False, True])
def test_a_boot_file_names_folders_and_modules(compressed: bool) -> None:
    parsed = parse_boot(boot(["$ROOT/lib/a-1/ebin"], ["a", "b"], compressed=compressed))
    assert parsed.folders == ("$ROOT/lib/a-1/ebin",)
    assert parsed.modules == ("a", "b")


def test_a_bomb_of_a_boot_file_is_refused() -> None:
    bomb = b"\x83P" + b"\0\0\0\0" + zlib.compress(b"k" * 200_000_000, 9)
    with pytest.raises(FormatError):
        decode_external(bomb)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_a_value_or_a_format_error(data: bytes) -> None:
    for parser in (parse_app, parse_rel, parse_boot, parse_terms):
        for body in (data, b"\x83" + data):
            with contextlib.suppress(FormatError):
                parser(body)


@given(st.integers(0, 200), st.binary(min_size=1, max_size=4), st.integers(0, 200))
def test_a_damaged_boot_file_gives_a_value_or_a_format_error(
    at: int, junk: bytes, cut: int
) -> None:
    whole = boot(["$ROOT/lib/a-1/ebin"], ["a", "b"])
    for body in (whole[:at] + junk + whole[at + len(junk) :], whole[:cut]):
        with contextlib.suppress(FormatError):
            parse_boot(body)


@given(st.text(max_size=200))
def test_arbitrary_text_gives_terms_or_a_format_error(text: str) -> None:
    with contextlib.suppress(FormatError):
        parse_terms(text.encode("utf-8", "surrogatepass"))


NAMES = st.lists(st.sampled_from(["a", "b", "c", "Elixir.D"]), unique=True)


@given(NAMES, NAMES, st.booleans())
def test_a_boot_file_can_do_without_modules(
    modules: list[str], gone: list[str], compressed: bool
) -> None:
    data = boot(["$ROOT/lib/x-1/ebin"], modules, compressed=compressed)
    left = [module for module in modules if module not in gone]
    made = without_modules(data, set(gone))
    assert made == (data if left == modules else boot(["$ROOT/lib/x-1/ebin"], left))


@given(st.binary(max_size=40), st.integers(0, 60), st.integers(0, 255))
def test_a_broken_boot_file_is_refused_or_stays_one(tail: bytes, at: int, byte: int) -> None:
    data = bytearray(boot(["x"], ["a", "b", "c"]) + tail)
    data[at % len(data)] = byte
    with contextlib.suppress(FormatError):
        assert parse_boot(without_modules(bytes(data), {"b"})).modules == tuple(
            module for module in parse_boot(bytes(data)).modules if module != "b"
        )


TOOLS = {
    "lib/elixir/lib/elixir/ebin/elixir.app": app("elixir"),
    "lib/elixir/bin/elixir": b"#!/bin/sh\nexec erl\n",
    "lib/elixir/bin/mix": b"#!/usr/bin/env elixir\nMix.start()\n",
    "lib/elixir/lib/mix/ebin/mix.app": app("mix", "kernel, elixir"),
    "lib/kernel-8.5/ebin/kernel.app": app("kernel", ""),
    BEAM: b"",
}
MIX = {"lib/elixir/bin/mix", "lib/elixir/lib/mix/ebin/mix.app"}


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("bootstrap", b"#!/bin/sh\nexec mix run --no-halt\n", True),
        ("bootstrap", b"#!/bin/sh\nexec iex -S mix\n", True),
        ("bootstrap", b"#!/bin/sh\n# mix builds it\nexec elixir x.exs\n", False),
        ("README.md", b"mix test\n", False),
    ],
)
def test_a_tool_that_the_users_own_script_starts_stays_with_its_application(
    path: str, text: bytes, *, stays: bool
) -> None:
    found = kept(decide({**TOOLS, path: text}))
    assert found >= MIX if stays else found.isdisjoint(MIX)
    assert "lib/elixir/bin/elixir" in found
