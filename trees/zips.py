"""Zips unpacked as Lambda does, with modes and links."""

import stat
import zipfile
from pathlib import Path


def unzip(artifact: Path, dest: Path) -> None:
    """Unpack a zip into a folder, which is made where it is missing."""
    with zipfile.ZipFile(artifact) as archive:
        for info in archive.infolist():
            place, mode = dest / info.filename, info.external_attr >> 16
            if info.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if stat.S_ISLNK(mode):
                place.symlink_to(archive.read(info).decode())
            else:
                place.write_bytes(archive.read(info))
                place.chmod(mode & 0o777)
