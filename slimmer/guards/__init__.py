"""Guards: what the kept asks of the dropped.

A guard is made for one tree and then asked, verdicts in hand, for the references of what
is kept. A certain reference to something dropped rescues it; any other only warns. Adding
a guard is one module with such a class, and one row in GUARDS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from slimmer.guards.native import NativeGuard
from slimmer.guards.otp import OtpGuard
from slimmer.guards.python import PythonGuard
from slimmer.model import Finding, Reference, Tree, Verdict

Read = Callable[[str], bytes]


class Guard(Protocol):
    """One language's knowledge of what asks for what."""

    def __init__(self, tree: Tree, read: Read) -> None:
        """Look at the tree; ``read`` gives the bytes of a path and may raise InputError."""

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterable[Reference]:
        """Yield what the kept entries ask for, whether or not it is kept."""

    def findings(self) -> Iterable[Finding]:
        """Yield what could not be understood so far."""


GUARDS: dict[str, type[Guard]] = {
    "otp": OtpGuard,
    "native": NativeGuard,
    "python": PythonGuard,
}
