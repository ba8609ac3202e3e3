"""Who runs TypeScript that lies in packages: Bun, Deno and loaders do, Node.js itself does not.

What starts them stands in the user's own text: a bootstrap, a start script, a Dockerfile, the first
line of a file, or a string in code. Or the program itself lies in the tree. Zips beside it count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.mentions import Mention
from slimmer.ecosystems.node.resolver import Resolver
from slimmer.ecosystems.node.sources import TYPED, home_of
from slimmer.ecosystems.own_texts import writing_of
from slimmer.formats.mentions import Writing, line_of
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Reference
from slimmer.model.tree import Entry, Kind
from slimmer.paths import name_of
from slimmer.sizes import size_text
from slimmer.text import printable

_PROGRAMS = ("bun", "deno")
_ROOTS = ("", "nodejs")  # of a function, and of a layer
#: Packages that compile what Node.js loads; they count where they are installed.
_LOADERS = (
    *("tsx", "ts-node", "jiti", "esbuild-register", "esbuild-runner", "sucrase"),
    *("@swc-node/register", "@oxc-node/core", "@esbuild-kit/cjs-loader", "@esbuild-kit/esm-loader"),
)
#: A program as a word, or at the end of a path: exec /opt/bin/bun, CMD ["deno", "run"].
_WORD = re.compile(rb"(?m)(?:^|[\s/\"'=;&|(\[])(bun|deno)(?=[\s\"',;)&|]|$)")
#: A program that code starts: spawn("bun", …), subprocess.run(["/opt/bin/deno", …]).
_SPAWNED = re.compile(
    rb"(?:spawn|exec|fork|run|call|check_output|Popen|system|Command)\w{0,20}\(\s{0,40}\[?\s{0,40}"
    rb"[\"'`](?:[\w.-]{0,80}/){0,16}(bun|deno)(?=[\s\"'`])"
)
_COMMENT = re.compile(rb"(?m)^[ \t]*#(?!!)[^\n]*")
_BUILT = re.compile(rb"(?im)^[ \t]*(?:RUN|FROM|COPY|ADD|ARG|LABEL)\b[^\n]*")
_FIRST_LINE_BYTES = 255  # BINPRM_BUF_SIZE of Linux, less the newline


class Runner(NamedTuple):
    """Who runs TypeScript, and where that stands."""

    name: str
    place: str


class Runners:
    """Keeps the TypeScript of packages where something that runs it is started."""

    def __init__(self, context: Context, resolver: Resolver) -> None:
        self._context = context
        self._resolver = resolver
        self._kept: set[str] = set()

    def references(self, sources: Iterable[str]) -> Iterator[Reference]:
        """Yield those of the sources, which the rules would drop, that somebody runs."""
        typed = [path for path in sources if path.endswith(TYPED)]
        runner = self._runner if typed else None
        if runner is not None:
            self._kept.update(typed)
            for path in typed:
                yield Reference(runner.place, path, path, True, runner.name)

    def findings(self) -> Iterator[Finding]:
        """Yield what was kept, and for whom."""
        if not self._kept or self._runner is None:
            return
        sizes = [self._context.tree.by_path[path].size_bytes for path in self._kept]
        files = "1 file" if len(sizes) == 1 else f"{len(sizes):,} files"
        yield finding(
            "typescript-kept",
            f"{files} of TypeScript in packages ({size_text(sum(sizes))}) kept: "
            f"{printable(self._runner.place)} starts {self._runner.name}, which runs it",
        )

    @cached_property
    def _runner(self) -> Runner | None:
        return _find(self._context, self._resolver)


def _find(context: Context, resolver: Resolver) -> Runner | None:
    """Return who runs TypeScript in packages of this tree; None where nobody is known to."""
    for name in _LOADERS:
        mention = context.mentions.of(name)
        if mention is not None and any(resolver.package_folder(at, name) for at in _ROOTS):
            return Runner(name, str(mention))
    for path, manifest in sorted(context.mentions.manifests.items()):
        for script in manifest.scripts:
            found = (
                _WORD.search(script.command.encode("utf-8", "replace")) if script.starts else None
            )
            if found is not None:
                return Runner(found[1].decode("ascii"), f"{path} ({script.name})")
    own = (e for e in context.tree.entries if _is_program(e) or context.mentions.is_own(e.path))
    here = (_in_file(entry, context.read, "") for entry in own)
    beside = (
        _in_file(entry, zip_.read, f"{zip_.name}: ")
        for zip_ in context.deployment.siblings
        for entry in zip_.tree.entries
    )
    return next((one for one in chain(here, beside) if one is not None), None)


def _is_program(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and entry.executable and name_of(entry.path) in _PROGRAMS


def _in_file(entry: Entry, read: Callable[[str], bytes], zip_: str) -> Runner | None:
    """Return what a file starts, or is; ``zip_`` stands before its path."""
    if _is_program(entry):
        return Runner(name_of(entry.path), zip_ + entry.path)
    writing = writing_of(entry) if entry.kind is Kind.FILE and not home_of(entry.path) else None
    found = None if writing is None else _found(read(entry.path), writing)
    if found is None:
        return None
    program, line = found
    return Runner(program, zip_ + str(Mention(entry.path, line)))


def _found(text: bytes, writing: Writing) -> tuple[str, int] | None:
    """Return the program that a text starts, and the line that says so."""
    first_line = text[:_FIRST_LINE_BYTES].partition(b"\n")[0]
    found = _WORD.search(first_line) if first_line.startswith(b"#!") else None
    if found is None and writing is Writing.QUOTED:
        found = _SPAWNED.search(text)
    elif found is None:
        for pattern in (_COMMENT, _BUILT) if writing is Writing.IMAGE else (_COMMENT,):
            text = pattern.sub(lambda match: b" " * len(match[0]), text)
        found = _WORD.search(text)
    return None if found is None else (found[1].decode("ascii"), line_of(text, found.start(1)))
