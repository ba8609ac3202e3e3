"""Secrets of every kind, in every encoding and container that is searched: all are found.

Run by make prove, which prints how many.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slimmer.secrets.kinds import SecretKind, load_secret_rules
from slimmer.secrets.scanner import find_secrets
from tests.support.planted import planted
from tests.support.trees import MemorySource
from tests.support.zips import zipped

pytestmark = [pytest.mark.real, pytest.mark.heavy]

RULES = load_secret_rules()
EXAMPLES = [(kind, e) for kind in RULES.kinds for e in kind.examples if e.found]
SCRIPT = b"#!/bin/sh\nexit 0\n"
FILLER = b"# nothing to see here\n" * 5_000

Files = dict[str, bytes]
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "with a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "with CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "after a zero byte": lambda data: b"\0\n" + data,
    "in UTF-16": lambda data: data.decode().encode("utf-16"),
    "in UTF-16 without a mark": lambda data: data.decode().encode("utf-16-be"),
    "behind much text": lambda data: FILLER + data,
}
CONTAINERS: dict[str, Callable[[str, bytes], Files]] = {
    "in a zip": lambda path, data: {"a.zip": zipped({path: data})},
    "in a zip in a zip": lambda path, data: {"a.jar": zipped({"b.jar": zipped({path: data})})},
    "in five zips": lambda path, data: {"a": nested(path, data, 5)},
    "in a zip behind a script": lambda path, data: {"bin/run": SCRIPT + zipped({path: data})},
    "in a tar": lambda path, data: {"a.tar": tar_of(path, data, "w")},
    "in a tar.gz": lambda path, data: {"a.tgz": tar_of(path, data, "w:gz")},
    "in a tar.xz in a zip": lambda path, data: {
        "a.zip": zipped({"b.tar.xz": tar_of(path, data, "w:xz")})
    },
    "in gzip": lambda path, data: {f"{path}.gz": gzip.compress(data)},
    "in bzip2": lambda path, data: {f"{path}.bz2": bz2.compress(data)},
    "in xz": lambda path, data: {f"{path}.xz": lzma.compress(data)},
}


def nested(path: str, data: bytes, depth: int) -> bytes:
    data = zipped({path: data})
    for _ in range(depth - 1):
        data = zipped({"inner.zip": data})
    return data


def tar_of(path: str, data: bytes, mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(path)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def database(folder: Path, text: str) -> bytes:
    with contextlib.closing(sqlite3.connect(folder / "x.db")) as opened:
        opened.execute("drop table if exists t")
        opened.execute("create table t (number int, text text)")
        opened.execute("insert into t values (1, ?)", (f"\n{text}\n",))
        opened.commit()
    return (folder / "x.db").read_bytes()


def plants(folder: Path) -> Iterator[tuple[str, SecretKind, Files]]:
    for number, (kind, example) in enumerate(EXAMPLES):
        data = planted(example.text, number)
        for what, encoded in ENCODINGS.items():
            if not kind.form or what == "as it is":
                yield what, kind, {example.path: encoded(data)}
        for what, packed in CONTAINERS.items():
            yield what, kind, packed(example.path, data)
        if kind.literals:
            yield "in a database", kind, {"x.db": database(folder, data.decode())}


def test_every_planted_secret_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missed, count = [], 0
    for what, kind, files in plants(tmp_path):
        count += 1
        found = find_secrets(RULES, MemorySource(files), [(path, path) for path in files])
        if not any(kind.name in secret.kinds for secret in found.secrets):
            missed.append(f"{kind.name} {what}")
    with capsys.disabled():
        found_text = f"{count - len(missed):,} of {count:,} found"
        print(f"\nplanted secrets: {found_text}, {len(RULES.kinds)} kinds")
    assert missed == []
