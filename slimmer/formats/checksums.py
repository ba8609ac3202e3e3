"""Checksums as lists state them: the digests of a file in a text, in hex or in base64."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

_ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")
# The shortest of them, MD5: 32 digits in hex, 22 in base64 before its padding.
_DIGEST = re.compile(rb"[0-9A-Fa-f]{32}|[0-9A-Za-z+/_-]{22}")


def may_state(text: bytes, name: str) -> bool:
    """Return whether a text names a file and holds anything that looks like a checksum."""
    return name.encode("utf-8", "surrogateescape") in text and _DIGEST.search(text) is not None


def states(texts: Iterable[bytes], data: bytes) -> bool:
    """Return whether a text states a checksum of these bytes: MD5, SHA-1 or one of SHA-2."""
    wanted: list[bytes] = []
    for text in texts:
        wanted = wanted or list(_forms(data))
        if any(form in text for form in wanted):
            return True
    return False


def _forms(data: bytes) -> Iterable[bytes]:
    for name in _ALGORITHMS:
        digest = hashlib.new(name, data, usedforsecurity=False).digest()
        plain = base64.b64encode(digest).rstrip(b"=")
        hexadecimal = digest.hex()
        yield from (hexadecimal.encode(), hexadecimal.upper().encode())
        yield from (plain, plain.translate(bytes.maketrans(b"+/", b"-_")))
