"""Which code of slim made a result: a result of other code is never used."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import slimmer
from slimmer.toml import data_folder

#: What decides a result, beside the kinds of secrets: the readers of formats, the transforms,
#: the search for secrets, the guard of Python.
_PATTERNS = (
    *("*.py", "formats/*.py", "formats/*/*.py", "secrets/*.py"),
    "ecosystems/python/*.py",
)


@functools.cache
def code_digest() -> str:
    """Return a digest of the version and of the sources that decide what is remembered."""
    digest = hashlib.sha256(slimmer.__version__.encode())
    package = Path(slimmer.__file__).parent
    files = sorted(file for pattern in _PATTERNS for file in package.glob(pattern))
    for file in (*files, data_folder() / "secrets.toml"):
        digest.update(file.name.encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()
