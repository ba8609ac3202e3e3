"""No text costs a regular expression of slim's more than its length: none is quadratic.

Every compiled expression of every module is found by looking; for each, hostile texts are made
of the characters that it speaks of, and grow until what they cost tells.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _constants as codes
from re import _parser as parser
from typing import Any

import pytest

import slimmer
from slimmer.formats.javascript.semver import allows_major

ALONE = {
    "slimmer.__main__",
    "slimmer.verify.runtimes.ask_python",
    "slimmer.verify.namespace_init",
}
#: These read slim's own rules, never a stranger's text.
OWN_DATA = {"slimmer.secrets.kinds:_CLASS"}
METHODS = {"search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
LARGE = 8_192  # characters; what is quadratic takes 30 ms and more for so many
SLOW_S = 0.01  # and what is linear less than one
MOST_ATOMS = 4
SAMPLES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_NOT_DIGIT: "x",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "x",
    codes.CATEGORY_WORD: "w",
    codes.CATEGORY_NOT_WORD: "-",
}
Make = Callable[[int], str]


def expressions() -> dict[str, re.Pattern[Any]]:
    """Return every expression of every module, by the module and its name or line there."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(slimmer.__path__, "slimmer."):
        if module.name in ALONE:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            found |= {f"{module.name}:{place}": one for place, one in compiled(name, value)}
        found |= {f"{module.name}:{line}": one for line, one in in_functions(module.name)}
    return {place: pattern for place, pattern in found.items() if place not in OWN_DATA}


def compiled(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from compiled(f"{name}[{key!r}]", inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from compiled(f"{name}[{number}]", inner)


def in_functions(module: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield the expressions that are written where they are used, by ``[line]``."""
    for node in ast.walk(parsed(module)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), method), [ast.Constant(text), *_]) if (
                method in METHODS
            ):
                yield f"[{node.lineno}]", re.compile(text)


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse(Path(str(importlib.import_module(module).__file__)).read_text("utf-8"))


def uses(place: str) -> set[str]:
    """Return the methods that a module calls of its expression, or of those of a table."""
    module, _, name = place.partition(":")
    table = name.partition("[")[0] != name
    called = {
        node.attr
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if (node.value.id.islower() if table else node.value.id == name) and node.attr in METHODS
        if node.value.id != "re"
    }
    return called or {"search", "match", "fullmatch"}


def atoms(pattern: re.Pattern[Any]) -> list[str]:
    """Return characters and words that an expression speaks of, and one it may not."""
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    found: dict[str, None] = {}
    waiting: list[Any] = [parser.parse(text, pattern.flags & ~re.UNICODE)]
    while waiting:
        word = ""
        for code, argument in waiting.pop(0):
            if code is codes.LITERAL:
                word += chr(argument)
                continue
            found |= dict.fromkeys([word, *samples(code, argument)])
            word = ""
            waiting += inner(argument)
        found[word] = None
    single = [atom for atom in found if len(atom) == 1]
    words = [atom for atom in found if len(atom) > 1]
    return [*single[:MOST_ATOMS], *words[:MOST_ATOMS], "x"]


def inner(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for one in argument:
            yield from inner(one)


def samples(code: Any, argument: Any) -> Iterator[str]:
    if code is codes.NOT_LITERAL:
        yield chr(argument)
    for kind, value in argument if code is codes.IN else ():
        if kind is codes.LITERAL:
            yield chr(value)
        elif kind is codes.RANGE:
            yield chr(value[0])
        elif kind is codes.CATEGORY:
            yield SAMPLES[value]


def hostile(pattern: re.Pattern[Any]) -> Iterator[Make]:
    """Yield ways to make texts of a length: one part again and again, or two in turn."""
    found = atoms(pattern)
    for one, two in itertools.product(found, found):
        if one == two:
            yield lambda n, a=one: a * (n // len(a))  # type: ignore[misc]
        else:
            yield lambda n, s=two, a=one: s + a * (n // len(a)) + "\0"  # type: ignore[misc]
            yield lambda n, a=one + two: a * (n // len(a)) + "\0"  # type: ignore[misc]


def cost_s(pattern: re.Pattern[Any], method: str, text: str) -> float:
    """Return the CPU time that a call takes."""
    given: Any = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    begin = time.process_time()
    if method == "sub":
        pattern.sub(given[:0], given)
    else:
        found = getattr(pattern, method)(given)
        list(found) if method == "finditer" else found
    return time.process_time() - begin


def is_linear(pattern: re.Pattern[Any], method: str, make: Make) -> bool:
    """Return whether twice the text takes about twice the time, where it takes any to speak of."""
    if all(cost_s(pattern, method, make(size)) < SLOW_S for size in (LARGE // 16, LARGE)):
        return True
    texts = make(LARGE), make(2 * LARGE)
    for _ in range(3):  # what else the machine does can cost one of the two much, not each time
        once, twice = (min(cost_s(pattern, method, text) for _ in range(3)) for text in texts)
        if twice < 3 * once:
            return True
    return False


EXPRESSIONS = expressions()


@pytest.mark.parametrize("place", EXPRESSIONS)
def test_an_expression_is_linear(place: str) -> None:
    pattern = EXPRESSIONS[place]
    for method, make in itertools.product(sorted(uses(place)), hostile(pattern)):
        assert is_linear(pattern, method, make), (method, make(40))


def test_the_law_finds_what_is_quadratic() -> None:
    for text in (r"\s*\(at (\d+)", r"\.(egg|(abi3|cpython|cp)[\w.-]*\.so|so)$"):
        pattern = re.compile(text)
        ways = [*hostile(pattern)] * 3  # a busy machine hides it once
        assert not all(is_linear(pattern, "search", make) for make in ways), text


@pytest.mark.parametrize("text", ["x" * 40_000, " " * 40_000, ">= " * 20_000, "1 - " * 20_000])
def test_a_range_of_versions_of_any_length_is_read(text: str) -> None:
    begin = time.process_time()
    assert allows_major(text, 22) in (True, False)
    assert time.process_time() - begin < 2  # it took 11 s for 40 kB
