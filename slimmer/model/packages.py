"""Packages of a distribution of Linux, as its own records say."""

from __future__ import annotations

from typing import NamedTuple


class Package(NamedTuple):
    """An installed package. Packages of one name for several processors are several."""

    name: str
    version: str = ""
    #: As the distribution calls it: amd64, x86_64, all, noarch.
    architecture: str = ""
    #: The package that it was built from, where the records name one.
    origin: str = ""
    #: What it needs: of each group of names one must be there.
    needs: tuple[tuple[str, ...], ...] = ()
    #: What it works better with, in the same form.
    likes: tuple[tuple[str, ...], ...] = ()
    #: The names that it answers to beside its own.
    gives: tuple[str, ...] = ()
    #: Whether the distribution says that no system is whole without it.
    is_required: bool = False
    #: The paths that it placed, relative to the root, where the same record lists them.
    files: tuple[str, ...] = ()
    #: The files that people may edit, each with the MD5 digest of what the package brought.
    settings: tuple[tuple[str, str], ...] = ()
