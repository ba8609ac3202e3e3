"""Distributions that packs drop as a whole: who names them, and what comes back with them.

One that the user's own text names stays, by its name, by that of a module or of a program. One
that comes back brings all its modules and metadata, what it requires, and its plugins: pytest
without the metadata of a plugin does not know the plugin's options.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.declared import Reasons, declared_dropped, declared_kept
from slimmer.ecosystems.mentions import Mention
from slimmer.ecosystems.python.distributions import SCRIPTS, Distributions
from slimmer.formats.python.metadata import normal_name
from slimmer.formats.python.requirements import listed, of_project, required
from slimmer.model.findings import Finding
from slimmer.model.owners import SHARED
from slimmer.model.rules import Reference, Tier, Verdict
from slimmer.paths import folder_of, name_of

_OWNER, _PACK, _STUBS = "python/", "python/", "python/stubs"
_GUARD = "guard/"
_MANIFESTS: Mapping[str, Callable[[str], frozenset[str]]] = {
    "requirements.txt": listed,
    "pyproject.toml": of_project,
    "Pipfile": of_project,
}


class OwnDistributions:
    """Knows what the distributions of one tree consist of, and who names them."""

    def __init__(self, context: Context, distributions: Distributions) -> None:
        self._context = context
        self._dists = distributions
        self._reasons = Reasons()
        self._may_drop = False

    def is_own(self, path: str) -> bool:
        """Return whether a file is the user's own."""
        return self._context.mentions.is_own(path)

    def decides(self, source: str, target: str, *, certain: bool, by_user: bool) -> bool:
        """Return whether what a source asks for comes back, which may do without.

        What the user's own code asks for does; so does what is declared, but at the aggressive
        tier. ``by_user`` says that the user dropped it.
        """
        name = self._name_of(target)
        is_declared = name in self._declared and self._context.tier is not Tier.AGGRESSIVE
        needed = certain or (self.is_own(source) and not by_user)
        return self._reasons.decides(name, needed=needed, wanted=is_declared and not by_user)

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what is named of the dropped, and what is missing of that which came back."""
        gone = self._gone(verdicts)
        self._may_drop = self._may_drop or bool(gone)
        for name in gone:
            if any(_is_by_user(verdicts[top]) for top in self._tops[name]):
                continue
            if mention := self._mention(name):
                self._reasons.decides(name, needed=False, wanted=True)
                yield from self._whole(str(mention), name, gone, "mention")
        for name, tops in self._tops.items() if gone else ():
            if any(_is_back(verdicts[top]) for top in tops):
                yield from self._whole(name, name, gone, "its distribution")
                for metadata in self._dists.metadata(name):
                    for other in sorted(required(self._context.read(metadata))):
                        yield from self._whole(name, other, gone, "Requires-Dist")
        for point, hosts in self._dists.plugins() if gone else ():
            name = self._name_of(point)
            if name in gone and any(self._is_kept(host, verdicts) for host in hosts):
                yield from self._whole(hosts[0], name, gone, "entry point")

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the declared distributions that packs drop, and those that may be dropped."""
        gone = self._gone(verdicts)
        for name, manifest in sorted(self._declared.items()) if self._may_drop else ():
            tops = self._tops.get(name, ())
            folders = [top for top in tops if not top.endswith("-info")]
            if not folders:
                continue
            below = (entry for top in tops for entry in self._context.tree.below(top))
            size_bytes = sum(entry.size_bytes for entry in below)
            if name in gone and folders[0] in gone[name]:
                rule = verdicts[folders[0]].rule
                component = rule.component if rule is not None else ""
                yield declared_dropped(name, size_bytes, component, manifest, folders[0])
            elif self._reasons.is_only_wanted(name):
                yield declared_kept(name, size_bytes, manifest, folders[0])

    @cached_property
    def _tops(self) -> dict[str, list[str]]:
        """The files and folders right beside the metadata, by the distribution that owns them.

        A package that holds distributions for itself is its own one's.
        """
        holders, owners = set(self._dists.holders), self._context.owners
        found: dict[str, list[str]] = {}
        for entry in self._context.tree.entries:
            owner = owners.get(entry.path, "")
            if owner == SHARED:
                owner = owners.get(f"{entry.path}/__init__.py", "")
            if owner.startswith(_OWNER) and folder_of(entry.path) in holders:
                found.setdefault(normal_name(owner[len(_OWNER) :]), []).append(entry.path)
        return found

    @cached_property
    def _declared(self) -> dict[str, str]:
        """The distributions that the user's own manifests list for run time, and where."""
        found: dict[str, str] = {}
        for path in self._context.mentions.own(*_MANIFESTS):
            if parse := _MANIFESTS.get(name_of(path)):
                text = self._context.read(path).decode("utf-8", "replace")
                found = dict.fromkeys(parse(text), path) | found
        return found

    def _gone(self, verdicts: Mapping[str, Verdict]) -> dict[str, list[str]]:
        """Return what packs drop as a whole of each distribution."""
        if not any(_is_dropped(verdicts[path]) for path in map(posixpath.dirname, self._metadata)):
            return {}
        gone = {n: [t for t in tops if _is_dropped(verdicts[t])] for n, tops in self._tops.items()}
        return {name: tops for name, tops in gone.items() if tops}

    @cached_property
    def _metadata(self) -> tuple[str, ...]:
        return tuple(self._dists.files)

    def _mention(self, name: str) -> Mention | None:
        """Return where a distribution is named: by its name, a module's, or a program's."""
        tops = self._tops[name]
        stems = [name_of(top).partition(".")[0] for top in tops if not top.endswith("-info")]
        points = self._dists.points()
        programs = [p.name for p in points if p.group in SCRIPTS and self._name_of(p.path) == name]
        called = dict.fromkeys((name, name.replace("-", "_"), *stems, *programs))
        found = (self._context.mentions.of(each) for each in called)
        return next((mention for mention in found if mention is not None), None)

    def _name_of(self, path: str) -> str:
        """Return the distribution that a file of metadata belongs to."""
        owner = self._context.owners.get(path, "")
        return normal_name(owner.partition("/")[2])

    def _whole(
        self, source: str, name: str, gone: Mapping[str, list[str]], how: str
    ) -> Iterator[Reference]:
        for top in gone.get(name, ()):
            yield Reference(source, name_of(top) if name == source else name, top, True, how)

    def _is_kept(self, module: str, verdicts: Mapping[str, Verdict]) -> bool:
        folders = (posixpath.join(holder, module) for holder in self._dists.holders)
        return any(folder in verdicts and verdicts[folder].kept for folder in folders)


def _is_dropped(verdict: Verdict) -> bool:
    rule = verdict.rule
    by_pack = rule is not None and rule.component.startswith(_PACK) and rule.component != _STUBS
    return verdict.dropped and by_pack


def _is_back(verdict: Verdict) -> bool:
    return verdict.kept and verdict.rule is not None and verdict.rule.component.startswith(_GUARD)


def _is_by_user(verdict: Verdict) -> bool:
    by_name = verdict.rule is not None and verdict.rule.component == "user/drop"
    return verdict.dropped and by_name
