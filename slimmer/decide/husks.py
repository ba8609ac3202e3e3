"""Whole or not at all: a unit ships with the manifest that names it, or nothing of it ships.

Licences stay whatever packs say, since they cover what ships. Of a package that is dropped they
would cover nothing, and what lists packages would find one without a name. Where a part of a unit
stays after all, its manifest stays with it: it says the version, and which plugins it brings.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Reference, Rule, Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.paths import join, name_of
from slimmer.rules.evidence.surroundings import npm_package
from slimmer.text import printable

GUARD = "manifest"  # what its rescues are called
_INFO = re.compile(r".+\.(?:dist-info/METADATA|egg-info/PKG-INFO)")
_APPLICATION = re.compile(r"(.+)/ebin/[^/]+\.app")
_ALWAYS = "/always"  # of the rules that keep whatever any pack says
_OF_USER = ("user/", "project/")


class Manifests:
    """Knows the manifests of one tree, and what belongs to the unit of each; a guard."""

    def __init__(self, tree: Tree, owners: Mapping[str, str]) -> None:
        self._tree = tree
        self._owners = owners
        self._units: dict[str, tuple[str, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the manifests that rules drop although a part of their unit stays."""
        for manifest, rest, _ in self._parted(verdicts):
            home = posixpath.dirname(manifest)
            is_info = _INFO.fullmatch(manifest) and verdicts[home].dropped
            place = home if is_info else manifest
            yield Reference(rest, place, place, certain=True)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what a unit is called is certain."""
        yield from ()

    def make_whole(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Return the verdicts that change once all has had its say.

        Of a unit of which nothing but licences would ship, these go as well; of any other that lost
        its manifest since the guards looked, the manifest stays.
        """
        changed: dict[str, Verdict] = {}
        for manifest, rest, rule in self._parted(verdicts):
            why = f"{printable(rest)} needs it"
            label = Rule(f"guard/{GUARD}", Action.KEEP, manifest, why, rule.place)
            changed[manifest] = Verdict(Action.KEEP, label)
        for manifest, unit in self._gone(verdicts):
            if not any(self._is_part(path, verdicts) for path in unit):
                gone = Verdict(Action.DROP, verdicts[manifest].rule)
                changed |= {path: gone for path in unit if verdicts[path].kept}
        return changed

    def _parted(self, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, str, Rule]]:
        """Yield the manifests that packs drop, a part of their unit that stays, and the rule."""
        for manifest, unit in self._gone(verdicts):
            rule = verdicts[manifest].rule
            rest = next((path for path in unit if self._is_part(path, verdicts)), "")
            if rest and rule is not None and not rule.component.startswith(_OF_USER):
                yield manifest, rest, rule

    def _gone(self, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for manifest in self._manifests:
            if verdicts[manifest].dropped:
                if manifest not in self._units:
                    self._units[manifest] = tuple(self._unit(manifest))
                yield manifest, self._units[manifest]

    def _is_part(self, path: str, verdicts: Mapping[str, Verdict]) -> bool:
        """Return whether a path ships that is neither a folder nor a licence."""
        rule = verdicts[path].rule
        is_licence = rule is not None and rule.component.endswith(_ALWAYS)
        is_folder = self._tree.by_path[path].kind is Kind.DIRECTORY
        return verdicts[path].kept and not is_licence and not is_folder

    @cached_property
    def _manifests(self) -> Sequence[str]:
        ends = (".dist-info/METADATA", ".egg-info/PKG-INFO", "/package.json", ".app")
        paths = (entry.path for entry in self._tree.ending_in(*ends))
        return [path for path in paths if self._owners[path] != OWN and _home(path) is not None]

    def _unit(self, manifest: str) -> Iterator[str]:
        """Yield the paths of a unit: what its installer wrote, without packages inside it."""
        home, owner = _home(manifest) or "", self._owners[manifest]
        if _INFO.fullmatch(manifest):
            alike = [path for path in self._manifests if self._owners[path] == owner]
            below = join(home, "") if len(alike) > 1 else ""
            yield from (path for path in self._by_owner[owner] if path.startswith(below))
            return
        for entry in self._tree.below(home):
            is_inside = npm_package(entry.path)[0] == npm_package(home)[0]
            if is_inside and self._owners[entry.path] == owner:
                yield entry.path

    @cached_property
    def _by_owner(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, owner in self._owners.items():
            found.setdefault(owner, []).append(path)
        return found


def _home(manifest: str) -> str | None:
    """Return the folder that a unit lies in, ``""`` for the top; None for what is no manifest."""
    if _INFO.fullmatch(manifest):
        return posixpath.dirname(posixpath.dirname(manifest))
    if application := _APPLICATION.fullmatch(manifest):
        return application[1]
    folder = posixpath.dirname(manifest)
    is_package = name_of(manifest) == "package.json" and npm_package(folder)[0] == folder
    return folder if is_package and folder else None
