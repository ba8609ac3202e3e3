"""The size table: each tree plain, by the recipes that people follow, and by slim.

The recipes are those that are published: folders deleted by name, ``strip`` over what looks like
a library, ``beam_lib:strip_files`` over the modules, then ``zip -9``. Whether the result still
runs is another question; for ELF files the table counts what ``strip`` broke.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import deflate

from bench.layer import pack
from slimmer.formats import FormatError, Refused
from slimmer.formats.elf import headers as elf
from slimmer.formats.elf import strip as elf_strip
from trees import jvm, node, wheels
from trees.mix import mix_release
from trees.otp import otp_layer

OTP_GONE = (
    *("doc", "src", "c_src", "java_src", "examples", "include", "man", "emacs"),
    *("wx-*", "observer-*", "debugger-*", "et-*", "mnesia-*", "odbc-*", "megaco-*", "diameter-*"),
    *("snmp-*", "common_test-*", "eunit-*", "dialyzer-*", "edoc-*", "tools-*", "reltool-*"),
    *("jinterface-*", "erl_interface-*", "typer-*", "erl_docgen-*", "parsetools-*"),
)
#: What strips the modules of a layer, in its folder.
STRIP_MODULES = 'beam_lib:strip_files(filelib:wildcard("lib/**/ebin/*.beam")), halt().'
_NODE_GONE = (
    *("*.md", "*.markdown", "*.ts", "*.cts", "*.mts", "*.map", "*.flow", "*.tsbuildinfo"),
    *("test", "tests", "__tests__", "doc", "docs", "man", "example", "examples", "benchmarks"),
    *("coverage", ".github", ".circleci", ".eslintrc*", ".nycrc*", ".editorconfig", ".npmignore"),
)
_NODE_TOOLS = ("typescript", "@types", "dist-es", "dist-types", ".package-lock.json")


class Recipe(NamedTuple):
    """What people delete by name, and which tool they run over the rest."""

    title: str
    gone: Sequence[str] = ()
    strip: Callable[[Path], None] | None = None


class Bench(NamedTuple):
    """A tree, the recipes for it, and the options that slim needs to measure it."""

    title: str
    tree: Callable[[], Path]
    recipes: Sequence[Recipe]
    options: Sequence[str] = ()


def main() -> None:
    for bench in BENCHES:
        tree = bench.tree()
        print(f"{bench.title}: {bytes_of(tree):,} B")
        for recipe in (Recipe("zip -9"), *bench.recipes):
            print(f"  {by_hand(tree, recipe):>12,} B  {recipe.title}")
        for tier in ("default", "aggressive"):
            size_bytes = by_slim(tree, "--tier", tier, *bench.options)
            print(f"  {size_bytes:>12,} B  slim, {' '.join((tier, *bench.options))}")
    print(compare_strip(wheels.layer(*wheels.EIGHT)))


def bytes_of(tree: Path) -> int:
    return sum(p.lstat().st_size for p in tree.rglob("*") if p.is_file() and not p.is_symlink())


def by_hand(tree: Path, recipe: Recipe) -> int:
    """Return the bytes of a zip made by a recipe."""
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        copy = Path(scratch) / "copy"

        def gone(_folder: str, names: list[str]) -> set[str]:
            return {n for n in names if any(fnmatch.fnmatch(n, word) for word in recipe.gone)}

        shutil.copytree(tree, copy, symlinks=True, ignore=gone)
        if recipe.strip:
            recipe.strip(copy)
        return pack(copy, (Path(scratch) / "peer.zip").resolve())


def by_slim(tree: Path, *options: str) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch) / "ours.zip"
        argv = [sys.executable, "-m", "slimmer", "build", str(tree), "-o", str(ours), *options]
        argv += ["--level", "12"]  # as for a release: the peers are given their best, too
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
        return ours.stat().st_size


def strip_libraries(folder: Path) -> None:
    """Run ``strip`` over every ``*.so``, as serverless-python-requirements does."""
    for path in sorted(folder.rglob("*.so")):
        if not path.is_symlink():
            subprocess.run(["strip", str(path)], capture_output=True, check=False)


def strip_modules(folder: Path) -> None:
    """Run ``beam_lib:strip_files`` with the copy's own Erlang."""
    env = {**os.environ, "PATH": f"{folder.resolve() / 'bin'}:{os.defpath}"}
    subprocess.run(["erl", "-noshell", "-eval", STRIP_MODULES], cwd=folder, env=env, check=True)


def compare_strip(tree: Path) -> str:
    """Return what ``strip`` and elf-strip make of every ELF file of a tree, deflated."""
    theirs = ours = files = grown = broken = refused = our_grown = our_broken = 0
    for path in sorted(p for p in tree.rglob("*") if p.is_file() and not p.is_symlink()):
        data = path.read_bytes()
        if data.startswith(b"\x7fELF"):
            files += 1
            other = by_gnu_strip(data)
            try:
                mine = elf_strip.strip(data)
            except (FormatError, Refused):
                mine = data
                refused += 1
            theirs += len(deflate.deflate_compress(other, 12))
            ours += len(deflate.deflate_compress(mine, 12))
            grown += len(other) > len(data)
            our_grown += len(mine) > len(data)
            broken += not loads(other)
            our_broken += not loads(mine)
    return (
        f"{files} ELF files of the wheels, deflated: elf-strip {ours:,} B ({our_grown} grown, "
        f"{our_broken} broken, {refused} refused), GNU strip {theirs:,} B ({grown} grown, "
        f"{broken} broken)"
    )


def by_gnu_strip(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "x.so"
        path.write_bytes(data)
        subprocess.run(["strip", str(path)], capture_output=True, check=False)
        return path.read_bytes()


def loads(data: bytes) -> bool:
    """Return whether the loader would map it: every segment as far into its page as its address."""
    return all((s.offset - s.vaddr) % max(s.align, 1) == 0 for s in elf.parse(data).loads)


BENCHES = (
    Bench(
        "Debian's Erlang/OTP and Elixir",
        otp_layer,
        (
            Recipe("applications, sources and documents deleted", OTP_GONE),
            Recipe("and beam_lib:strip_files", OTP_GONE, strip_modules),
        ),
    ),
    Bench("A Mix release", mix_release, ()),
    Bench(
        "Eight Python libraries",
        lambda: wheels.layer(*wheels.EIGHT),
        (
            Recipe(
                "serverless-python-requirements, slim: true",
                ("*.py[co]", "__pycache__", "*.dist-info"),
                strip_libraries,
            ),
        ),
        ("--target", "lambda-image"),
    ),
    Bench(
        "A Node application",
        node.application,
        (
            Recipe("documents, types, maps and tests deleted by name", _NODE_GONE),
            Recipe("and what was forgotten in it", (*_NODE_GONE, *_NODE_TOOLS)),
        ),
    ),
    Bench("A Java runtime and a Clojure uberjar", jvm.tree, ()),
)
