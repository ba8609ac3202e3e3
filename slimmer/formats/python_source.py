"""Python sources: which modules a file imports, and how certainly, from its syntax tree.

Nothing is executed. ``words`` is the cheap look that tells whether the syntax tree of a file
can hold anything about a module of a given name.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError

MAX_SOURCE_BYTES = 8_000_000  # the largest generated modules in wide use have about 2 MB

_ASKING = re.compile(
    rb"\b(?:from|import)\b[^\n]*"  # an import, as far as its line goes
    rb"|^[ \t]*\w+(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:[,)#][^\n]*|\r?$)"  # and how one goes on
    rb"|[\"'][A-Za-z_.][\w.]*[\"']"  # a string that could be a module's name
    rb"|\battach_stub\b",  # lazy_loader's word for reading the .pyi file beside a module
    re.MULTILINE,
)
_WORD = re.compile(rb"[A-Za-z_]\w*")
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Import(NamedTuple):
    """An import: ``level`` dots, the dotted ``module``, the ``name`` taken from it or "".

    ``certain``: it happens whenever the code around it runs, and nothing catches its
    failure. ``how`` says where it stands.
    """

    level: int
    module: str
    name: str
    certain: bool
    how: str


class Context(NamedTuple):
    """Where in a file a node stands."""

    certain: bool = True
    how: str = "import"


_Node: TypeAlias = tuple[ast.AST, Context]


def words(source: bytes) -> frozenset[bytes]:
    """Return the words in imports and in strings that could be names of modules.

    It never raises, and finds more than there is: docstrings are searched, too.
    """
    asking = b"\n".join(match[0] for match in _ASKING.finditer(source))
    return frozenset(_WORD.findall(asking))


def imports(source: bytes) -> tuple[Import, ...]:
    """Return what a source imports, asks ``import_module`` for, or lists in ``__all__``.

    Raises FormatError for what this Python cannot parse. What stands under
    ``if TYPE_CHECKING`` never runs and is left out. A name of ``__all__``, and one of
    lazy_loader's ``attach``, is an import from the module itself, of level 1.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise FormatError("a source of more than 8 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old sources have odd escapes; that is their matter
            return tuple(dict.fromkeys(_walk(ast.parse(source))))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormatError(f"no source for this Python: {type(error).__name__}") from None


def _walk(tree: ast.Module) -> Iterator[Import]:
    todo: list[_Node] = [(tree, Context())]
    while todo:
        node, context = todo.pop()
        yield from _asked(node, context)
        todo.extend(_children(node, context))


def _children(node: ast.AST, context: Context) -> Iterator[_Node]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        yield from ((child, context) for child in node.orelse)
    elif isinstance(node, ast.Try | ast.TryStar) and _catches(node):
        tried = Context(False, "import under try")
        yield from ((child, tried) for child in node.body)
        rest = (*node.handlers, *node.orelse, *node.finalbody)
        yield from ((child, context) for child in rest)
    elif isinstance(node, ast.With) and "suppress" in ast.dump(node.items[0].context_expr):
        yield from ((child, Context(False, "import under suppress")) for child in node.body)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_test(node.name):
        yield from ((child, Context(False, "import in a test")) for child in node.body)
    else:
        yield from ((child, context) for child in ast.iter_child_nodes(node))


def _is_test(name: str) -> bool:
    return name == "test" or name.startswith(("test_", "_test"))


def _catches(node: ast.Try | ast.TryStar) -> bool:
    for handler in node.handlers:
        if handler.type is None:
            return True
        caught = {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)}
        if caught & _IMPORT_ERRORS:
            return True
    return False


def _asked(node: ast.AST, context: Context) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(0, alias.name, "", *context)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield Import(node.level, node.module or "", alias.name, *context)
    elif isinstance(node, ast.Call):
        yield from _called(node, context)
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and _is_all(node):
        for name in _texts(node.value):
            yield Import(1, "", name, context.certain, "__all__")


def _called(node: ast.Call, context: Context) -> Iterator[Import]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    name = node.func.id if isinstance(node.func, ast.Name) else name
    if name in ("import_module", "__import__") and node.args:
        for text in _texts(node.args[0]):
            module = text.lstrip(".")
            yield Import(len(text) - len(module), module, "", context.certain, name)
    elif name == "attach":
        for part in (*node.args[1:], *(keyword.value for keyword in node.keywords)):
            for text in _texts(part):
                yield Import(1, "", text, context.certain, "lazy_loader")
    elif name == "attach_stub":
        yield Import(1, "", "__init__.pyi", context.certain, "lazy_loader")


def _is_all(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _texts(node: ast.AST | None) -> Iterator[str]:
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
