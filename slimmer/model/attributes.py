"""What an image says of a path beside its content: whose it is, and what may be done with it."""

from __future__ import annotations

import stat
from typing import NamedTuple


class Attributes(NamedTuple):
    """The attributes of a path in an image."""

    #: The permission bits.
    mode: int = 0o755
    #: The numbers of its owner and group.
    owner: tuple[int, int] = (0, 0)
    #: Extended attributes, such as capabilities, by name.
    xattrs: tuple[tuple[bytes, bytes], ...] = ()
    #: What a link says in the image.
    target: str = ""
    #: A tar's type of what is neither file, folder nor link; empty for these.
    code: bytes = b""
    #: The numbers of a device.
    device: tuple[int, int] = (0, 0)
    #: Which file of all it is, by its layer and its place there: hard links have the same.
    number: tuple[int, int] = (-1, -1)


#: The type in a mode of what has a code.
SPECIAL_TYPES = {b"3": stat.S_IFCHR, b"4": stat.S_IFBLK, b"6": stat.S_IFIFO}

#: Of a folder that no layer names.
PLAIN_FOLDER = Attributes()
