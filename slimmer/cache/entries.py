"""Entries of the cache: their names say all that made them, and their bytes are sealed.

An entry is 32 bytes of SHA-256, over its name and its payload, and the payload. What is damaged,
cut off or lies under another name does not open.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Collection, Mapping

_FORMAT = 1  # of entries and bundles; another one makes all names differ
_SEAL_BYTES = 32
_LENGTH = struct.Struct("<I")


def name_of(kind: str, *parts: object) -> str:
    """Return the name of an entry: 64 digits. ``parts`` are plain values, all that decides."""
    return hashlib.sha256(json.dumps([_FORMAT, kind, *parts]).encode()).hexdigest()


def sealed(name: str, payload: bytes) -> bytes:
    """Return the bytes of an entry."""
    return _seal(name, payload) + payload


def opened(name: str, data: bytes) -> bytes | None:
    """Return the payload of an entry; None where the bytes are not what was sealed."""
    payload = data[_SEAL_BYTES:]
    return payload if data[:_SEAL_BYTES] == _seal(name, payload) else None


def _seal(name: str, payload: bytes) -> bytes:
    digest = hashlib.sha256(name.encode())
    digest.update(payload)
    return digest.digest()


def bundled(small: Mapping[str, bytes], beside: Collection[str]) -> bytes:
    """Return one payload of many small ones, and of the names of entries that lie beside it."""
    names = sorted(small)
    rows = [[name, len(small[name])] for name in names]
    head = json.dumps([rows, sorted(beside)], separators=(",", ":")).encode()
    return b"".join((_LENGTH.pack(len(head)), head, *(small[name] for name in names)))


def unbundled(payload: bytes) -> tuple[dict[str, bytes], set[str]]:
    """Return what ``bundled`` was given; ``payload`` comes from an entry that opened."""
    (size_bytes,) = _LENGTH.unpack_from(payload)
    at = _LENGTH.size + size_bytes
    rows, beside = json.loads(payload[_LENGTH.size : at])
    small = {}
    for name, length in rows:
        small[name] = payload[at : at + length]
        at += length
    return small, set(beside)
