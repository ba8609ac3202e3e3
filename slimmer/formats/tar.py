"""Tar archives (POSIX.1-2024, pax; GNU's long names): what is in one, read in parts.

Nothing is unpacked here. A member that was stored as a sparse file is refused, since its bytes
are not those of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from slimmer.formats import FormatError

_BLOCK_BYTES = 512
_MAGIC_AT, _MAGIC = 257, b"ustar"
_SUM_AT, _SUM_END = 148, 156  # of the header's checksum, which counts as spaces
_MAX_HEADER_BYTES = 1024 * 1024  # of a long name or pax header
MAX_MEMBERS = 1_000_000
_NO_SPARSE = "a member is stored as a sparse file"

FILE, FOLDER, LINK, HARD_LINK, SPECIAL = "file", "directory", "link", "hard link", "special"
#: What a member is, by the type in its header.
_KINDS = {
    b"0": FILE,
    b"\0": FILE,
    b"7": FILE,
    b"1": HARD_LINK,
    b"2": LINK,
    b"3": SPECIAL,
    b"4": SPECIAL,
    b"5": FOLDER,
    b"6": SPECIAL,
}
_DEVICES = (b"3", b"4")
_XATTR = b"SCHILY.xattr."
_HEADERS = (b"x", b"g", b"L", b"K", b"V")  # that speak of the next member, of all, or of the tar

ReadAt = Callable[[int, int], bytes]  # offset, size -> so many bytes, less only at the end


class TarFile(NamedTuple):
    """A file in a tar: its name, and where its bytes lie."""

    name: str
    start: int
    size_bytes: int


class TarMember(NamedTuple):
    """A member of a tar, as its headers have it."""

    name: str
    #: file, directory, link, hard link or special.
    kind: str
    #: Where its bytes lie.
    start: int
    size_bytes: int
    #: The permission bits.
    mode: int
    #: When it was last changed, in nanoseconds since 1970.
    mtime_ns: int
    #: What a link says, or the member that a hard link names.
    target: str
    #: The numbers of its owner and group.
    owner: tuple[int, int] = (0, 0)
    #: The type in its header, of one that is special.
    code: bytes = b""
    #: The numbers of a device.
    device: tuple[int, int] = (0, 0)
    #: Extended attributes by name, as ``SCHILY.xattr`` has them.
    xattrs: tuple[tuple[bytes, bytes], ...] = ()


class _Said(NamedTuple):
    """What headers before a member say of it instead of its own."""

    name: str = ""
    target: str = ""
    size_bytes: int = -1
    mtime_ns: int = -1
    uid: int = -1
    gid: int = -1
    xattrs: tuple[tuple[bytes, bytes], ...] = ()


def is_tar(head: bytes) -> bool:
    """Return whether a file that begins so is a tar."""
    return head[_MAGIC_AT : _MAGIC_AT + 5] == _MAGIC


def tar_files(data: bytes) -> Iterator[TarFile]:
    """Yield the regular files of a tar. Raises FormatError for one that is broken."""
    read: ReadAt = lambda start, size_bytes: data[start : start + size_bytes]  # noqa: E731
    for member in tar_members(read, len(data), may_lack_end=True):
        if member.kind == FILE:
            yield TarFile(member.name, member.start, member.size_bytes)


def tar_members(
    read: ReadAt, size_bytes: int, *, may_lack_end: bool = False
) -> Iterator[TarMember]:
    """Yield the members of a tar of so many bytes, in its order.

    Raises FormatError for one that is broken or ends early: where the block of zeros behind the
    last member is missing, too, unless it ``may_lack_end``.
    """
    at, said = 0, _Said()
    for _ in range(MAX_MEMBERS):
        block = read(at, _BLOCK_BYTES)
        is_end = len(block) == _BLOCK_BYTES and not block.strip(b"\0")
        if is_end or (may_lack_end and len(block) < _BLOCK_BYTES):
            return
        _check_header(block)
        start, kind = at + _BLOCK_BYTES, block[156:157]
        said_bytes = _number(block[124:136])
        if kind in _HEADERS:
            said = _said(kind, read, start, said_bytes, said)
            at = _next(start, said_bytes)
            continue
        member = _member(block, start, said)
        if member.start + member.size_bytes > size_bytes:
            raise FormatError("it ends early")
        yield member
        at, said = _next(start, member.size_bytes), _Said()
    raise FormatError("it has too many members")


def _check_header(block: bytes) -> None:
    if len(block) < _BLOCK_BYTES:
        raise FormatError("it ends early")
    if not is_tar(block):
        raise FormatError("a header of its is broken")
    spaced = block[:_SUM_AT] + b" " * (_SUM_END - _SUM_AT) + block[_SUM_END:]
    difference = sum(spaced) - _number(block[_SUM_AT:_SUM_END])
    if difference and difference != 256 * sum(byte > 127 for byte in spaced):  # old, signed sums
        raise FormatError("a header of its is broken")


def _member(block: bytes, start: int, said: _Said) -> TarMember:
    name = said.name or _name(block)
    code = block[156:157]
    if code == b"S":
        raise FormatError(_NO_SPARSE)
    if code not in _KINDS:
        raise FormatError("a member has a type that is not known")
    kind = _KINDS[code]
    if kind == FILE and name.endswith("/"):
        kind = FOLDER  # as tars had it before there was a type for it
    length = said.size_bytes if said.size_bytes >= 0 else _number(block[124:136])
    uid = said.uid if said.uid >= 0 else _number(block[108:116])
    gid = said.gid if said.gid >= 0 else _number(block[116:124])
    is_device = code in _DEVICES
    return TarMember(
        name=name,
        kind=kind,
        start=start,
        size_bytes=length if kind == FILE else 0,
        mode=_number(block[100:108]) & 0o7777,
        mtime_ns=said.mtime_ns if said.mtime_ns >= 0 else _number(block[136:148]) * 10**9,
        target=(said.target or _text(block[157:257])) if kind in (LINK, HARD_LINK) else "",
        owner=(uid, gid),
        code=code if kind == SPECIAL else b"",
        device=(_number(block[329:337]), _number(block[337:345])) if is_device else (0, 0),
        xattrs=said.xattrs,
    )


def _next(start: int, size_bytes: int) -> int:
    return start + -(-size_bytes // _BLOCK_BYTES) * _BLOCK_BYTES


def _name(block: bytes) -> str:
    name, prefix = _text(block[:100]), _text(block[345:500])
    is_posix = block[_MAGIC_AT : _MAGIC_AT + 6] == b"ustar\0"
    return f"{prefix}/{name}" if prefix and is_posix else name


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """Return a number: octal digits, or GNU's 256-based one with the highest bit set.

    One below zero, as a time before 1970 has it, is 0.
    """
    if field[0] == 0xFF:
        return 0
    if field[0] & 0x80:
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    digits = field.strip(b" \0")
    try:
        return max(0, int(digits, 8)) if digits else 0
    except ValueError:
        raise FormatError("a number in it is broken") from None


def _said(kind: bytes, read: ReadAt, start: int, size_bytes: int, said: _Said) -> _Said:
    """Return what is said of the next member after one more header."""
    if size_bytes > _MAX_HEADER_BYTES:
        raise FormatError("a header of its is too long")
    text = read(start, size_bytes)
    if len(text) < size_bytes:
        raise FormatError("it ends early")
    if kind == b"L":
        return said._replace(name=_text(text))
    if kind == b"K":
        return said._replace(target=_text(text))
    return _pax(text, said) if kind == b"x" else said


def _pax(text: bytes, said: _Said) -> _Said:
    """Return what is said as records of ``LENGTH KEY=VALUE`` have it."""
    at = 0
    while at < len(text):
        length, space, _ = text[at : at + 10].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length):
            break
        end = at + int(length)
        key, _, value = text[at + len(length) + 1 : end - 1].partition(b"=")
        if key == b"path":
            said = said._replace(name=_text(value))
        elif key == b"linkpath":
            said = said._replace(target=_text(value))
        elif key == b"size" and value.isdigit() and len(value) < 20:
            said = said._replace(size_bytes=int(value))
        elif key == b"mtime":
            said = said._replace(mtime_ns=_nanoseconds(value))
        elif key.startswith((b"uid", b"gid", _XATTR)):
            said = _of_owner(key, value, said)
        elif key.startswith(b"GNU.sparse."):
            raise FormatError(_NO_SPARSE)
        at = end
    return said


def _of_owner(key: bytes, value: bytes, said: _Said) -> _Said:
    """Return what is said with an owner, group or extended attribute."""
    if key.startswith(_XATTR):
        return said._replace(xattrs=(*said.xattrs, (key[len(_XATTR) :], value)))
    if key not in (b"uid", b"gid") or not value.isdigit() or len(value) > 10:
        return said
    return said._replace(uid=int(value)) if key == b"uid" else said._replace(gid=int(value))


def _nanoseconds(value: bytes) -> int:
    """Return seconds with decimals in nanoseconds; -1 for what says no time since 1970."""
    whole, _, part = value.partition(b".")
    if not whole.isdigit() or len(whole) > 11 or (part and not part.isdigit()):
        return -1
    return int(whole) * 10**9 + int(part[:9].ljust(9, b"0"))
