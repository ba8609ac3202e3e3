"""What is a secret: the text of ``rules/secrets.toml`` in, immutable rules out.

The format is described in ``docs/secrets.md``. Patterns are bounded: without ``*``, ``+`` and
repeated groups none of them can take more than a fixed time at one place, whatever the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from slimmer.rules.packs import NAME, patterns_of
from slimmer.rules.patterns import PatternIndex
from slimmer.toml import Table, data_folder, read_text

CHECKS = ("varied", "checksum", "private-key", "base64-key", "any")
FORMS = ("private-key",)
DISTINCT = 8  # different characters that a secret has at least, unless its kind says otherwise

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_POSSESSIVE = re.compile(r"\}\+")
_EXAMPLE = re.compile(r"^\[\[kind\.[^\]\n]+\.example\]\]\n(?:[^\[\n].*\n|\n)*", re.MULTILINE)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}|\)(?=\{)|\)\?\?")


@dataclass(frozen=True)
class Example:
    """A file that a kind must find, or must not; ``text`` may hold ``<alnum 36>`` and the like."""

    path: str
    text: str
    found: bool
    table: Table = field(repr=False, compare=False)

    @property
    def place(self) -> str:
        """The file and line that it stands in."""
        return self.table.place()


@dataclass(frozen=True)
class SecretKind:
    """A kind of secret.

    ``names`` are the files that it is looked for in, less ``but`` (without names: all).
    ``content`` matches what is secret, at one of ``literals`` where there are any, and ``near``
    must match within ``near_bytes`` of it. ``check`` is what else it must pass, a name out of
    CHECKS; ``form`` the binary form, out of FORMS, of files that are one. ``everywhere``: in
    published packages too. ``needed``: what ships needs it, so that it is only noted.
    """

    name: str
    title: str
    why: str
    names: tuple[str, ...]
    but: tuple[str, ...]
    literals: tuple[bytes, ...]
    content_text: str
    near_text: str
    near_bytes: int
    check: str
    distinct: int
    form: str
    everywhere: bool
    needed: bool
    examples: tuple[Example, ...]
    table: Table = field(repr=False, compare=False)

    @cached_property
    def content(self) -> re.Pattern[bytes] | None:
        """``content`` compiled, which takes longer than to read it; None for a kind with a form."""
        return self._compiled("content", self.content_text)

    @cached_property
    def near(self) -> re.Pattern[bytes] | None:
        """``near`` compiled; None where there is none."""
        return self._compiled("near", self.near_text)

    def _compiled(self, key: str, text: str) -> re.Pattern[bytes] | None:
        """Return a pattern. Raises UsageError, with file and line, for what is none."""
        try:
            return re.compile(text.encode(), re.MULTILINE) if text else None
        except re.error as error:
            self.table.fail(key, f"{key} is not a regular expression: {error}")

    @cached_property
    def _index(self) -> PatternIndex:
        return PatternIndex((*self.names, *self.but))

    def is_named(self, path: str, name: str) -> bool:
        """Return whether a path, whose last part is ``name``, is one of ``names``."""
        return 0 <= self._index.last(path, name) < len(self.names)


@dataclass(frozen=True)
class SecretRules:
    """Every kind, the words that only documentation has, and the suffixes that hold no text.

    ``public_keys`` are the SHA-256, in hex, of private keys that are public knowledge.
    """

    kinds: tuple[SecretKind, ...]
    documented: tuple[bytes, ...] = ()
    suffixes: frozenset[str] = frozenset()
    public_keys: frozenset[str] = frozenset()

    @cached_property
    def _names(self) -> PatternIndex:
        return PatternIndex([name for kind in self.kinds for name in kind.names])

    def is_named(self, path: str) -> bool:
        """Return whether any kind is looked for in a file because of its path."""
        return self._names.last(path, path.rpartition("/")[2]) >= 0

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each kind by its name."""
        return {kind.name: kind.title for kind in self.kinds}

    @cached_property
    def whys(self) -> dict[str, str]:
        """Why each kind must not ship, by its name."""
        return {kind.name: kind.why for kind in self.kinds}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The names of the kinds that are only noted."""
        return frozenset(kind.name for kind in self.kinds if kind.needed)


NO_SECRETS = SecretRules(())
_FILE = "secrets.toml"


def load_secret_rules(folder: Path | None = None, *, examples: bool = True) -> SecretRules:
    """Return what is a secret. Raises UsageError, with file and line, for rules that are broken.

    Without ``examples`` they have none, nor are the patterns of names checked, and are read in
    a third of the time.
    """
    text = read_text((folder or data_folder()) / _FILE)
    if not examples:
        text = _EXAMPLE.sub(lambda match: "\n" * match[0].count("\n"), text)
    return parse_secret_rules(text, f"rules/{_FILE}", checked=examples)


def parse_secret_rules(text: str, source: str, *, checked: bool = True) -> SecretRules:
    """Return the rules that ``text`` describes; ``source`` is its file, for messages.

    Unless ``checked``, a name that is no gitignore pattern is raised by its first use, and an
    expression without bounds is taken. Raises UsageError, with file and line, for whatever else
    is not as the format wants it.
    """
    table = Table.parse(text, source)
    rules = SecretRules(
        documented=tuple(word.lower().encode() for word in table.texts("documented")),
        suffixes=frozenset(table.texts("suffixes")),
        public_keys=frozenset(table.texts("public_keys")),
        kinds=tuple(_kind(name, t, checked=checked) for name, t in table.tables("kind").items()),
    )
    table.finish()
    _check_literals(rules.kinds)
    return rules


def _check_literals(kinds: Sequence[SecretKind]) -> None:
    """Raise UsageError for a literal of two kinds, and for one that no text has."""
    owners: dict[bytes, str] = {}
    for kind in kinds:
        for literal in kind.literals:
            if not literal or b"\0" in literal:
                kind.table.fail("literals", f"{literal.decode()!r} is no text to look for")
            if literal in owners:
                text = f"{literal.decode()!r} is a literal of {owners[literal]!r} too"
                kind.table.fail("literals", text)
            owners[literal] = kind.name


def _kind(name: str, table: Table, *, checked: bool) -> SecretKind:
    if not NAME.fullmatch(name):
        table.fail(None, f"kind {name!r} must be lower case letters, digits, - and _")
    kind = SecretKind(
        name=name,
        title=table.text("title"),
        why=table.text("why"),
        names=patterns_of(table, "names", checked=checked),
        but=patterns_of(table, "but", checked=checked),
        literals=tuple(literal.encode() for literal in table.texts("literals")),
        content_text=_expression(table, "content", checked=checked),
        near_text=_expression(table, "near", checked=checked),
        near_bytes=table.whole("near_bytes") if table.has("near") else 0,
        check=table.choice("check", CHECKS, CHECKS[0]),
        distinct=table.whole("distinct", DISTINCT),
        form=table.choice("form", FORMS) if table.has("form") else "",
        everywhere=table.flag("everywhere", default=False),
        needed=table.flag("needed", default=False),
        examples=tuple(_example(t) for t in table.array_of_tables("example")),
        table=table,
    )
    table.finish()
    if bool(kind.content_text) == bool(kind.form):
        table.fail(None, f"kind {name!r} must have either content or form")
    if kind.content_text and bool(kind.names) == bool(kind.literals):
        table.fail(None, f"kind {name!r} must have either names or literals, to be fast")
    if table.has("near") and not kind.literals:
        table.fail("near", "near needs literals")
    return kind


def _example(table: Table) -> Example:
    text = table.one_or_many("text")
    found = table.flag("found", default=True)
    example = Example(table.text("path"), "\n".join(text), found, table)
    table.finish()
    return example


def _expression(table: Table, key: str, *, checked: bool) -> str:
    """Return a regular expression that takes a fixed time at most at each place; "" for none."""
    if not table.has(key):
        return ""
    text = table.text(key)
    if not checked:
        return text
    bare = _POSSESSIVE.sub("}", _CLASS.sub("x", _ESCAPE.sub("x", text)))
    unbounded = _UNBOUNDED.search(bare)
    if unbounded:
        table.fail(key, f"{unbounded[0]!r} has no bound; write {{1,40}}, and repeat no groups")
    return text
