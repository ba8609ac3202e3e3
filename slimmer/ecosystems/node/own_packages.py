"""What the user's own text and manifests say of packages that packs drop as a whole.

A package that they name stays, with its file and line as the reason, by its name, by that of a
program in its ``bin``, and by the short names that its host takes: eslint's ``"extends":
"airbnb-base"``, Babel's ``"@babel/env"``. One that ``dependencies`` declares stays where anything
that is kept may ask for it; otherwise nothing reaches it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.declared import Reasons, declared_dropped, declared_kept
from slimmer.ecosystems.mentions import Mention
from slimmer.ecosystems.node.resolver import Resolver
from slimmer.ecosystems.node.sources import home_of
from slimmer.formats.javascript.package_json import Package
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Tier, Verdict

_PACK, _TYPES = "node/", "node/types"
_MODULES = "node_modules/"
# A host, its plugins' names, and the short one that its settings may give.
_PLUGINS = (
    ("eslint", re.compile(r"eslint-(?:config|plugin)-(.+)"), r"\1"),
    ("eslint", re.compile(r"(@[^/]+)/eslint-(?:config|plugin)(?:-(.+))?"), r"\1/\2"),
    ("@babel/core", re.compile(r"babel-(?:preset|plugin)-(.+)"), r"\1"),
    ("@babel/core", re.compile(r"(@[^/]+)/(?:babel-)?(?:preset|plugin)-(.+)"), r"\1/\2"),
    ("jest", re.compile(r"jest-(?:environment|runner)-(.+)"), r"\1"),
    ("@jest/core", re.compile(r"jest-(?:environment|runner)-(.+)"), r"\1"),
    ("webpack", re.compile(r".+-(?:webpack-plugin|loader)"), r"\g<0>"),
    ("stylelint", re.compile(r"stylelint-(.+)"), r"\1"),
)

Dropped = Mapping[str, str]  # the paths that rules would drop, and the component of each


class OwnPackages:
    """Knows what the user's own files say of the packages in one tree."""

    def __init__(
        self,
        context: Context,
        package_at: Callable[[str], Package | None],
        resolver: Resolver,
    ) -> None:
        self._context = context
        self._package_at = package_at
        self._resolver = resolver
        self._reasons = Reasons()

    def is_own(self, path: str) -> bool:
        """Return whether a file is the user's own."""
        return self._context.mentions.is_own(path)

    def decides(self, home: str, dropped: Dropped, *, certain: bool) -> bool:
        """Return whether a package that is asked for comes back.

        One that is declared does, wherever it may be asked for, but at the aggressive tier.
        """
        is_packs = dropped.get(home, "").startswith(_PACK)
        goes_far = self._context.tier is Tier.AGGRESSIVE
        wanted = is_packs and not goes_far and bool(self._declared_in(_name(home)))
        return self._reasons.decides(home, needed=certain, wanted=wanted)

    def references(self, dropped: Dropped) -> Iterator[Reference]:
        """Yield the dropped packages that the user's own text names."""
        for home in _homes(dropped):
            component = dropped[home]
            if _is_packs(component) and _is_reached(home):
                mention = self._mention(home, dropped)
                if mention is not None:
                    self._reasons.decides(home, needed=False, wanted=True)
                    yield Reference(str(mention), _name(home), home, True, "mention")
        yield from self._inherited(dropped)

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the declared packages that packs drop, and those that may be dropped."""
        for path, manifest in sorted(self._context.mentions.manifests.items()):
            for name in sorted(manifest.declared):
                home = self._resolver.package_folder(posixpath.dirname(path), name)
                verdict = verdicts.get(home)
                rule = verdict.rule if verdict is not None else None
                if verdict is None or rule is None or home_of(home) != home:
                    continue
                below = self._context.tree.below(home)
                size_bytes = sum(entry.size_bytes for entry in below)
                if verdict.kept and self._reasons.is_only_wanted(home):
                    yield declared_kept(name, size_bytes, path, home)
                elif verdict.dropped and _is_packs(rule.component):
                    yield declared_dropped(name, size_bytes, rule.component, path, home)

    def _declared_in(self, name: str) -> str:
        manifests = self._context.mentions.manifests.items()
        return next((path for path, m in manifests if name in m.declared), "")

    def _mention(self, home: str, dropped: Dropped) -> Mention | None:
        """Return where a package is named: as itself, as a program, or as its host names it."""
        name, mentions = _name(home), self._context.mentions
        package = self._package_at(f"{home}/package.json")
        called = [name, *sorted(package.programs if package is not None else ())]
        if found := next((m for each in called if (m := mentions.of(each)) is not None), None):
            return found
        shorts = dict(_hosts(name))
        declared_in = self._declared_in(name)
        has_host = any(self._is_kept(host, dropped) for host in shorts)
        for each in dict.fromkeys((name, *shorts.values())):
            found = mentions.of(each) if declared_in or has_host else None
            for tool, mention in mentions.in_tools(each):
                if declared_in or self._is_kept(tool, dropped):
                    found = found or mention
            if found is not None:
                return found
        if declared_in and has_host and self._context.tier < Tier.AGGRESSIVE:
            return mentions.declared(declared_in, name)
        return None

    def _is_kept(self, name: str, dropped: Dropped) -> bool:
        home = self._resolver.package_folder("", name)
        return bool(home) and home not in dropped

    def _inherited(self, dropped: Dropped) -> Iterator[Reference]:
        """Yield the settings in packages that the user's own tsconfig.json extends."""
        mentions = self._context.mentions
        for path, name in mentions.inherited():
            for ending in ("", ".json", "/tsconfig.json"):
                for file in self._resolver.resolve(path, name + ending, "require"):
                    if file in dropped and home_of(file) not in dropped:
                        yield Reference(path, file, file, True, "extends")


def _homes(paths: Collection[str]) -> Iterator[str]:
    """Yield those of the paths that are folders of packages."""
    for path in paths:
        if _MODULES in path and home_of(path) == path and not _name(path).startswith("."):
            yield path


def _name(home: str) -> str:
    return home.rpartition(_MODULES)[2]


def _is_packs(component: str) -> bool:
    """Return whether a component of the pack drops packages that may run."""
    return component.startswith(_PACK) and component != _TYPES


def _is_reached(home: str) -> bool:
    """Return whether the user's own code may get this copy of a package, not only another one."""
    return home.count(_MODULES) == 1


def _hosts(name: str) -> Iterator[tuple[str, str]]:
    """Yield the hosts of which a package may be a plugin, and what each calls it for short."""
    for host, pattern, short in _PLUGINS:
        if match := pattern.fullmatch(name):
            yield host, match.expand(short).rstrip("/")
