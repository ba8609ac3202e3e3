"""The guard of .NET: its host starts nothing where a file that NAME.deps.json lists is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.dotnet.ownership import DEPENDENCIES, assets
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, join, name_of


class DotnetGuard:
    """Knows the lists of one tree; reads each once."""

    def __init__(self, context: Context) -> None:
        self._tree = context.tree
        self._read = context.read
        self._listed: dict[str, tuple[str, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what lists that are kept name and what is dropped, as one reference a list."""
        for entry in self._tree.ending_in(DEPENDENCIES):
            path = entry.path
            if entry.kind is not Kind.FILE or verdicts[path].dropped:
                continue
            if path not in self._listed:
                self._listed[path] = tuple(self._named(path))
            gone = tuple(each for each in self._listed[path] if verdicts[each].dropped)
            if gone:
                yield Reference(path, name_of(gone[0]), gone[0], certain=True, members=gone)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Return nothing: what is listed comes back."""
        return ()

    def _named(self, path: str) -> Iterator[str]:
        """Yield the files of the tree that a list names."""
        text = self._read(path).decode("utf-8", "replace")
        for asset in sorted(set(assets(text))):
            place = join(folder_of(path), asset)
            if place in self._tree.by_path:
                yield place
