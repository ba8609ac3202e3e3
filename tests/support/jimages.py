"""Lists of modules (``lib/modules``) made by hand, as jlink writes them but for the hash table."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_U2 = struct.Struct(">H")


def jimage(files: Mapping[str, bytes], version: int = 1 << 16, packed: str = "") -> bytes:
    """Return the list with these files, each as ``module/path``; that ``packed`` says it is."""
    strings, places = bytearray(b"\0"), {"": 0}

    def place(text: str) -> int:
        if text not in places:
            places[text] = len(strings)
            strings.extend(text.encode() + b"\0")
        return places[text]

    locations, offsets, content = bytearray(), [], bytearray()
    for path, data in files.items():
        module, _, rest = path.partition("/")
        folder, _, name = rest.rpartition("/")
        base, dot, ending = name.rpartition(".")
        values = (module, folder, base if dot else name, ending if dot else "")
        fields = [place(each) for each in values]
        size = len(data) if path == packed else 0
        offsets.append(len(locations))
        for kind, value in enumerate((*fields, len(content), size, len(data)), 1):
            locations += bytes([kind << 3 | 3]) + value.to_bytes(4, "big")
        locations += b"\0"
        content += data
    count = len(files)
    sizes = (count, count, len(locations), len(strings))
    head = struct.pack("<7L", 0xCAFEDADA, version, 0, *sizes)
    tables = struct.pack(f"<{count}l{count}L", *([0] * count), *offsets)
    return head + tables + bytes(locations) + bytes(strings) + bytes(content)


def descriptor(
    name: str,
    requires: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
    provides: tuple[str, ...] = (),
) -> bytes:
    """Return the ``module-info.class`` of a module (JVMS 4.7.25)."""
    pool: list[bytes] = []

    def text(said: str) -> int:
        pool.append(b"\x01" + _U2.pack(len(said)) + said.encode())
        return len(pool)

    def pointing(tag: int, said: str) -> int:
        pool.append(bytes([tag]) + _U2.pack(text(said)))
        return len(pool)

    this, attribute = pointing(7, "module-info"), text("Module")
    body = _U2.pack(pointing(19, name)) + bytes(4)
    needed = b"".join(struct.pack(">3H", pointing(19, each), 0, 0) for each in requires)
    body += _U2.pack(len(requires)) + needed + bytes(4)  # exports, opens
    used = b"".join(_U2.pack(pointing(7, each)) for each in uses)
    given = b"".join(struct.pack(">3H", pointing(7, each), 1, this) for each in provides)
    body += _U2.pack(len(uses)) + used + _U2.pack(len(provides)) + given
    head = struct.pack(">4s3H", b"\xca\xfe\xba\xbe", 0, 61, len(pool) + 1)
    end = struct.pack(">7H", 0x8000, this, 0, 0, 0, 0, 1) + struct.pack(">HL", attribute, len(body))
    return head + b"".join(pool) + end + body
