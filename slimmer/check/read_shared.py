"""Budgets that the artifacts of a file share: one need not name something in each of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from slimmer.check.gate import CheckedZip, names_something
from slimmer.config.budgets import Budget
from slimmer.errors import InputError
from slimmer.inputs.zip_tree import open_zip
from slimmer.inventory.inventory import Inventory, inventory_of_zip
from slimmer.model.findings import Finding, finding
from slimmer.rules.packs import Pack
from slimmer.text import and_more, printable


def budgets_of(
    budgets: Sequence[Budget], checked: Sequence[CheckedZip], packs: Sequence[Pack]
) -> tuple[tuple[Budget, ...], list[Finding]]:
    """Return the budgets that these zips are held to, and notes on those of other artifacts.

    A shared budget that names nothing here is one of theirs if it names something in the zip of
    one, or if one has no zip yet. Any other stays, and is an error as a misspelt one is.
    """
    names = frozenset(pack.name for pack in packs)
    here = [each.inventory for each in checked]
    held: list[Budget] = []
    notes: list[Finding] = []
    for budget in budgets:
        of_other = ""
        if budget.shared_by and not names_something(budget, here, names):
            of_other = _of_other(budget, names, packs)
        if of_other:
            zips = and_more([each.name for each in here])
            message = f"the budget {budget.name!r} ({budget.place}) names nothing of {zips}"
            notes.append(finding("budget-elsewhere", f"{printable(message)}; {of_other}"))
        else:
            held.append(budget)
    return tuple(held), notes


def _of_other(budget: Budget, names: Collection[str], packs: Sequence[Pack]) -> str:
    """Return why a budget may be of another artifact; empty where it is of none."""
    for path in budget.shared_by:
        found = _inventory(Path(path), packs)
        if found is None:
            return f"{printable(path)} is not there to look for it"
        if names_something(budget, [found], names):
            return f"it does of {printable(found.name)}"
    return ""


def _inventory(path: Path, packs: Sequence[Pack]) -> Inventory | None:
    """Return what a zip holds by its directory; None without one that can be read."""
    try:
        opened = open_zip(path)
    except InputError:
        return None
    return inventory_of_zip(path.name, opened.zip_bytes, opened.archive, packs)
