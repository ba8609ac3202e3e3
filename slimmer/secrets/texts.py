"""What of a file's bytes is text, in UTF-8 or UTF-16, and worth a search."""

from __future__ import annotations

import codecs

HEAD_BYTES = 4096  # by which text is told from other bytes

_BINARY = (
    b"\x7fELF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"FOR1",
    b"\xca\xfe\xba\xbe",
    b"%PDF",
    b"\x89PNG",
)
_SQLITE = b"SQLite format 3\0"
_TEXT = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])
_ODD_PER_TEXT = 20  # one byte in so many may be none of these in a text


_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ANY_WIDE_MARK = tuple(_WIDE_MARKS)
#: The bytes of each character, and which of these says a character of ASCII.
_WIDE = {"utf-16-le": (2, 0), "utf-16-be": (2, 1), "utf-32-le": (4, 0), "utf-32-be": (4, 3)}


def is_text(head: bytes, *, is_named: bool = False) -> bool:
    """Return whether a file that begins so is text.

    A zero byte makes no binary of what is otherwise text, of a file that is looked for by its
    name, or of a database, whose texts stand between its numbers.
    """
    head = head[:HEAD_BYTES]
    has_zero = b"\0" in head
    if head.startswith(_ANY_WIDE_MARK) or (has_zero and wide_encoding(head)):
        return True
    head = head.removeprefix(codecs.BOM_UTF8)
    if head.startswith(_BINARY):
        return False
    if not has_zero or is_named or head.startswith(_SQLITE):
        return True
    return _ODD_PER_TEXT * len(head.translate(None, _TEXT)) < len(head)


def text_of(data: bytes) -> bytes:
    """Return a text as UTF-8 or the like, without zero bytes."""
    encoding = wide_encoding(data[:HEAD_BYTES])
    if encoding:
        data = data.decode(encoding, "replace").lstrip("\ufeff").encode()
    else:
        data = data.removeprefix(codecs.BOM_UTF8)
    return data.replace(b"\0", zero_in(data))


def zero_in(head: bytes) -> bytes:
    """Return what stands for each zero byte of a file that begins so: the end of a line.

    In a database with UTF-16 (SQLite's file format, 1.3.13) it is the half of a character.
    """
    is_wide = head.startswith(_SQLITE) and head[56:60] in (b"\0\0\0\2", b"\0\0\0\3")
    return b"" if is_wide else b"\n"


def wide_encoding(head: bytes) -> str:
    """Return the encoding of text in UTF-16 or UTF-32, with or without its mark; else nothing."""
    if head.startswith(_ANY_WIDE_MARK):
        return next(name for mark, name in _WIDE_MARKS.items() if head.startswith(mark))
    if head.count(b"\0") * 3 < len(head):
        return ""
    for encoding, (width, at) in _WIDE.items():
        letters = head[at::width]
        zeros = sum(head[place::width].count(b"\0") for place in range(width) if place != at)
        others = len(head) - len(letters)
        if zeros * 10 > others * 8 and not letters.translate(None, _TEXT):
            return encoding
    return ""
