"""The zips that are deployed beside an artifact, as far as the caps ask: their sizes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from slimmer.errors import InputError
from slimmer.model import OtherArtifact


def read_other(path: Path) -> OtherArtifact:
    """Return the sizes of a zip, from its central directory; nothing is unpacked.

    Raises InputError when it cannot be read or is no zip.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unzipped_bytes = sum(info.file_size for info in archive.infolist())
        return OtherArtifact(path.name, path.stat().st_size, unzipped_bytes)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: no zip that can be read ({error}); make it anew") from None
    except (NotImplementedError, ValueError, EOFError, OverflowError) as error:
        raise InputError(f"{path}: a zip that cannot be understood ({error})") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: cannot be read ({reason})") from None
