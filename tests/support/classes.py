"""Class files and jars made by hand: a class with these texts in its pool, and no code."""

from __future__ import annotations

import struct

from tests.support.zips import zipped


def class_file(name: str, *texts: str) -> bytes:
    """Return the class ``a/b/C`` that names these texts (JVMS 4.1, 4.4)."""
    raw = [text.encode("utf-8") for text in (name, "java/lang/Object", *texts)]
    pool = b"".join(struct.pack(">BH", 1, len(text)) + text for text in raw)
    pool += struct.pack(">BHBH", 7, 1, 7, 2)  # the class, and the one above it
    first = len(raw) + 1
    head = struct.pack(">4s3H", b"\xca\xfe\xba\xbe", 0, 61, first + 2)
    return head + pool + struct.pack(">7H", 0x21, first, first + 1, 0, 0, 0, 0)


def class_naming(name: str, *named: str, above: str = "java/lang/Object", by: str = "") -> bytes:
    """Return a class that names others, below a class, and of an interface if ``by`` names one."""
    classes = (name, above, *([by] if by else []), *named)
    pool = b"".join(struct.pack(">BH", 1, len(each)) + each.encode() for each in classes)
    first = len(classes) + 1
    pool += b"".join(struct.pack(">BH", 7, index) for index in range(1, first))
    head = struct.pack(">4s3H", b"\xca\xfe\xba\xbe", 0, 61, 2 * first - 1)
    interfaces = [first + 2] if by else []
    numbers = (0x21, first, first + 1, len(interfaces), *interfaces, 0, 0, 0)
    return head + pool + struct.pack(f">{len(numbers)}H", *numbers)


def jar(*classes: tuple[str, ...], **others: str) -> bytes:
    """Return a jar of classes, each a name and its texts, and of other files.

    In the name of a file ``__`` stands for a slash, and ``_dot_`` for a dot.
    """
    members = {f"{each[0]}.class": class_file(*each) for each in classes}
    named = {k.replace("__", "/").replace("_dot_", "."): v.encode() for k, v in others.items()}
    return zipped(named | members)
