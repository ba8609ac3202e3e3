"""Whether a folder is the root of an installation of Ruby or PHP, or of what .NET publishes."""

from __future__ import annotations

import re

from slimmer.paths import join
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit

_PHP = re.compile(r"php(?:-cgi|-fpm|dbg)?[\d.]*")
_DEPENDENCIES = re.compile(rb'\s{0,9}(?:\xef\xbb\xbf)?\s{0,9}\{\s{0,99}"runtimeTarget"')


def interpreter(at: Surroundings, unit: Unit) -> Found:
    """Return whether the root of a unit is that of an installation, as its own files prove."""
    found = at.once(f"interpreter {unit.root}", _mark, unit.root)
    return Found(bool(found), found or "nothing at its root that an installation has")


def _mark(at: Surroundings, root: str) -> str:
    """Return the file that proves it; empty where there is none."""
    return _ruby(at, root) or _php(at, root) or _dotnet(at, root)


def _ruby(at: Surroundings, root: str) -> str:
    """Return rbconfig.rb, which lies in lib/ruby/X.Y.0/ARCH or in lib/TRIPLE/ruby/X.Y.0."""
    for library in at.names_in(join(root, "lib")):
        folder = join(root, f"lib/{library}")
        for outer in at.names_in(folder if library == "ruby" else f"{folder}/ruby"):
            around = f"{folder}/{outer}" if library == "ruby" else f"{folder}/ruby/{outer}"
            for arch in (*at.names_in(around), "") if library == "ruby" else ("",):
                config = (
                    join(around, join(arch, "rbconfig.rb")) if arch else f"{around}/rbconfig.rb"
                )
                if b"RbConfig" in at.start(config):
                    return config
    return ""


def _php(at: Surroundings, root: str) -> str:
    for folder in ("bin", "sbin"):
        for name in at.names_in(join(root, folder)):
            path = join(root, f"{folder}/{name}")
            if _PHP.fullmatch(name) and at.start(path, 4) == b"\x7fELF":
                return path
    return ""


def _dotnet(at: Surroundings, root: str) -> str:
    """Return the file that lists what an application, or a shared framework, consists of."""
    for name in at.names_in(root):
        if name.endswith(".deps.json") and _DEPENDENCIES.match(at.start(join(root, name), 512)):
            return join(root, name)
    return ""
