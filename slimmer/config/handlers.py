"""Which handler a source looks like having, for a proposal that its owner reads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

#: What the file of a handler is called: by Lambda's console, by templates, by most people.
STEMS = ("lambda_function", "app", "main", "handler", "index", "lambda")
_PYTHON, _NODE = (".py",), (".js", ".mjs", ".cjs")
ENDINGS = (*_PYTHON, *_NODE)
_PACKAGE = "__init__"
_NAMES = "lambda_handler|lambdaHandler|handler|main|app"
# Lambda gives a handler an event, so that a main() without a parameter is none.
_IN_PYTHON = re.compile(
    rf"^(?:(?:async )?def ({_NAMES})\(\s*[^\s)]|({_NAMES})(?: *: *[^=\n]{{1,80}})? *= *\w)",
    re.MULTILINE,
)
_IN_NODE = re.compile(
    rf"^(?:module\.)?exports\.({_NAMES}) *="
    rf"|^export (?:const|let|var|function|async function) ({_NAMES})\b",
    re.MULTILINE,
)
_BEST = ("lambda_handler", "lambdaHandler", "handler", "main")


def find_handler(sources: Mapping[str, bytes], folder: str, *, is_node: bool) -> str:
    """Return the handler, relative to a folder, that its sources define; empty for none.

    ``sources`` are files by path. Those right in the folder come first, then those of its packages.
    An application of a web framework is no handler: a server runs it.
    """
    pattern = _IN_NODE if is_node else _IN_PYTHON
    for stem, path in _candidates(sources, folder, _NODE if is_node else _PYTHON):
        text = sources[path].decode("utf-8", "replace")
        found = {name for each in pattern.finditer(text) for name in each.groups() if name}
        best = next((name for name in _BEST if name in found), "")
        if best:
            return f"{stem if is_node else stem.replace('/', '.')}.{best}"
    return ""


def _candidates(
    sources: Mapping[str, bytes], folder: str, endings: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield what a handler in each source is called up to its last dot, and the source's path."""
    own = f"{folder}/" if folder != "." else ""
    inner = sorted({path.removeprefix(own).rpartition("/")[0] for path in sources})
    packages = [name for name in inner if name and "/" not in name] if own else []
    for package in ("", *(f"{name}/" for name in packages)):
        for stem in (*STEMS, *([_PACKAGE] if package else [])):
            for ending in endings:
                path = posixpath.normpath(f"{folder}/{package}{stem}{ending}")
                if path in sources:
                    yield f"{package}{stem}".removesuffix(f"/{_PACKAGE}"), path
