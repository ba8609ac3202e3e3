"""Archives of compiled modules: ``.ez`` files, and escripts, which have a head before the zip.

The members stay in their order, with their names, times, modes and extra fields; modules lose the
chunks that no running node reads. Source: the documentation of escript(1) and of the ``code``
module, "Loading of Code from Archive Files".
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Final

import deflate

from slimmer.formats import FormatError, Refused
from slimmer.formats.zip.reader import Zip, ZipMember, read_zip
from slimmer.formats.zip.records import DEFLATED
from slimmer.formats.zip.repack import check, stored
from slimmer.formats.zip.unpack import content
from slimmer.formats.zip.writer import ZipWriter

MAX_UNPACKED_BYTES: Final = 512 << 20
_HEAD_BYTES: Final = 4_096
_LEVEL: Final = 12
# The line for the kernel, a comment, and flags for the emulator; the last two may be missing.
_HEAD: Final = re.compile(
    rb"#![^\n]{0,255}\bescript\b[^\n]{0,255}\n(?:%[^\n]{0,999}\n){0,2}(?=PK\x03\x04)"
)
_ZIP: Final = b"PK\x03\x04"
_BEAM: Final = (b"FOR1", b"\x1f\x8b")


def head_bytes(data: bytes) -> int:
    """Return how long the head of an escript is that holds a zip; 0 for any other file."""
    found = _HEAD.match(data[:_HEAD_BYTES])
    return found.end() if found else 0


def stripped(data: bytes, strip: Callable[[bytes], bytes]) -> bytes:
    """Return an archive whose modules went through ``strip``; the same bytes where it has none.

    Its members are stored where that does not make it longer, as the zip around it then packs them
    better. Raises FormatError for what is no zip, Refused for what must stay as it is.
    """
    start = head_bytes(data)
    head, body = data[:start], data[start:]
    if not body.startswith(_ZIP):
        raise FormatError("it does not begin like an archive")
    found = read_zip(body)
    if not any(member.name.endswith(".beam") for member in found.members):
        return data
    check(found)
    if sum(member.size_bytes for member in found.members) > MAX_UNPACKED_BYTES:
        raise Refused("it unpacks to more than 512 MiB")
    plain = [_stripped(body, member, strip) for member in found.members]
    best = head + _written(body, found, plain, packs=False)
    return best if len(best) <= len(data) else head + _written(body, found, plain, packs=True)


def _stripped(body: bytes, member: ZipMember, strip: Callable[[bytes], bytes]) -> bytes:
    """Return the bytes of a member, a module without what does not run."""
    data = content(body, member, MAX_UNPACKED_BYTES)
    if not member.name.endswith(".beam") or not data.startswith(_BEAM):
        return data
    try:
        return strip(data)
    except FormatError:
        return data  # the loader will say what is wrong with it


def _written(body: bytes, found: Zip, plain: Sequence[bytes], *, packs: bool) -> bytes:
    """Return the archive with these contents, packed where that makes a member smaller."""
    out = io.BytesIO()
    writer = ZipWriter(out)
    for member, data in zip(found.members, plain, strict=True):
        row = stored(body, member, data)
        packed = bytes(deflate.deflate_compress(data, _LEVEL)) if packs else data
        if len(packed) < len(data):
            writer.add(row._replace(method=DEFLATED), packed)
        else:
            writer.add(row, data)
    writer.close(found.comment)
    return out.getvalue()
