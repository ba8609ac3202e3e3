"""Kinds of files, told by their names and, for native code, by their first bytes."""

from __future__ import annotations

from collections.abc import Callable

from slimmer.model.tree import Entry, Kind
from slimmer.paths import name_of

NATIVE = "programs and libraries"
LINKS = "links"
OTHER = "other"

# One table for all languages: most endings belong to none or to several of them, and what is
# missing here is only shown as "other".
_ENDS = {
    "Erlang modules": "beam",
    "Erlang and Elixir sources": "erl hrl ex exs eex leex heex xrl yrl asn1 mib",
    "OTP metadata": "app appup boot rel script",
    "Python modules": "py",
    "Python bytecode": "pyc pyo",
    "type stubs": "pyi",
    "JavaScript": "js mjs cjs jsx",
    "TypeScript": "ts mts cts tsx",
    "source maps": "map",
    "jars": "jar war ear jmod",
    "Java classes": "class",
    "Java and Kotlin sources": "java kt clj cljc scala groovy",
    "archives": "zip whl egg ez gz tgz bz2 xz zst tar 7z",
    "C and Cython sources": "c cc cpp cxx h hh hpp hxx pyx pxd pxi f f90 s asm",
    "static libraries and objects": "a o la lib obj",
    "WebAssembly": "wasm",
    "documents": "md markdown rst txt html htm pdf tex adoc chunk info",
    "images and fonts": "png jpg jpeg gif svg ico webp ttf otf woff woff2 bmp",
    "data": "json json5 xml yaml yml toml csv tsv parquet npy npz pickle pkl db sqlite ini cfg",
    "scripts": "sh bash zsh fish bat cmd ps1 pl rb",
}
_KIND_OF = {end: kind for kind, ends in _ENDS.items() for end in ends.split()}


def file_kind(entry: Entry, is_native: Callable[[Entry], bool]) -> str:
    """Return the kind of a file; ``is_native`` looks into those whose names do not tell."""
    if entry.kind is Kind.LINK:
        return LINKS
    name = name_of(entry.path)
    kind = _KIND_OF.get(name.rpartition(".")[2].casefold()) if "." in name[1:] else None
    return kind or (NATIVE if is_native(entry) else OTHER)
