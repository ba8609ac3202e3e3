"""What OTP's own files say: .app, .rel and .boot.

The formats are those of OTP's manual pages app(4), rel(4) and script(4); a boot file is
the external term format (ERTS User's Guide, chapter "External Term Format") of the script.
"""

from __future__ import annotations

import zlib
from collections.abc import Container
from dataclasses import dataclass

from slimmer.formats import FormatError
from slimmer.formats.erlang.terms import Atom, Term, parse_terms

MAX_BOOT_BYTES = 32 * 1024 * 1024
_MAX_DEPTH = 200


@dataclass(frozen=True)
class App:
    """An application resource: what it is called and what it needs.

    ``required`` must be there for it to start, ``optional`` are the names among them that
    may be missing, ``runtime`` what its ``runtime_dependencies`` name besides, without
    versions. ``start_module`` is the module of its ``mod``, or empty.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    runtime: tuple[str, ...]
    start_module: str


@dataclass(frozen=True)
class Boot:
    """What a boot file names: code folders as they are written, and modules."""

    folders: tuple[str, ...]
    modules: tuple[str, ...]


def parse_app(data: bytes) -> App:
    """Return what a .app file says. Raises FormatError for any other file."""
    terms = parse_terms(data)
    if len(terms) != 1:
        raise FormatError("no application resource")
    term = terms[0]
    if not (isinstance(term, tuple) and len(term) == 3 and term[0] == "application"):
        raise FormatError("no application resource")
    name, keys = term[1], term[2]
    if not isinstance(name, Atom) or not isinstance(keys, list):
        raise FormatError("no application resource")
    facts = {
        item[0]: item[1]
        for item in keys
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], Atom)
    }
    runtime = [dep.rsplit("-", 1)[0] for dep in _strings(facts.get(Atom("runtime_dependencies")))]
    required = [
        *_atoms(facts.get(Atom("applications"))),
        *_atoms(facts.get(Atom("included_applications"))),
    ]
    start = facts.get(Atom("mod"))
    module = start[0] if isinstance(start, tuple) and start and isinstance(start[0], Atom) else ""
    return App(
        name=str(name),
        required=tuple(dict.fromkeys(required)),
        optional=tuple(_atoms(facts.get(Atom("optional_applications")))),
        runtime=tuple(dict.fromkeys(dep for dep in runtime if dep not in required)),
        start_module=str(module),
    )


def parse_rel(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return the applications of a .rel file as (name, version). Raises FormatError."""
    for term in parse_terms(data):
        if (
            isinstance(term, tuple)
            and len(term) == 4
            and term[0] == "release"
            and isinstance(term[3], list)
        ):
            return tuple(
                (str(app[0]), app[1])
                for app in term[3]
                if isinstance(app, tuple)
                and len(app) > 1
                and isinstance(app[0], Atom)
                and isinstance(app[1], str)
            )
    raise FormatError("no release resource")


def parse_boot(data: bytes) -> Boot:
    """Return what a .boot file names. Raises FormatError for any other file."""
    term = decode_external(data)
    if not (
        isinstance(term, tuple)
        and len(term) == 3
        and term[0] == "script"
        and isinstance(term[2], list)
    ):
        raise FormatError("no boot script")
    folders: list[str] = []
    modules: list[str] = []
    for instruction in term[2]:
        if not (
            isinstance(instruction, tuple)
            and len(instruction) == 2
            and isinstance(instruction[1], list)
        ):
            continue
        if instruction[0] == "path":
            folders += [_text(item) for item in instruction[1]]
        elif instruction[0] == "primLoad":
            modules += _atoms(instruction[1])
    return Boot(tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(modules)))


def without_modules(data: bytes, modules: Container[str]) -> bytes:
    """Return a .boot file that loads none of these modules, else as it was.

    The same bytes come back where it loads none of them. Raises FormatError for any other file.
    """
    before = parse_boot(data).modules
    left = tuple(module for module in before if module not in modules)
    if left == before:
        return data
    made = b"\x83" + _Decoder(_external_body(data)).script_without(modules)
    if parse_boot(made).modules != left:
        raise FormatError("a boot script of an unknown form")
    return made


def decode_external(data: bytes) -> Term:
    """Return the term that ``term_to_binary/1`` wrote. Raises FormatError.

    Understood are the tags that boot files hold; compressed terms are inflated up to
    MAX_BOOT_BYTES.
    """
    try:
        return _Decoder(_external_body(data)).term(0)
    except (IndexError, ValueError) as error:
        raise error if isinstance(error, FormatError) else FormatError("cut off") from None


def _external_body(data: bytes) -> bytes:
    if len(data) > MAX_BOOT_BYTES:
        raise FormatError(f"longer than {MAX_BOOT_BYTES} bytes")
    if data[:1] != b"\x83":
        raise FormatError("no external term")
    body = data[1:]
    if body[:1] == b"P":
        inflater = zlib.decompressobj()
        try:
            body = inflater.decompress(body[5:], MAX_BOOT_BYTES)
        except zlib.error:
            raise FormatError("broken compressed term") from None
        if inflater.unconsumed_tail:
            raise FormatError(f"inflates to more than {MAX_BOOT_BYTES} bytes")
    return body


class _Decoder:
    """Reads one term; every count is checked against the bytes that are left."""

    def __init__(self, body: bytes):
        self._body = body
        self._at = 0

    def term(self, depth: int) -> Term:
        if depth > _MAX_DEPTH:
            raise FormatError(f"nested deeper than {_MAX_DEPTH}")
        tag = self._number(1)
        if tag in (100, 115, 118, 119):  # ATOM, SMALL_ATOM, ATOM_UTF8, SMALL_ATOM_UTF8
            text = self._take(self._number(2 if tag in (100, 118) else 1))
            return Atom(text.decode("latin-1" if tag in (100, 115) else "utf-8"))
        if tag == 107:  # STRING: a list of bytes
            return list(self._take(self._number(2)))
        if tag == 106:  # NIL
            return []
        if tag == 108:  # LIST, with a tail
            items = self._terms(self._number(4), depth)
            self.term(depth + 1)
            return items
        if tag in (104, 105):  # SMALL_TUPLE, LARGE_TUPLE
            return tuple(self._terms(self._number(1 if tag == 104 else 4), depth))
        if tag == 116:  # MAP
            flat = self._terms(2 * self._number(4), depth)
            return {str(key): value for key, value in zip(flat[::2], flat[1::2], strict=True)}
        if tag == 113:  # EXPORT: fun Module:Function/Arity
            return tuple(self._terms(3, depth))
        return self._scalar(tag)

    def script_without(self, modules: Container[str]) -> bytes:
        """Return the term of a boot script, whose form is known, without modules to load."""
        self._take(2)  # a tuple of three
        self.term(0)
        self.term(0)
        made = bytearray(self._body[: self._at])
        made += self._take(5)  # a list
        for _ in range(int.from_bytes(made[-4:], "big")):
            start = self._at
            instruction = self.term(0)
            if isinstance(instruction, tuple) and instruction[:1] == ("primLoad",):
                made += self._load_without(start, modules)
            else:
                made += self._body[start : self._at]
        return bytes(made + self._body[self._at :])

    def _load_without(self, start: int, modules: Container[str]) -> bytes:
        """Return the instruction that begins at ``start``, without modules to load."""
        end, self._at = self._at, start + 2  # a tuple of two
        self.term(0)
        head = self._body[start : self._at]
        if self._number(1) != 108:
            self._at = end
            return self._body[start:end]
        items = []
        for _ in range(self._number(4)):
            at = self._at
            if self.term(0) not in modules:
                items.append(self._body[at : self._at])
        self._at = end
        length = len(items).to_bytes(4, "big")
        return head + (b"l" + length + b"".join(items) + b"j" if items else b"j")

    def _scalar(self, tag: int) -> Term:
        if tag == 97:  # SMALL_INTEGER
            return self._number(1)
        if tag == 98:  # INTEGER
            return int.from_bytes(self._take(4), "big", signed=True)
        if tag in (110, 111):  # SMALL_BIG, LARGE_BIG
            size = self._number(1 if tag == 110 else 4)
            sign = self._number(1)
            number = int.from_bytes(self._take(size), "little")
            return -number if sign else number
        if tag == 109:  # BINARY
            return self._take(self._number(4))
        if tag == 77:  # BIT_BINARY
            return self._take(self._number(4) + 1)[1:]
        if tag in (70, 99):  # NEW_FLOAT, FLOAT
            return self._take(8 if tag == 70 else 31)
        raise FormatError(f"unknown tag {tag}")

    def _terms(self, count: int, depth: int) -> list[Term]:
        if count > len(self._body) - self._at:
            raise FormatError("cut off")
        return [self.term(depth + 1) for _ in range(count)]

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._body):
            raise FormatError("cut off")
        taken = self._body[self._at : end]
        self._at = end
        return taken


def _atoms(term: Term | None) -> list[str]:
    return [str(item) for item in term if isinstance(item, Atom)] if isinstance(term, list) else []


def _strings(term: Term | None) -> list[str]:
    if not isinstance(term, list):
        return []
    return [item for item in term if isinstance(item, str) and not isinstance(item, Atom)]


def _text(term: Term) -> str:
    """Return an Erlang string that came as a list of character codes."""
    if isinstance(term, list) and all(isinstance(c, int) and 0 <= c < 0x110000 for c in term):
        return "".join(chr(c) for c in term if isinstance(c, int))
    raise FormatError("a path that is not a string")
