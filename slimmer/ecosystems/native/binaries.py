"""The native files of a tree: what each is for and what it asks of the loader, read once.

Only the first bytes of files that may be native are read, and of those that are only what the
loader would read first. Names that only text has are passed over, unless they may be run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import Dynamic, read_dynamic
from slimmer.formats.native import HEAD_BYTES, Native, identify
from slimmer.inputs.base import ReadPart
from slimmer.model.tree import Entry, Kind, Tree

# What no loader is ever given; anything else is looked at, since a library may have any name.
# It spares reading, and no more: a language whose endings are missing here is treated the same.
_TEXT_ENDS = (
    "app appup asn1 bat beam boot c cc cfg cjs class conf cpp cs css csv cts cxx dtd eex egg "
    "erl ex exs f90 flow gif gz h hh hpp hrl html ico inc ini ipynb jar java jpeg jpg js json "
    "json5 jsx leex lock map markdown md mib mjs mo mts npy npz otf parquet pdf pem pickle "
    "pkl pl png po pot properties proto ps1 pxd pxi py pyc pyi pyx rb rel rst sass script "
    "scss sql src svg tcl tex tmpl toml ts tsv tsx ttf txt wasm whl woff woff2 xml xrl xsd "
    "xsl yaml yml yrl zip"
)
_NEVER_NATIVE = frozenset(_TEXT_ENDS.split())
_LIBC = re.compile(r"lib[cm]\.so\.(\d+)(?:\.\d+)*")  # glibc's is libc.so.6 on what Lambda has
_MIN_BYTES = 52  # the header of the smallest, a 32-bit ELF file
_MAX_SHEBANG_BYTES = 255  # BINPRM_BUF_SIZE of Linux, less the newline


class Binary(NamedTuple):
    """A native file; ``dynamic`` is None where it is no ELF file, or a broken one."""

    native: Native
    dynamic: Dynamic | None = None

    @property
    def is_static(self) -> bool:
        """Whether it is a program that needs neither a loader nor a library."""
        dynamic = self.dynamic
        return dynamic is not None and not (dynamic.needed or dynamic.interpreter)

    @property
    def other_libc(self) -> str:
        """The C library other than glibc that it is built for, or ""."""
        if self.dynamic is None or self.native.system != "linux":
            return ""
        asked = (self.dynamic.interpreter, *self.dynamic.needed)
        if any(name.startswith("/system/bin/linker") for name in asked) or "liblog.so" in asked:
            return "Android's"
        if any(posixpath.basename(name).startswith(("ld-musl-", "libc.musl-")) for name in asked):
            return "musl"
        if any((found := _LIBC.fullmatch(name)) and found[1] != "6" for name in asked):
            return "another"  # such as that of FreeBSD, whose files may say nothing else of it
        return "musl or Android's" if "libc.so" in self.dynamic.needed else ""


class Binaries:
    """Looks at the files of a tree when they are asked for, and remembers what they are."""

    def __init__(self, tree: Tree, part: ReadPart):
        self.part = part
        self._known: dict[str, Binary | None] = {}
        self._scripts: dict[str, str] = {}
        self.candidates = [entry for entry in tree.entries if _may_be_native(entry)]

    def of(self, entry: Entry) -> Binary | None:
        """Return what a file is, or None for what is not native. Raises what reading raises."""
        path = entry.path
        if path not in self._known:
            self._known[path] = self._look(path) if _may_be_native(entry) else None
        return self._known[path]

    def script(self, entry: Entry) -> str:
        """Return the first line of a file that Linux would start by its ``#!``, or ""."""
        self.of(entry)
        return self._scripts.get(entry.path, "")

    def _look(self, path: str) -> Binary | None:
        head = self.part(path, 0, HEAD_BYTES)
        if head.startswith(b"#!"):
            line = head[2:_MAX_SHEBANG_BYTES].partition(b"\n")[0]
            self._scripts[path] = line.decode("utf-8", "surrogateescape").strip()
        return read_binary(head, lambda start, size: self.part(path, start, size))


def read_binary(head: bytes, part: Callable[[int, int], bytes]) -> Binary | None:
    """Return what a file is that begins with ``head``; None for what is not native."""
    native = identify(head)
    if native is None or not head.startswith(b"\x7fELF"):
        return Binary(native) if native else None

    def remembered(start: int, size: int) -> bytes:
        return head if (start, size) == (0, HEAD_BYTES) else part(start, size)

    try:
        return Binary(native, read_dynamic(remembered))
    except (FormatError, Refused):
        return Binary(native)  # it is named where it would be stripped


def _may_be_native(entry: Entry) -> bool:
    if entry.kind is not Kind.FILE or (entry.size_bytes < _MIN_BYTES and not entry.executable):
        return False
    return entry.executable or may_be_native_name(entry.path)


def may_be_native_name(path: str) -> bool:
    """Return whether a file of this name may be native code, as far as a name can tell."""
    _, dot, end = path.rpartition("/")[2].rpartition(".")
    return not dot or end.casefold() not in _NEVER_NATIVE
