"""A real Chromium without a window: one that is installed, or else Debian's, without root."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from trees import BUILD, Unavailable, debian, once

DEST = BUILD / "chromium"

_INSTALLED = ("chromium-headless-shell", "chromium", "google-chrome")
_PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")  # a page without fonts shows boxes
_ARGUMENTS = ("--no-sandbox",)  # a container gives it no namespaces of its own
_FAMILIES = {"sans-serif": "DejaVu Sans", "monospace": "DejaVu Sans Mono"}


@contextmanager
def started(dest: Path = DEST) -> Iterator[Browser]:
    """Give a Chromium that runs; Debian's is unpacked into `dest` if that is not there.

    Raises Unavailable where none can be had, or where it does not start.
    """
    program, env = _program(dest)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program, args=_ARGUMENTS, env=dict(env)
            )
        except Error as error:
            missing = [line for line in error.message.splitlines() if "shared libraries" in line]
            reason = [*missing, *error.message.splitlines()][0]
            raise Unavailable(f"{program} does not start: {reason}") from None
        yield browser
        browser.close()


@once
def _program(dest: Path) -> tuple[str, dict[str, str]]:
    """Return where the program is, and the environment in which it finds its libraries."""
    for name in _INSTALLED:
        found = shutil.which(name)
        if found:
            return found, dict(os.environ)
    if not dest.is_dir():
        debs = debian.bring(lambda lists: debian.closure(_PACKAGES, lists), debian.CACHE)
        debian.unpack(debs, dest)
    # The script in usr/bin names a place that is not this one.
    program = dest / "usr" / "lib" / "chromium" / "chromium-headless-shell"
    return str(program), _environment(dest)


def _environment(dest: Path) -> dict[str, str]:
    folders = [*dest.glob("usr/lib/*-linux-*"), *dest.glob("lib/*-linux-*")]
    folders += [inner for folder in folders for inner in folder.glob("pulseaudio")]
    fonts = dest / "fonts.conf"
    places = "".join(f"<dir>{place}</dir>" for place in ("/usr/share/fonts", f"{dest}/usr/share"))
    aliases = "".join(
        f"<alias><family>{family}</family><prefer><family>{font}</family></prefer></alias>"
        for family, font in _FAMILIES.items()
    )
    fonts.unlink(missing_ok=True)  # a copy of the folder may share the file, not the places in it
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig>{places}<cachedir>{dest}/cache</cachedir>{aliases}</fontconfig>\n"
    )
    return {
        **os.environ,
        "LD_LIBRARY_PATH": ":".join(map(str, folders)),
        "FONTCONFIG_FILE": str(fonts),
    }
