"""A stand-in for Lambda's Runtime API on loopback: hands out events, collects what comes back."""

import re
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import TracebackType
from typing import ClassVar, Literal, Self

Kind = Literal["response", "error", "init error"]

_ROOT = "/2018-06-01/runtime"
_POST = re.compile(rf"{_ROOT}/(?:init/error|invocation/(?P<id>[^/]+)/(?P<kind>response|error))")
_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:test"
_DEADLINE_S = 60


@dataclass(frozen=True)
class Answer:
    kind: Kind
    event: bytes  # what it answers; empty for an init error
    body: bytes


class RuntimeApi:
    """Serves the events in order; `answers` grows as they are posted."""

    def __init__(self, events: Sequence[bytes]) -> None:
        self.answers: list[Answer] = []
        self._waiting = list(events)
        self._open: dict[str, bytes] = {}
        self._expected = len(events)
        self._closed = False
        self._changed = Condition()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def done(self, timeout: float) -> bool:
        """Wait until every event is answered, or the function said that it cannot start."""
        with self._changed:
            return self._changed.wait_for(self._is_done, timeout)

    def next(self) -> tuple[str, bytes] | None:
        """Give the next event; as in Lambda, whoever asks waits until there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            request_id, event = str(uuid.uuid4()), self._waiting.pop(0)
            self._open[request_id] = event
            return request_id, event

    def take(self, path: str, body: bytes) -> int:
        """Note what was posted and give the HTTP status for it."""
        found = _POST.fullmatch(path)
        if not found:
            return 404
        with self._changed:
            if found["id"] is None:
                self.answers.append(Answer("init error", b"", body))
            elif found["id"] in self._open:
                kind: Kind = "response" if found["kind"] == "response" else "error"
                self.answers.append(Answer(kind, self._open.pop(found["id"]), body))
            else:
                return 400
            self._changed.notify_all()
        return 202

    def _is_done(self) -> bool:
        return len(self.answers) >= self._expected or any(
            answer.kind == "init error" for answer in self.answers
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # a client that hangs does not hang the test
    api: ClassVar[RuntimeApi]

    def handle(self) -> None:
        with suppress(ConnectionError):  # the function was killed: nobody to talk to
            super().handle()

    def do_GET(self) -> None:
        if self.path != f"{_ROOT}/invocation/next":
            self._reply(404)
            return
        given = self.api.next()
        if given is None:
            self.close_connection = True
            return
        request_id, event = given
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _DEADLINE_S) * 1000)),
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{'0' * 24};Sampled=0",
            "Lambda-Runtime-Invoked-Function-Arn": _ARN,
        }
        self._reply(200, event, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._reply(self.api.take(self.path, body), b'{"status":"OK"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - overrides
        """Say nothing: the function's own output is what a test wants to read."""

    def _reply(
        self, status: int, body: bytes = b"{}", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        sizes = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**sizes, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
