"""Strict reading of TOML: every complaint names the file and the line it is about.

The standard library's parser keeps no positions, so the line of a key is found by
reading the text again, only when there is something to complain of.
"""

from __future__ import annotations

import functools
import re
import reprlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from slimmer.errors import UsageError, reason_of
from slimmer.sizes import parse_size
from slimmer.text import did_you_mean, nearest, printable

MAX_TEXT_BYTES = 4_000_000  # of a file of settings or rules; the longest of slim's own has 0.1 MB

PRICES_FILE = "prices.toml"  # in the folder of data files, for slimmer.verify.prices

_HEADER = re.compile(r"\s*\[\[?([^\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""((?:"[^"]*+"|'[^']*+'|[A-Za-z0-9_.\s-]++)+)=""")
_PART = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|[^."']+)""")
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_SHOWN = reprlib.Repr()  # of any depth and length
_SHOWN.maxstring = _SHOWN.maxother = 200


def data_folder() -> Path:
    """Return the folder of slim's data files: packs, secret kinds and, in ``targets/``, targets.

    In an installed slim it is inside the package; in a checkout it is ``rules/`` at the top.
    """
    package = Path(__file__).parent
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "rules"


def read_text(file: Path) -> str:
    """Return a text file's content, without a byte order mark.

    Raises UsageError when it cannot be read as UTF-8, or is larger than MAX_TEXT_BYTES.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_TEXT_BYTES + 1)
        if len(data) > MAX_TEXT_BYTES:
            raise UsageError(
                f"{printable(str(file))}: larger than {MAX_TEXT_BYTES:,} B; name another file"
            )
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        reason = reason_of(error)
        raise UsageError(
            f"{printable(str(file))}: cannot be read ({reason}); name another file"
        ) from None


class Table:
    """One table of a TOML file, read key by key; what is left over at the end is an error.

    Every method that takes a key raises UsageError, with file and line, when the value is
    of another kind than it asks for.
    """

    def __init__(
        self,
        data: dict[str, Any],
        text: str,
        source: str,
        path: tuple[str, ...] = (),
        occurrence: int = 1,
    ):
        self._data = data
        self._occurrence = occurrence
        self._text = text
        self._read: set[str] = set()
        self._known: set[str] = set()
        self.source = source
        self.path = path

    @classmethod
    def parse(cls, text: str, source: str) -> Table:
        """Return the top table of ``text``; ``source`` is the name of the file it came from."""
        import tomllib  # noqa: PLC0415 - a shell asks for names of files, and waits

        try:
            return cls(tomllib.loads(text), text, source)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            place = _AT_LINE.search(message)
            line = int(place[1]) if place else 1
            if "end of document" in message:
                line = max(1, len(text.splitlines()))
            what = _AT_LINE.sub("", message)
            raise UsageError(f"{source}:{line}: not valid TOML: {what}") from None
        except (ValueError, RecursionError) as error:
            what = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise UsageError(f"{source}:1: cannot be read as TOML: {what}") from None

    def place(self, key: str | None = None) -> str:
        """Return ``file:line`` of a key of this table, or of the table itself."""
        return f"{self.source}:{self._line_of(key)}"

    def fail(self, key: str | None, complaint: str) -> NoReturn:
        """Raise UsageError with the place of ``key`` before the complaint."""
        raise UsageError(f"{self.place(key)}: {complaint}")

    def has(self, key: str) -> bool:
        """Return whether the table has the key, which may be there."""
        self._known.add(key)
        return key in self._data

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the table, in the order in which they are written."""
        return tuple(self._data)

    def is_text(self, key: str) -> bool:
        """Return whether the key's value is a string."""
        return isinstance(self._data.get(key), str)

    def is_array(self, key: str) -> bool:
        """Return whether the key's value is an array."""
        return isinstance(self._data.get(key), list)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty string on one line."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip() or "\n" in value:
            self.fail(
                key, f"{key} must be a non-empty string on one line, not {_SHOWN.repr(value)}"
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an array of non-empty strings; without the key, an empty one."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self.fail(
                key, f"{key} must be an array of strings, each non-empty, not {_SHOWN.repr(value)}"
            )
        return tuple(value)

    def one_or_many(self, key: str) -> tuple[str, ...]:
        """Return an array of strings that may be written as a single one."""
        return (self.text(key),) if self.is_text(key) else self.texts(key)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.fail(key, f"{key} must be true or false, not {_SHOWN.repr(value)}")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number above zero."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            self.fail(key, f"{key} must be a whole number above zero, not {_SHOWN.repr(value)}")
        return value

    def number(self, key: str, most: float) -> float:
        """Return a number above zero, at most ``most``."""
        value = self._take(key, None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            what = f"a number above zero, at most {most:g}"
            self.fail(key, f"{key} must be {what}, not {_SHOWN.repr(value)}")
        return float(value)

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """Return one of the choices."""
        value = self.text(key, default)
        choices = list(choices)
        if value not in choices:
            self.fail(key, f"{key} cannot be {_SHOWN.repr(value)}{did_you_mean(value, choices)}")
        return value

    def table(self, key: str) -> Table | None:
        """Return the table below ``key``, or None where there is none."""
        value = self._take(key, None, optional=True)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fail(key, f"{key} must be a table")
        return Table(value, self._text, self.source, (*self.path, key))

    def tables(self, key: str) -> dict[str, Table]:
        """Return the named tables below ``key``, such as every ``[component.NAME]``."""
        parent = self.table(key)
        if parent is None:
            return {}
        found = {name: parent.table(name) for name in parent._data}  # noqa: SLF001 - own class
        return {name: table for name, table in found.items() if table is not None}

    def array_of_tables(self, key: str) -> list[Table]:
        """Return the tables of ``[[...key]]``; without the key, none."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.fail(key, f"{key} must be an array of tables")
        path = (*self.path, key)
        return [Table(v, self._text, self.source, path, n) for n, v in enumerate(value, start=1)]

    def size(self, key: str) -> int:
        """Return the whole bytes that the text under ``key`` means, such as ``65MB``."""
        if not self.is_text(key):
            self.fail(key, f'{key} must be a string, a size with its unit: {key} = "65MB"')
        text = self.text(key)
        try:
            return parse_size(text)
        except UsageError as error:
            self.fail(key, str(error))

    def finish(self) -> None:
        """Raise UsageError for a key that was not read."""
        for key in self._data:
            if key not in self._read:
                known = did_you_mean(key, self._read | self._known)
                self.fail(key, f"unknown key {key!r} in {self._title()}{known}")

    def _title(self) -> str:
        return f"[{'.'.join(self.path)}]" if self.path else "the top of the file"

    def _take(self, key: str, default: Any, *, optional: bool = False) -> Any:
        self._read.add(key)
        if key in self._data:
            return self._data[key]
        if default is None and not optional:
            typo = nearest(key, set(self._data) - self._read)
            if typo is not None:
                self.fail(typo, f"unknown key {typo!r} in {self._title()}; did you mean {key!r}?")
            self.fail(None, f"{key} is missing in {self._title()}")
        return default

    def _line_of(self, key: str | None) -> int:
        """Return the line of a key, or else of the nearest thing written around it."""
        wanted = self.path if key is None else (*self.path, key)
        best_line, best_length, seen = 1, 0, 0
        for number, full, is_header in _written(self._text):
            seen += is_header and full == self.path
            in_another = self._occurrence > 1 and seen != self._occurrence
            if in_another and full[: len(self.path)] == self.path:
                continue
            if full == wanted[: len(full)] and len(full) > best_length:
                best_line, best_length = number, len(full)
        return best_line


@functools.lru_cache(maxsize=4)
def _written(text: str) -> tuple[tuple[int, tuple[str, ...], bool], ...]:
    """Return line, full name and whether it is a header for each name that is written."""
    return tuple(_names(text))


def _names(text: str) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    current: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            current = _parts(header[1])
            yield number, current, True
        elif key := _KEY.match(line):
            yield number, (*current, *_parts(key[1].strip())), False


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in _PART.findall(dotted))
