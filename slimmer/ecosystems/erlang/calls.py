"""The beam guard: which functions of dropped modules kept modules call.

Import tables say what a module calls by name; whether it ever does so cannot be seen, so they
only warn, once for each application: a release that must have a module names it in its boot
file, and an application that must have another in its .app file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import Call, imports
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.text import printable

_MODULE = re.compile(r"(?:(.+)/)?ebin/([^/]+)\.beam")
_EMULATOR = "erts"  # its modules are inside the emulator, whatever lies in lib/


class _Module(NamedTuple):
    """A module's file, and the folder of the application that it is part of."""

    path: str
    home: str


class BeamGuard:
    """Knows the modules of one tree; reads those that are kept."""

    def __init__(self, context: Context) -> None:
        self._read = context.read
        self._tree = context.tree
        self._known: dict[str, tuple[Call, ...]] = {}
        self._modules: dict[str, list[_Module]] = {}
        for entry in self._tree.ending_in(".beam"):
            found = _MODULE.fullmatch(entry.path)
            if found and _application(found[1] or "") != _EMULATOR:
                self._modules.setdefault(found[2], []).append(_Module(entry.path, found[1] or ""))

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield, for each application, who calls its dropped modules; one call as example."""
        kept, dropped = [], {}
        for name, modules in self._modules.items():
            here = [m for m in modules if verdicts[m.path].kept]
            kept += [(name, module) for module in here]
            if not here:
                dropped[name] = modules[-1]
        calls: dict[str, list[tuple[str, str, Call]]] = {}
        for name, module in kept if dropped else ():
            for call in self._calls(module.path):
                gone = dropped.get(call.module)
                if gone and (gone.home != module.home or _by_user(verdicts[gone.path])):
                    calls.setdefault(gone.home, []).append((module.home, name, call))
        for home, those in sorted(calls.items()):
            yield from self._of_application(home, those, dropped, verdicts)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: modules that cannot be understood are named where they are stripped."""
        yield from ()

    def _of_application(
        self,
        home: str,
        calls: list[tuple[str, str, Call]],
        dropped: Mapping[str, _Module],
        verdicts: Mapping[str, Verdict],
    ) -> Iterator[Reference]:
        name = _application(home)
        metadata = f"{home}/ebin/{name}.app".lstrip("/")
        verdict = verdicts.get(metadata)
        if verdict is None or verdict.dropped:
            needs, path = name, home
        else:  # the application stays, but not all of it
            modules = sorted({call.module for _, _, call in calls})
            more = f" and {len(modules) - 1} more" if len(modules) > 1 else ""
            needs, path = f"part of {name} ({modules[0]}{more})", dropped[modules[0]].path
        callers = Counter(caller for caller, _, _ in calls)
        often = max(sorted(callers), key=lambda caller: callers[caller])
        _, module, call = next(c for c in calls if c[0] == often)
        caller_path = f"{often}/ebin/{module}.beam".lstrip("/")
        for caller in sorted(callers):
            how = f"{printable(caller_path)} calls {call}" if caller == often else ""
            yield Reference(_application(caller), needs, path, False, how)

    def _calls(self, path: str) -> tuple[Call, ...]:
        if path not in self._known:
            try:
                self._known[path] = imports(self._read(path))
            except FormatError:
                self._known[path] = ()
        return self._known[path]


def _by_user(verdict: Verdict) -> bool:
    """Return whether the user dropped it; a pack knows what it takes out of an application."""
    return verdict.rule is not None and verdict.rule.component == "user/drop"


def _application(home: str) -> str:
    return home.rpartition("/")[2].partition("-")[0]
