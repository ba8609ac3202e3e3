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


_many_paths = st.lists(paths, min_size=1, max_size=25)
_sizes = st.integers(0, 2000)
_booleans = st.booleans()


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Return a tree with files of some bytes; no file has another below it."""
    files: set[str] = set()
    for path in draw(_many_paths):
        if _is_free(path, files):
            files.add(path)
    return tree_of(Entry(path, Kind.FILE, draw(_sizes), draw(_booleans)) for path in sorted(files))


# Made once: a strategy that is made while another draws takes longer than what it draws.
_parts = st.lists(st.sampled_from((*NAMES, *GLOBS)), min_size=1, max_size=3).map("/".join)
_starts, _ends = st.sampled_from(("", "/", "**/")), st.sampled_from(("", "/"))
_patterns = st.tuples(_starts, _parts, _ends).map("".join)
_drops = st.lists(_patterns, min_size=1, max_size=3)
_few_patterns = st.lists(_patterns, max_size=2)
_counts = st.integers(1, 4)
_tiers = st.sampled_from(Tier)


def patterns() -> st.SearchStrategy[str]:
    """Return a gitignore pattern over the same names as the trees."""
    return _patterns


@st.composite
def packs(draw: st.DrawFn, name: str) -> Pack:
    """Return a pack rooted at the tree, with up to four components and some always kept."""
    components = []
    for number in range(draw(_counts)):
        full = f"{name}/c{number}"
        rules = [Rule(full, Action.DROP, pattern, "why", "here") for pattern in draw(_drops)]
        rules += [Rule(full, Action.SPARE, p, "why", "here") for p in draw(_few_patterns)]
        tier = draw(_tiers)
        components.append(Component(full, full, tier, "why", tuple(rules), (), "here"))
    always = [
        Rule(f"{name}/always", Action.KEEP, pattern, "why", "here")
        for pattern in draw(_few_patterns)
    ]
    return Pack(name, name, (".",), (), ("*",), (), tuple(always), tuple(components), name)


pack_sets = st.tuples(packs("first"), packs("second"))
