"""What made a program: Go, Rust, or UPX, which packs programs.

Sources: Go's ``debug/buildinfo``; the ``.comment`` section that rustc writes; UPX's ``l_info``.
"""

from __future__ import annotations

import re
from typing import Final

_GO: Final = b"\xff Go buildinf:"
_GO_INLINE: Final = 2  # the flag of Go 1.18 and later: the texts follow
_GO_FLAGS, _GO_TEXTS = 15, 32
_RUST: Final = re.compile(rb"rustc version (\d[\w.-]{0,40})")
_RUST_PATH: Final = re.compile(rb"/rustc/[0-9a-f]{40}/library/")
_UPX: Final = b"UPX!"
_UPX_WITHIN: Final = 4_096  # l_info follows the program headers
_ELF: Final = b"\x7fELF"


def origin(data: bytes) -> str:
    """Return what made a program, such as ``Go 1.22.3``; empty where it is not known."""
    if not data.startswith(_ELF):
        return ""
    if is_upx(data):
        return "UPX"
    if (place := data.find(_GO)) >= 0:
        return f"Go {_go_version(data, place)}".rstrip()
    if found := _RUST.search(data):
        return f"Rust {found[1].decode()}"
    return "Rust" if _RUST_PATH.search(data) else ""


def is_upx(data: bytes) -> bool:
    """Return whether UPX packed a program, whose code unpacks itself from its own file."""
    return data.startswith(_ELF) and _UPX in data[:_UPX_WITHIN]


def _go_version(data: bytes, place: int) -> str:
    """Return Go's version; empty for one before 1.18, which points to it."""
    head = data[place : place + _GO_TEXTS + 64]
    if len(head) <= _GO_TEXTS or not head[_GO_FLAGS] & _GO_INLINE:
        return ""
    length = head[_GO_TEXTS]  # a varint; versions are shorter than 128
    text = head[_GO_TEXTS + 1 : _GO_TEXTS + 1 + length].decode("ascii", "replace")
    return text.removeprefix("go") if re.fullmatch(r"go[\w.+-]+", text.partition(" ")[0]) else ""
