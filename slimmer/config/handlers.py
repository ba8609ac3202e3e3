"""Which handler a source looks like having, for a proposal that its owner reads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

#: What the file of a handler is called: by Lambda's console, by templates, by most people.
STEMS = ("lambda_function", "app", "main", "handler", "index", "lambda")
_PYTHON, _NODE = (".py",), (".js", ".mjs", ".cjs")
ENDINGS = (*_PYTHON, *_NODE)
_NAMES = "lambda_handler|lambdaHandler|handler|main|app"
_IN_PYTHON = re.compile(
    rf"^(?:(?:async )?def ({_NAMES})\(|({_NAMES})(?: *: *[^=\n]{{1,80}})? *= *\w)", re.MULTILINE
)
_IN_NODE = re.compile(
    rf"^(?:module\.)?exports\.({_NAMES}) *="
    rf"|^export (?:const|let|var|function|async function) ({_NAMES})\b",
    re.MULTILINE,
)
_BEST = ("lambda_handler", "lambdaHandler", "handler", "main")


def find_handler(sources: Mapping[str, bytes], folder: str, *, is_node: bool) -> str:
    """Return the handler, relative to a folder, that its sources define; empty for none.

    ``sources`` are files by path. An application of a web framework is none: a server runs it.
    """
    for stem in STEMS:
        for ending in _NODE if is_node else _PYTHON:
            data = sources.get(posixpath.normpath(f"{folder}/{stem}{ending}"))
            pattern = _IN_NODE if is_node else _IN_PYTHON
            text = data.decode("utf-8", "replace") if data else ""
            found = {name for each in pattern.finditer(text) for name in each.groups() if name}
            best = next((name for name in _BEST if name in found), "")
            if best:
                return f"{stem}.{best}"
    return ""
