"""JavaScript sources: the folders that variables stand for, and what is named by them.

A folder that is worked out from ``__dirname``, ``__filename`` or ``import.meta`` and given a name
is followed in the same source, as far as what is joined to it is literal. Nothing is executed;
it takes time linear in the size of the source, whatever its bytes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

# What names the place of a source, and how many dirname() lead from it to the folder.
_MARKS = (
    *((b"__dirname", 0), (b"import.meta.dirname", 0), (b"import.meta.url", 1)),
    *((b"__filename", 1), (b"import.meta.filename", 1)),
)
_ASSIGNED = re.compile(
    rb"(?<![\w$.])([\w$]{1,64})\s{0,9}(?::\s?string\s?)?=\s{0,9}"
    rb"((?:new\s)?(?:\(0,\s?)?[\w$.]{1,64}\)?\(\s{0,64}"
    rb"(?:(?:new\s)?(?:\(0,\s?)?[\w$.]{1,64}\)?\(\s{0,64}){0,3})?$"
)
_TEXT = rb"([\"'])([^\"'\\\n]{1,300})\1"
_URL = re.compile(
    rb"(?<![\w$.])([\w$]{1,64})\s{0,9}=\s{0,9}[^;\n]{0,80}\bURL\(\s?"
    rb"[\"'\x60]([^\"'\x60\\\n]{1,300})[\"'\x60]\s?,\s?$"
)
_FURTHER = re.compile(rb"\s{0,64},\s{0,64}" + _TEXT)
_CLOSED = re.compile(rb"[\s)]{0,9}")
_CALL = re.compile(rb"(?:join|resolve|normalize)\)?\(\s{0,64}$")
_AFTER = re.compile(rb"\s{0,9}([,+])\s{0,64}([\"'`])([^\"'`\\\n]{1,300})\2")
_IN_TEMPLATE = re.compile(rb"\}/([^`$}\\\n]{1,300})([`$])")
_GOES_ON = re.compile(rb"\s{0,64}\+")
_DIRNAME = re.compile(rb"dirname\)?\(")
_BEFORE = 200  # bytes that are read before a mark
_MAX_NAMES = 32  # of folders in one source
_MAX_FOLLOWED = (
    128  # names with a folder: two that are each other's parent have folders without end
)
_MAX_USES = 2_000  # of one name
_MAX_PARTS = 16  # arguments of one join


class Joined(NamedTuple):
    """A path that a source names: relative to its folder, and where in the bytes it begins.

    It ``is_open`` where what stands behind it is put together while the program runs; then
    the path is that of the folder before.
    """

    path: str
    offset: int
    is_open: bool


def by_variables(source: bytes) -> Iterator[Joined]:
    """Yield what is joined to names that stand for folders; it never raises."""
    todo = list(_assigned(source))
    known: dict[bytes, set[str]] = {}
    for _ in range(_MAX_FOLLOWED):
        if not todo or len(known) >= _MAX_NAMES:
            return
        name, folder = todo.pop()
        if folder in known.setdefault(name, set()):
            continue
        known[name].add(folder)
        for start in _places(source, name):
            end = start + len(name)
            yield from _joined(source, start, end, folder)
            before = source[max(0, start - _BEFORE) : start]
            if (match := _ASSIGNED.search(before)) and match[2] and match[1] != name:
                ups = len(_DIRNAME.findall(match[2]))
                todo.append((match[1], _with_rest(source, end, folder, ups)))


def _assigned(source: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield the names that get a folder by where the source lies, and that folder."""
    for mark, depth in _MARKS:
        for start in _places(source, mark):
            before = source[max(0, start - _BEFORE) : start]
            if match := _ASSIGNED.search(before):
                ups = len(_DIRNAME.findall(match[2] or b"")) - depth
                if ups >= 0:
                    yield match[1], _with_rest(source, start + len(mark), "", ups)
            elif match := _URL.search(before):
                yield match[1], _norm(_text(match[2]))


def _places(source: bytes, word: bytes) -> Iterator[int]:
    """Yield where a name stands as a whole word."""
    position = -1
    for _ in range(_MAX_USES):
        position = source.find(word, position + 1)
        if position < 0:
            return
        around = source[max(0, position - 1) : position] + source[position + len(word) :][:1]
        if not re.search(rb"[\w$]", around):
            yield position


def _with_rest(source: bytes, end: int, folder: str, ups: int) -> str:
    """Return a folder, some levels up, with the literals that a join adds to it."""
    path = posixpath.join(folder, *[".."] * ups)
    closed = _CLOSED.match(source, end)
    end = closed.end() if closed else end
    for _ in range(_MAX_PARTS):
        further = _FURTHER.match(source, end)
        if not further:
            break
        path, end = posixpath.join(path, _text(further[2]).lstrip("/")), further.end()
    return _norm(path)


def _joined(source: bytes, start: int, end: int, folder: str) -> Iterator[Joined]:
    """Yield what is joined to a name at a place: by a join, a sum or a template."""
    if template := _IN_TEMPLATE.match(source, end):
        yield _made(folder, template[1], start, is_open=template[2] == b"$")
        return
    after = _AFTER.match(source, end)
    if after is None or (after[1] == b"," and not _CALL.search(source[max(0, start - 80) : start])):
        return
    text, dollar, _ = after[3].partition(b"${")
    if (dollar and after[2] == b"`") or _GOES_ON.match(source, after.end()):
        yield _made(folder, text, start, is_open=True)
    else:
        path = posixpath.join(folder, _text(after[3]).lstrip("/"))
        yield Joined(_with_rest(source, after.end(), path, 0), start, is_open=False)


def _made(folder: str, text: bytes, offset: int, *, is_open: bool) -> Joined:
    text = text[: text.rfind(b"/") + 1] if is_open else text
    return Joined(_norm(posixpath.join(folder, _text(text).lstrip("/"))), offset, is_open)


def _norm(path: str) -> str:
    return posixpath.normpath(path or ".")


def _text(found: bytes) -> str:
    return found.decode("utf-8", "surrogateescape")
