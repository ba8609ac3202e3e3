"""Every random value that the laws are tried on."""

from __future__ import annotations

from hypothesis import strategies as st

from slimmer.model.rules import Action, Rule, Tier
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.rules.packs import Component, Pack
from tests.support.trees import tree_of

NAMES = ("a", "b", "lib", "doc", "x-1", "LICENSE", "a.md", "b.so", "b.so.1", "c.beam", "é")
GLOBS = ("*", "*.md", "b.so*", "x-*", "**", "[Ll]*", "a.?d")

names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


def _is_free(path: str, taken: set[str]) -> bool:
    above = path
    while above:
        if above in taken:
            return False
        above = above.rpartition("/")[0]
    return not any(other.startswith(path + "/") for other in taken)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Return a tree with files of some bytes; no file has another below it."""
    files: set[str] = set()
    for path in draw(st.lists(paths, min_size=1, max_size=25)):
        if _is_free(path, files):
            files.add(path)
    return tree_of(
        Entry(path, Kind.FILE, draw(st.integers(0, 2000)), draw(st.booleans()))
        for path in sorted(files)
    )


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Return a gitignore pattern over the same names as the trees."""
    parts = draw(st.lists(st.sampled_from((*NAMES, *GLOBS)), min_size=1, max_size=3))
    start, end = draw(st.sampled_from(("", "/", "**/"))), draw(st.sampled_from(("", "/")))
    return start + "/".join(parts) + end


@st.composite
def packs(draw: st.DrawFn, name: str) -> Pack:
    """Return a pack rooted at the tree, with up to four components and some always kept."""
    components = []
    for number in range(draw(st.integers(1, 4))):
        full = f"{name}/c{number}"
        drops = draw(st.lists(patterns(), min_size=1, max_size=3))
        spares = draw(st.lists(patterns(), max_size=2))
        rules = [Rule(full, Action.DROP, pattern, "why", "here") for pattern in drops]
        rules += [Rule(full, Action.SPARE, pattern, "why", "here") for pattern in spares]
        tier = draw(st.sampled_from(Tier))
        components.append(Component(full, full, tier, "why", tuple(rules), (), "here"))
    always = [
        Rule(f"{name}/always", Action.KEEP, pattern, "why", "here")
        for pattern in draw(st.lists(patterns(), max_size=2))
    ]
    return Pack(name, name, (".",), (), ("*",), (), tuple(always), tuple(components), name)


pack_sets = st.tuples(packs("first"), packs("second"))
