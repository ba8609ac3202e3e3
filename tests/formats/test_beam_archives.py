"""Escripts and .ez archives: modules lose what does not run, all else stays where it was."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError, Refused
from slimmer.formats.erlang import archives, beam
from slimmer.transforms import BEAM_ARCHIVE, TransformContext, transformed

HEAD = b"#!/usr/bin/env escript\n%% Rebar3 3.19.0\n%%! +sbtu +A1\n"
NOISE = bytes(range(256)) * 20
MODULE = b"".join(
    (b"BEAM", b"Code", struct.pack(">I", 4), b"code", b"Dbgi", struct.pack(">I", len(NOISE)), NOISE)
)
BEAM = b"FOR1" + struct.pack(">I", len(MODULE)) + MODULE
FILES = {"a/ebin/a.app": b"{application,a,[]}.", "a/ebin/a.beam": BEAM, "a/priv/x.txt": b"x" * 99}


def archive(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, (2022, 11, 4, 10, 26, 0)), data, method)
    return out.getvalue()


def members(data: bytes) -> list[tuple[str, bytes, tuple[int, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return [(i.filename, found.read(i), i.date_time) for i in found.infolist()]


@pytest.mark.parametrize(
    ("path", "head"),
    [("bin/rebar3", HEAD), ("lib/a.ez", b""), ("cli", b"#! /usr/bin/escript\n")],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_modules_lose_their_debug_info_and_nothing_else_changes(
    path: str, head: bytes, method: int
) -> None:
    data, change = transformed(
        path, head + archive(method=method), (BEAM_ARCHIVE,), TransformContext()
    )
    assert change is not None
    assert change.saved_bytes > 0
    assert data.startswith(head + b"PK\x03\x04")
    before, after = members(archive()), members(data[len(head) :])
    assert [(n, d if n != "a/ebin/a.beam" else beam.strip(d), t) for n, d, t in before] == after


def test_chunks_that_code_reads_stay() -> None:
    context = TransformContext(kept_chunks={"ebin/x.beam": frozenset({b"Dbgi"})})
    data, change = transformed("lib/a.ez", archive(), (BEAM_ARCHIVE,), context)
    assert BEAM in [content for _, content, _ in members(data)]
    assert change is None or change.saved_bytes >= 0


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"main(_) -> ok.\n",
        b"#!/bin/sh\n" + archive(),
        b"#!/usr/bin/env python3\n" + archive(),
        HEAD + archive({"a.txt": b"x"}),
    ],
)
def test_what_holds_no_modules_stays(data: bytes) -> None:
    assert transformed("bin/x", data, (BEAM_ARCHIVE,), TransformContext())[0] == data


@pytest.mark.parametrize("data", [archive() + b"behind", archive()[:-30], b"junk" + archive()])
def test_what_is_not_understood_is_refused(data: bytes) -> None:
    with pytest.raises((FormatError, Refused)):
        archives.stripped(data, beam.strip)


def test_a_module_that_is_broken_stays() -> None:
    files = {**FILES, "b.beam": b"FOR1broken"}
    assert b"FOR1broken" in [
        d for _, d, _ in members(archives.stripped(archive(files), beam.strip))
    ]


def test_twice_is_once() -> None:
    once = archives.stripped(HEAD + archive(), beam.strip)
    assert archives.stripped(once, beam.strip) == once


@given(st.binary())
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    for start in (b"", HEAD, HEAD + archive()[:60]):
        try:
            archives.stripped(start + data, beam.strip)
        except (FormatError, Refused):
            continue
