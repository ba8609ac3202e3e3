"""The headers of a tar (POSIX.1-2024, ustar), whose bytes depend on nothing but the members.

A pax header comes first where ustar has no room: for long names, large numbers, and extended
attributes (as ``SCHILY.xattr.NAME``, which GNU tar, Go and libarchive read).
"""

from __future__ import annotations

from typing import Final, NamedTuple

BLOCK_BYTES: Final = 512
END: Final = b"\0" * (2 * BLOCK_BYTES)
FILE, HARD_LINK, LINK, FOLDER = b"0", b"1", b"2", b"5"
_NAME_BYTES, _PREFIX_BYTES = 100, 155
_PAX = b"x"


class NewMember(NamedTuple):
    """A member of a tar that is to be written."""

    #: That of a folder ends in a slash.
    name: bytes
    kind: bytes = FILE
    mode: int = 0o644
    owner: tuple[int, int] = (0, 0)
    size_bytes: int = 0
    time_s: int = 0
    target: bytes = b""
    device: tuple[int, int] = (0, 0)
    xattrs: tuple[tuple[bytes, bytes], ...] = ()


def header(member: NewMember) -> bytes:
    """Return the header of a member, behind the pax header that it may need."""
    records: list[tuple[bytes, bytes]] = []
    name, prefix = _split(member.name)
    if not name:
        records.append((b"path", member.name))
        name = member.name[:_NAME_BYTES]
    target = member.target
    if len(target) > _NAME_BYTES:
        records.append((b"linkpath", target))
        target = target[:_NAME_BYTES]
    numbers = []
    rows = ((b"uid", 7, member.owner[0]), (b"gid", 7, member.owner[1]))
    for key, digits, number in (*rows, (b"size", 11, member.size_bytes)):
        is_large = number >= 8**digits
        if is_large:
            records.append((key, str(number).encode()))
        numbers.append(_octal(0 if is_large else number, digits))
    records += [(b"SCHILY.xattr." + key, value) for key, value in sorted(member.xattrs)]
    head = _block(member, name, prefix, target, numbers)
    if not records:
        return head
    body = b"".join(_record(key, value) for key, value in records)
    pax = NewMember(b"PaxHeader", _PAX, size_bytes=len(body))
    numbers = [_octal(0, 7), _octal(0, 7), _octal(len(body), 11)]
    return _block(pax, pax.name, b"", b"", numbers) + body + padding(len(body)) + head


def padding(size_bytes: int) -> bytes:
    """Return the zeros behind so many bytes of data."""
    return b"\0" * (-size_bytes % BLOCK_BYTES)


def _split(name: bytes) -> tuple[bytes, bytes]:
    """Return a name as ustar parts it, the last part and the prefix; nothing where it has no room.

    The slash between the two is not written.
    """
    if len(name) <= _NAME_BYTES:
        return name, b""
    cut = name.rfind(b"/", 0, min(_PREFIX_BYTES + 1, len(name) - 1))
    if cut <= 0 or len(name) - cut - 1 > _NAME_BYTES:
        return b"", b""
    return name[cut + 1 :], name[:cut]


def _block(
    member: NewMember, name: bytes, prefix: bytes, target: bytes, numbers: list[bytes]
) -> bytes:
    uid, gid, size = numbers
    major, minor = member.device
    before = b"".join((name.ljust(100, b"\0"), _octal(member.mode, 7), uid, gid, size))
    after = b"".join(
        (
            member.kind,
            target.ljust(100, b"\0"),
            b"ustar\x0000",
            b"\0" * 64,  # the names of the owner and group, which each system has for itself
            _octal(major, 7),
            _octal(minor, 7),
            prefix.ljust(_PREFIX_BYTES, b"\0"),
            b"\0" * 12,
        )
    )
    before += _octal(member.time_s, 11)
    total = sum(before) + 8 * ord(" ") + sum(after)
    return before + b"%06o\0 " % total + after


def _octal(number: int, digits: int) -> bytes:
    return b"%0*o\0" % (digits, number)


def _record(key: bytes, value: bytes) -> bytes:
    """Return a record, which begins with its own length."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest
