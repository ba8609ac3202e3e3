"""What kind of thing a member is: a file, a folder or a link, on which every unpacker must agree.

Some go by the name's last slash, some by the mode, some by the bit for folders of MS-DOS, some by
an extra field. Which of these count depends on the system that a zip says it was made on, and for
each unpacker on others: links made on VMS or BeOS are links to Info-ZIP's, those made on macOS to
Go's. So what is no plain file or folder by any of them must be what all of them say.
"""

from __future__ import annotations

import stat

from slimmer.formats.zip.headers import extra_field
from slimmer.formats.zip.records import DOS_FOLDER, UNIX, Central

FILE, FOLDER, LINK, SPECIAL = "file", "directory", "link", "special"

_ASI_EXTRA = 0x756E  # of ASi, with a mode behind a CRC-32 (Info-ZIP's extrafld.txt)
_KINDS = {stat.S_IFDIR: FOLDER, stat.S_IFLNK: LINK, stat.S_IFREG: FILE, 0: FILE}


def kind_of(name: str, record: Central, size_bytes: int, extra: bytes) -> str:
    """Return file, directory or link; special for a device, a fifo, a socket, and in doubt."""
    kind = _by_mode(record, extra)
    if name.endswith("/"):
        return FOLDER if kind in (FILE, FOLDER) and not size_bytes else SPECIAL
    return SPECIAL if kind == FOLDER else kind


def _by_mode(record: Central, extra: bytes) -> str:
    mode = record.attributes >> 16
    if record.system == UNIX:
        if not mode and extra:
            field = extra_field(extra, _ASI_EXTRA)
            asi = _KINDS.get(stat.S_IFMT(int.from_bytes(field[4:6], "little")), SPECIAL)
            return asi if asi in (FILE, FOLDER) else SPECIAL
        return _KINDS.get(stat.S_IFMT(mode), SPECIAL)
    if record.attributes & DOS_FOLDER:
        return FOLDER
    # What else than modes stands there is of no meaning to anybody.
    kind = _KINDS.get(stat.S_IFMT(mode), FILE)
    return SPECIAL if kind == LINK else kind
