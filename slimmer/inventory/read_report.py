"""The JSON report of a build, read again as the inventory of the zip that it made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from slimmer.build.report import VERSION
from slimmer.errors import InputError
from slimmer.inventory.inventory import Inventory, Item
from slimmer.model.tree import Kind
from slimmer.text import printable

_SHIPPED = ("keep", "link", "generated")
_MOST = 1 << 63  # no file is larger


def inventory_of_report(name: str, text: bytes) -> Inventory:
    """Return what the zip of a report holds; ``name`` is the report's file, for messages.

    Raises InputError for what is no report, for one of another version, and for one of a
    build that made no zip.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            f"{name}: neither JSON nor a zip; name a zip, a folder or a report"
        ) from None
    if not isinstance(document, dict) or "entries" not in document:
        raise InputError(f"{name}: not the report of a build; make one with slim build --json")
    if document.get("version") != VERSION:
        raise InputError(
            f"{name}: a report of version {printable(str(document.get('version')))[:20]}, and "
            f"only {VERSION} is "
            "understood; build again"
        )
    artifacts = document.get("artifacts")
    if not isinstance(artifacts, list) or not artifacts:
        raise InputError(f"{name}: the build made no zip, so there is nothing to compare")
    try:
        items = sorted(_items(document), key=lambda item: item.path)
        return Inventory(name, tuple(items), sum(_whole(each["zip_bytes"]) for each in artifacts))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name}: not a whole report ({error}); build again") from None


def _items(document: dict[str, Any]) -> Iterator[Item]:
    prefix = f"{document['prefix']}/" if document["prefix"] else ""
    for row in document["entries"]:
        if row["step"] in _SHIPPED:
            kind = Kind.LINK if row["step"] == "link" else Kind(row["kind"])
            yield Item(
                prefix + _text(row["path"]),
                kind,
                _text(row["component"]),
                _whole(row["unzipped_bytes"]),
                _whole(row["compressed_bytes"]),
                int(row["crc32"], 16) if kind is not Kind.DIRECTORY else None,
            )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a name is not text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError("a size is not a whole number of bytes")
    return value
