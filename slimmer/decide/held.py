"""What lies in layers of an image that stay as they are: it ships, whatever rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from slimmer.model.base_tree import BaseTree
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.sizes import count_text, size_text
from slimmer.text import and_more


class Held(NamedTuple):
    """The verdicts on what is held, and what there is to say of it."""

    verdicts: dict[str, Verdict]
    findings: list[Finding]


def hold(base: BaseTree, tree: Tree, ruled: Mapping[str, Verdict]) -> Held:
    """Return a keep, as strong as one of the user's, for all that lies in the base."""
    if not base.layers:
        return Held({}, [])
    paths = [entry.path for entry in tree.entries if entry.path in base.paths]
    kept = {path: Verdict(Action.KEEP, _rule(path)) for path in paths}
    return Held(kept, list(_told(base, tree, ruled, paths)))


def _rule(path: str) -> Rule:
    why = "It lies in a layer that stays as it is."
    return Rule("user/keep", Action.KEEP, path, why, "--base-layers", "In a base layer")


def _told(
    base: BaseTree, tree: Tree, ruled: Mapping[str, Verdict], paths: list[str]
) -> Iterator[Finding]:
    entries = (tree.by_path[path] for path in paths if ruled[path].dropped)
    files = [entry for entry in entries if entry.kind is not Kind.DIRECTORY]
    if files:
        size = size_text(sum(entry.size_bytes for entry in files))
        layers = count_text(base.layers, "layer")
        yield finding(
            "base-stays",
            f"{count_text(len(files), 'file')} of {size} would be dropped and stay, as they lie in "
            f"the lowest {layers}: {and_more([entry.path for entry in files])}; without "
            "--base-layers they go",
        )
