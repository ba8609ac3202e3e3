"""The loader of an image's own C library in a function's zip, and what makes programs use it.

A program names its loader (PT_INTERP, ``elf(5)``), and a loader the folders that it searches. In a
zip the loader lies at another path, so both are given that one, in place: no file grows. Lambda's
own variable LD_LIBRARY_PATH names /lib64 first, where a C library of another kind lies, so a
function with a loader of its own starts without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.elf.dynamic import Part, read_interpreter_place

FOLDER = "lib"
#: Where programs are told to find it: shorter than the path of any loader that there is.
NAME = "ld.so"
_AT = "/var/task"
_MUSL = re.compile(r"ld-musl-([\w-]{1,32})\.so\.1")
#: What glibc's loader has of Debian's folders and of its list of libraries (elf/dl-load.c).
_FOLDERS = re.compile(rb"\0(/(?:usr/)?lib/(?:x86_64|aarch64)-linux-gnu/)(?=\0)")
_CACHE = b"\0/etc/ld.so.cache\0"
_NO_CACHE = b"\0/var/task/-cache\0"  # a file that is not there

#: Where bytes of a file are replaced, and by which.
Patch = tuple[int, bytes]


class Loader(NamedTuple):
    """A loader in a zip: what is changed in it, and a file that tells it where libraries lie."""

    patches: tuple[Patch, ...]
    folders_file: str = ""
    folders: bytes = b""


def loader_of(name: str, data: bytes) -> Loader | None:
    """Return what a loader needs so as to find libraries in ``lib/``; None where none is known."""
    if found := _MUSL.fullmatch(name):
        # ldso/dynlink.c: the folder above the one that the loader lies in, and etc/ there
        return Loader((), f"etc/ld-musl-{found[1]}.path", f"{_AT}/{FOLDER}\n".encode())
    cache = data.find(_CACHE)
    places = list(_FOLDERS.finditer(data))
    own = f"{_AT}/{FOLDER}/".encode()
    if cache < 0 or not places or data.count(_CACHE) > 1:
        return None
    patches = [(place.start(1), own.ljust(len(place[1]), b"/")) for place in places]
    return Loader(((cache, _NO_CACHE), *patches))


def own_loader(part: Part) -> Patch | None:
    """Return what makes a program use the loader in the zip; None for one that has no loader.

    Raises FormatError where the path of its own is shorter than that one.
    """
    place = read_interpreter_place(part)
    if place is None:
        return None
    start, size_bytes = place
    path = f"{_AT}/{FOLDER}/{NAME}".encode()
    if size_bytes <= len(path):
        raise FormatError("the path of its loader is too short to hold another")
    return start, path.ljust(size_bytes, b"\0")


def patched(
    patches: tuple[Patch, ...], read: Callable[[int, int], bytes], at: int, size: int
) -> bytes:
    """Return bytes of a file from an offset on, patched."""
    data = bytearray(read(at, size))
    for start, new in patches:
        first, last = max(start, at), min(start + len(new), at + len(data))
        if first < last:
            data[first - at : last - at] = new[first - start : last - start]
    return bytes(data)
