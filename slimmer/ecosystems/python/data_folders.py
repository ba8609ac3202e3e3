"""Folders called ``tests`` that hold no test suite: a package's data, by an unlucky name.

Where such a folder holds modules alone, those that something imports come back anyway.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of, name_of

_COMPONENT = "python/tests"
_NAME = "tests"
_CODE = (".py", ".pyc", ".pyi")
# What pytest and unittest collect, and what Django calls its own.
_SUITE = re.compile(r"conftest\.py|tests?(?:_.*)?\.(?:py|pyx)|test[^/]*\.py|.*_tests?\.py")


def data_folders(tree: Tree, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
    """Yield the dropped folders called ``tests`` in which nothing is a test."""
    for entry in tree.entries:
        if entry[0].endswith(_NAME) and _is_dropped(entry, verdicts):
            names = {name_of(e.path) for e in tree.below(entry.path) if e.kind is Kind.FILE}
            has_data = not all(name.endswith(_CODE) for name in names)
            if has_data and not any(map(_SUITE.fullmatch, names)):
                parent = folder_of(entry.path)
                needs = f"{entry.path}, which holds no test"
                yield Reference(parent or ".", needs, entry.path, certain=True, how="name")


def _is_dropped(entry: Entry, verdicts: Mapping[str, Verdict]) -> bool:
    """Return whether an entry is the outermost folder of that name that the pack drops."""
    if entry.kind is not Kind.DIRECTORY or posixpath.basename(entry.path) != _NAME:
        return False
    rule, above = verdicts[entry.path].rule, verdicts.get(folder_of(entry.path))
    is_outermost = above is None or above.kept
    is_packs = rule is not None and rule.component == _COMPONENT
    return verdicts[entry.path].dropped and is_packs and is_outermost
