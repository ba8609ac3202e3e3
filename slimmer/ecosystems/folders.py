"""What kept code names by a folder: all below it that rules dropped, for every language.

A component of which it is known that nobody reads it by a folder (``by_folder = false`` in its
pack) stays dropped, and so does what the user dropped by name.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from slimmer.model.rules import Reference, Verdict
from slimmer.paths import folder_of, join, name_of, parents

_BY_USER = "user/drop"
_WORD = re.compile(r"\w+")
_IN_TEXT = re.compile(r"""["'`/\\][^"'`/\\\n:=]*""")  # a part of a path in quotes, and more


class DroppedFolders:
    """What is dropped in one round, as it can be found by a folder."""

    def __init__(self, verdicts: Mapping[str, Verdict]) -> None:
        self._verdicts = verdicts
        self._paths = sorted(
            path
            for path, verdict in verdicts.items()
            if verdict.dropped
            and verdict.rule is not None
            and verdict.rule.by_folder
            and verdict.rule.component != _BY_USER
        )

    def __bool__(self) -> bool:
        return bool(self._paths)

    @cached_property
    def _names(self) -> dict[str, dict[str, frozenset[str]]]:
        """By folder, what in it is dropped or holds what is, each with the words of its name."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        for path, verdict in self._verdicts.items():
            while verdict.dropped and path:
                inside = found.setdefault(folder_of(path), {})
                if path in inside:
                    break
                inside[path] = frozenset(_WORD.findall(name_of(path)))
                path = folder_of(path)
        return found

    def names_in(self, folder: str) -> list[str]:
        """Return the names of what is directly in a folder and is dropped or holds what is."""
        return [name_of(path) for path in self._names.get(folder, {})]

    def may_be_named(self, source: str, text: bytes, starts: Iterable[str] = ()) -> bool:
        """Tell whether the text of a source may name something here; a cheap look.

        A path from a folder that the source lies in, or from one of ``starts``, begins with
        a name in there, and not with that of a further folder around the source.
        """
        around = {"", *parents(source)}
        texts = _IN_TEXT.findall(text.decode("utf-8", "surrogateescape"))
        said = frozenset(_WORD.findall(" ".join(texts)))
        return any(
            words <= said and path not in around
            for start in around.union(starts)
            for path, words in self._names.get(start, {}).items()
        )

    def below(self, folder: str, besides: Collection[str] = ()) -> tuple[str, ...]:
        """Return what lies at or below a folder of the tree, without what ``besides`` hold."""
        prefix = folder + "/"
        found = [folder] if self._has(folder) else []
        for place in range(bisect.bisect_left(self._paths, prefix), len(self._paths)):
            path = self._paths[place]
            if not path.startswith(prefix):
                break
            found.append(path)
        inner = tuple(other + "/" for other in besides if other.startswith(prefix))
        return (
            tuple(path for path in found if not f"{path}/".startswith(inner))
            if inner
            else (tuple(found))
        )

    def reference(
        self, source: str, target: str, *, line: int = 0, besides: Collection[str] = ()
    ) -> Reference | None:
        """Return the reference of a source to a file or folder that it names by its own place.

        None where nothing of it is dropped, and where the source lies in that folder itself:
        code that names the folders above it does so to find others in there.
        """
        verdict = self._verdicts.get(target)
        if verdict is None or source.startswith(join(target, "")):
            return None
        members = self.below(target, besides)
        if not members and verdict.dropped and verdict.rule is not None:
            members = (target,) if verdict.rule.component != _BY_USER else ()
        if not members:
            return None
        return Reference(source, target, target, True, members=members, line=line)

    def _has(self, path: str) -> bool:
        place = bisect.bisect_left(self._paths, path)
        return self._paths[place : place + 1] == [path]
