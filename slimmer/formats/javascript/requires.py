"""JavaScript sources: what a file asks for by name.

Nothing is executed and nothing is parsed: ``asked`` is a fast look that finds more than there
is. Which of its finds are code, :mod:`slimmer.formats.javascript.scopes` tells. It takes time
linear in the size of the source, whatever its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from slimmer.formats.javascript.folders import by_variables

_COMMENT = rb"/\*(?:(?!\*/)[\s\S]){0,256}\*/\s{0,64}"
_TEXT = rb"\s{0,64}(?:" + _COMMENT + rb"){0,3}(?:\(\s{0,64})?([\"'`])([^\"'`\\\n]{1,300})\1"
IN_ANY = "joined"  # the kind of what is named in a folder of which nothing is known
_ASKING = (  # a name that is looked for first, as that is fast; what stands around it; its kind
    (b"equire", rb"equire(?:[\w$]{0,8}|\([^()]{0,80}\))(?:\.resolve)?\s?(?:\?\.)?\(", "require"),
    (b"import", rb"import\b(?:\.meta\.resolve)?(?:\s?\()?", "import"),
    (b"from", rb"from\b", "import"),
    (b"dirname", rb"dirname\s{0,9}[,+]", "path"),
    (b"import.meta.url", rb"import\.meta\.url\s?\)\s?\)\s?[,+]", "path"),
    (b"URL(", rb"URL\(", "url"),
    (b"join(", rb"join\(\s{0,9}(?!__dirname|import\.)[\w$.]{1,80}\s{0,9},", IN_ANY),
)
_ASKED = [(name, re.compile(around + _TEXT), how) for name, around, how in _ASKING]
_FURTHER = re.compile(rb"\s{0,64},\s{0,64}([\"'])([^\"'\\\n]{1,300})\1")
BY_PLACE = ("path", "prefix")  # kinds of what is named by where the source lies
_MAX_PARTS = 16  # arguments of one join
_GOES_ON = re.compile(rb"\s{0,64}\+")
_IN_TEMPLATE = re.compile(rb"dirname\s?\}/([^`$}\\\n]{1,300})([`$])")
_ASSIGNED = re.compile(rb"(?<![\w$])([\w$]{1,64})\s{0,9}=\s{0,9}(?:[\w$]{1,64}\.)?$")
_MAX_CALLS = 16  # of createRequire in one file
_OF_MODULE = re.compile(rb"\s{0,64},\s{0,64}import\.meta\.url")
_TYPES = re.compile(rb"\b(?:import|export)\s{1,9}type\s[\w$\s,{}*]{0,500}?\bfrom(?=\s{0,9}[\"'])")

_TYPE_NAMES = re.compile(_TYPES.pattern + rb"\s{0,9}[\"'][^\"'\n]{0,300}[\"']")


class Asked(NamedTuple):
    """What a source names: ``how`` is ``require``, ``import``, ``path``, ``prefix`` or ``joined``.

    A ``path`` is relative to the folder of the source; a specifier is what ``require`` or
    ``import`` would be given, and a ``prefix`` the folder that it begins with, where the
    rest is put together at run time. What is ``joined`` lies in a folder that is not known.
    ``offset`` is where in the bytes it begins.
    """

    how: str
    specifier: str
    offset: int


def asked(source: bytes) -> tuple[Asked, ...]:
    """Return the literal arguments of what looks like ``require``, ``import`` or a path.

    Comments and strings are searched, too. It never raises.
    """
    every = chain(
        _finds(source),
        _finds_in_templates(source),
        _finds_of_aliases(source),
        _finds_of_folders(source),
    )
    return tuple(sorted(every, key=lambda asked: asked.offset))


def without_types(source: bytes) -> bytes:
    """Return TypeScript in which blanks stand for ``import type … from``, which Node leaves out."""
    return _TYPES.sub(lambda match: b" " * len(match[0]), source)


def without_type_names(source: bytes) -> bytes:
    """Return TypeScript with blanks also for the names of what only types are taken from."""
    return _TYPE_NAMES.sub(lambda match: b" " * len(match[0]), source)


def _finds(source: bytes) -> Iterator[Asked]:
    for name, pattern, how in _ASKED:
        position = source.find(name)
        while position >= 0:
            match = pattern.match(source, position)
            if match and (how != "url" or _OF_MODULE.match(source, match.end())):
                kind, text = _meant(source, match, how)
                yield Asked(kind, _text(text), position)
            position = source.find(name, position + len(name))


def _finds_in_templates(source: bytes) -> Iterator[Asked]:
    """Yield the paths that are written as ``${__dirname}/x`` in a template."""
    position = source.find(b"dirname}")
    while position >= 0:
        match = _IN_TEMPLATE.match(source, position)
        if match:
            is_whole = match[2] == b"`"
            text = match[1] if is_whole else b"./" + match[1][: match[1].rfind(b"/") + 1]
            yield Asked("path" if is_whole else "prefix", _text(text), position)
        position = source.find(b"dirname}", position + 1)


def _finds_of_aliases(source: bytes) -> Iterator[Asked]:
    """Yield what is asked of a ``require`` by another name, as ``x = createRequire(…)`` gives."""
    for alias in _aliases(source):
        called = re.compile(
            rb"(?<![\w$.])" + re.escape(alias) + rb"(?:\.resolve)?\s?(?:\?\.)?\(" + _TEXT
        )
        for match in called.finditer(source):
            kind, text = _meant(source, match, "require")
            yield Asked(kind, _text(text), match.start())


def _finds_of_folders(source: bytes) -> Iterator[Asked]:
    """Yield what is named by variables that stand for folders."""
    for path, offset, is_open in by_variables(source):
        yield Asked("prefix" if is_open else "path", f"./{path}" if is_open else path, offset)


def _aliases(source: bytes) -> set[bytes]:
    found: set[bytes] = set()
    position = -1
    for _ in range(_MAX_CALLS):
        position = source.find(b"createRequire", position + 1)
        if position < 0:
            break
        match = _ASSIGNED.search(source, max(0, position - 160), position)
        if match and b"equire" not in match[1]:
            found.add(match[1])
    return found


def _text(found: bytes) -> str:
    return found.decode("utf-8", "surrogateescape")


def _meant(source: bytes, match: re.Match[bytes], how: str) -> tuple[str, bytes]:
    """Return the kind and the text of a find; of a text that goes on, its folder."""
    text, end = match[2], match.end()
    fixed = text.partition(b"${")[0] if match[1] == b"`" else text
    if fixed != text or _GOES_ON.match(source, end):
        folder = fixed[: fixed.rfind(b"/") + 1]
        return "prefix", b"./" + folder.lstrip(b"/") if how == "path" else folder
    if how in ("path", "url"):
        return "path", _joined(source, text, end)
    return how, text


def _joined(source: bytes, text: bytes, end: int) -> bytes:
    """Return a path with the further arguments of ``join`` that are literals, too."""
    for _ in range(_MAX_PARTS):
        further = _FURTHER.match(source, end)
        if not further:
            break
        text, end = text + b"/" + further[2], further.end()
    return text.lstrip(b"/")
