"""Baselines: what was deployed once, as a small file that a project commits.

Pure: text in, values out. The file is JSON with one line for each component and for each file,
in the order of their names, so that its diff shows what changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

from slimmer.formats import FormatError
from slimmer.inventory.inventory import Inventory, Size
from slimmer.model.tree import Kind
from slimmer.text import printable

VERSION = 1
MOST_FILES = 2000  # of an artifact, listed one by one; the smaller ones are in the sums only

_FILE_KEYS = 3
_MOST = 1 << 63  # no file or count is larger


class Listed(NamedTuple):
    """A file as a baseline lists it."""

    path: str
    unzipped_bytes: int
    compressed_bytes: int
    crc32: int


class Part(NamedTuple):
    """A component as a baseline holds it: its sum, and its files as far as they are listed."""

    name: str
    size: Size
    listed: tuple[Listed, ...]


@dataclass(frozen=True)
class Recorded:
    """An artifact as a baseline holds it: ``role`` is layer or function."""

    role: str
    name: str
    zip_bytes: int
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """The artifact as people name it."""
        return f"{self.role} {printable(self.name)}"

    @cached_property
    def size(self) -> Size:
        """The sum of all components."""
        return _sum(part.size for part in self.parts)

    @cached_property
    def listed(self) -> frozenset[str]:
        """The paths of the files that are listed."""
        return frozenset(file.path for part in self.parts for file in part.listed)

    @property
    def is_whole(self) -> bool:
        """Whether every file is listed."""
        return self.size.files == len(self.listed)

    @cached_property
    def least_bytes(self) -> int:
        """How large a file is at least, compressed, that is listed."""
        sizes = [file.compressed_bytes for part in self.parts for file in part.listed]
        return min(sizes, default=0)


class Baseline(NamedTuple):
    """The artifacts of a baseline, in the order of the command line that wrote it."""

    artifacts: tuple[Recorded, ...]


def record(role: str, inventory: Inventory) -> Recorded:
    """Return a zip as a baseline holds it: of very many files the largest are listed."""
    files = [item for item in inventory.items if item.kind is not Kind.DIRECTORY]
    largest = sorted(files, key=lambda i: (-(i.compressed_bytes or 0), -i.unzipped_bytes, i.path))
    listed: dict[str, list[Listed]] = {}
    for item in sorted(largest[:MOST_FILES]):
        listed.setdefault(item.component, []).append(
            Listed(item.path, item.unzipped_bytes, item.compressed_bytes or 0, item.crc32 or 0)
        )
    parts = tuple(
        Part(name, size, tuple(listed.get(name, ())))
        for name, size in inventory.by_component.items()
        if size.files
    )
    return Recorded(role, inventory.name, inventory.zip_bytes or 0, parts)


def _sum(sizes: Iterable[Size]) -> Size:
    total = Size()
    for size in sizes:
        total = Size(*(a + b for a, b in zip(total, size, strict=True)))
    return total


def render_baseline(baseline: Baseline) -> str:
    """Return the baseline's file: the same text for the same artifacts."""
    artifacts = ",\n".join(_artifact_text(artifact) for artifact in baseline.artifacts)
    text = f'{{\n "version": {VERSION},\n "artifacts": [\n{artifacts}\n ]\n}}\n'
    return text.encode("utf-8", "backslashreplace").decode()


def _artifact_text(artifact: Recorded) -> str:
    size = artifact.size
    parts = ",\n".join(_part_text(part) for part in artifact.parts)
    return (
        "  {\n"
        f'   "role": {_quoted(artifact.role)},\n'
        f'   "name": {_quoted(artifact.name)},\n'
        f'   "zip_bytes": {artifact.zip_bytes},\n'
        f'   "unzipped_bytes": {size.unzipped_bytes},\n'
        f'   "compressed_bytes": {size.compressed_bytes},\n'
        f'   "components": {{\n{parts}\n   }}\n'
        "  }"
    )


def _part_text(part: Part) -> str:
    sums = ", ".join(f'"{key}": {value}' for key, value in part.size._asdict().items())
    files = ",\n".join(
        f'     {_quoted(f.path)}: [{f.unzipped_bytes}, {f.compressed_bytes}, "{f.crc32:08x}"]'
        for f in part.listed
    )
    listed = f"{{\n{files}\n    }}" if files else "{}"
    return f'    {_quoted(part.name)}: {{{sums}, "listed": {listed}}}'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def parse_baseline(text: str) -> Baseline:
    """Return the baseline that a file's text holds.

    Raises FormatError for what is no JSON, of another version, or does not add up.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON at line {error.lineno} ({error.msg})") from None
    except (ValueError, RecursionError):
        raise FormatError("not JSON that can be read") from None
    if not isinstance(document, dict) or not isinstance(document.get("version"), int):
        raise FormatError("no baseline")
    if document["version"] != VERSION:
        version = printable(str(document["version"]))[:20]
        raise FormatError(f"a baseline of version {version}, and this slim reads {VERSION}")
    artifacts = tuple(_artifact(row) for row in _list(document.get("artifacts"), "artifacts"))
    if not artifacts:
        raise FormatError("a baseline of nothing")
    return Baseline(artifacts)


def _artifact(row: Any) -> Recorded:
    row = _dict(row, "an artifact")
    parts = tuple(
        _part(name, inner) for name, inner in _dict(row.get("components"), "components").items()
    )
    recorded = Recorded(
        _text(row.get("role"), "role"),
        _text(row.get("name"), "name"),
        _whole(row.get("zip_bytes"), "zip_bytes"),
        parts,
    )
    sums = (row.get("unzipped_bytes"), row.get("compressed_bytes"))
    repeated = len(recorded.listed) != sum(len(part.listed) for part in parts)
    if recorded.size[1:] != sums or repeated:
        raise FormatError("the sums of its components do not add up")
    return recorded


def _part(name: str, row: Any) -> Part:
    row = _dict(row, "a component")
    size = Size(*(_whole(row.get(key), key) for key in Size._fields))
    listed = tuple(_file(path, inner) for path, inner in _dict(row.get("listed"), "listed").items())
    inside = _sum(Size(1, file.unzipped_bytes, file.compressed_bytes) for file in listed)
    is_whole = size.files == inside.files
    if (size != inside) if is_whole else any(a < b for a, b in zip(size, inside, strict=True)):
        raise FormatError(f"the files of {printable(name)} do not add up")
    return Part(name, size, listed)


def _file(path: str, row: Any) -> Listed:
    row = _list(row, "a file")
    if len(row) != _FILE_KEYS:
        raise FormatError(f"{printable(path)} has no unzipped and compressed bytes and CRC-32")
    try:
        crc32 = int(_text(row[2], "a CRC-32"), 16)
    except ValueError:
        raise FormatError(f"{printable(path)} has no CRC-32") from None
    return Listed(path, _whole(row[0], "a size"), _whole(row[1], "a size"), crc32)


def _dict(value: Any, what: str) -> dict[str, Any]:
    return value if isinstance(value, dict) else _fail(what)


def _list(value: Any, what: str) -> list[Any]:
    return value if isinstance(value, list) else _fail(what)


def _text(value: Any, what: str) -> str:
    return value if isinstance(value, str) else _fail(what)


def _whole(value: Any, what: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST:
        return value
    return _fail(what)


def _fail(what: str) -> NoReturn:
    raise FormatError(f"{what} is missing or of another kind")
