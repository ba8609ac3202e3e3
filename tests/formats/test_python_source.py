"""Imports are found as Python's own parser finds them, in every module of its library."""

from __future__ import annotations

import ast
import re
import sysconfig
import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest

from slimmer.formats.python.imports import MAX_SOURCE_BYTES, asking_words, imports, words
from slimmer.formats.python.tokens import logical_lines

LIBRARY = Path(sysconfig.get_path("stdlib"))
CAUGHT = re.compile(r"\b(Import|ModuleNotFound|PackageNotFound)Error\b|\b(Base)?Exception\b")
SKIPPED = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages"}


Found = set[tuple[int, str, str, bool]]


def by_ast(source: bytes) -> Found:
    """Find imports by Python's own parser; with each, whether its failure would show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        todo: list[tuple[ast.AST, bool]] = [(ast.parse(source), True)]
    found: Found = set()
    while todo:
        node, certain = todo.pop()
        if isinstance(node, ast.Import):
            found |= {(0, alias.name, "", certain) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.level, node.module or "", a.name, certain) for a in node.names}
        todo += [(child, certain and not may_fail(node, child)) for child in children(node)]
    return found


def children(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If) and re.fullmatch(r"(\w+\.)?TYPE_CHECKING", ast.unparse(node.test)):
        return node.orelse
    return ast.iter_child_nodes(node)


def may_fail(node: ast.AST, child: ast.AST) -> bool:
    if isinstance(node, ast.Try | ast.TryStar) and child in node.body:
        types = [ast.unparse(h.type) if h.type else "Exception" for h in node.handlers]
        caught = [bool(CAUGHT.search(text)) for text in types]
        first = node.handlers[caught.index(True)] if any(caught) else None
        return first is not None and not any(isinstance(step, ast.Raise) for step in first.body)
    if isinstance(node, ast.With) and child in node.body:
        return any("suppress" in ast.unparse(item) for item in node.items)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return re.fullmatch("test|test_.*|_test.*", node.name) is not None
    return False


def test_it_finds_what_pythons_own_parser_finds() -> None:
    every = [
        path for path in LIBRARY.rglob("*.py") if not SKIPPED & {*path.relative_to(LIBRARY).parts}
    ]
    files = sorted(every)[::3]  # all of them take too long
    assert len(files) > 100
    for path in files:
        source = path.read_bytes()
        ours = {i[:4] for i in imports(source) if i.how.split()[0] == "import"}
        assert ours == by_ast(source), path
        named = words(" ".join(f"{i.module} {i.name}" for i in imports(source)).encode())
        assert set(named) <= asking_words(source), path


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("a\n  b # c\n", [(0, ["a"]), (2, ["b"])]),
        ("a = (1,\nb)\n", [(0, ["a", "=", "(", "1", ",", "b", ")"])]),
        ("a \\\n b", [(0, ["a", "b"])]),
        ('"""\nimport x\n"""\n\ty', [(0, ['"""\nimport x\n"""']), (8, ["y"])]),
        (r"a = r'\' # no'", [(0, ["a", "=", r"r'\' # no'"])]),
        ("f((\nimport x", [(0, ["f", "(", "("]), (0, ["import", "x"])]),
        ("'open\nb", [(0, ["'open"]), (0, ["b"])]),
        ("a\U0001e030 b", [(0, ["a\U0001e030", "b"])]),  # a letter since Unicode 15
    ],
)
def test_lines_are_logical_lines(code: str, lines: list[tuple[int, list[str]]]) -> None:
    assert list(logical_lines(code)) == lines


def test_how_certain_an_import_is() -> None:
    code = b"""
import a
try:
    import b
    def f():
        import c
except ImportError:
    import d
else:
    import e
with suppress(ImportError): import g
try:
    import h
finally:
    pass
"""
    certain = {"a": True, "b": False, "c": False, "d": True, "e": True, "g": False, "h": True}
    assert {i.module: i.certain for i in imports(code)} == certain
    assert {i.how for i in imports(code)} == {"import", "import under try", "import under suppress"}


@pytest.mark.parametrize(
    ("handlers", "certain"),
    [
        ("except ImportError: pass", False),
        ("except ImportError: raise", True),
        ("except ImportError as e: raise RuntimeError from e", True),
        ("except ImportError:\n    if x:\n        raise", False),
        ("except (OSError, ImportError): pass", False),
        ("except ImportError, e: pass", False),
        ("except OSError: pass", True),
        ("except: pass", False),
        ("except ImportError: raise\nexcept Exception: pass", True),
        ("except OSError: raise\nexcept Exception: pass", False),
        ("except* ImportError: pass", False),
        ("finally: pass", True),
    ],
)
def test_the_first_handler_for_it_decides_what_becomes_of_a_failed_import(
    handlers: str, certain: bool
) -> None:
    [found] = imports(f"try:\n    import a\n{handlers}\n".encode())
    assert found.certain is certain


@pytest.mark.parametrize(
    "piece", ["import a;", 'x="a.b"\n', "try:\n a\n", 'attach("a",', "(", "\xff"]
)
def test_a_source_of_any_repetition_is_read_to_its_end(piece: str) -> None:
    source = (piece * (MAX_SOURCE_BYTES // 4 // len(piece.encode()))).encode()
    assert len(imports(source)) <= 1


def test_tries_in_tries_in_a_large_source_are_read_to_their_end() -> None:
    depth = 1000
    nested = "".join("\t" * n + "try:\n" for n in range(depth)) + "\t" * depth
    found = imports((nested + "import a;" * 200_000).encode())
    assert [i.certain for i in found] == [True]


@pytest.mark.parametrize(
    ("code", "failing"),
    [
        ("try:\n    a()\nexcept ValueError as e:\n    import x\n", True),
        ("try:\n    a()\nexcept (KeyError, ImportError):\n    import x\n", True),
        ("try:\n    import y\nexcept ImportError:\n    import x\n", False),
        (
            "try:\n    import y\nexcept (ImportError, ModuleNotFoundError) as e:\n    import x\n",
            False,
        ),
        ("def handle_exception(self):\n    from .x import shown\n    return shown(self)\n", True),
        (
            "def f(a):\n    if not a:\n        import x\n        raise x.Wrong(a)\n    return a\n",
            True,
        ),
        (
            "def f(a):\n    import x\n    if a:\n        return x.done(a)\n    raise TypeError\n",
            False,
        ),
        ("def f(a):\n    import x\n    return x.done(a)\n", False),
        ("import x\n", False),
    ],
)
def test_imports_where_something_went_wrong_are_told(code: str, failing: bool) -> None:
    (found,) = {i.failing for i in imports(code.encode()) if "x" in (i.module, i.name)}
    assert found is failing
