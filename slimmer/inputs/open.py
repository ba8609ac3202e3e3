"""The one way from a path to a source: FORMS says how each form is recognised and opened.

A new form of input is a module of its own and a row here. What only tars and images need is
imported when one is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, reason_of
from slimmer.inputs.base import Source
from slimmer.inputs.folder import scan
from slimmer.inputs.looks import is_layout, is_stream, may_be_tar
from slimmer.inputs.zip_tree import open_zip
from slimmer.text import printable


class Form(NamedTuple):
    """A form of input."""

    name: str
    #: Whether a path is of this form; the first row that says so opens it.
    recognises: Callable[[Path], bool]
    #: Takes the path and the processor of an image; raises InputError, and says what is wrong.
    open: Callable[[Path, str], Source]


def _open_layout(path: Path, arch: str) -> Source:
    from slimmer.inputs.image import open_layout  # noqa: PLC0415

    return open_layout(path, arch)


def _open_tar(path: Path, arch: str) -> Source:
    from slimmer.inputs.image import open_tar  # noqa: PLC0415

    return open_tar(path, arch)


FORMS = (
    Form("OCI layout", is_layout, _open_layout),
    Form("folder", Path.is_dir, lambda path, _: scan(path)),
    Form("tar, of an image too", may_be_tar, _open_tar),
    # Whatever else is named: a zip, as a jar and a war are, may have any name and begin with
    # anything.
    Form("zip", lambda _: True, lambda path, _: open_zip(path)),
)


def open_source(path: Path, arch: str = "") -> Source:
    """Return what a path holds as a source; of an image what is for the processor, if it is said.

    ``-`` is standard input, and ``docker:NAME`` an image of an engine, where no file is called so.
    Raises InputError for what has no known form, and where nothing is there.
    """
    name = printable(str(path))
    if is_stream(path):
        from slimmer.inputs.image import tree_in  # noqa: PLC0415
        from slimmer.inputs.streams import stream_data  # noqa: PLC0415

        return tree_in(stream_data(path), path, arch)
    try:
        path.stat()
    except FileNotFoundError:
        raise InputError(f"{name}: no such file or folder; name one that is there") from None
    except PermissionError:
        raise InputError(f"{name}: no permission to reach it; change its mode") from None
    except OSError as error:
        raise InputError(f"{name}: {reason_of(error)}; name a folder, a zip or a tar") from None
    return next(form.open(path, arch) for form in FORMS if form.recognises(path))
