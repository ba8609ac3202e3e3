"""Guards: what the kept asks of the dropped.

A guard is made for one tree and then asked, verdicts in hand, for the references of what
is kept. A certain reference to something dropped rescues it; any other only warns. Adding
a guard is one module with such a class, and one row in GUARDS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from slimmer.around import Around
from slimmer.guards.beam import BeamGuard
from slimmer.guards.native import NativeGuard
from slimmer.guards.node import NodeGuard
from slimmer.guards.otp import OtpGuard
from slimmer.guards.python import PythonGuard
from slimmer.model import Finding, Reference, Verdict


class Guard(Protocol):
    """One language's knowledge of what asks for what."""

    def __init__(self, around: Around) -> None:
        """Look at the tree and at what is deployed beside it; read nothing yet."""

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterable[Reference]:
        """Yield what the kept entries ask for, whether or not it is kept."""

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Yield what else there is to say, once nothing more comes back."""


GUARDS: dict[str, type[Guard]] = {
    "otp": OtpGuard,
    "beam": BeamGuard,
    "native": NativeGuard,
    "python": PythonGuard,
    "node": NodeGuard,
}
