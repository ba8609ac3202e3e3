"""What the Runtime API knows: which event is out, what was answered, what was against its rules.

The rules are those of "Using the Lambda runtime API for custom runtimes" in the AWS Lambda
Developer Guide: one event at a time, one answer to each, and the next event is asked for
only after the answer. Nothing in here knows of HTTP; threads may call everything at once.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from threading import Condition
from typing import NamedTuple, Protocol

from slimmer.sizes import count_text
from slimmer.text import printable
from slimmer.verify.http_api import Refusal
from slimmer.verify.model import Answer, Event, Failure, Invocation

ACCOUNT = "123456789012"
ARN = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:slim-verify"
_IDS = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # so that two runs give the same ids
_ANSWERING = frozenset({"InvocationResponse", "InvocationErrorResponse"})
_UNKNOWN = Refusal(400, "InvalidRequestID", "Invalid request ID")


class HandedOut(NamedTuple):
    """An event on its way to the function; ``deadline_ms`` is in the time of day."""

    request_id: str
    body: bytes
    deadline_ms: int
    trace_id: str


class Attendant(Protocol):
    """Who follows the invocations, with the queue's lock held, and says when the next may be."""

    def is_ready(self) -> bool:
        """Return whether the next event may be handed out."""

    def asked(self) -> None:
        """Note that the runtime asks for an event."""

    def handed(self, given: HandedOut) -> None:
        """Note that the runtime is given an event."""

    def answered(self, answer: Answer) -> None:
        """Note that the runtime has answered."""


class InvocationQueue:
    """Hands the events out in order and collects what comes back.

    ``timeout_s`` is what each event may take, from which its deadline is reckoned. All times are
    readings of ``time.monotonic``.
    """

    def __init__(self, events: Sequence[Event], timeout_s: float) -> None:
        self._events = tuple(events)
        self._timeout_s = timeout_s
        self._answers: list[Answer] = []
        self._handed_s: list[float] = []
        self._answered_s: list[float] = []
        self._ids = [str(uuid.uuid5(_IDS, str(n))) for n in range(len(events))]
        self._closed = False
        self._state = "Started"  # of the runtime, in the words of AWS's emulator
        self._given: HandedOut | None = None
        self.changed = self._changed = Condition()
        self.attendant: Attendant | None = None
        self.first_asked_s: float | None = None
        #: What tells the CPU seconds of the function so far, and what they were at its first
        #: request and its first answer.
        self.cpu_s: Callable[[], float] | None = None
        self.init_cpu_s: float | None = None
        self.first_cpu_s: float | None = None
        self.is_waiting = False  # a request waits, whatever for
        self.asks_again = False  # a request waits, and there is no event
        self.failure: Failure | None = None

    def next(self) -> HandedOut | Refusal | None:
        """Return the next event; as in Lambda, a request waits until there is one.

        It is the same event again where that was not answered yet. None when there will be no
        more.
        """
        with self._changed:
            if self.first_asked_s is None:
                self.first_asked_s = time.monotonic()
                self.init_cpu_s = self.cpu_s() if self.cpu_s else None
            if self._state in _ANSWERING | {"InitError"}:
                return self._refused("Ready")
            if self.attendant:
                self.attendant.asked()
            self._changed.notify_all()
            self.is_waiting = True
            while self.working_on is None:
                self.asks_again = len(self._handed_s) == len(self._events)
                if self._closed:
                    return None
                if self.asks_again or not self._is_ready():
                    self._changed.wait()
                else:
                    self._given = self._hand_out(len(self._handed_s))
            self.is_waiting = False
            return self._given

    def _is_ready(self) -> bool:
        return self.attendant is None or self.attendant.is_ready()

    def _hand_out(self, at: int) -> HandedOut:
        now_s = time.time()
        request_id = self._ids[at]
        trace = f"Root=1-{int(now_s):08x}-{request_id.replace('-', '')[:24]};Sampled=0"
        deadline_ms = int((now_s + self._timeout_s) * 1000)
        given = HandedOut(request_id, self._events[at].body, deadline_ms, trace)
        self._handed_s.append(time.monotonic())
        self._state = "Running"
        if self.attendant:
            self.attendant.handed(given)
        self._changed.notify_all()
        return given

    def begin(self, request_id: str, state: str) -> Refusal | None:
        """Note that an answer begins, as ``state`` has it; return why it may not."""
        with self._changed:
            handed = self._ids[: len(self._handed_s)]
            if request_id not in handed:
                line = f"answered a request id that it was never given ({printable(request_id)})"
                self._note("unknown-request", line)
                return _UNKNOWN
            at = handed.index(request_id)
            if self._state == "Running" and at == self.working_on:
                self._state = state
                return None
            self._note("answered-twice", f"answered {self._name(at)} twice")
            return self._refused(state) if request_id == handed[-1] else _UNKNOWN

    def finish(self, answer: Answer) -> None:
        """Note the answer that began."""
        with self._changed:
            self._answers.append(answer)
            self._answered_s.append(time.monotonic())
            if self.first_cpu_s is None and self.cpu_s:
                self.first_cpu_s = self.cpu_s()
            self._state = "RuntimeResponseSentState"
            if self.attendant:
                self.attendant.answered(answer)
            self._changed.notify_all()

    def cut(self, size_bytes: int) -> None:
        """Note that the answer that began ended before its end, after so many bytes."""
        with self._changed:
            line = f"its answer to {self.current} broke off after {count_text(size_bytes, 'byte')}"
            self._note("answer-cut", f"{line}; end the response before the program ends")

    def fail_init(self, body: bytes) -> Refusal | None:
        """Note that the function says that it cannot start; return why it may not say that."""
        with self._changed:
            if self._state != "Started":
                return self._refused("InitError")
            self._state = "InitError"
            said = error_text(body)
            self._note("init-error", f"said that it cannot start: {said}")
            return None

    def wait(self, timeout_s: float, stop: Callable[[], bool]) -> None:
        """Wait until ``stop`` says so, which is asked again whenever something changes."""
        with self._changed:
            self._changed.wait_for(stop, timeout_s)

    def close(self) -> None:
        """End every request that waits for an event."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def working_on(self) -> int | None:
        """The place of the event that is handed out and not answered yet."""
        return len(self._answers) if len(self._handed_s) > len(self._answers) else None

    @property
    def all_answered(self) -> bool:
        """Whether every event has its answer."""
        return len(self._answers) == len(self._events)

    @property
    def since_s(self) -> float | None:
        """When the last event was handed out or answered."""
        return max([*self._handed_s, *self._answered_s], default=None)

    @property
    def first_answered_s(self) -> float | None:
        """When the first answer came."""
        return self._answered_s[0] if self._answered_s else None

    @property
    def last_answered(self) -> str:
        """The name of the event that was answered last; empty before any was."""
        return self._name(len(self._answers) - 1) if self._answers else ""

    @property
    def current(self) -> str:
        """The name of the event that is being worked on."""
        return self._name(self.working_on) if self.working_on is not None else ""

    @property
    def invocations(self) -> tuple[Invocation, ...]:
        """Every event with its answer, as far as there is one."""
        invocations = []
        for at, event in enumerate(self._events):
            if at < len(self._answers):
                seconds = self._answered_s[at] - self._handed_s[at]
                invocations.append(Invocation(event.name, self._answers[at], seconds))
            else:
                invocations.append(Invocation(event.name))
        return tuple(invocations)

    def _name(self, at: int) -> str:
        name = printable(self._events[at].name)
        return name if len(self._events) == 1 else f"event {at + 1} ({name})"

    def _refused(self, state: str) -> Refusal:
        line = f"State transition from {self._state} to {state} failed for runtime."
        message = f"{line} Error: State transition is not allowed"
        return Refusal(403, "InvalidStateTransition", message)

    def _note(self, code: str, message: str) -> None:
        self.failure = self.failure or Failure(code, message)
        self._changed.notify_all()


def error_text(body: bytes) -> str:
    """Return an error in Lambda's form on one line: its type and its message."""
    try:
        error = json.loads(body)
    except (ValueError, RecursionError):
        error = None
    if not isinstance(error, dict) or not {"errorType", "errorMessage"} & error.keys():
        return printable(body[:200].decode("utf-8", "backslashreplace")) or "it did not say why"
    parts = [error.get("errorType"), error.get("errorMessage")]
    return printable(": ".join(str(part) for part in parts if part))[:500]
