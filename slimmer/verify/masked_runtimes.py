"""Runtimes that a machine may have and Lambda's does not: what of them is put out of sight.

Lambda's own images for custom runtimes hold none of them.
"""

from __future__ import annotations

from typing import NamedTuple

from slimmer.ecosystems import ECOSYSTEMS, Installed

_PREFIXES = ("usr", "usr/local")
_LIBS = ("lib", "lib64", "share")


class Runtime(NamedTuple):
    """Where a runtime lies on the machines that have it."""

    #: Its folders, as globs below ``/``.
    folders: tuple[str, ...]
    #: Its programs, as globs below ``/``.
    programs: tuple[str, ...]


def _of(installed: Installed) -> Runtime:
    folders, programs = installed.folders.split(), installed.programs.split()
    return Runtime(
        tuple(f"{p}/{lib}/{name}" for p in _PREFIXES for lib in _LIBS for name in folders),
        tuple(f"{p}/bin/{name}" for p in _PREFIXES for name in programs),
    )


_INSTALLED = {name: where for row in ECOSYSTEMS for name, where in row.installed.items()}
_INSTALLED |= {  # languages that have no ecosystem
    "ruby": Installed("ruby rubygems-integration gems", "ruby ruby[23]* gem bundle"),
}
HIDDEN = {name: _of(_INSTALLED[name]) for name in sorted(_INSTALLED)}
