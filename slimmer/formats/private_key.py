"""Private keys in the forms that programs keep them in: PEM, DER, PKCS #12, Java's keystores.

Sources: RFC 7468 (PEM), RFC 5208 and RFC 5958 (PKCS #8), RFC 8017 (RSA), RFC 5915 (EC), RFC 7292
(PKCS #12), RFC 4880 (OpenPGP), OpenSSH's PROTOCOL.key, and ``JavaKeyStore.java`` of OpenJDK. What
is asked is only whether a private key is there, encrypted or not; nothing of it is given out.
Everything takes time in proportion to the bytes.
"""

from __future__ import annotations

import base64
import re
import struct

MAX_PEM_BYTES = 32 * 1024  # of one key; RSA of 16,384 bits takes 13 KB
_MAX_LINES = 600  # of one key, 64 characters in each
MAX_STORE_BYTES = 4 * 1024 * 1024

_DASHES = b"-----"
_LEAST_BYTES = 32  # of a key's bytes: Ed25519 has 48 in PKCS #8
_SEQUENCE, _INTEGER, _OCTETS, _OBJECT = 0x30, 0x02, 0x04, 0x06
_JKS, _JCEKS = b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"
_PRIVATE_ENTRY, _CERTIFICATE_ENTRY, _SECRET_ENTRY = 1, 2, 3
_PKCS12_VERSION = b"\x02\x01\x03\x30"
_KEY_BAGS = tuple(
    bytes.fromhex("060b2a864886f70d010c0a01") + end for end in (b"\x01", b"\x02")
)  # keyBag and pkcs8ShroudedKeyBag, RFC 7292, appendix D
_ENCRYPTIONS = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
_OPENSSH = b"openssh-key-v1\0"
_PGP_SECRET_KEY = 5
# What source code, YAML and comments put around the lines of a key.
_BEFORE = re.compile(
    rb"[ \t]{0,256}+(?:[#*;%][ \t]{0,256}+|//[ \t]{1,256}+|[+.][ \t]{0,256}+(?=[\"'`]))?[\"'`]?"
)
_BEHIND = re.compile(rb"[\"'`][ \t]{0,256}+[+.,\\]?[ \t]{0,256}+$|\\$")
_ARMOUR = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,32}: ")


def pem_key(data: bytes, start: int) -> bytes:
    """Return the private key that follows at ``start``, behind the dashes of its BEGIN line.

    One does where what stands before the END line is base64, through the quotes and escapes
    of source code and JSON too, and decodes to a key. Where none does, nothing is returned.
    """
    end = data.find(_DASHES, start, start + MAX_PEM_BYTES)
    if end < 0 or data[end : end + 9] != b"-----END ":
        return b""
    text = data[start:end].replace(b"\\r", b"").replace(b"\\n", b"\n").replace(b"\r", b"")
    encrypted, lines, written = False, [], text.split(b"\n", _MAX_LINES)
    if len(written) > _MAX_LINES:
        return b""
    for line in written:
        line = _BEFORE.sub(b"", _BEHIND.sub(b"", line), count=1)
        if _ARMOUR.match(line):
            encrypted = encrypted or b"ENCRYPTED" in line
        elif not line.startswith(b"="):  # OpenPGP's checksum
            lines.append(line)
    raw = _decoded(b"".join(b"".join(lines).split()))
    return raw if len(raw) >= _LEAST_BYTES and (encrypted or _is_key(raw)) else b""


def is_key_file(data: bytes) -> bool:
    """Return whether the bytes of a file are a private key in DER, or a store that holds one."""
    if data.startswith((_JKS, _JCEKS)):
        return _has_private_entry(data)
    if data[:1] != b"\x30":
        return False
    if _PKCS12_VERSION in data[:16]:
        return any(bag in data for bag in _KEY_BAGS)
    return len(data) >= _LEAST_BYTES and _is_der_key(data)


def may_be_key_file(head: bytes) -> bool:
    """Return whether a file that begins so is worth a look by ``is_key_file``."""
    return head.startswith((b"\x30", _JKS, _JCEKS))


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""


def _is_key(raw: bytes) -> bool:
    if raw.startswith(_OPENSSH):
        return True
    if raw[0] & 0x80:  # an OpenPGP packet, RFC 4880, 4.2
        tag = raw[0] & 0x3F if raw[0] & 0x40 else (raw[0] & 0x3F) >> 2
        return tag == _PGP_SECRET_KEY
    return _is_der_key(raw)


def _is_der_key(data: bytes) -> bool:
    """Return whether these bytes, from the first to the last, are one key in DER."""
    whole = _element(data, 0, len(data))
    if whole is None or whole[0] != _SEQUENCE or whole[2] != len(data):
        return False
    found = [_element(data, whole[1], whole[2])]
    while found[-1] is not None and found[-1][2] < whole[2] and len(found) < 9:
        found.append(_element(data, found[-1][2], whole[2]))
    parts = [part for part in found if part is not None]
    tags = [tag for tag, _, _ in parts]
    if tags[:2] == [_SEQUENCE, _OCTETS]:
        return _is_encryption(data, parts[0])
    if tags[:1] != [_INTEGER] or parts[0][2] - parts[0][1] != 1:
        return False
    small = data[parts[0][1]] <= 1
    is_rsa_or_dsa = len(parts) in (6, 9) and set(tags) == {_INTEGER}
    is_pkcs8 = tags[1:3] == [_SEQUENCE, _OCTETS]
    is_ec = tags[1:2] == [_OCTETS]
    return small and (is_rsa_or_dsa or is_pkcs8 or is_ec)


def _is_encryption(data: bytes, part: tuple[int, int, int]) -> bool:
    """Return whether an algorithm is one that encrypts a PKCS #8 key with a password."""
    name = _element(data, part[1], part[2])
    if name is None or name[0] != _OBJECT:
        return False
    return data[name[1] : name[2]].startswith(_ENCRYPTIONS)


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """Return tag, start and end of content of the DER element at ``at``; None: there is none."""
    if at + 2 > end:
        return None
    tag, size, start = data[at], data[at + 1], at + 2
    if size >= 0x80:
        digits = size & 0x7F
        if not 1 <= digits <= 4:
            return None
        size = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return (tag, start, start + size) if start + size <= end else None


def _has_private_entry(data: bytes) -> bool:
    """Return whether a JKS or JCEKS holds anything but certificates that it trusts."""
    try:
        version, count = struct.unpack_from(">2L", data, 4)
        at = 12
        for _ in range(min(count, len(data))):
            (tag,) = struct.unpack_from(">L", data, at)
            if tag in (_PRIVATE_ENTRY, _SECRET_ENTRY):
                return True
            if tag != _CERTIFICATE_ENTRY:
                return False
            at += 4 + _text_bytes(data, at + 4) + 8
            at += _text_bytes(data, at) if version == 2 else 0
            (size,) = struct.unpack_from(">L", data, at)
            at += 4 + size
    except struct.error:
        return False
    return False


def _text_bytes(data: bytes, at: int) -> int:
    """Return the bytes that a text takes in Java's modified UTF-8, its length with it."""
    return 2 + int(struct.unpack_from(">H", data, at)[0])
