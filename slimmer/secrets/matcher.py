"""Searching one text for secrets: literals first, bounded patterns where one stands."""

from __future__ import annotations

import binascii
import bisect
import functools
import hashlib
import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from slimmer.formats.private_key import MAX_PEM_BYTES, pem_key
from slimmer.secrets.kinds import WORD_BEGINS, SecretKind, SecretRules

WORD_BYTES = 20  # of the shortest secret with its literal: AKIA and sixteen more
_BEFORE_BYTES = 18  # of a literal that is no part of such a word, as in "SG."
_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WORDS = bytes(ord("x") if byte in _BASE62 + b"_-" else ord(" ") for byte in range(256))
_LONG_WORD = b"x" * WORD_BYTES
_NOT_BASE64 = re.compile(rb"\\[rn]|[\r\n\t \\]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}")
_PEM_LABEL_BYTES = 40  # behind which "PRIVATE KEY" stands in no first line


class Search:
    """What finds secrets in texts, made once from the rules."""

    def __init__(self, rules: SecretRules):
        self._rules = rules
        self._by_name = [kind for kind in rules.kinds if kind.names]
        owners = {lit: kind for kind in rules.kinds for lit in kind.literals}
        self._in_words = {lit: kind for lit, kind in owners.items() if kind.in_word}
        self._anywhere = {lit: kind for lit, kind in owners.items() if not kind.in_word}
        self._inside = {lit: kind for lit, kind in self._in_words.items() if not kind.begins_a_word}
        self._literal = re.compile(_any_of(self._in_words.keys() - self._inside.keys()))
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

    def kinds_in(self, text: bytes, named: Sequence[SecretKind] = ()) -> Iterator[str]:
        """Yield the name of each kind that the text holds, once, in the order of the rules.

        ``named`` are the kinds that the text's file is known for by its name.
        """
        found = {kind.name for kind in named if _holds(kind, text, self._rules)}
        near: dict[str, list[int]] = {}
        for kind, start in self._places(text):
            if kind.name not in found and self._is_secret(kind, text, start, near):
                found.add(kind.name)
        return (kind.name for kind in self._rules.kinds if kind.name in found)

    def _places(self, text: bytes) -> Iterator[tuple[SecretKind, int]]:
        """Yield where a literal stands, and whose it is."""
        for literal, kind in self._anywhere.items():
            start = text.find(literal)
            while start >= 0:
                yield kind, start
                start = text.find(literal, start + 1)
        words = _LongWords(text)
        for match in self._literal.finditer(words.joined):
            yield self._in_words[match[0]], words.place(match.start())
        for literal, kind in self._inside.items():
            start = words.joined.find(literal)
            while start >= 0:
                yield kind, words.place(start)
                start = words.joined.find(literal, start + 1)

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
    return bool(key) and hashlib.sha256(key).hexdigest() not in rules.public_keys


def _is_base64_key(_kind: SecretKind, match: re.Match[bytes], rules: SecretRules) -> bool:
    """Return whether base64, in one line or several, says a PEM file with a private key."""
    start = match.start()
    text = _NOT_BASE64.sub(b"", match.string[start : start + 2 * MAX_PEM_BYTES])
    found = _BASE64.match(text)
    plain = binascii.a2b_base64(found[0][: len(found[0]) & ~3]) if found else b""
    at = plain.find(b"PRIVATE KEY-----")
    key = pem_key(plain, at + len(b"PRIVATE KEY-----")) if 0 <= at < _PEM_LABEL_BYTES else b""
    return bool(key) and hashlib.sha256(key).hexdigest() not in rules.public_keys


def _is_any(_kind: SecretKind, _match: re.Match[bytes], _rules: SecretRules) -> bool:
    return True


_CHECKS: Mapping[str, Callable[[SecretKind, re.Match[bytes], SecretRules], bool]] = {
    "varied": _is_varied,
    "checksum": _has_checksum,
    "private-key": _is_private_key,
    "base64-key": _is_base64_key,
    "any": _is_any,
}


class _LongWords:
    """The words of letters, digits, _ and - in a text that are as long as secrets are.

    They are rare in text and code, and found at the speed of a translation and a search.
    ``joined`` has them one after the other, each with what stands right before it.
    """

    def __init__(self, text: bytes):
        self._begins: list[int] = []
        parts: list[bytes] = []
        words = text.translate(_WORDS)
        find, begin = words.find, words.find(_LONG_WORD)
        while begin >= 0:
            end = find(b" ", begin + WORD_BYTES)
            end = len(words) if end < 0 else end
            begin = max(0, begin - _BEFORE_BYTES)
            self._begins.append(begin)
            parts.append(text[begin:end])
            begin = find(_LONG_WORD, end)
        self._parts = parts
        self.joined = b"\n".join(parts)

    def place(self, at: int) -> int:
        """Return where in the text a place of ``joined`` is."""
        number = bisect.bisect_right(self._starts, at) - 1
        return self._begins[number] + at - self._starts[number]

    @functools.cached_property
    def _starts(self) -> list[int]:
        """Where each part begins in ``joined``."""
        return [0, *itertools.accumulate(len(part) + 1 for part in self._parts)]


def _any_of(literals: Iterable[bytes]) -> bytes:
    """Return a pattern for any of these where a word begins, laid out as a tree.

    So the engine takes one look at each place instead of one for each literal. None is the
    beginning of another.
    """
    tree = _branches(sorted(literals))
    return WORD_BEGINS.encode() + tree if tree else b"(?!)"


def _branches(literals: Sequence[bytes]) -> bytes:
    by_first: dict[bytes, list[bytes]] = {}
    for literal in literals:
        by_first.setdefault(literal[:1], []).append(literal[1:])
    ways = [
        re.escape(first) + (_branches(rest) if any(rest) else b"")
        for first, rest in by_first.items()
    ]
    return b"(?:" + b"|".join(ways) + b")" if ways else b""
