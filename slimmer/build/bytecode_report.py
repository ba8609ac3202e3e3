"""What Python's bytecode costs in a zip, and what its lack costs at each cold start."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from slimmer.ecosystems.python.stale import DEAR
from slimmer.formats.python import pyc
from slimmer.model.artifact import Member
from slimmer.model.findings import Finding, finding
from slimmer.model.plan import Keep, Plan
from slimmer.paths import name_of
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_SHOWN = 3
_OTHER_PYTHON = re.compile(
    r"(?:.*/)?(?:jython[^/]*\.jar|python-(?:language|embedding)[^/]*\.jar|[^/]+\$py\.class"
    r"|IronPython[^/]*\.dll|bin/(?:jython|graalpy|micropython)[^/]*)"
)
_PROGRAM = re.compile(r"(?:.*/)?(?:bin/python3|libpython3)[^/]*")


class Bytecode(NamedTuple):
    """The bytecode in a zip: its files and bytes, and the modules that have none.

    ``made_by`` names the interpreter where it was made for this zip, else it is empty.
    """

    files: int
    unzipped_bytes: int
    zip_bytes: int
    without: int
    made_by: str


def bytecode_of(
    plan: Plan, members: Mapping[str, Member], made_by: str, *, language: str = ""
) -> Bytecode | None:
    """Return what there is to say of a zip's bytecode; None where it has no Python modules.

    ``members`` are those of the zip by their path in the tree; ``language`` is the target's.
    """
    cached = {path: source for path in members if (source := pyc.source_of(path))}
    paths = [step.entry.path for step in plan.shipped if isinstance(step, Keep)]
    modules = {path for path in paths if pyc.is_importable(path)}
    if not cached and not _is_for_cpython(paths, language):
        modules = set()
    if not cached and not modules:
        return None
    return Bytecode(
        len(cached),
        sum(members[path].size_bytes for path in cached),
        sum(members[path].zip_bytes for path in cached),
        len(modules - set(cached.values())),
        made_by,
    )


def _is_for_cpython(paths: Collection[str], language: str) -> bool:
    """Return whether the modules of a zip are run by the Python that reads such bytecode.

    Java and .NET have Pythons of their own, which may lie in any jar.
    """
    if any(_OTHER_PYTHON.fullmatch(path) for path in paths) or language not in ("", "python"):
        return False
    is_sure = bool(language) or any(map(_is_cpythons, paths))
    return is_sure or not any(path.endswith((".jar", ".war", ".class")) for path in paths)


def bytecode_findings(bytecode: Bytecode | None, refused: Mapping[str, str]) -> list[Finding]:
    """Return notes on what bytecode costs, what its lack does, and what was not compiled."""
    if bytecode is None:
        return []
    notes = []
    times = f"{DEAR} times"
    if bytecode.files:
        by = f", made by {bytecode.made_by}" if bytecode.made_by else ""
        notes.append(
            f"bytecode: {count_text(bytecode.files, 'file')}, "
            f"{size_text(bytecode.unzipped_bytes)} unzipped, "
            f"{size_text(bytecode.zip_bytes)} of the zip{by}; without it the import CPU of a "
            f"cold start is about {times} as high"
        )
    if bytecode.without and not refused:
        modules = count_text(bytecode.without, "module")
        cost = "" if bytecode.files else f", which is about {times} the import CPU"
        notes.append(
            f"{modules} without bytecode: compiled at each cold start that imports them{cost}; "
            "--pyc compile makes it"
        )
    if refused:
        named = ", ".join(printable(path) for path in sorted(refused)[:_SHOWN])
        more = f" and {len(refused) - _SHOWN:,} more" if len(refused) > _SHOWN else ""
        notes.append(
            f"{count_text(len(refused), 'source')} could not be compiled, and will fail as they "
            f"did when they are imported: {named}{more}"
        )
    return [finding("bytecode", note) for note in notes]


def _is_cpythons(path: str) -> bool:
    """Return whether only CPython, and what installs packages for it, makes such a file."""
    is_module = path.endswith(".so") and ".cpython-" in name_of(path)
    return is_module or path.endswith(".dist-info/METADATA") or bool(_PROGRAM.fullmatch(path))
