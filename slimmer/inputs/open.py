"""The one way from a path to a source: FORMS says how each form is recognised and opened.

A new form of input is a module of its own and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.inputs.folder import Folder, scan
from slimmer.inputs.zip_tree import ZipTree, open_zip
from slimmer.text import printable


class Form(NamedTuple):
    """A form of input."""

    name: str
    #: Whether a path is of this form; the first row that says so opens it.
    recognises: Callable[[Path], bool]
    #: Raises InputError, and says then what is wrong with the path.
    open: Callable[[Path], Folder | ZipTree]


FORMS = (
    Form("folder", Path.is_dir, scan),
    # Whatever else is named: a zip may have any name and begin with anything.
    Form("zip", lambda _: True, open_zip),
)


def open_source(path: Path) -> Folder | ZipTree:
    """Return what a path holds as a source.

    Raises InputError for what has no known form, and where nothing is there.
    """
    if not path.exists():
        raise InputError(f"{printable(str(path))}: no such file or folder; name one that is there")
    return next(form.open(path) for form in FORMS if form.recognises(path))
