"""``rules/java/modules.toml``: how modules of a runtime are reached but by a package's name."""

from __future__ import annotations

import re
from typing import NamedTuple

from slimmer.toml import Table, data_folder, read_text

_FILE = "java/modules.toml"


class Named(NamedTuple):
    """A module that words reach."""

    module: str
    words: frozenset[bytes]
    #: The class, as ``a/b/C``, which is made by what reaches the module; empty for none.
    makes: bytes = b""


class Optional(NamedTuple):
    """Members of jars, whose names count where other code has one of the words."""

    #: How the paths of all that code begin, which the words do not count in.
    code: str
    members: re.Pattern[str]
    words: frozenset[bytes]


class ModuleFacts(NamedTuple):
    """What the file says."""

    always: tuple[str, ...]
    services: frozenset[str]
    #: The interfaces without whose implementations Java goes on, and says nothing.
    silent: frozenset[str]
    named: tuple[Named, ...]
    optional: tuple[Optional, ...]

    @property
    def words(self) -> frozenset[bytes]:
        """All words that are looked for."""
        named = (word for row in self.named for word in row.words)
        return frozenset(named) | {word for row in self.optional for word in row.words}


def load_module_facts() -> ModuleFacts:
    """Return what ``rules/java/modules.toml`` says. Raises UsageError."""
    table = Table.parse(read_text(data_folder() / _FILE), _FILE)
    named = tuple(map(_named, table.array_of_tables("named")))
    optional = tuple(map(_optional, table.array_of_tables("optional")))
    facts = ModuleFacts(
        table.texts("always"),
        frozenset(table.texts("services")),
        frozenset(table.texts("silent")),
        named,
        optional,
    )
    table.finish()
    return facts


def _named(table: Table) -> Named:
    makes = table.text("makes").encode() if table.has("makes") else b""
    row = Named(table.text("module"), _words(table), makes)
    table.finish()
    return row


def _optional(table: Table) -> Optional:
    starts = (re.escape(each.removesuffix("*")) for each in table.texts("members"))
    row = Optional(table.text("code"), re.compile("|".join(starts)), _words(table))
    table.finish()
    return row


def _words(table: Table) -> frozenset[bytes]:
    return frozenset(word.encode() for word in table.texts("words"))
