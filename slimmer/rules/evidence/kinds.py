"""Kinds of files by their names: documents, sources, scripts, compiled code."""

from __future__ import annotations

import re

from slimmer.model.tree import Entry
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit

COMPILED = (".so", ".beam", ".class", ".jar", ".war", ".node", ".pyd", ".dll", ".exe", ".wasm")
SCRIPTS = (
    *(".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".rb", ".php", ".pl"),
    *(
        ".sh",
        ".t",
        ".exs",
        ".lua",
        ".clj",
        ".groovy",
        ".R",
        ".jl",
        ".coffee",
        ".systemtap",
        ".stp",
        ".d",
    ),
)
SOURCES = (
    *(".erl", ".hrl", ".yrl", ".xrl", ".asn1", ".asn", ".mib", ".ex", ".el", ".app.src", ".java"),
    *(".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".f90", ".rs", ".go", ".kt"),
    *(".scala", ".pyx", ".pxd", ".cs", ".S", ".asm", ".src", ".rel"),
)
_DOCUMENTS = re.compile(
    r"(?i).*\.(?:md|markdown|mdx|txt|rst|html?|pdf|ps|tex|texi|info|chunk|eix|kwc|gz|bz2|xz"
    r"|svg|png|gif|jpe?g|adoc|org|ipynb|[0-9]\w{0,4})"
    r"|readme.*|changelog.*|changes|history|news|authors|copyright|todo|bugs|thanks"
)
# What a program reads while it runs; none of it is a source.
_DATA = (
    *(".json", ".yaml", ".yml", ".toml", ".csv", ".tsv", ".sql", ".eex", ".heex", ".leex", ".html"),
    *(".tpl", ".template", ".mustache", ".js", ".mjs", ".css", ".png", ".svg", ".db"),
)
_LOOKED_INTO = 8  # files without a known ending, before a folder counts as no documents
_PACKAGE_MARK = "__init__.py"
_FEW = 100  # of so many files one may be compiled: manuals come with examples and their tools


def is_text(data: bytes) -> bool:
    """Return whether the first bytes of a file are text."""
    return b"\0" not in data


def documents(at: Surroundings, unit: Unit) -> Found:
    """Return whether a unit holds what people read, and nothing that was compiled."""
    if not unit.is_folder:
        return Found(is_text(at.start(unit.path)) or _packed(unit.path), _name(unit.path))
    shown, code = "", ""
    files, looked, compiled = 0, 0, 0
    for entry in at.files(unit):
        files += 1
        name = _name(entry.path)
        if name == _PACKAGE_MARK:
            return Found(holds=False, what=f"{_inside(unit, entry)} is code")
        if name.endswith(COMPILED):
            compiled, code = compiled + 1, code or _inside(unit, entry)
        elif shown:
            continue
        elif _DOCUMENTS.fullmatch(name):
            shown = _inside(unit, entry)
        elif looked < _LOOKED_INTO and not name.endswith((*SCRIPTS, *_DATA)):
            looked += 1
            shown = _inside(unit, entry) if is_text(at.start(entry.path)) else ""
    if compiled * _FEW > files:
        return Found(holds=False, what=f"{code} is code")
    return Found(bool(shown), shown or "no document in it")


def _packed(path: str) -> bool:
    return path.endswith((".gz", ".bz2", ".xz", ".pdf", ".chunk"))


def sources(at: Surroundings, unit: Unit) -> Found:
    """Return whether a folder, or a file, is source code and nothing that a program reads."""
    shown = ""
    for entry in at.files(unit):
        name = _name(entry.path)
        if name.endswith(COMPILED) or name.endswith(_DATA):
            return Found(holds=False, what=f"{_inside(unit, entry)} is no source")
        if not shown and name.endswith((*SOURCES, *SCRIPTS)) and is_text(at.start(entry.path)):
            shown = _inside(unit, entry)
    return Found(bool(shown), shown or "no source in it")


def readable(at: Surroundings, unit: Unit) -> Found:
    """Return whether a unit has a script, a source or a page that explains."""
    for entry in at.files(unit):
        name = _name(entry.path)
        is_page = name.endswith((".md", ".rst", ".html", ".ipynb", ".txt")) or "README" in name
        if is_page or name.endswith((*SCRIPTS, *SOURCES)):
            return Found(is_text(at.start(entry.path)), _inside(unit, entry))
    return Found(holds=False, what="no script, source or page in it")


def _inside(unit: Unit, entry: Entry) -> str:
    """Return the path of an entry as it stands in the unit, or the unit's own name."""
    return entry.path[len(unit.path) + 1 :] or _name(unit.path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
