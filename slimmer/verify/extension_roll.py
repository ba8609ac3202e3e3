"""Who takes part in a run beside the runtime: extensions, from their registration to their end.

The rules are those of "Lambda Extensions API" in the AWS Lambda Developer Guide, and of AWS's
Runtime Interface Emulator where that says less. Nothing in here knows of HTTP; threads may call
everything at once.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from slimmer.text import printable
from slimmer.verify.http_api import Refusal
from slimmer.verify.invocation_queue import ARN, HandedOut
from slimmer.verify.model import Failure

MOST_EXTENSIONS = 10
SHUTDOWN_S = 2.0  # that extensions have together to end, "Shutdown phase"

_EVENTS = frozenset({"INVOKE", "SHUTDOWN"})
_UNKNOWN = "Extension.UnknownExtensionIdentifier"
_STATE = "Extension.InvalidExtensionState"


@dataclass
class Extension:
    """One extension: ``events`` are what it registered for, ``given`` what it is to be told."""

    name: str
    is_external: bool
    state: str = "Started"
    events: frozenset[str] = frozenset()
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    given: dict[str, Any] | None = None
    has_ended: bool = False


class ExtensionRoll:
    """The extensions of a run; ``external`` are the names of those that slim starts.

    ``changed`` is the lock of the run's queue.
    """

    def __init__(self, external: Sequence[str], changed: Condition) -> None:
        self._all = [Extension(name, is_external=True) for name in external]
        self._lock = changed
        self._is_open = True
        self._is_closed = False
        self.failure: Failure | None = None

    def is_ready(self) -> bool:
        """Return whether every extension waits for what is next; the runtime waits for that."""
        return all(e.state == "Ready" and e.given is None for e in self._all)

    def handed(self, given: HandedOut) -> None:
        """Tell those that asked for it of an event that the runtime is given."""
        self._is_open = False
        event = {
            "eventType": "INVOKE",
            "deadlineMs": given.deadline_ms,
            "requestId": given.request_id,
            "invokedFunctionArn": ARN,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": given.trace_id},
        }
        self._give("INVOKE", event)

    def shut_down(self) -> None:
        """Tell those that asked for it that the run is over."""
        with self._lock:
            deadline_ms = int((time.time() + SHUTDOWN_S) * 1000)
            event = {"eventType": "SHUTDOWN", "deadlineMs": deadline_ms}
            self._give("SHUTDOWN", {**event, "shutdownReason": "spindown"})
            self._lock.notify_all()

    def close(self) -> None:
        """End every request that waits."""
        with self._lock:
            self._is_closed = True
            self._lock.notify_all()

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """All that are known by now."""
        return tuple(self._all)

    @property
    def are_registered(self) -> bool:
        """Whether all that slim started have registered, for which the runtime's start waits."""
        return all(e.state != "Started" for e in self._all)

    @property
    def laggards(self) -> str:
        """What is waited for, in words; empty where it is nothing."""
        for extension in self._all:
            if extension.state == "Started":
                named = f"register as {extension.name}, the name of its file"
                return f"the extension {extension.name} did not {named}"
            if extension.state != "Ready" or extension.given:
                return f"the extension {extension.name} did not ask for its next event"
        return ""

    @property
    def stayed(self) -> str:
        """The name of one that was told to end and has not; empty where all have."""
        told = (e for e in self._all if e.is_external and "SHUTDOWN" in e.events)
        return next((e.name for e in told if not e.has_ended), "")

    def ended(self, at: int, status: int, *, in_order: bool) -> None:
        """Note that an external extension ended, ``in_order`` where the run was over."""
        with self._lock:
            extension = self._all[at]
            extension.has_ended = True
            if not in_order and extension.state not in {"InitError", "ExitError"}:
                line = f"the extension {extension.name} exited with code {status}"
                self._note("extension-exited", f"{line}; Lambda would end the function")
            self._lock.notify_all()

    def register(self, name: str, events: Iterable[str]) -> Extension | Refusal:
        """Note that an extension is there, and what it wants to be told of."""
        with self._lock:
            found = next((e for e in self._all if e.name == name), None)
            for event in events:
                if event not in _EVENTS or (found is None and event == "SHUTDOWN"):
                    return Refusal(403, "Extension.InvalidEventType", f"{event}: not supported")
            if found is None and not self._is_open:
                closed = "Extension registration closed already"
                return Refusal(403, "Extension.RegistrationClosed", closed)
            if found is None and len(self._all) >= MOST_EXTENSIONS:
                full = f"Extension limit ({MOST_EXTENSIONS}) reached"
                return Refusal(403, "Extension.TooManyExtensions", full)
            if found is not None and not found.is_external:
                return Refusal(403, _STATE, "Extension with this name already registered")
            extension = found or Extension(name, is_external=False)
            if extension.state != "Started":
                return _refused(extension, "Registered")
            extension.state = "Registered"
            extension.events = frozenset(events)
            self._all += [] if found else [extension]
            self._lock.notify_all()
            return extension

    def by_key(self, key: str) -> Extension | Refusal:
        """Return the extension that was given a key when it registered."""
        with self._lock:
            found = next((e for e in self._all if e.key == key and e.state != "Started"), None)
            return found or Refusal(403, _UNKNOWN, f"Unknown extension {key}")

    def next(self, extension: Extension) -> dict[str, Any] | Refusal | None:
        """Return what an extension is told next; it waits for that. None at the end."""
        with self._lock:
            if extension.state not in {"Registered", "Running"}:
                return _refused(extension, "Ready")
            extension.state = "Ready"
            self._lock.notify_all()
            self._lock.wait_for(lambda: extension.given or self._is_closed)
            event, extension.given = extension.given, None
            extension.state = "Running"
            return event

    def fail(self, extension: Extension, state: str, error_type: str) -> Refusal | None:
        """Note that an extension says that it failed, ``state`` being InitError or ExitError."""
        with self._lock:
            if state == "InitError" and extension.state != "Registered":
                return _refused(extension, state)
            extension.state = state
            when = "cannot start" if state == "InitError" else "has to end"
            line = f"the extension {extension.name} said that it {when}: {printable(error_type)}"
            self._note("extension-error", line)
            return None

    def _give(self, kind: str, event: dict[str, Any]) -> None:
        for extension in self._all:
            if kind in extension.events:
                extension.given = event

    def _note(self, code: str, line: str) -> None:
        self.failure = self.failure or Failure(code, line)
        self._lock.notify_all()


def _refused(extension: Extension, state: str) -> Refusal:
    line = f"State transition from {extension.state} to {state} failed for extension"
    message = f"{line} {extension.key}. Error: State transition is not allowed"
    return Refusal(403, _STATE, message)
