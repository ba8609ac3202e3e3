"""Laws of the search for secrets: it ends on any bytes, finds anywhere, shows nothing."""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.private_key import is_key_file, pem_key
from slimmer.formats.zip.reader import read_zip
from slimmer.formats.zip.unpack import content, pieces
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import SecretKind, load_secret_rules
from slimmer.secrets.literals import Literals
from slimmer.secrets.matcher import Search
from slimmer.secrets.scanner import find_secrets
from tests.support.planted import planted
from tests.support.trees import MemorySource
from tests.support.zips import zipped

RULES = load_secret_rules()
SEARCH = Search(RULES)
WITH_LITERALS = [kind for kind in RULES.kinds if kind.literals]
POSITIVE = [
    (kind, example)
    for kind in RULES.kinds
    for example in kind.examples
    if example.found and not kind.form
]
PIECES = [lit for kind in RULES.kinds for lit in kind.literals]
PIECES += [
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"\\n",
    b"\n",
    b"=",
    b":",
    b'"',
    b"A" * 40,
    b"0a/" * 9,
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=60))
def test_any_bytes_are_searched_and_each_kind_is_told_once(pieces: list[bytes]) -> None:
    found = list(SEARCH.kinds_in(b"".join(pieces), RULES.kinds))
    assert len(found) == len(set(found))


@given(
    st.lists(st.sampled_from(PIECES) | st.binary(min_size=1, max_size=4), max_size=9, unique=True),
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=60),
)
def test_every_literal_is_found_wherever_it_begins(more: list[bytes], pieces: list[bytes]) -> None:
    literals = [lit for lit in dict.fromkeys([*PIECES[:160], *more]) if b"\0" not in lit]
    text = b"".join(pieces)
    found = [dict(Literals(literals, little).places(text)) for little in (0, sys.maxsize)]
    for places in found:
        assert places == {
            number: array("Q", [at for at in range(len(text)) if text.startswith(lit, at)])
            for number, lit in enumerate(literals)
            if lit in text
        }


@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_or_none(data: bytes) -> None:
    for start in (b"", b"\x30\x82", b"\xfe\xed\xfe\xed\0\0\0\2", b"\xce\xce\xce\xce\0\0\0\1"):
        assert is_key_file(start + data) in (True, False)
    assert isinstance(pem_key(data + b"-----END ", 0), bytes)


@given(
    st.sampled_from(POSITIVE),
    st.integers(0, 2**32),
    st.text("ab \n\"'=-_/.", max_size=300),
    st.text("ab \n\"'=-_/.", max_size=300),
)
def test_what_is_around_a_secret_does_not_hide_it(
    row: tuple[SecretKind, object], seed: int, before: str, behind: str
) -> None:
    kind = row[0]
    example = next(e for e in kind.examples if e.found)
    text = f"{before}\n".encode() + planted(example.text, seed) + f"\n{behind}".encode()
    assert kind.name in SEARCH.kinds_in(text, [kind] if kind.names else [])


@given(st.sampled_from(POSITIVE), st.integers(0, 2**32))
def test_no_message_shows_any_of_a_secret(row: tuple[SecretKind, object], seed: int) -> None:
    example = next(e for e in row[0].examples if e.found)
    text = planted(example.text, seed)
    source = MemorySource({example.path: text})
    found = find_secrets(RULES, source, [(example.path, example.path)])
    [finding] = secret_findings(RULES, [("", found)], ())
    for secret in re.findall(rb"[A-Za-z0-9+/]{12,}", text):
        assert secret not in finding.message.encode() or secret in example.path.encode()


@pytest.mark.parametrize("kind", WITH_LITERALS, ids=lambda kind: kind.name)
def test_a_pattern_matches_where_its_literal_begins(kind: SecretKind) -> None:
    """What could match elsewhere would never be found, since only there it is tried."""
    assert kind.content is not None
    for example in kind.examples:
        if example.found:
            text = planted(example.text)
            starts = {m.start() for m in kind.content.finditer(text)}
            assert starts
            assert all(any(text.startswith(lit, at) for lit in kind.literals) for at in starts)


@given(st.binary(max_size=3000), st.integers(1, 400), st.sampled_from([0, 8]), st.booleans())
def test_the_pieces_of_a_member_are_its_content(
    data: bytes, piece_bytes: int, method: int, repeated: bool
) -> None:
    data = data * 50 if repeated else data
    packed = zipped({"a": data}, method)
    [member] = read_zip(packed).members
    found = list(pieces(packed, member, piece_bytes))
    assert b"".join(found) == data
    assert all(0 < len(piece) <= piece_bytes for piece in found)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_broken_data_is_an_error_in_pieces_where_it_is_one_whole(
    data: bytes, draw: st.DataObject
) -> None:
    packed = bytearray(zipped({"a": data}))
    [member] = read_zip(bytes(packed)).members
    at = draw.draw(st.integers(0, member.compressed_bytes - 1)) + member.data_offset
    packed[at] ^= draw.draw(st.integers(1, 255))
    whole = outcome(lambda: content(packed, member, len(data)))
    assert outcome(lambda: b"".join(pieces(packed, member, 7))) == whole


def outcome(read: Callable[[], bytes]) -> bytes | None:
    try:
        return read()
    except FormatError:
        return None
