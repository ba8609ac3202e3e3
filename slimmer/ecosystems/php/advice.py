"""The largest file that PHP's layers carry: ICU's data, and who needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.paths import name_of
from slimmer.sizes import size_text
from slimmer.text import and_more, printable

_DATA = re.compile(r"libicudata\.so\.[\d.]+")
_USERS = ("libicuuc.so", "libicui18n.so", "libicuio.so", "libicudata.so")
_PROGRAM = re.compile(r"php(?:-fpm|-cgi)?[\d.]*")
_LARGE_BYTES = 20_000_000  # with all locales it has some 30 MB, cut to a few 2 to 5


def advise(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
    """Yield a note for ICU's data that ships with PHP, with the libraries that ask for ICU."""
    kept = [e for e in context.tree.entries if e.kind is Kind.FILE and verdicts[e.path].kept]
    if not any(_is_of_php(entry.path) for entry in kept):
        return
    for entry in kept:
        if _DATA.fullmatch(name_of(entry.path)) and entry.size_bytes >= _LARGE_BYTES:
            users = [each.path for each in kept if _uses_icu(context, each)]
            who = and_more(users) if users else "nothing that is known"
            yield finding(
                "icu-data",
                f"{printable(entry.path)} ({size_text(entry.size_bytes)}) holds the data of all "
                f"locales, for {who}; without PHP's intl, or with ICU built for the locales in "
                "use, most of it goes",
            )


def _uses_icu(context: Context, entry: Entry) -> bool:
    """Return whether a file that is no part of ICU is linked to it."""
    if name_of(entry.path).startswith("libicu"):
        return False
    binary = context.binaries.of(entry)
    needed = binary.dynamic.needed if binary and binary.dynamic else ()
    return any(need.startswith(_USERS) for need in needed)


def _is_of_php(path: str) -> bool:
    """Return whether a file is PHP itself, or one of its extensions."""
    *_, folder, name = ("", *path.split("/"))
    if path.endswith(".so"):
        return "/lib/php/" in f"/{path}"
    return folder in ("bin", "sbin") and _PROGRAM.fullmatch(name) is not None
