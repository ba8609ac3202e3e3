"""What a Python source asks for as soon as it is imported, whatever the code around it says.

That is what stands in a simple statement at the left edge: under no condition, in no function and
in no ``try``.
"""

from __future__ import annotations

import re

from slimmer.formats.python.imports import MAX_SOURCE_BYTES, end_of_import
from slimmer.formats.python.statements import READERS, Import, Statements
from slimmer.formats.python.tokens import logical_lines, split

_IMPORT = re.compile(rb"^(?:import|from)\b", re.MULTILINE)
_METADATA = re.compile(
    rb"^\w[^\n#]*?\b(?:version|metadata|distribution|requires|files|get_distribution|require)\("
    rb"[^\n]*",
    re.MULTILINE,
)
#: Lines at the first column, and places of imports further in.
_LOADED = re.compile(rb"^(?:([\w@][^\r\n]{0,200})|[ \t]+(?=(?:import|from)\b))", re.MULTILINE)
_WORD = re.compile(rb"\w+")
_DEFERRED = (b"def ", b"async ", b"class ", b"@")
_COMPOUND = frozenset(("if", "while", "for", "try", "with", "def", "class", "async", "match"))


def quick_top_level(source: bytes) -> tuple[Import, ...]:
    """Return what ``top_level`` returns, and what strings hold that read like an import.

    It reads little more than the imports; it never raises.
    """
    pieces: list[bytes] = []
    for match in _IMPORT.finditer(source):
        piece = source[match.start() : end_of_import(source, match.end())]
        pieces.append(piece + b")" * (piece.count(b"(") > piece.count(b")")))
    if any(word in source for word in READERS):
        pieces += [match[0] for match in _METADATA.finditer(source)]
    return _asked(b"\n".join(pieces), source)


def when_loaded(source: bytes) -> tuple[Import, ...]:
    """Return what a source may import when it is loaded: under ``try`` and conditions, too.

    What stands in a function or a class, or under ``if TYPE_CHECKING``, is left out. It reads
    little more than the imports; it never raises.
    """
    pieces: list[bytes] = []
    is_run = True
    for match in _LOADED.finditer(source):
        if head := match[1]:
            is_run = not head.startswith(_DEFERRED) and b"TYPE_CHECKING" not in head
            if not head.startswith((b"import", b"from")):
                continue
            is_run = True
        if is_run:
            start = match.start() if head else match.end()
            word = _WORD.match(source, start)
            piece = source[start : end_of_import(source, word.end() if word else start)]
            pieces.append(piece + b")" * (piece.count(b"(") > piece.count(b")")))
    return _asked(b"\n".join(pieces), source)


def top_level(source: bytes) -> tuple[Import, ...]:
    """Return what a source imports, and the metadata it asks for, as soon as it is imported.

    Nothing of a source of more than MAX_SOURCE_BYTES. It never raises.
    """
    return _asked(source, source) if len(source) <= MAX_SOURCE_BYTES else ()


def _asked(part: bytes, source: bytes) -> tuple[Import, ...]:
    statements = Statements(about_metadata=any(word in source for word in READERS))
    found: dict[Import, None] = {}
    text = part.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    for column, tokens in logical_lines(text):
        for statement in split(tokens, ";") if column == 0 and tokens[0] not in _COMPOUND else ():
            asked = statements.asked(statement) if statement else ()
            found |= dict.fromkeys(a for a in asked if a.certain and a.how != "__all__")
    return tuple(found)
