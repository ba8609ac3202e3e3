"""From what the user named to what decides: words, tier and packs become a Ruleset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from slimmer.config import Settings
from slimmer.errors import UsageError
from slimmer.model import Action, Entry, Finding, Kind, Rule, Severity, Tier, Tree, Word
from slimmer.names import did_you_mean, nearest, printable
from slimmer.packs import Component, Pack
from slimmer.patterns import compile_pattern
from slimmer.rules import Ruleset

_COMPONENT = re.compile(r"[a-z][a-z0-9_-]*/[a-z][a-z0-9_-]*")


def select(packs: Sequence[Pack], settings: Settings, tree: Tree) -> Ruleset:
    """Return the ruleset for a tree.

    A component is switched on by its tier or by a drop that names it, and off by a keep
    that names it; every other word is a pattern. Raises UsageError for the name of a
    component that there is not, and for what is no pattern.
    """
    every = (*packs, settings.project) if settings.project else tuple(packs)
    components = {component.name: component for pack in every for component in pack.components}
    keeps = [(word, _is_component(word, components, every, tree)) for word in settings.keep]
    drops = [(word, _is_component(word, components, every, tree)) for word in settings.drop]
    for word in settings.keep_bytes:
        _rule(word, Action.KEEP)  # only to find out whether it is a pattern
    active = {name for name, c in components.items() if c.tier <= settings.tier}
    active |= {word.text for word, named in drops if named}
    active -= {word.text for word, named in keeps if named}
    user = [_rule(word, Action.DROP) for word, named in drops if not named]
    user += [_rule(word, Action.KEEP) for word, named in keeps if not named]
    # A keep beats a drop, but what is said on the command line beats what a file says.
    user.sort(key=lambda rule: rule.place.startswith("--"))
    return Ruleset(every, frozenset(active), tuple(user))


def at_tier(ruleset: Ruleset, settings: Settings, tier: Tier) -> Ruleset:
    """Return the ruleset as it would be at another tier, the user's words unchanged."""
    components = [c for pack in ruleset.packs for c in pack.components]
    named = {word.text for word in (*settings.keep, *settings.drop)}
    active = {c.name for c in components if c.tier <= tier and c.name not in named}
    active |= {name for name in ruleset.active if name in named}
    return Ruleset(ruleset.packs, frozenset(active), ruleset.user)


def unused_words(
    settings: Settings, ruleset: Ruleset, tree: Tree, roots: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """Return a warning for each word of the user's that matches nothing in the tree."""
    components = {c.name: c for pack in ruleset.packs for c in pack.components}
    words = [(word, components.get(word.text)) for word in (*settings.keep, *settings.drop)]
    words += [(word, None) for word in settings.keep_bytes]
    own = settings.project.components if settings.project else ()
    words += [(Word(c.name, c.place), c) for c in own if c.name in ruleset.active]
    return [
        _unused(word, components)
        for word, component in dict(words).items()
        if not _is_used(word, component, tree, roots)
    ]


def _is_used(
    word: Word, component: Component | None, tree: Tree, roots: Mapping[str, tuple[str, ...]]
) -> bool:
    if component is None:
        return _matches_any(word.text, tree.entries, "")
    return any(
        _matches_any(rule.pattern, tree.entries, root)
        for rule in component.rules
        if rule.action is Action.DROP
        for root in roots[component.name.partition("/")[0]]
    )


def _unused(word: Word, components: Mapping[str, Component]) -> Finding:
    by_last_part = {name.partition("/")[2]: name for name in components}
    near = by_last_part.get(word.text.strip("/")) or nearest(word.text, components)
    mend = f"did you mean {near!r}?" if near and near != word.text else "mend or remove it"
    message = f"{word.place}: {printable(word.text)!r} matches nothing in this tree; {mend}"
    return Finding("matches-nothing", Severity.WARN, message)


def _matches_any(pattern: str, entries: Iterable[Entry], root: str) -> bool:
    match = compile_pattern(pattern).match
    prefix = root + "/" if root else ""
    for entry in entries:
        if entry.path.startswith(prefix):
            path = entry.path[len(prefix) :]
            if match(path + "/" if entry.kind is Kind.DIRECTORY else path):
                return True
    return False


def _is_component(
    word: Word, components: dict[str, Component], packs: Sequence[Pack], tree: Tree
) -> bool:
    if word.text in components:
        return True
    name = word.text.rstrip("/").casefold()
    if not _COMPONENT.fullmatch(name) or word.text.strip("/") in tree.by_path:
        return False
    first = name.partition("/")[0]
    typo = nearest(name, components) is not None and word.text.partition("/")[0] not in tree.by_path
    if typo or first in {pack.name for pack in packs}:
        raise UsageError(
            f"{word.place}: there is no component {word.text!r}"
            f"{did_you_mean(name, components)} (for a path write '/{word.text}')"
        )
    return False


def _rule(word: Word, action: Action) -> Rule:
    try:
        compile_pattern(word.text)
    except UsageError as error:
        raise UsageError(f"{word.place}: {error}") from None
    return Rule(f"user/{action.value}", action, word.text, "You said so.", word.place)
