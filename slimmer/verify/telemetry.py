"""What Lambda tells extensions of a run: events of the platform and lines of logs.

The events are those of "Lambda Telemetry API Event schema reference" and of the Logs API before
it, in the AWS Lambda Developer Guide. A subscriber gets all there was since the start.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from threading import Condition, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TYPES = ("platform", "function", "extension")

_MOST_EVENTS = 100_000  # that are kept; a function that writes more has its later lines dropped
_SEND_S = 1.0
_ONLY_LOGS = frozenset({"platform.end", "platform.logsSubscription"})
_ONLY_TELEMETRY = frozenset(
    {
        *("platform.initStart", "platform.initRuntimeDone", "platform.initReport"),
        "platform.telemetrySubscription",
    }
)


class _Target(NamedTuple):
    """Who is sent what: over ``protocol`` to a port on loopback, ``items`` at a time."""

    protocol: str
    port: int
    path: str
    kinds: frozenset[str]
    hidden: frozenset[str]
    items: int
    wait_s: float


class Telemetry:
    """Collects what is told, and sends it to who subscribed.

    ``connect`` opens a connection to a port inside the sandbox.
    """

    def __init__(self, connect: Callable[[int], socket.socket]) -> None:
        self._connect = connect
        self._events: list[dict[str, Any]] = []
        self._changed = Condition()
        self._senders: list[Thread] = []
        self._flush = False
        self._is_closed = False

    def tell(self, kind: str, record: Mapping[str, object] | str) -> None:
        """Note an event of the platform, or a line of a log."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        event = {"time": now.replace("+00:00", "Z"), "type": kind, "record": record}
        with self._changed:
            if len(self._events) < _MOST_EVENTS:
                self._events.append(event)
                self._changed.notify_all()

    def subscribe(self, name: str, api: str, body: Mapping[str, Any]) -> None:
        """Send to a subscriber from now on; ``body`` has no :func:`why_no_subscription`."""
        target = _target(api, body)
        said = {"name": name, "state": "Subscribed", "types": sorted(target.kinds)}
        self.tell(f"platform.{api}Subscription", said)
        sender = Thread(target=self._send, args=(target,), daemon=True)
        self._senders.append(sender)
        sender.start()

    def flush(self) -> None:
        """Send what is left, as far as it is taken in a second."""
        with self._changed:
            self._flush = True
            self._changed.notify_all()
        end_s = time.monotonic() + _SEND_S
        for sender in self._senders:
            sender.join(max(0.0, end_s - time.monotonic()))

    def close(self) -> None:
        """Send no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _send(self, target: _Target) -> None:
        at = 0
        while not self._is_closed:
            with self._changed:
                count = at + target.items
                self._changed.wait_for(self._is_over, target.wait_s)
                events, is_last = self._events[at:count], self._is_over()
            at += len(events)
            wanted = [
                event
                for event in events
                if event["type"].partition(".")[0] in target.kinds
                and event["type"] not in target.hidden
            ]
            if wanted:
                self._deliver(target, wanted)
            if is_last and not events:
                return

    def _is_over(self) -> bool:
        return self._flush or self._is_closed

    def _deliver(self, target: _Target, events: list[dict[str, Any]]) -> None:
        """Send until it is taken: who subscribed may not listen yet."""
        end_s = time.monotonic() + _SEND_S
        while time.monotonic() < end_s and not self._is_closed:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = self._connect(target.port)
                with connection:
                    connection.settimeout(_SEND_S)
                    if target.protocol == "HTTP":
                        _post(connection, target.path, json.dumps(events).encode())
                    else:
                        lines = "".join(json.dumps(event) + "\n" for event in events)
                        connection.sendall(lines.encode())
                return
            time.sleep(0.02)


def why_no_subscription(body: Mapping[str, Any] | None) -> str:
    """Return why a subscription cannot be taken; empty where it can."""
    if body is None:
        return "the body is no JSON object"
    types, destination = body.get("types", []), body.get("destination")
    if not isinstance(types, list) or not types or not set(map(str, types)) <= set(TYPES):
        return f"types must be of {', '.join(TYPES)}"
    if not isinstance(destination, dict):
        return "destination is not there"
    if destination.get("protocol") not in ("HTTP", "TCP"):
        return "protocol must be HTTP or TCP"
    return "" if _port(destination) else "URI names no port"


def _port(destination: Mapping[str, Any]) -> int:
    with contextlib.suppress(ValueError):
        return urlsplit(str(destination.get("URI", ""))).port or int(destination.get("port", 0))
    return 0


def _target(api: str, body: Mapping[str, Any]) -> _Target:
    destination, buffering = body["destination"], body.get("buffering")
    buffering = buffering if isinstance(buffering, dict) else {}
    items, wait_ms = buffering.get("maxItems"), buffering.get("timeoutMs")
    return _Target(
        protocol=destination["protocol"],
        port=_port(destination),
        path=urlsplit(str(destination.get("URI", ""))).path or "/",
        kinds=frozenset(map(str, body["types"])),
        hidden=_ONLY_LOGS if api == "telemetry" else _ONLY_TELEMETRY,
        items=max(1, items) if isinstance(items, int) else 10_000,
        wait_s=max(25, wait_ms) / 1000 if isinstance(wait_ms, int) else 1.0,
    )


def _post(connection: socket.socket, path: str, body: bytes) -> None:
    client = http.client.HTTPConnection("sandbox.localdomain")
    client.sock = connection
    client.request("POST", path, body, {"Content-Type": "application/json"})
    client.getresponse().read()
