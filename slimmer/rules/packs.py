"""Rule packs: the text of a pack file in, an immutable Pack out.

A pack is data (``rules/*.toml``; the format is described in ``docs/packs.md``). It says
how it recognises its kind of tree, and lists components in the order of their weight:
the last rule that matches wins.
"""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.model.rules import Action, Rule, Tier
from slimmer.model.unit_rules import PartsRule, VariantsRule
from slimmer.rules.patterns import compile_pattern, is_literal
from slimmer.text import did_you_mean
from slimmer.toml import PRICES_FILE, Table, data_folder, read_text

PROJECT = "project"  # the pack of the components in slim.toml
RESERVED = frozenset({"user", "guard", PROJECT, "pyc", "unreached"})
COMPILED_FILE = "compiled.toml"  # forms, for slimmer.rules.compiled
NOT_PACKS = frozenset({"secrets.toml", COMPILED_FILE, PRICES_FILE})
NAME = re.compile(r"[a-z][a-z0-9_-]*")
_TABLE = re.compile(r"^\[", re.MULTILINE)  # where the keys of the file itself end
_WORDS = "slimmer.rules.evidence.words:WORDS"  # imported where rules are read, for it is large


class Example(NamedTuple):
    """A path, relative to the pack's root, that a component must drop, or must not."""

    drops: tuple[str, ...]
    keeps: tuple[str, ...]
    place: str


class Component(NamedTuple):
    """A named part of a runtime that can be dropped: its rules, tier and reason."""

    name: str
    title: str
    tier: Tier
    why: str
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    place: str
    #: What must hold where its patterns match; empty for a project's own, its user's words.
    evidence: tuple[str, ...] = ()
    #: Whether no tier switches it on, but the user's ``--drop`` alone.
    opt_in: bool = False
    #: Whether it may drop the user's own at every tier: what a tool wrote into its own folder.
    own: bool = False
    #: Whether a function could use what it drops: it is dropped since few do.
    public: bool = False
    #: What people call that, where the names of the dropped folders do not say it.
    public_names: tuple[str, ...] = ()

    @property
    def switched_by(self) -> str:
        """What switches it on: a tier, or only its name."""
        return "named" if self.opt_in else self.tier.label


class Reader(NamedTuple):
    """A program that reads what a function has no other use for.

    Where one of the files at ``kept`` ships, all that ``keeps`` matches does, too: at every root
    of the pack. A path that begins with ``**/`` is the end of one. Any file of the user's own is
    a reader whose path ends in one of ``own``.
    ``holds`` are words of which a reader must have one in its text, or none.
    """

    kept: tuple[str, ...]
    own: tuple[str, ...]
    holds: tuple[str, ...]
    keeps: tuple[str, ...]
    why: str
    place: str


class Pack(NamedTuple):
    """Everything that one data file says of one kind of tree.

    ``detect`` are the patterns, relative to a root, by which a root is recognised; the
    single ``.`` means the tree itself. ``always`` are the rules that no component of any
    pack overrules. ``groups`` name the folders by which the report sums up what is kept;
    ``linkable`` the files that may become links to identical ones, ``media`` those that may
    where the user asks for it, as web servers refuse links. ``installed`` is what the
    installer of its kind of tree writes at a root, for trees that no ecosystem knows more of.
    ``copies`` are the large files that installers write twice, and that may become links.
    """

    name: str
    title: str
    detect: tuple[str, ...]
    groups: tuple[str, ...]
    linkable: tuple[str, ...]
    media: tuple[str, ...]
    always: tuple[Rule, ...]
    components: tuple[Component, ...]
    source: str
    installed: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    #: What is a unit of its own within what a distribution installs.
    parts: tuple[PartsRule, ...] = ()
    variants: tuple[VariantsRule, ...] = ()
    readers: tuple[Reader, ...] = ()


def load_packs(folder: Path | None = None, *, rules: bool = True) -> tuple[Pack, ...]:
    """Return every pack in ``folder`` (without it: slim's own), by name.

    Without ``rules`` they are enough to name components, in a tenth of the time. The patterns of
    slim's own are compiled when a path may match them, which is most of the time that reading
    takes. Raises UsageError, with file and line, for a pack that is broken.
    """
    checked = folder is not None
    return tuple(
        parse_pack(file.stem, read_text(file), f"rules/{file.name}", rules=rules, checked=checked)
        for file in sorted((folder or data_folder()).glob("*.toml"))
        if file.name not in NOT_PACKS
    )


def component_names() -> list[str]:
    """Return the components of slim's own packs, such as ``erlang/gui``."""
    return [component.name for pack in load_packs() for component in pack.components]


def parse_pack(
    name: str, text: str, source: str, *, rules: bool = True, checked: bool = True
) -> Pack:
    """Return the pack that ``text`` describes; ``source`` is its file, for messages.

    Without ``rules`` it has what stands above all tables. Unless ``checked``, what is no pattern
    is raised by its first use.

    Raises UsageError, with file and line, for whatever is not as the format wants it.
    """
    checked = checked and rules
    table = Table.parse(text if rules else _TABLE.split(text, 1)[0], source)
    if not NAME.fullmatch(name):
        raise UsageError(f"{source}: a pack's file name must be lower case, such as erlang.toml")
    if name in RESERVED:
        raise UsageError(f"{source}: a pack cannot be called {name!r}; slim uses that name itself")
    pack = Pack(
        name=name,
        title=table.text("title"),
        detect=_detect(table),
        groups=patterns_of(table, "groups", checked=checked),
        linkable=_file_patterns(table, "linkable", checked=checked),
        media=_file_patterns(table, "media", checked=checked),
        always=_always(name, table),
        components=parse_components(name, table, checked=checked),
        source=source,
        installed=patterns_of(table, "installed", checked=checked),
        copies=_file_patterns(table, "copies", checked=checked),
        parts=tuple(_parts(t) for t in table.array_of_tables("parts")),
        variants=tuple(_variants(t) for t in table.array_of_tables("variants")),
        readers=tuple(_reader(t) for t in table.array_of_tables("reader")),
    )
    table.finish()
    return pack


def parse_components(pack: str, table: Table, *, checked: bool = True) -> tuple[Component, ...]:
    """Return the components in the ``[component.NAME]`` tables of ``table``.

    Unless ``checked``, what is no pattern is raised by its first use.
    """
    tables = table.tables("component")
    return tuple(_component(pack, name, t, checked=checked) for name, t in tables.items())


def patterns_of(table: Table, key: str, *, checked: bool = True) -> tuple[str, ...]:
    """Return the gitignore patterns of a key. Raises UsageError, with file and line.

    Unless ``checked``, what is no pattern is raised by its first use.
    """
    patterns = table.texts(key)
    for pattern in patterns if checked else ():
        try:
            compile_pattern(pattern)
        except UsageError as error:
            table.fail(key, str(error))
    return patterns


def _component(pack: str, name: str, table: Table, *, checked: bool) -> Component:
    if not NAME.fullmatch(name):
        table.fail(None, f"component {name!r} must be lower case letters, digits, - and _")
    why = table.text("why")
    full = f"{pack}/{name}"
    place = table.place()
    evidence = _evidence(table)
    names = table.texts("public") if table.is_array("public") else ()
    by_folder = table.flag("by_folder", default=True)
    drops = [
        Rule(full, Action.DROP, p, why, place, evidence=evidence, by_folder=by_folder)
        for p in patterns_of(table, "drop", checked=checked)
    ]
    keep = patterns_of(table, "keep", checked=checked)
    spares = [Rule(full, Action.SPARE, p, why, place) for p in keep]
    component = Component(
        name=full,
        title=table.text("title"),
        tier=Tier[table.choice("tier", Tier.labels(), Tier.DEFAULT.label).upper()],
        why=why,
        rules=(*drops, *spares),
        examples=tuple(_example(t) for t in table.array_of_tables("example")),
        place=place,
        evidence=evidence,
        opt_in=table.flag("opt-in", default=False),
        own=table.flag("own", default=False),
        public=bool(names)
        or (not table.is_array("public") and table.flag("public", default=False)),
        public_names=names,
    )
    table.finish()
    if not drops:
        table.fail(None, f'component {name!r} drops nothing; give it a drop = ["..."]')
    if not evidence and pack != PROJECT:
        table.fail(None, f'component {name!r} has no evidence; give it an evidence = ["..."]')
    return component


def _evidence(table: Table) -> tuple[str, ...]:
    words = table.texts("evidence")
    known = pkgutil.resolve_name(_WORDS)
    for word in words:
        if word not in known:
            table.fail("evidence", f"evidence cannot be {word!r}{did_you_mean(word, known)}")
    return words


def _parts(table: Table) -> PartsRule:
    rule = PartsRule(
        unit=table.text("unit"),
        folder=table.text("folder").strip("/"),
        calls=table.texts("calls"),
        passing=frozenset(table.texts("passing")),
        always=table.texts("always"),
    )
    table.finish()
    return rule


def _variants(table: Table) -> VariantsRule:
    rule = VariantsRule(
        unit=table.text("unit"),
        folder=table.text("folder").strip("/"),
        names=_expression(table, "names"),
        joined=_expression(table, "joined"),
        any_for=table.texts("any_for"),
        passing=frozenset(table.texts("passing")),
        platforms={
            library: {arch: words.text(arch) for arch in words.keys}
            for library, words in table.tables("platforms").items()
        },
    )
    table.finish()
    return rule


def _expression(table: Table, key: str) -> str:
    text = table.text(key)
    try:
        re.compile(text)
    except re.error as error:
        table.fail(key, f"{text!r} is not a regular expression: {error}")
    return text


def _reader(table: Table) -> Reader:
    kept, own = table.one_or_many("kept"), table.one_or_many("own")
    holds, keeps = table.one_or_many("holds"), patterns_of(table, "keeps")
    reader = Reader(kept, own, holds, keeps, table.text("why"), table.place())
    table.finish()
    if not (kept or (own and holds)) or not keeps:
        table.fail(
            None, "a reader must name what is kept, or own files and words, and what it keeps"
        )
    for path in kept:
        plain = path.removeprefix("**/")
        if not is_literal(plain) or plain.startswith("/") or plain.endswith("/"):
            table.fail(
                "kept", f"{path!r} must be the plain path of a file below a root, or its end"
            )
    return reader


def _example(table: Table) -> Example:
    example = Example(table.one_or_many("drops"), table.one_or_many("keeps"), table.place())
    table.finish()
    return example


def _always(pack: str, table: Table) -> tuple[Rule, ...]:
    keep = table.table("always")
    if keep is None:
        return ()
    why, place = keep.text("why"), keep.place()
    rules = [Rule(f"{pack}/always", Action.KEEP, p, why, place) for p in patterns_of(keep, "keep")]
    keep.finish()
    return tuple(rules)


def _detect(table: Table) -> tuple[str, ...]:
    detect = table.texts("detect")
    if not detect:
        table.fail("detect", 'detect must name what a root holds, or be ["."]')
    for pattern in detect:
        if not is_literal(pattern.rpartition("/")[2]) or pattern.endswith("/"):
            table.fail("detect", f"the last part of {pattern!r} must be a plain name")
    return detect


def _file_patterns(table: Table, key: str, *, checked: bool) -> tuple[str, ...]:
    patterns = patterns_of(table, key, checked=checked)
    for pattern in patterns:
        if pattern.endswith(("/", "**")):
            table.fail(key, f"{pattern!r} names folders; {key} must name files, such as *.beam")
    return patterns
