"""What a dropped distribution's RECORD lists goes with it, and comes back with it.

A pack names a distribution by its packages and its metadata. Other files of it have names that say
nothing of whose they are: the half that mypyc compiled, programs in ``bin``. RECORD lists them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.python.ownership import places_of
from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Reference, Verdict
from slimmer.model.tree import Kind, Tree

_METADATA = ".dist-info/METADATA"
_PATTERN = "RECORD"  # of the rule that says so
_PACK = "python/"
_MODULES = (".py", ".so")


def drop_companions(
    context: Context, verdicts: Mapping[str, Verdict], owners: Mapping[str, str]
) -> dict[str, Verdict]:
    """Return drops of what the distributions that a pack drops also installed, and nobody else."""
    drops: dict[str, Verdict] = {}
    records = Records(context.tree, context.read)
    for metadata in context.tree.ending_in(_METADATA):
        rule = verdicts[metadata.path].rule
        if rule is None or verdicts[metadata.path].kept or not rule.component.startswith(_PACK):
            continue
        gone = Verdict(Action.DROP, rule._replace(pattern=_PATTERN))
        info = posixpath.dirname(metadata.path)
        for path in records.files(info):
            verdict = verdicts.get(path)
            if verdict is None or verdict.dropped or owners[path] == OWN or path in drops:
                continue
            is_said = verdict.rule is not None and verdict.rule.action is Action.KEEP
            if not is_said and not records.is_others(path, info, verdicts):
                drops[path] = gone
    return drops


class Records:
    """The files of each distribution of a tree; reads a RECORD when it is asked for."""

    def __init__(self, tree: Tree, read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._read = read
        self._files: dict[str, tuple[str, ...]] = {}

    def files(self, info: str) -> tuple[str, ...]:
        """Return the files in the tree that a distribution's RECORD lists, its own left out."""
        if info not in self._files:
            record = self._tree.by_path.get(f"{info}/RECORD")
            is_file = record is not None and record.kind is Kind.FILE
            text = self._read(f"{info}/RECORD").decode("utf-8", "replace") if is_file else ""
            listed = places_of(posixpath.dirname(info), text)
            known = (p for p in listed if p in self._tree.by_path)
            self._files[info] = tuple(p for p in known if not p.startswith(f"{info}/"))
        return self._files[info]

    def is_others(self, path: str, info: str, verdicts: Mapping[str, Verdict]) -> bool:
        """Return whether a distribution that stays lists a file as well."""
        others = (each for each in self.holders(path) if each != info)
        return any(verdicts[f"{other}/METADATA"].kept for other in others)

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what went with a distribution, where some of it is kept after all."""
        for entry in self._tree.ending_in(_METADATA):
            info = posixpath.dirname(entry.path)
            gone = [p for p in self.files(info) if _went_along(verdicts[p])]
            source = self._kept_of(info, verdicts) if gone else ""
            for path in gone if source else ():
                yield Reference(source, path, path, certain=True, how=_PATTERN)

    def _kept_of(self, info: str, verdicts: Mapping[str, Verdict]) -> str:
        """Return a module of a distribution that is kept, or its METADATA; "" for none."""
        modules = (p for p in self.files(info) if p.endswith(_MODULES))
        asked = (f"{info}/METADATA", *modules)
        return next((p for p in asked if verdicts[p].kept and not _is_shared(p, self)), "")

    @cached_property
    def _holders(self) -> dict[str, list[str]]:
        holders: dict[str, list[str]] = {}
        for entry in self._tree.ending_in(_METADATA):
            info = posixpath.dirname(entry.path)
            for path in self.files(info):
                holders.setdefault(path, []).append(info)
        return holders

    def holders(self, path: str) -> list[str]:
        """Return the folders of metadata of the distributions that list a file."""
        return self._holders.get(path, [])


def _is_shared(path: str, records: Records) -> bool:
    return len(records.holders(path)) > 1


def _went_along(verdict: Verdict) -> bool:
    rule = verdict.rule
    return verdict.dropped and rule is not None and rule.pattern == _PATTERN
