"""Secrets made at run time, so that none stands in the repository: ``<alnum 36>`` and the like."""

from __future__ import annotations

import base64
import random
import re
import string
import zlib

_TEMPLATE = re.compile(
    r"<(alnum|base64|base32|hex|digits|checked|lower|upper|letters|bech32) (\d+)>"
    r"|<(pem|line|encoded) ([A-Z ]+)>"
)
_DER = re.compile(r"<der( certificate)?>")
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALPHABETS = {
    "alnum": _BASE62,
    "base64": _BASE62 + "+/",
    "base32": string.ascii_uppercase + "234567",
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "letters": string.ascii_letters,
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}


def planted(text: str, seed: int = 1) -> bytes:
    """Return a text with each template in it filled, differently for each seed."""
    chance = random.Random(seed)  # noqa: S311 - made to be the same each time
    if der := _DER.fullmatch(text):
        return certificate(chance) if der[1] else rsa_key(chance)
    return _TEMPLATE.sub(lambda m: _filled(m, chance), text).encode()


def rsa_key(chance: random.Random) -> bytes:
    """Return what has the form of an RSA key, RFC 8017 A.1.2: nine numbers, none of them prime."""
    sizes = (128, 3, 128, 64, 64, 64, 64, 64)
    numbers = [_der(2, b"\x01" + chance.randbytes(size)) for size in sizes]
    return _der(0x30, b"\x02\x01\x00" + b"".join(numbers))


def pkcs8_key(chance: random.Random) -> bytes:
    """Return what has the form of a key, RFC 5208, 5."""
    rsa = bytes.fromhex("06092a864886f70d0101010500")
    return _der(0x30, b"\x02\x01\x00" + _der(0x30, rsa) + _der(4, rsa_key(chance)))


def certificate(chance: random.Random) -> bytes:
    """Return what has the form of a certificate, RFC 5280, 4.1."""
    signed = _der(0x30, bytes.fromhex("a003020102") + _der(2, chance.randbytes(200)))
    rsa = _der(0x30, bytes.fromhex("06092a864886f70d01010b0500"))
    return _der(0x30, signed + rsa + _der(3, b"\0" + chance.randbytes(128)))


def with_checksum(text: str) -> str:
    """Return a text with its CRC-32 in base 62, as GitHub and npm end their tokens."""
    number, digits = zlib.crc32(text.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return text + digits.rjust(6, "0")


def _filled(match: re.Match[str], chance: random.Random) -> str:
    what, count, form, label = match.groups()
    if form:
        pem = _pem(label, chance)
        if form == "encoded":
            return base64.b64encode(pem.encode()).decode()
        return pem if form == "pem" else pem.replace("\n", "\\n")
    if what == "checked":
        return with_checksum(_of("alnum", int(count) - 6, chance))
    return _of(what, int(count), chance)


def _of(what: str, count: int, chance: random.Random) -> str:
    """Return so many characters, one of each sort among them as in what is really random."""
    alphabet = _ALPHABETS[what]
    sorts = [set(alphabet) & set(s) for s in (string.digits, string.ascii_uppercase)]
    sorts.append(set(alphabet) & set(string.ascii_lowercase))
    start = [chance.choice(sorted(sort)) for sort in sorts if sort and count > 8]
    rest = [*chance.sample(alphabet, min(len(alphabet), count))]
    while len(rest) < count:
        rest += chance.choices(alphabet, k=1)
    return "".join([*start, *rest][:count])


def _pem(label: str, chance: random.Random) -> str:
    if label == "CERTIFICATE":
        data = certificate(chance)
    else:
        data = rsa_key(chance) if label.startswith("RSA") else pkcs8_key(chance)
    text = base64.b64encode(data).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _der(tag: int, data: bytes) -> bytes:
    size = len(data)
    if size < 0x80:
        return bytes([tag, size]) + data
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + data
