"""Runtimes that a machine may have and Lambda's does not: what of them is put out of sight.

A row is a runtime: folders of it and programs of it, as globs below ``/``. Lambda's own
images for custom runtimes hold none of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Runtime(NamedTuple):
    """Where a runtime lies on the machines that have it."""

    folders: tuple[str, ...]
    programs: tuple[str, ...]


_PREFIXES = ("usr", "usr/local")
_LIBS = ("lib", "lib64", "share")


def _of(folders: str, programs: str) -> Runtime:
    return Runtime(
        tuple(f"{p}/{lib}/{name}" for p in _PREFIXES for lib in _LIBS for name in folders.split()),
        tuple(f"{p}/bin/{name}" for p in _PREFIXES for name in programs.split()),
    )


HIDDEN: dict[str, Runtime] = {
    "elixir": _of("elixir", "elixir elixirc iex mix"),
    "erlang": _of(
        "erlang", "beam.smp ct_run dialyzer epmd erl erlc erlexec escript run_erl to_erl"
    ),
    "java": _of("jvm java", "java javac jar jlink"),
    "node": _of("node_modules nodejs", "corepack node nodejs npm npx yarn"),
    "python": _of("python[23]* pypy*", "python[23]* python pypy* pip pip[23]*"),
    "ruby": _of("ruby rubygems-integration gems", "ruby ruby[23]* gem bundle"),
}
