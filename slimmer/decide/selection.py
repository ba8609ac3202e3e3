"""From what the user named to what decides: words, tier and packs become a Ruleset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from slimmer.config.settings import Settings
from slimmer.errors import UsageError
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Selector, Tier
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import join
from slimmer.rules.engine import Ruleset
from slimmer.rules.packs import PROJECT, Component, Pack
from slimmer.rules.patterns import compile_pattern
from slimmer.sizes import size_text
from slimmer.text import did_you_mean, nearest, printable

_COMPONENT = re.compile(r"[a-z][a-z0-9_-]*/[a-z][a-z0-9_-]*")


def select(
    packs: Sequence[Pack], settings: Settings, tree: Tree, ignored: Sequence[Rule] = ()
) -> Ruleset:
    """Return the ruleset for a tree; ``ignored`` is what its own ``.slimignore`` says.

    A component is switched on by its tier or by a drop that names it, and off by a keep
    that names it; every other word is a pattern. Raises UsageError for the name of a
    component that there is not, and for what is no pattern.
    """
    every = (*packs, settings.project) if settings.project else tuple(packs)
    components = {component.name: component for pack in every for component in pack.components}
    keeps = [
        (selector, _is_component(selector, components, every, tree)) for selector in settings.keep
    ]
    drops = [
        (selector, _is_component(selector, components, every, tree)) for selector in settings.drop
    ]
    for selector in settings.keep_bytes:
        _rule(selector, Action.KEEP)  # only to find out whether it is a pattern
    by_tier = (c for c in components.values() if c.tier <= settings.tier and not c.opt_in)
    active = {component.name for component in by_tier}
    active |= {selector.text for selector, named in drops if named}
    active -= {selector.text for selector, named in keeps if named}
    of_own = {selector.text for selector, named in drops if named}
    of_own |= {name for name, c in components.items() if may_drop_own(c)}
    user = [_rule(selector, Action.DROP) for selector, named in drops if not named]
    user += [_rule(selector, Action.KEEP) for selector, named in keeps if not named]
    # A keep beats a drop, but what is said on the command line beats what a file says.
    user.sort(key=lambda rule: rule.place.startswith("--"))
    return Ruleset(every, frozenset(active), (*ignored, *user), frozenset(of_own & active))


def all_but_kept(ruleset: Ruleset, settings: Settings) -> Ruleset:
    """Return the ruleset with all components of slim's packs switched on but those kept by name."""
    kept = {selector.text for selector in settings.keep}
    packs = {name for name in ruleset.components if not name.startswith(f"{PROJECT}/")}
    return replace(ruleset, active=frozenset(packs - kept))


def may_drop_own(component: Component) -> bool:
    """Return whether a component that is switched on drops the user's own files, too.

    Those of a project are the user's words.
    """
    by_tier = component.own or component.tier is Tier.AGGRESSIVE
    return by_tier or component.name.startswith(f"{PROJECT}/")


def unused_selectors(
    settings: Settings, ruleset: Ruleset, tree: Tree, roots: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """Return a warning for each word of the user's that matches nothing in the tree."""
    components = {c.name: c for pack in ruleset.packs for c in pack.components}
    selectors = [
        (selector, components.get(selector.text)) for selector in (*settings.keep, *settings.drop)
    ]
    selectors += [(selector, None) for selector in settings.keep_bytes]
    own = settings.project.components if settings.project else ()
    selectors += [(Selector(c.name, c.place), c) for c in own if c.name in ruleset.active]
    return [
        _unused(selector, components)
        for selector, component in dict(selectors).items()
        if not _is_used(selector, component, tree, roots)
    ]


def opt_in_notes(
    ruleset: Ruleset,
    tree: Tree,
    roots: Mapping[str, tuple[str, ...]],
    kept: Callable[[Entry], bool],
) -> Iterator[Finding]:
    """Yield what each component that only its name switches on could drop of what is ``kept``.

    The patterns of such components are folders at the root.
    """
    for pack in ruleset.packs:
        for component in pack.components if roots.get(pack.name) else ():
            if not component.opt_in or component.name in ruleset.active:
                continue
            folders = [rule.pattern.strip("/") for rule in component.rules]
            named = [join(root, folder) for root in roots[pack.name] for folder in folders]
            below = (entry for folder in named for entry in tree.below(folder))
            files = [entry for entry in below if entry.kind is Kind.FILE and kept(entry)]
            if size_bytes := sum(entry.size_bytes for entry in files):
                yield finding(
                    "opt-in",
                    f"{component.title}: {size_text(size_bytes)} kept, such as "
                    f"{printable(files[0].path)}; {component.why} Drop what no program is linked "
                    f"to with --drop {component.name}",
                )


def _is_used(
    selector: Selector,
    component: Component | None,
    tree: Tree,
    roots: Mapping[str, tuple[str, ...]],
) -> bool:
    if component is None:
        return _matches_any(selector.text, tree.entries, "")
    return any(
        _matches_any(rule.pattern, tree.entries, root)
        for rule in component.rules
        if rule.action is Action.DROP
        for root in roots[component.name.partition("/")[0]]
    )


def _unused(selector: Selector, components: Mapping[str, Component]) -> Finding:
    by_last_part = {name.partition("/")[2]: name for name in components}
    near = by_last_part.get(selector.text.strip("/")) or nearest(selector.text, components)
    advice = f"did you mean {near!r}?" if near and near != selector.text else "fix or remove it"
    message = (
        f"{selector.place}: {printable(selector.text)!r} matches nothing in this tree; {advice}"
    )
    return finding("matches-nothing", message)


def _matches_any(pattern: str, entries: Iterable[Entry], root: str) -> bool:
    match = compile_pattern(pattern).match
    prefix = join(root, "")
    for entry in entries:
        if entry.path.startswith(prefix):
            path = entry.path[len(prefix) :]
            if match(path + "/" if entry.kind is Kind.DIRECTORY else path):
                return True
    return False


def _is_component(
    selector: Selector, components: dict[str, Component], packs: Sequence[Pack], tree: Tree
) -> bool:
    if selector.text in components:
        return True
    name = selector.text.rstrip("/").casefold()
    if not _COMPONENT.fullmatch(name) or selector.text.strip("/") in tree.by_path:
        return False
    first = name.partition("/")[0]
    typo = (
        nearest(name, components) is not None
        and selector.text.partition("/")[0] not in tree.by_path
    )
    if typo or first in {pack.name for pack in packs}:
        raise UsageError(
            f"{selector.place}: there is no component {selector.text!r}"
            f"{did_you_mean(name, components)} (for a path write '/{selector.text}')"
        )
    return False


def _rule(selector: Selector, action: Action) -> Rule:
    try:
        compile_pattern(selector.text)
    except UsageError as error:
        raise UsageError(f"{selector.place}: {error}") from None
    component, why, title = f"user/{action.value}", "You said so.", "Named by you"
    return Rule(component, action, selector.text, why, selector.place, title)
