"""The course of a run as the platform sees it: told to extensions, and counted in telemetry."""

from __future__ import annotations

import math
import time

from slimmer.verify.extension_roll import ExtensionRoll
from slimmer.verify.invocation_queue import HandedOut
from slimmer.verify.model import Answer
from slimmer.verify.telemetry import Telemetry

_PHASE = {"initializationType": "on-demand", "phase": "init"}
_VERSION = "$LATEST"


class Lifecycle:
    """Attends to the invocations of a queue, whose lock is held whenever it is called."""

    def __init__(self, roll: ExtensionRoll, telemetry: Telemetry, memory_bytes: int) -> None:
        self._roll = roll
        self._telemetry = telemetry
        self._memory_mib = memory_bytes // 2**20
        self._began_s = time.monotonic()
        self._init_ms = 0.0
        self._handed_s = 0.0
        self._has_asked = False
        self._open: HandedOut | None = None
        telemetry.tell("platform.initStart", {**_PHASE, "functionVersion": _VERSION})

    def is_ready(self) -> bool:
        """Return whether the next event may be handed out."""
        return self._roll.is_ready()

    def asked(self) -> None:
        """Note that the runtime asks for an event."""
        if not self._has_asked:
            self._has_asked = True
            self._telemetry.tell("platform.initRuntimeDone", {**_PHASE, "status": "success"})

    def handed(self, given: HandedOut) -> None:
        """Note that the runtime is given an event."""
        if not self._init_ms:
            self._init_ms = _ms(self._began_s)
            self._tell_of_init()
        self.settle()
        self._handed_s = time.monotonic()
        self._open = given
        record = {"requestId": given.request_id, "version": _VERSION}
        self._telemetry.tell("platform.start", record)
        self._roll.handed(given)

    def answered(self, answer: Answer) -> None:
        """Note that the runtime has answered."""
        if self._open:
            record = {
                "requestId": self._open.request_id,
                "status": _status(answer),
                "metrics": {"durationMs": _ms(self._handed_s), "producedBytes": answer.size_bytes},
            }
            self._telemetry.tell("platform.runtimeDone", record)
            self._telemetry.tell("platform.end", {"requestId": self._open.request_id})

    def settle(self) -> None:
        """Report on the last event, once all are ready for the next."""
        if self._open:
            took_ms = _ms(self._handed_s)
            metrics = {
                "durationMs": took_ms,
                "billedDurationMs": math.ceil(took_ms),
                "memorySizeMB": self._memory_mib,
                "maxMemoryUsedMB": self._memory_mib,
                "initDurationMs": self._init_ms,
            }
            record = {"requestId": self._open.request_id, "status": "success", "metrics": metrics}
            self._telemetry.tell("platform.report", record)
            self._open = None

    def _tell_of_init(self) -> None:
        for extension in self._roll.extensions:
            record = {
                "name": extension.name,
                "state": extension.state,
                "events": sorted(extension.events),
            }
            self._telemetry.tell("platform.extension", record)
        metrics = {"durationMs": self._init_ms}
        self._telemetry.tell("platform.initReport", {**_PHASE, "metrics": metrics})


def _ms(since_s: float) -> float:
    return round((time.monotonic() - since_s) * 1000, 3)


def _status(answer: Answer) -> str:
    return "error" if answer.kind == "error" or answer.error_after else "success"
