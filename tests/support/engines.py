"""An engine for tests that has one image, and keeps what it is given."""

from __future__ import annotations

from pathlib import Path

LOADED = "loaded.tar"
ASKED = "asked"


def engine(folder: Path, image: bytes, name: str = "docker") -> dict[str, str]:
    """Make a program that saves an image, and loads one into ``LOADED`` beside it.

    Returns the environment in which a command finds it. ``ASKED`` has a line for each time that
    it was asked for the image.
    """
    folder.mkdir()
    (folder / "image.tar").write_bytes(image)
    program = folder / name
    program.write_text(
        "#!/bin/sh\n"
        f'case $1 in save) echo "$3" >>"{folder}/{ASKED}"; cat "{folder}/image.tar";;\n'
        f'load) cat >"{folder}/{LOADED}";; esac\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin:/usr/sbin:/sbin"}
