"""The zips that are deployed beside an artifact, as far as the caps ask: their sizes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from slimmer.errors import InputError
from slimmer.model import OtherArtifact
from slimmer.names import printable


def read_other(path: Path) -> OtherArtifact:
    """Return the sizes of a zip, from its central directory; nothing is unpacked.

    Raises InputError when it cannot be read or is no zip.
    """
    name = printable(str(path))
    try:
        if not path.is_file():
            what = "not a file" if path.exists() else "no such file"
            raise InputError(f"{name}: {what}; name the zip that is deployed beside this one")
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            unzipped_bytes = sum(info.file_size for info in infos)
            if any(info.header_offset < 0 for info in infos):
                raise zipfile.BadZipFile("its beginning is missing")
        return OtherArtifact(path.name, path.stat().st_size, unzipped_bytes)
    except zipfile.BadZipFile as error:
        raise InputError(f"{name}: no zip that can be read ({error}); make it anew") from None
    except (NotImplementedError, ValueError, EOFError, OverflowError) as error:
        raise InputError(
            f"{name}: a zip that cannot be understood ({error}); make it anew"
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{name}: cannot be read ({reason}); mend its mode or name another"
        ) from None
