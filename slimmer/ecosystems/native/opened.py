"""Libraries that may be opened by name while a program runs (dlopen), which no header says.

A name may stand in any kept file, whole (``libjimage.so``), or as what is put together to one
(``jimage`` for ``System.loadLibrary``, ``numpy.libs`` for a glob). In what is packed it cannot be
seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimmer.ecosystems.context import Context
from slimmer.formats.zip import ARCHIVES
from slimmer.model.tree import Entry, Kind
from slimmer.paths import folder_of, name_of

_PACKED = (*ARCHIVES, ".jmod", ".beam", ".egg", "lib/modules")  # the last one is Java's own classes
_LISTS = re.compile(r"(?:.+/)?[^/]+\.(?:dist|egg)-info/.+")  # an installer's, read by installers
_WORD = re.compile(r"(?:lib)?(\w+)")
_SHORTEST = 3  # a shorter word is looked for with "lib" before it
_MAX_READ_BYTES = 1 << 30


def never_opened(
    context: Context, libraries: Iterable[Entry], kept: Iterable[Entry]
) -> list[Entry]:
    """Return those of the libraries that no kept file can name, as far as that is certain.

    Raises what reading raises.
    """
    files = [e for e in kept if e.kind is Kind.FILE and not _LISTS.fullmatch(e.path)]
    too_much = sum(entry.size_bytes for entry in files) > _MAX_READ_BYTES
    if too_much or any(entry.path.endswith(_PACKED) for entry in files):
        return []
    left = list(libraries)
    for entry in files:
        if not left:
            break
        data = context.read(entry.path)
        left = [each for each in left if each is entry or not _is_named(each, data)]
    return left


def _is_named(library: Entry, data: bytes) -> bool:
    folder = name_of(folder_of(library.path)).encode("utf-8", "surrogateescape")
    is_code = data.startswith(b"\x7fELF")  # which names folders that it is linked through
    if folder.endswith(b".libs") and folder in data and not is_code:
        return True
    name = name_of(library.path)
    found = _WORD.match(name)
    word = found[1] if found and len(found[1]) >= _SHORTEST else name.partition(".so")[0]
    raw = word.encode("utf-8", "surrogateescape")
    return (
        raw in data and re.search(rb"(?<![0-9A-Za-z])(?:lib)?" + re.escape(raw), data) is not None
    )
