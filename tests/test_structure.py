"""The house rules: imports run one way, and only the edges touch a disk."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import slimmer

PACKAGE = Path(slimmer.__file__).parent

# From the ground up: a module may import from layers below its own, never from its own or above.
LAYERS = [
    ["formats.quoted"],
    ["errors", "formats", "formats.python_lines", "names", "cores", "report"],
    [
        "model",
        "sizes",
        "report.gfm",
        "formats.erlang_terms",
        "formats.beam",
        "formats.elf",
        "formats.javascript",
        "formats.javascript_code",
        "formats.package_json",
        "formats.pyc",
        "formats.native",
        "formats.private_key",
        "formats.python_statements",
        "formats.semver",
        "formats.zip",
    ],
    [
        "report.document",
        "report.lines",
        "schema",
        "patterns",
        "formats.otp",
        "formats.beam_imports",
        "formats.python_source",
        "formats.elf_layout",
        "bootstrap",
        "file_kinds",
        "platforms",
    ],
    ["formats.elf_check", "formats.elf_dynamic", "guards.node_modules", "guards.node_sources"],
    ["formats.elf_strip", "formats.repack", "binaries", "targets"],
    [
        "packs",
        "published",
        "transforms",
        "bytecode",
        "around",
        "budget",
        "guards.python_dists",
        "guards.python_prescan",
    ],
    ["guards.node_beside", "guards.unreadable", "secret_rules"],
    ["secret_files", "secret_search"],
    ["secrets"],
    [
        "guards.beam",
        "guards.native",
        "guards.node",
        "guards.otp",
        "guards.python",
        "foreign",
        "held",
        "fit.shipped",
    ],
    ["fit.java", "fit.layout", "fit.libraries", "fit.node", "fit.python", "fit.versions"],
    ["compiler", "report.bytecode", "data", "rules", "guards", "fit", "walk", "archive"],
    ["project_file"],
    ["config", "gate_settings"],
    ["rescue", "links", "inside", "source", "bases", "components", "measure"],
    ["plan", "selection", "contents", "others", "inventory", "report.summary"],
    ["report.rescued", "report.rows", "decision", "diff", "secret_findings"],
    ["report.json", "report.markdown", "report.text", "report.columns", "report.header"],
    ["report.html"],
    ["report.faces", "report.reading", "pipeline", "soundness"],
    ["report.comparison", "inventories", "inspection", "zipped", "baseline"],
    ["report.comparison_markdown", "report.inspection", "growth"],
    ["gate"],
    ["report.gate_json", "report.gate_text"],
    ["report.gate_markdown"],
    ["verify", "verify.ask_python", "verify.enter", "verify.hidden", "verify.interrupts"],
    ["verify.model", "verify.room", "verify.startable"],
    ["verify.exchange", "verify.host", "verify.merge", "verify.runtimes", "verify.sandboxes"],
    ["verify.judge", "verify.processes", "verify.runtime_api", "verify.unpack"],
    ["verify.report", "verify.runner"],
    ["verify.site"],
    ["verify.proof"],
    ["cli.places"],
    ["cli.options", "cli.terminal"],
    ["cli.outputs", "cli.running"],
    [
        "cli.build",
        "cli.check",
        "cli.completion",
        "cli.diff",
        "cli.explain",
        "cli.inspect",
        "cli.rules",
        "cli.verify",
    ],
    ["cli"],
    ["__main__"],
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

EDGES = {
    "source",
    "walk",
    "cores",
    "archive",
    "compiler",
    "others",
    "inventories",
    "data",
    "config",
    "gate_settings",
    "project_file",
    "cli.build",
    "cli.check",
    "cli.diff",
    "cli.explain",
    "cli.inspect",
    "zipped",
    "cli.options",
    "cli.outputs",
    "cli.places",
    "cli.rules",
    "cli.running",
    "cli.terminal",
    "cli.verify",
    "cli",
    "verify.ask_python",
    "verify.enter",
    "verify.host",
    "verify.processes",
    "verify.runner",
    "verify.runtime_api",
    "verify.runtimes",
    "verify.sandboxes",
    "verify.site",
    "verify.unpack",
}
DISK = {"os", "pathlib", "shutil", "tempfile", "zipfile", "subprocess", "socket", "http"}
# posixpath and fnmatch only handle strings; io is for bytes in memory.


def modules() -> dict[str, ast.Module]:
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = list(file.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = ast.parse(file.read_text("utf-8"))
    return found


def imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_its_layer() -> None:
    assert set(modules()) == set(RANK)


def test_imports_run_downwards_only() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, tree in modules().items()
        for other in (full.removeprefix("slimmer.") for full in imports(tree))
        if other in RANK and RANK[other] >= RANK[name]
    ]
    assert wrong == []


def test_only_its_commands_know_of_verify() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, tree in modules().items()
        for other in (full.removeprefix("slimmer.") for full in imports(tree))
        if other.startswith("verify")
        and not name.startswith("verify")
        and name not in {"cli", "cli.build", "cli.running", "cli.verify"}
    ]
    assert wrong == []


def test_only_the_edges_can_touch_a_disk() -> None:
    wrong = [
        f"{name} imports {top}"
        for name, tree in modules().items()
        for top in {full.partition(".")[0] for full in imports(tree)} & DISK
        if name not in EDGES
    ]
    wrong += [
        f"{name} calls open"
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    assert wrong == []


def test_no_group_of_a_pattern_is_possessive() -> None:
    """One whose turn fails half-way goes wrong before Python 3.11.5; one zip on each Python."""
    possessive = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "rules").rglob("*.toml")]
    assert [file.name for file in sources if possessive.search(file.read_text("utf-8"))] == []
