"""What holds files inside a file: zips, also behind a script, tars, and compressed streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.packed import FOREIGN, PACKED, foreign_packer, is_packed, unpacked
from slimmer.formats.tar import is_tar, tar_files
from slimmer.formats.zip import ARCHIVES
from slimmer.formats.zip.reader import read_zip
from slimmer.paths import folder_of, name_of
from slimmer.secrets.files import BytesFiles, ZipFiles

_ZIP = b"PK\x03\x04"
_SCRIPT = b"#!"
_ANY_START = (*ARCHIVES, ".pyz", ".pex", ".egg")  # zips that may begin with anything
_BROTLI = ".br"  # which has no magic number


_MAGIC = (_ZIP, _SCRIPT, *PACKED, *FOREIGN)
_ENDS = (*_ANY_START, _BROTLI)


def may_hold(path: str, head: bytes) -> bool:
    """Return whether a file is worth a look by a Container."""
    return head.startswith(_MAGIC) or path.lower().endswith(_ENDS) or is_tar(head)


class Container(NamedTuple):
    """A file that may hold others; ``read`` gives its bytes."""

    path: str
    head: bytes
    read: Callable[[], bytes]

    @property
    def is_script(self) -> bool:
        """Whether it may as well be a script with nothing behind it."""
        return self.head.startswith(_SCRIPT)

    def open(self, max_bytes: int) -> ZipFiles | BytesFiles | None:
        """Return the files inside; None for what holds none.

        Raises FormatError for what is broken, packed in a way that is not known here, or unpacks
        to more than ``max_bytes``.
        """
        packer = "Brotli" if self.path.lower().endswith(_BROTLI) else foreign_packer(self.head)
        if packer:
            raise FormatError(f"it is packed by {packer}")
        if is_packed(self.head):
            plain = unpacked(self.read(), max_bytes)
            if is_tar(plain):
                return _in_tar(plain)
            name = name_of(self.path).rpartition(".")[0] or "data"
            return BytesFiles(((name, plain),), folder_of(self.path))
        return _in_tar(self.read()) if is_tar(self.head) else self._zip()

    def _zip(self) -> ZipFiles | None:
        data = self.read()
        try:
            return ZipFiles(data, read_zip(data))
        except FormatError:
            if data.startswith(b"PK"):
                raise
            return None


def _in_tar(data: bytes) -> BytesFiles:
    return BytesFiles(
        tuple((f.name, data[f.start : f.start + f.size_bytes]) for f in tar_files(data))
    )
