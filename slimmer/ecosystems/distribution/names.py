"""The names of programs and libraries, as files say them: in strings, in scripts, in literals."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection

from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import literals

#: The folders of programs, relative to the root.
BIN = re.compile(r"(?:usr/(?:local/)?)?s?bin")
#: What reads the scripts that have such a name.
TEXTS = {
    **dict.fromkeys((".pl", ".pm"), "perl"),
    **dict.fromkeys((".sh", ".bash"), "sh"),
    **dict.fromkeys((".js", ".cjs", ".mjs"), "node"),
    ".py": "python",
    ".rb": "ruby",
    ".php": "php",
    ".lua": "lua",
    ".tcl": "tclsh",
}
#: A name between quotes, slashes, zero bytes or lines, where a program or a library may stand.
_NAME = re.compile(
    rb"(?<![^\"'`$(|&;\0-\x20/=])[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?![^\"'`)|&;:,\0-\x20])"
)
#: A list of bytes, or a binary, of Erlang's external term format: its length, then it.
_STRING = re.compile(
    rb"(?s)(?=(?:k..|m....)([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63})(?![A-Za-z0-9_.+-]))"
)
#: The same in a compiled program, whose texts for people are full of such words, and where a letter
#: is a mode of opening: at the start of a string, or where a shell or what starts others would take
#: it for a command.
_COMMAND = re.compile(
    rb"(?:(?<![^\"'`/=\0])|(?<=[$|&;(])|(?<=[$|&;(]\x20)|(?<=exec\x20)|(?<=-c\x20)|(?<=env\x20)"
    rb"|(?<=xargs\x20)|(?<=nice\x20)|(?<=nohup\x20))"
    rb"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?![^\"'`)|&;,\0-\x20])"
)
_ELF = b"\x7fELF"
#: What Go's and Rust's compilers leave in a program; its strings stand one after the other.
_PACKED = (b"\xff Go buildinf:", b"/rustc/")
_BEAM = ".beam"


def said_in(path: str, data: bytes, programs: Collection[str]) -> set[str]:
    """Return the names that stand in a file.

    Of ``programs`` all count whose letters are anywhere in what Go or Rust compiled: nothing
    says there where a string ends.
    """
    found: list[bytes] = []
    if path.endswith(_BEAM):
        with contextlib.suppress(FormatError):
            data = literals(data)
        found = _STRING.findall(data)
    if not data.startswith(_ELF):
        return {name.decode("ascii") for name in (*found, *_NAME.findall(data))}
    packed = programs if any(mark in data for mark in _PACKED) else ()
    said = {name for name in packed if name.encode("utf-8", "surrogateescape") in data}
    return said.union(n.decode("ascii") for n in _COMMAND.findall(data) if len(n) > 1)
