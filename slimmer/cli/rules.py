"""``slim rules``: the packs and components, and what each would drop from a tree."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import emit
from slimmer.config.option import QUESTION
from slimmer.errors import EXIT_OK


@command(
    QUESTION,
)
@click.argument("tree", type=IN, required=False)
def rules(tree: Path | None, asked: Asked) -> int:
    """List the packs and components; with TREE also what each would drop from it.

    What a component would drop is counted for it alone, before any guard: two components
    may name the same files. A star marks those that are switched on, "installed" those that
    drop only what an installer wrote.
    """
    from slimmer.decide.decide import owned_tree
    from slimmer.decide.selection import select
    from slimmer.inputs.open import open_source
    from slimmer.model.tree import Tree
    from slimmer.report.rules import rules_text
    from slimmer.rules.packs import load_packs

    if tree is None:
        ruleset, owned = select(load_packs(), asked.settings, Tree(())), None
    else:
        question = asked.of(open_source(tree, asked.settings.arch))
        ruleset = select(question.packs, question.settings, question.source.tree, question.ignored)
        owned = owned_tree(question, ruleset.packs)
    emit(rules_text(ruleset, owned))
    return EXIT_OK
