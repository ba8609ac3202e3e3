"""The house rules: imports run one way, and only the edges touch a disk."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import slimmer

PACKAGE = Path(slimmer.__file__).parent

# A room is a package or module right below slimmer/; it imports only from lines below its own.
LAYERS = """
    __main__
    cli
    report
    shrink  warm
    verify
    check
    inventory
    build
    decide
    caps
    secrets
    config
    ecosystems
    transforms  targets
    rules
    inputs  outputs
    cache
    toml  formats
    model
    sizes  text  paths
    errors  parallel  folders
    programs
"""
RANK = {room: rank for rank, line in enumerate(LAYERS.split("\n")) for room in line.split()}

# Rooms and modules that may read and write; everything else is decided on values.
EDGES = {
    *("__main__", "cli", "inputs", "outputs", "verify", "parallel", "folders", "programs", "toml"),
    *("config.project_file", "config.settings"),  # read slim.toml
    *("rules.packs", "secrets.kinds", "targets", "report.sheets"),  # read slim's own data
    *(
        "shrink.evidence",
        "shrink.site",
        "shrink.never",
        "warm.java",
        "warm.plot",
        "warm.node",
        "ecosystems.python.compiler",
        "inventory.read",
        "check.read",
        "check.read_image",
        "check.read_shared",
        "check.read_baseline",
        "decide.question",
        "cache.folder",
        "cache.code",
    ),
}
DISK = {"os", "pathlib", "shutil", "tempfile", "zipfile", "subprocess", "socket", "http"}
# posixpath and fnmatch only handle strings; io is for bytes in memory.

MOST_ROOMS = 32
MOST_LINES = 350


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module by its name below ``slimmer``, parsed once."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = list(file.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = ast.parse(file.read_text("utf-8"))
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """Return what a module imports, in full."""
    found = set()
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def own_imports(name: str) -> set[str]:
    own = {full.removeprefix("slimmer.") for full in imports(name) if full.startswith("slimmer.")}
    return own & modules().keys()


def room(name: str) -> str:
    return name.partition(".")[0]


def test_every_room_has_its_layer_and_there_are_few() -> None:
    assert {room(name) for name in modules()} == set(RANK)
    assert len(RANK) <= MOST_ROOMS


def test_imports_run_downwards_only() -> None:
    wrong = [
        f"{name} imports {other}"
        for name in modules()
        for other in own_imports(name)
        if room(other) != room(name) and RANK[room(other)] <= RANK[room(name)]
    ]
    assert wrong == []


def test_no_module_is_long() -> None:
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in PACKAGE.rglob("*.py")}
    assert {file.name: count for file, count in lines.items() if count > MOST_LINES} == {}


def test_only_the_edges_can_touch_a_disk() -> None:
    inner = [n for n in modules() if not any(n == e or n.startswith(e + ".") for e in EDGES)]
    wrong = [
        f"{name} imports {top}"
        for name in inner
        for top in {full.partition(".")[0] for full in imports(name)} & DISK
    ]
    wrong += [
        f"{name} calls open"
        for name in modules()
        for node in ast.walk(modules()[name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    assert wrong == []


def test_no_group_of_a_pattern_is_possessive() -> None:
    """One whose turn fails half-way goes wrong before Python 3.11.5; one zip on each Python."""
    possessive = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "rules").rglob("*.toml")]
    assert [file.name for file in sources if possessive.search(file.read_text("utf-8"))] == []
