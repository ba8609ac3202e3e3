"""What a tree's own ``.slimignore`` leaves out: gitignore's lines become words of the user's.

As in git the last line that matches wins, and ``!`` takes back. Unlike in git it takes back below a
folder that is left out, too, since nobody writes such a line to have it ignored.
"""

from __future__ import annotations

from collections.abc import Iterator

from slimmer.errors import UsageError
from slimmer.inputs.base import Source
from slimmer.model.rules import Action, Rule
from slimmer.model.tree import Kind
from slimmer.rules.patterns import compile_pattern

NAME, OF_GIT = ".slimignore", ".gitignore"
_MAX_BYTES = 1_000_000  # of such a file; the largest collections of them have some 10 kB a file


def ignored(source: Source, *, gitignore: bool) -> tuple[Rule, ...]:
    """Return what the files at a tree's top leave out, the weightiest last.

    ``gitignore`` says that git's own file counts, too, below slim's. Raises UsageError, with file
    and line, for what is no pattern, InputError for a file that cannot be read.
    """
    names = (OF_GIT, NAME) if gitignore else (NAME,)
    return tuple(rule for name in names for rule in _rules(_text(source, name), name))


def _text(source: Source, name: str) -> str:
    entry = source.tree.by_path.get(name)
    if entry is None or entry.kind is not Kind.FILE:
        return ""
    if entry.size_bytes > _MAX_BYTES:
        raise UsageError(f"{name}: larger than {_MAX_BYTES:,} B; make it smaller")
    return source.read(name).decode("utf-8-sig", "surrogateescape")


def _rules(text: str, name: str) -> Iterator[Rule]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        action = Action.KEEP if line.startswith("!") else Action.DROP
        pattern, place = line.removeprefix("!"), f"{name}:{number}"
        try:
            compile_pattern(pattern)
        except UsageError as error:
            raise UsageError(f"{place}: {error}") from None
        component, why = f"user/{action.value}", f"{name} says so."
        yield Rule(component, action, pattern, why, place, "Named by you")
