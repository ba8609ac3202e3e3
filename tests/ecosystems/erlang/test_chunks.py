"""Chunks that stay: those that a release kept on purpose, and those that kept code reads."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import pytest

from slimmer.formats.erlang import beam
from slimmer.formats.erlang.beam import DEBUG_INFO, UNREAD
from tests.support.decide import decide

APP = b"{application,x,[{applications,[kernel]}%s]}.\n"
OTP_APP = APP % b',{runtime_dependencies,["erts-13"]}'
OWN_APP = APP % b""
DOCS = frozenset({b"Docs"})
LISTS = "lib/stdlib-4.2/ebin/lists.beam"
ENUM = "lib/elixir-1.14.0/ebin/Elixir.Enum.beam"
SHOP = "lib/shop-1.0.0/ebin/Elixir.Shop.beam"


def module(*atoms: str, literals: bytes = b"", chunks: tuple[bytes, ...] = tuple(UNREAD)) -> bytes:
    """Return a module of these atoms and literals that has all chunks which are not run."""
    texts = b"".join(bytes([len(atom)]) + atom.encode() for atom in atoms)
    parts = {b"AtU8": struct.pack(">i", len(atoms)) + texts, b"Code": b"", b"StrT": b""}
    parts[b"LitT"] = struct.pack(">I", len(literals)) + zlib.compress(literals)
    parts |= dict.fromkeys(chunks, b"12345678")
    return beam.build(tuple(beam.Chunk(name, data) for name, data in parts.items()))


OTP = {
    "lib/stdlib-4.2/ebin/stdlib.app": OTP_APP,
    LISTS: module("beam_lib", "chunks", "abstract_code"),
    "lib/elixir-1.14.0/ebin/elixir.app": OWN_APP,
    ENUM: module("Elixir.Code", "fetch_docs"),
}
TREE = {**OTP, "lib/shop-1.0.0/ebin/shop.app": OWN_APP, SHOP: module("Elixir.Shop")}
RELEASE = {
    **TREE,
    "releases/1.0.0/shop.rel": b"",
    "releases/1.0.0/elixir": b"",
    "releases/1.0.0/iex": b"",
    "releases/1.0.0/consolidated/Elixir.Enum.beam": module(),
    "releases/1.0.0/consolidated/Elixir.Shop.beam": module(),
}


def kept_chunks(files: Mapping[str, bytes], *guards: str) -> Mapping[str, frozenset[bytes]]:
    return decide(dict(files), guards=guards or ("beam",)).kept_chunks


def test_a_release_of_mix_keeps_what_it_did_not_strip() -> None:
    consolidated = "releases/1.0.0/consolidated/Elixir.Shop.beam"
    assert kept_chunks(RELEASE) == {SHOP: UNREAD, consolidated: UNREAD}
    (said,) = [f for f in decide(RELEASE, guards=("beam",)).findings if f.code == "chunks-kept"]
    assert said.message == (
        f"96 B of debug information and documentation of 2 modules, such as {SHOP}, stay: the "
        "release was made with strip_beams; --no-guard beam strips all"
    )


def test_without_the_guard_all_are_stripped() -> None:
    assert kept_chunks(RELEASE, "otp") == {}


def test_where_the_compiler_wrote_them_unasked_none_stay() -> None:
    relx = {path: data for path, data in RELEASE.items() if not path.endswith(("/elixir", "/iex"))}
    assert kept_chunks(TREE) == kept_chunks(relx) == {}


@pytest.mark.parametrize(
    ("asks", "chunks", "of_otp"),
    [
        (module("Elixir.Code", "fetch_docs"), DOCS, True),
        (module("code", "get_doc"), DOCS, True),
        (module("Elixir.Code.Typespec", "fetch_types"), DEBUG_INFO, True),
        (module("cover", "compile_beam"), DEBUG_INFO, False),
        (module("beam_lib", "chunks", "abstract_code"), DEBUG_INFO, False),
        (module("beam_lib", "chunks", literals=b"\x83k\0\4Docs"), DOCS, False),
        (module("beam_lib", "all_chunks"), UNREAD, False),
        (module("beam_lib", "chunks", "attributes"), None, False),
        (module("fetch_docs"), None, False),
        (b"FOR1fetch_docs", None, False),
    ],
)
def test_code_that_reads_chunks_keeps_them(
    asks: bytes, chunks: frozenset[bytes] | None, of_otp: bool
) -> None:
    asker = "lib/shop-1.0.0/ebin/Elixir.Shop.Asks.beam"
    found = kept_chunks({**TREE, asker: asks})
    assert found.get(SHOP) == chunks
    assert found.get(ENUM) == (chunks if of_otp else None)


def test_a_task_of_mix_asks_only_where_mix_is() -> None:
    tree = {**TREE, SHOP: module("Elixir.Code", "fetch_docs")}
    task = {**TREE, "lib/shop-1.0.0/ebin/Elixir.Mix.Tasks.Doc.beam": tree[SHOP]}
    assert kept_chunks(tree)[SHOP] == DOCS
    assert kept_chunks(task) == {}
    assert SHOP in kept_chunks({**task, "lib/mix-1.14.0/ebin/mix.app": OWN_APP})


@pytest.mark.parametrize(
    ("source", "chunks"),
    [
        (b"IO.inspect(Code.fetch_docs(Shop))\n", DOCS),
        (b":beam_lib.chunks(path, [:debug_info])\n", DEBUG_INFO),
        (b"prefetch_docs(Code)\n", None),
    ],
)
def test_a_script_that_reads_chunks_keeps_them(
    source: bytes, chunks: frozenset[bytes] | None
) -> None:
    assert kept_chunks({**TREE, "bootstrap.exs": source}).get(SHOP) == chunks
