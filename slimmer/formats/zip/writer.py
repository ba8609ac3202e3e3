"""The one writer of zips: local headers, data, central directory, end record.

It writes the small part of the format that AWS Lambda takes: deflated or stored members, no
data descriptors, no zip64, and extra fields only where a member brings them.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from slimmer.formats import Refused
from slimmer.formats.zip.names import MAX_NAME_BYTES
from slimmer.formats.zip.records import (
    CENTRAL,
    CENTRAL_MARK,
    END,
    END_MARK,
    LOCAL,
    LOCAL_MARK,
    UTF8_NAME,
    VERSION,
    Central,
    Local,
)

MAX_MEMBERS = 0xFFFE  # one less than the number that points to zip64, APPNOTE 4.4.1.4
MAX_BYTES = 0xFFFFFFFE
HEADERS_BYTES = LOCAL.size + CENTRAL.size  # of a member, with its name twice besides


class Sink(Protocol):
    """Where the zip goes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class NewMember(NamedTuple):
    """What is written of a member, beside its data.

    ``dos_time`` is its date, 16 bits, before its time; ``attributes`` are those of ``system``.
    ``extra`` are the extra fields of the directory, ``local_extra`` those of its own header.
    """

    raw_name: bytes
    method: int
    dos_time: int
    crc32: int
    size_bytes: int
    system: int
    attributes: int
    comment: bytes = b""
    extra: bytes = b""
    local_extra: bytes = b""


class ZipWriter:
    """Writes members one after the other, then the central directory."""

    def __init__(self, sink: Sink):
        self._sink = sink
        self._central: list[bytes] = []
        self._offset = 0

    def add(self, member: NewMember, data: bytes) -> int:
        """Write one member; return the bytes that it takes, its two headers with it.

        Raises Refused where the format would need zip64.
        """
        name = member.raw_name
        if len(name) > MAX_NAME_BYTES:
            raise Refused("the name is too long for a zip")
        if len(self._central) >= MAX_MEMBERS or self._offset + len(data) > MAX_BYTES:
            raise Refused("past what a zip holds without zip64")
        local = Local(
            mark=LOCAL_MARK,
            version=VERSION,
            flags=0 if name.isascii() else UTF8_NAME,
            method=member.method,
            dos_time=member.dos_time,
            crc32=member.crc32,
            compressed_bytes=len(data),
            size_bytes=member.size_bytes,
            name_bytes=len(name),
            extra_bytes=len(member.local_extra),
        )
        central = Central(
            CENTRAL_MARK,
            VERSION,
            member.system,
            *local[1:-1],
            extra_bytes=len(member.extra),
            comment_bytes=len(member.comment),
            disk=0,
            internal=0,
            attributes=member.attributes,
            header_offset=self._offset,
        )
        self._central.append(CENTRAL.pack(*central) + name + member.extra + member.comment)
        header = LOCAL.pack(*local) + name + member.local_extra
        self._write(header)
        self._write(data)
        return len(header) + len(data) + len(self._central[-1])

    def close(self, comment: bytes = b"") -> int:
        """Write the central directory and the end; return the zip's size in bytes."""
        start, count = self._offset, len(self._central)
        directory = b"".join(self._central)
        self._write(directory)
        self._write(
            END.pack(END_MARK, 0, 0, count, count, len(directory), start, len(comment)) + comment
        )
        return self._offset

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self._offset += len(data)
