"""The one way from a path to a source: FORMS says how each form is recognised and opened.

A new form of input is a module of its own and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, reason_of
from slimmer.inputs.base import Source
from slimmer.inputs.folder import scan
from slimmer.inputs.tar_tree import may_be_tar, open_tar
from slimmer.inputs.zip_tree import open_zip
from slimmer.text import printable


class Form(NamedTuple):
    """A form of input."""

    name: str
    #: Whether a path is of this form; the first row that says so opens it.
    recognises: Callable[[Path], bool]
    #: Raises InputError, and says then what is wrong with the path.
    open: Callable[[Path], Source]


FORMS = (
    Form("folder", Path.is_dir, scan),
    Form("tar", may_be_tar, open_tar),
    # Whatever else is named: a zip, as a jar and a war are, may have any name and begin with
    # anything.
    Form("zip", lambda _: True, open_zip),
)


def open_source(path: Path) -> Source:
    """Return what a path holds as a source.

    Raises InputError for what has no known form, and where nothing is there.
    """
    name = printable(str(path))
    try:
        path.stat()
    except FileNotFoundError:
        raise InputError(f"{name}: no such file or folder; name one that is there") from None
    except PermissionError:
        raise InputError(f"{name}: no permission to reach it; change its mode") from None
    except OSError as error:
        raise InputError(f"{name}: {reason_of(error)}; name a folder, a zip or a tar") from None
    return next(form.open(path) for form in FORMS if form.recognises(path))
