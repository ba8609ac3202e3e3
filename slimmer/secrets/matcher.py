"""Searching one text for secrets: literals first, bounded patterns where one stands."""

from __future__ import annotations

import binascii
import bisect
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from slimmer.formats.private_key import MAX_PEM_BYTES, pem_key
from slimmer.secrets.kinds import SecretKind, SecretRules
from slimmer.secrets.literals import Literals

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NOT_BASE64 = re.compile(rb"\\[rn]|[\r\n\t \\]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}")
_PEM_LABEL_BYTES = 40  # behind which "PRIVATE KEY" stands in no first line


class Search:
    """What finds secrets in texts, made once from the rules."""

    def __init__(self, rules: SecretRules):
        self._rules = rules
        self._by_name = [kind for kind in rules.kinds if kind.names]
        owners = {lit: kind for kind in rules.kinds for lit in kind.literals}
        self._owners = tuple(owners.values())
        self._literals = Literals(tuple(owners))
        self.everywhere = frozenset(kind.name for kind in rules.kinds if kind.everywhere)

    def named(self, path: str) -> tuple[SecretKind, ...]:
        """Return the kinds that are looked for in a file because of its path."""
        if not self._rules.is_named(path):
            return ()
        name = path.rpartition("/")[2]
        return tuple(kind for kind in self._by_name if kind.is_named(path, name))

    def key_files(self) -> Iterator[str]:
        """Yield the kinds of files that are a private key in a binary form."""
        return (kind.name for kind in self._rules.kinds if kind.form)

    def kinds_in(self, text: bytes, named: Sequence[SecretKind] = ()) -> list[str]:
        """Return the name of each kind that the text holds, once, in the order of the rules.

        ``named`` are the kinds that the text's file is known for by its name.
        """
        found = {kind.name for kind in named if _holds(kind, text, self._rules)}
        near: dict[str, list[int]] = {}
        for number, starts in self._literals.places(text):
            kind = self._owners[number]
            is_new = kind.name not in found
            if is_new and any(self._is_secret(kind, text, start, near) for start in starts):
                found.add(kind.name)
        return [kind.name for kind in self._rules.kinds if kind.name in found] if found else []

    def _is_secret(
        self, kind: SecretKind, text: bytes, start: int, near: dict[str, list[int]]
    ) -> bool:
        match = kind.content.match(text, start) if kind.content else None
        if match is None:
            return False
        if kind.near is not None:
            if kind.name not in near:
                places = kind.near.finditer(text)
                near[kind.name] = [m.start() for m in places if _is_varied(kind, m, self._rules)]
            first = bisect.bisect_left(near[kind.name], start - kind.near_bytes)
            if first == len(near[kind.name]) or near[kind.name][first] > start + kind.near_bytes:
                return False
        return passes(kind, match, self._rules)


def _holds(kind: SecretKind, text: bytes, rules: SecretRules) -> bool:
    return kind.content is not None and any(
        passes(kind, match, rules) for match in kind.content.finditer(text)
    )


def passes(kind: SecretKind, match: re.Match[bytes], rules: SecretRules) -> bool:
    """Return whether what the kind's pattern matched passes its check."""
    return _CHECKS[kind.check](kind, match, rules)


def _secret(match: re.Match[bytes]) -> bytes:
    return match["secret"] if "secret" in match.re.groupindex else match[0]


def _is_varied(kind: SecretKind, match: re.Match[bytes], rules: SecretRules) -> bool:
    """Return whether it is no word of documentation, and has enough different characters."""
    if "secret" not in match.re.groupindex:
        return True
    secret = _secret(match)
    if len(set(secret)) < kind.distinct:
        return False
    folded = secret.lower()
    return not any(word in folded for word in rules.documented)


def _has_checksum(_kind: SecretKind, match: re.Match[bytes], _rules: SecretRules) -> bool:
    """Return whether the last six characters are the CRC-32 of the others in base 62.

    So GitHub and npm end their tokens ("Behind GitHub's new authentication token formats").
    """
    secret = _secret(match)
    number = zlib.crc32(secret[:-6])
    digits = bytearray()
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return bytes(reversed(digits)) == secret[-6:]


def _is_private_key(_kind: SecretKind, match: re.Match[bytes], rules: SecretRules) -> bool:
    key = pem_key(match.string, match.end())
    return bool(key) and not _is_public(key, rules)


def _is_base64_key(_kind: SecretKind, match: re.Match[bytes], rules: SecretRules) -> bool:
    """Return whether base64, in one line or several, says a PEM file with a private key."""
    start = match.start()
    text = _NOT_BASE64.sub(b"", match.string[start : start + 2 * MAX_PEM_BYTES])
    found = _BASE64.match(text)
    plain = binascii.a2b_base64(found[0][: len(found[0]) & ~3]) if found else b""
    at = plain.find(b"PRIVATE KEY-----")
    key = pem_key(plain, at + len(b"PRIVATE KEY-----")) if 0 <= at < _PEM_LABEL_BYTES else b""
    return bool(key) and not _is_public(key, rules)


def _is_public(key: bytes, rules: SecretRules) -> bool:
    """Return whether a private key is public knowledge."""
    import hashlib  # noqa: PLC0415 - few texts hold a key, and each run would wait for it

    return hashlib.sha256(key).hexdigest() in rules.public_keys


def _is_any(_kind: SecretKind, _match: re.Match[bytes], _rules: SecretRules) -> bool:
    return True


_CHECKS: Mapping[str, Callable[[SecretKind, re.Match[bytes], SecretRules], bool]] = {
    "varied": _is_varied,
    "checksum": _has_checksum,
    "private-key": _is_private_key,
    "base64-key": _is_base64_key,
    "any": _is_any,
}
