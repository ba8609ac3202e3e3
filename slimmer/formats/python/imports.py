"""Python sources: what a file imports or asks for by name, and how certainly.

Source: the Python Language Reference, chapter 8 "Compound statements". The statements are
found by our own reading of tokens and indentation. Python's ``ast`` would know them too, but
whether it can parse a file depends on the Python that runs slim, and the same tree must give
the same zip under each. Any bytes can be read, Python 2's sources among them, and nothing
nests too deeply. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from slimmer.formats import FormatError
from slimmer.formats.python.statements import READERS, Import, Statements
from slimmer.formats.python.tokens import header_end, logical_lines, split

MAX_SOURCE_BYTES = 4_000_000  # the largest generated modules in wide use have about 2 MB

_WORD_BYTES = bytes(b if chr(b).isalnum() or b in b"_" or b > 127 else 32 for b in range(256))
# An import, or a string that could be a module's name. Where each way begins with a plain
# character, the search skips to the next of these, in a third of the time.
_ASKING = re.compile(
    rb"""from(?<!\wfrom)\b|import(?<!\wimport)\b"""
    rb"""|"[\w.:\-\x80-\xff]++(?=["'])|'[\w.:\-\x80-\xff]++(?=["'])"""
)
_SCHEME = re.compile(rb"[\"'](\w[\w+.\-]{0,99})://")  # of a URL: postgresql+pg8000
_IMPORT_PART = re.compile(rb"[^\r\n\\(\#]++|\\\r?\n?|\(")  # what goes on behind the word
_BRACKET_STOP = re.compile(rb"\)|\#[^\r\n]*+")
_CODING = re.compile(
    rb"(?:[ \t\f]*(?:#[^\r\n]*+)?(?:\r\n|\r|\n))?"  # the first line, if it says nothing else
    rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([\w.-]+)"
)
_LIKE_ASCII = re.compile(
    r"utf|us|(?:utf-?8|u8|(?:us-|cs)?ascii|646|latin|l\d|(?:iso-?)?8859|iso-ir-(?:6|100)|iso646-us"
    r"|(?:cp|ibm)(?:367|819)|cp65001|cp125|windows-125|koi8|mac|euc)[\w.-]*"
)
_OPENERS = frozenset(
    (
        *("if", "elif", "else", "try", "except", "finally", "with", "for", "while"),
        *("def", "class", "async", "match", "case"),
    )
)
_CAUGHT = frozenset(
    (
        *("ImportError", "ModuleNotFoundError", "PackageNotFoundError", "DistributionNotFound"),
        *("Exception", "BaseException"),
    )
)


_MISSING = frozenset(("ImportError", "ModuleNotFoundError"))
_OF_ERRORS = re.compile(
    r"error|exception|traceback|fail|raise|crash|panic|abort|warn|debug", re.IGNORECASE
)


@dataclass
class _Try:
    """A try statement. What becomes of an ImportError in it shows after its body."""

    outer: _Try | None
    catches: bool = False  # a handler takes it, and does not raise again
    handled: bool = False  # a handler for it was seen; the first decides


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: in the body of which try, under what condition."""

    attempt: _Try | None = None
    typing: bool = False
    doubt: str = ""
    deferred: bool = False
    failing: bool = False


@dataclass
class _Block:
    """An open block: the column of its header, the place in it, the try that it is a part of."""

    column: int
    place: _Place
    part_of: _Try | None = None
    handles: bool = False
    #: How many imports were found before it, and where it returned last.
    begins: int = 0


def words(text: bytes) -> list[bytes]:
    """Return the words of any text."""
    return text.translate(_WORD_BYTES).split()


def asking_words(source: bytes) -> set[bytes]:
    """Return the words in imports, and in strings that could be names; it never raises.

    It is a cheap look. The names of all modules that ``imports`` finds are among them, and
    words of comments that read like an import, too.
    """
    found, position = [], 0
    while match := _ASKING.search(source, position):
        position = match.end()
        if match[0][:1] not in b"\"'":
            position = end_of_import(source, position)
        found.append(source[match.start() : position])
    return set(words(b" ".join(found)))


def scheme_words(source: bytes) -> set[bytes]:
    """Return the words of schemes that URLs in strings begin with; drivers are called so."""
    return {word for scheme in _SCHEME.findall(source) for word in words(scheme)}


def end_of_import(source: bytes, position: int) -> int:
    """Return how far an import goes: its line, lines after a backslash, all in brackets.

    ``position`` is behind its first word.
    """
    while part := _IMPORT_PART.match(source, position):
        position = part.end()
        if part[0] == b"(":
            stop = _BRACKET_STOP.search(source, position)
            while stop and stop[0] != b")":
                stop = _BRACKET_STOP.search(source, stop.end())
            position = stop.start() if stop else len(source)
    return position


def imports(source: bytes) -> tuple[Import, ...]:
    """Return what a source imports, or asks for by a name that stands in it.

    What stands under ``if TYPE_CHECKING`` never runs and is left out. A name of
    ``__all__``, and one of lazy_loader's ``attach``, is an import from the module itself, of
    level 1. A string that reads like a module's name is one that is not certain. Raises
    FormatError for a source of more than MAX_SOURCE_BYTES, and for one whose text is in an
    encoding (PEP 263) in which a byte of ASCII can be half of another character.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise FormatError("a source of more than 4 MB")
    if coding := _CODING.match(source):
        name = coding[1].decode("ascii", "replace").lower().replace("_", "-")
        if not _LIKE_ASCII.fullmatch(name):
            raise FormatError(f"its text is in {name[:40]}")
    text = source.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    statements = Statements(about_metadata=any(word in source for word in READERS))
    return tuple(dict.fromkeys(_Reader(statements).read(text)))


class _Reader:
    """Follows the blocks of one source."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._open: list[_Block] = []
        self._tries: list[_Try] = []
        self._found: list[tuple[Import, _Place]] = []

    def read(self, text: str) -> Iterator[Import]:
        for column, tokens in logical_lines(text):
            self._line(column, tokens, self._close(column))
        for attempt in self._tries:  # the outer ones come first
            attempt.catches |= attempt.outer is not None and attempt.outer.catches
        for asked, place in self._found:
            asked = asked._replace(deferred=place.deferred, failing=place.failing)
            doubt = "under try" if place.attempt and place.attempt.catches else place.doubt
            if doubt and not place.typing:
                yield asked._replace(certain=False, how=f"{asked.how} {doubt}")
            elif not place.typing:
                yield asked
        yield from self._statements.groups()

    def _close(self, column: int) -> _Block | None:
        """End the blocks that a line at this column is not in; return the last of that column."""
        closed = None
        while self._open and self._open[-1].column >= column:
            closed = self._open.pop()
        return closed if closed is not None and closed.column == column else None

    def _line(self, column: int, tokens: Sequence[str], closed: _Block | None) -> None:
        head = tokens[1] if tokens[0] == "async" and len(tokens) > 1 else tokens[0]
        end = header_end(tokens) if head in _OPENERS else -1
        if end >= 0:
            self._keep(tokens[:end])
            block = self._opened(column, head, tokens[:end], closed)
            self._open.append(replace(block, begins=len(self._found)))
        for part in split(tokens[end + 1 :], ";"):
            if part:
                self._keep(part)
            if part and part[0] == "raise" and self._open:
                self._raised(self._open[-1])
            elif part and part[0] == "return":
                for block in self._open:
                    block.begins = len(self._found)

    def _raised(self, block: _Block) -> None:
        """Take note that a block raises, unless it returns before."""
        if block.handles and block.part_of is not None:
            block.part_of.catches = False
        self._found[block.begins :] = [
            (asked, replace(place, failing=True)) for asked, place in self._found[block.begins :]
        ]
        block.begins = len(self._found)

    def _keep(self, tokens: Sequence[str]) -> None:
        place = self._place()
        self._found += [(asked, place) for asked in self._statements.asked(tokens)]

    def _place(self) -> _Place:
        return self._open[-1].place if self._open else _Place()

    def _opened(
        self, column: int, head: str, header: Sequence[str], closed: _Block | None
    ) -> _Block:
        """Return the block that a header opens."""
        place = self._place()
        part_of = closed.part_of if closed is not None else None
        if head == "try":
            part_of = _Try(place.attempt)
            self._tries.append(part_of)
            return _Block(column, replace(place, attempt=part_of), part_of)
        if head == "except":
            first = part_of is not None and not part_of.handled and _catches(header)
            if part_of is not None and first:
                part_of.catches = part_of.handled = True
            place = replace(place, failing=place.failing or not _is_for_missing(header))
            return _Block(column, place, part_of, handles=first)
        if head in ("else", "elif", "finally"):
            return _Block(column, place, part_of)
        if head == "if" and _is_type_checking(header):
            return _Block(column, replace(place, typing=True))
        if head == "with" and "suppress" in header:
            return _Block(column, replace(place, doubt="under suppress"))
        if "def" in (head, *header[1:2]):
            name = _function(header)
            doubt = "in a test" if _is_test(name) else place.doubt
            failing = place.failing or _OF_ERRORS.search(name) is not None
            return _Block(column, replace(place, doubt=doubt, deferred=True, failing=failing))
        return _Block(column, place)


def _catches(header: Sequence[str]) -> bool:
    return len(header) == 1 or not _CAUGHT.isdisjoint(header)


def _is_type_checking(header: Sequence[str]) -> bool:
    return list(header[1:]) == ["TYPE_CHECKING"] or list(header[2:]) == [".", "TYPE_CHECKING"]


def _is_for_missing(header: Sequence[str]) -> bool:
    """Return whether a handler is for failed imports alone: what it imports is another choice."""
    end = header.index("as") if "as" in header else len(header)
    names = {word for word in header[1:end] if word.isidentifier()}
    return bool(names) and names <= _MISSING


def _function(header: Sequence[str]) -> str:
    return next((after for word, after in pairwise(header) if word == "def"), "")


def _is_test(name: str) -> bool:
    return name == "test" or name.startswith(("test_", "_test"))
