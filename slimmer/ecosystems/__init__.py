"""Ecosystems: all that slim knows of one language, in one folder each.

A row of ECOSYSTEMS names what a language brings, as ``package.module:name``. A part is imported
when a run needs it: when a file of the tree, or of a zip beside it, has one of the row's names.
Adding a language is a folder, a row, and a pack in ``rules/``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict

if TYPE_CHECKING:
    from slimmer.ecosystems.context import Context
    from slimmer.ecosystems.shipped import Shipped


class Guard(Protocol):
    """What kept content asks of the dropped, as one language knows it.

    A guard is made for one tree and then asked, verdicts in hand, for the references of what
    is kept. A certain reference to something dropped rescues it; any other only warns.
    """

    def __init__(self, context: Context) -> None:
        """Look at the tree and at what is deployed beside it; read nothing yet."""

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterable[Reference]:
        """Yield what the kept entries ask for, whether or not it is kept."""

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Yield what else there is to say, once nothing more comes back."""


class Ecosystem(NamedTuple):
    """What one language brings; see the comments on each field."""

    #: The language's folder below ``slimmer/ecosystems/``.
    name: str
    #: Its guards by the names that ``--no-guard`` takes, each ``module:class`` in the folder.
    guards: Mapping[str, str] = {}
    #: Its checks of what ships against the target, each ``module:function`` in the folder.
    checks: tuple[str, ...] = ()


ECOSYSTEMS = (
    Ecosystem(
        "erlang",
        guards={"otp": "applications:OtpGuard", "beam": "calls:BeamGuard"},
    ),
    Ecosystem(
        "native",
        guards={"native": "guard:NativeGuard"},
        checks=("versions:check_versions", "libraries:check_libraries"),
    ),
    Ecosystem("python", guards={"python": "guard:PythonGuard"}, checks=("fit:check_python",)),
    Ecosystem("node", guards={"node": "guard:NodeGuard"}, checks=("fit:check_node",)),
    Ecosystem("java", checks=("fit:check_classes",)),
)

GUARDS = tuple(guard for ecosystem in ECOSYSTEMS for guard in ecosystem.guards)


def make_guards(names: Iterable[str], context: Context) -> dict[str, Guard]:
    """Return the guards of these names, made for one tree."""
    places = {n: f"{e.name}.{place}" for e in ECOSYSTEMS for n, place in e.guards.items()}
    return {name: cast("type[Guard]", _part(places[name]))(context) for name in names}


def check_fit(context: Context, verdicts: Mapping[str, Verdict]) -> list[Finding]:
    """Return what does not fit the target of ``around``. Raises what reading raises.

    What certainly cannot load is a failure, what is not known for sure a warning. Without a
    target that names a runtime there is nothing to check.
    """
    from slimmer.ecosystems.search_paths import check_layout  # noqa: PLC0415 - for fit only
    from slimmer.ecosystems.shipped import Shipped  # noqa: PLC0415 - for fit only

    target = context.deployment.target
    if target is None or target.system is None:
        return []
    shipped = Shipped.of(context, verdicts, target)
    checks = [*_checks(), check_layout]
    return [finding for check in checks for finding in check(shipped)]


def _checks() -> Iterator[Callable[[Shipped], Iterator[Finding]]]:
    for ecosystem in ECOSYSTEMS:
        for place in ecosystem.checks:
            yield cast("Callable[[Shipped], Iterator[Finding]]", _part(f"{ecosystem.name}.{place}"))


def _part(place: str) -> object:
    """Return what ``language.module:name`` names below this package."""
    return pkgutil.resolve_name(f"{__name__}.{place}")
