"""The first lines of scripts that were installed for Lambda, which name the Python of this machine.

With it the same lock file would give other bytes on another machine, and no script would start in
Lambda. Sources: PyPA specifications, "Recording installed projects"; distlib's scripts.py, for an
interpreter whose path is long or has spaces.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from pathlib import Path

_FIRST = b"#!/usr/bin/env python3\n"
_INTERPRETER = re.compile(
    rb"#!/bin/sh\n'''exec' [^\n]*/[^\n]*\"\$0\" \"\$@\"\n' '''\n|#![ \t]*\"?/[^\n]*python[^\n]*\n"
)


def name_any_python(folder: Path) -> None:
    """Let the scripts in bin/ of what was installed name whatever Python is on PATH."""
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
    for record in folder.glob("*.dist-info/RECORD") if changed else ():
        _record(record, changed)


def _record(record: Path, changed: dict[str, bytes]) -> None:
    """Write the digests and sizes of changed scripts into the record of who owns them."""
    rows = list(csv.reader(io.StringIO(record.read_text("utf-8"), newline="")))
    mine = [row for row in rows if len(row) == 3 and _script(row[0]) in changed]
    for row in mine:
        data = changed[_script(row[0])]
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        row[1:] = [f"sha256={digest}", str(len(data))]
    if mine:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        record.write_text(text.getvalue(), "utf-8")


def _script(path: str) -> str:
    """Return the name of a script in bin/ that a record names; empty for any other file."""
    found = re.fullmatch(r"(?:\.\./\.\./)?bin/([^/]+)", path)
    return found[1] if found else ""
