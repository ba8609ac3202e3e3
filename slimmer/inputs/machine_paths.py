"""What installers write of this machine: first lines of scripts, and where local packages lie.

With it the same lock file would give other bytes on another machine, and no script would start in
Lambda. Sources: PyPA specifications, "Recording installed projects" and "Recording the Direct URL
Origin"; distlib's scripts.py, for an interpreter whose path is long or has spaces.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from pathlib import Path

_FIRST = b"#!/usr/bin/env python3\n"
_ORIGIN = "direct_url.json"
_ABOUT = (_ORIGIN, "uv_cache.json")  # the second has the times of what uv built a package from
_INTERPRETER = re.compile(
    rb"#!/bin/sh\n'''exec' [^\n]*/[^\n]*\"\$0\" \"\$@\"\n' '''\n|#![ \t]*\"?/[^\n]*python[^\n]*\n"
)


def name_no_machine(folder: Path) -> None:
    """Let scripts in bin/ name any Python on PATH, and remove where local packages lay and when."""
    changed = {}
    for path in sorted(folder.glob("bin/*")):
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        first = _INTERPRETER.match(data)
        if first:
            data = _FIRST + data[first.end() :]
            path.write_bytes(data)
            changed[path.name] = data
    about = [path for name in _ABOUT for path in folder.glob(f"*.dist-info/{name}")]
    local = [path for path in about if path.name != _ORIGIN or b'"file:' in path.read_bytes()]
    for path in local:
        path.unlink()
    for record in folder.glob("*.dist-info/RECORD") if changed or local else ():
        _record(record, changed)


def _record(record: Path, changed: dict[str, bytes]) -> None:
    """Write the digests and sizes of changed scripts into a record, without what was removed."""
    rows = list(csv.reader(io.StringIO(record.read_text("utf-8"), newline="")))
    before = len(rows)
    gone = [name for name in _ABOUT if not (record.parent / name).exists()]
    rows = [row for row in rows if row[:1] not in [[f"{record.parent.name}/{n}"] for n in gone]]
    mine = [row for row in rows if len(row) == 3 and _script(row[0]) in changed]
    for row in mine:
        data = changed[_script(row[0])]
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        row[1:] = [f"sha256={digest}", str(len(data))]
    if mine or len(rows) != before:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        record.write_text(text.getvalue(), "utf-8")


def _script(path: str) -> str:
    """Return the name of a script in bin/ that a record names; empty for any other file."""
    found = re.fullmatch(r"(?:\.\./\.\./)?bin/([^/]+)", path)
    return found[1] if found else ""
