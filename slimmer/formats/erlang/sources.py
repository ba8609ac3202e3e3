"""Which modules and applications a source of Erlang or Elixir names, by a cheap look.

Sources: the Erlang Reference Manual, "Function Calls"; Elixir's guides, "Modules and functions"
and "alias, require, import, and use". Strings are not told from code: a name too many keeps an
application too many.
"""

from __future__ import annotations

import re

MAX_SOURCE_BYTES = 4_000_000  # of a script; the rest of a longer one is not looked at

_COMMENT = re.compile(r"(?m)^[ \t]*+[#%].*$")
_CALL = re.compile(r"(?<!:)\b([a-z]\w*+):[a-z]|(?<!:):([a-z]\w*+)\.[a-z]")
_ALIAS = re.compile(r"\b(?:(?:alias|import|require|use) )?([A-Z]\w*+(?:\.[A-Z]\w*+)*)")
_STARTED = re.compile(
    r"\b(?:ensure_all_started|ensure_started|ensure_loaded|start|load)\([ \n]?:?([a-z]\w*+)"
)


def names(source: bytes) -> frozenset[str]:
    """Return the modules that a source calls or brings in, and the applications that it starts.

    Elixir's modules have their full names, such as ``Elixir.Mix``.
    """
    text = _COMMENT.sub("", source[:MAX_SOURCE_BYTES].decode("utf-8", "replace"))
    found = {one or other for one, other in _CALL.findall(text)} | set(_STARTED.findall(text))
    for alias in _ALIAS.finditer(text):
        if " " in alias[0] or text[alias.end() : alias.end() + 1] == ".":
            found.add(f"Elixir.{alias[1]}")
    return frozenset(found)
