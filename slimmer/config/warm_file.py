"""``slim.warm.zip``: what ``slim warm`` writes and ``slim build --warm`` ships.

It is a zip with the files of the caches at their paths in the tree, and a table of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from slimmer.errors import UsageError
from slimmer.model.warm import MADE_OF, Cache, Warm, digest_of
from slimmer.text import printable
from slimmer.toml import Table

FORMAT = 1
TABLE = "slim.warm.toml"
_HEAD = "# Written by slim warm. slim build ships the files beside it where --warm names the zip.\n"
_AGAIN = "run slim warm again"


def warm_text(warm: Warm) -> str:
    """Return the table, the same for the same caches."""
    lines = [_HEAD, f"format = {FORMAT}\n"]
    lines += [f"prefix = {_quoted(warm.prefix)}\n"] if warm.prefix else []
    lines.append(f"files = {_quoted(digest_of(warm.files.items()))}\n")
    for cache in warm.caches:
        lines.append("\n[[cache]]\n")
        lines += [
            f"{key} = {_quoted(value) if isinstance(value, str) else value}\n"
            for key, value in cache._asdict().items()
            if value
        ]
    return "".join(lines)


def parse_warm(name: str, paths: Iterable[str], read: Callable[[str], bytes]) -> Warm:
    """Return what a file of ``slim warm`` holds.

    ``name`` is the file's own, ``paths`` are the files in it. Raises UsageError for a file that
    ``slim warm`` did not write so, and what ``read`` raises.
    """
    shown, held = printable(name), set(paths)
    if TABLE not in held:
        raise UsageError(f"{shown}: holds no {TABLE}; name a file that slim warm wrote")
    text = read(TABLE).decode("utf-8", "replace")
    table = Table.parse(text, f"{shown}: {TABLE}")
    found = table.whole("format")
    if found != FORMAT:
        table.fail("format", f"format {found} is not known; {_AGAIN}")
    prefix, stated = _text(table, "prefix"), table.text("files")
    caches = tuple(_cache(each) for each in table.array_of_tables("cache"))
    table.finish()
    files = {path: read(path) for path in sorted(held - {TABLE})}
    if digest_of(files.items()) != stated:
        raise UsageError(f"{shown}: its files are not those that slim warm wrote; {_AGAIN}")
    return Warm(name, prefix, caches, files)


def _cache(table: Table) -> Cache:
    cache = Cache(
        kind=table.choice("kind", tuple(MADE_OF)),
        title=table.text("title"),
        runtime=_text(table, "runtime"),
        arch=table.text("arch"),
        env=table.text("env"),
        hits=table.whole("hits"),
        digest=table.text("digest"),
    )
    table.finish()
    return cache


def _text(table: Table, key: str) -> str:
    return table.text(key) if table.has(key) else ""


def _quoted(text: str) -> str:
    """Return a TOML string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
