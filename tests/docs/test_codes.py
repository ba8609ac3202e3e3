"""The page of codes against their registry, and the registry against the code that uses it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import slimmer
from scripts.codes_page import PAGE, codes_page
from slimmer.model.codes import CODES
from slimmer.model.failures import FAILURES

PACKAGE = Path(slimmer.__file__).parent
REGISTRY = (PACKAGE / "model/codes.py", PACKAGE / "model/findings.py")
MODULES = {
    file: ast.parse(file.read_text("utf-8"))
    for file in sorted(PACKAGE.rglob("*.py"))
    if file not in REGISTRY
}


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield node


def passing_on(tree: ast.AST, maker: str) -> set[str]:
    """Return the functions that give ``maker`` a code which they were given themselves."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        if any(isinstance(call.args[0], ast.Name) for call in calls(node, maker))
    }


def patterns(maker: str) -> Iterator[str]:
    """Yield a pattern for each code that is given to a maker: literals, and what f-strings make.

    What comes out of a table in the same module is the first cell of its rows.
    """
    for tree in MODULES.values():
        helpers = passing_on(tree, maker)
        names = (maker, *helpers, *(f"self.{name}" for name in helpers))
        cells = [call.args[0] for call in calls(tree, *names)]
        if helpers:
            tuples = (node for node in ast.walk(tree) if isinstance(node, ast.Tuple))
            cells += [node.elts[0] for node in tuples if node.elts]
        for cell in cells:
            if isinstance(cell, ast.Constant) and isinstance(cell.value, str):
                yield re.escape(cell.value)
            elif isinstance(cell, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else None for p in cell.values)
                yield "".join(".+" if part is None else re.escape(str(part)) for part in parts)


def test_the_page_is_made_of_the_registry() -> None:
    assert PAGE.read_text("utf-8") == codes_page(), "run make docs"


def test_every_finding_is_made_with_its_row() -> None:
    made = [file.name for file, tree in MODULES.items() if list(calls(tree, "Finding"))]
    assert made == []


@pytest.mark.parametrize(("maker", "codes"), [("finding", CODES), ("Failure", FAILURES)])
def test_every_code_that_is_made_is_in_the_registry(maker: str, codes: dict[str, object]) -> None:
    found = set(patterns(maker))
    assert len(found) > 10
    unknown = [p for p in found if not any(re.fullmatch(p, code) for code in codes)]
    assert unknown == []


@pytest.mark.parametrize(("maker", "codes"), [("finding", CODES), ("Failure", FAILURES)])
def test_every_code_in_the_registry_is_made(maker: str, codes: dict[str, object]) -> None:
    found = set(patterns(maker))
    unused = [code for code in codes if not any(re.fullmatch(p, code) for p in found)]
    assert unused == []
