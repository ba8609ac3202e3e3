"""Lambda's Runtime API, version 2018-06-01, on loopback.

A small HTTP/1.1 server: connections stay open, answers may be chunked, and nothing larger
than Lambda's own limit is read. What the requests mean stands in
:mod:`slimmer.verify.invocation_queue`.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from slimmer.verify.invocation_queue import TOO_LARGE, HandedOut, InvocationQueue
from slimmer.verify.model import MAX_PAYLOAD_BYTES, Answer

ROOT = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:slim-verify"

_POST = re.compile(rf"{ROOT}/invocation/([^/]+)/(response|error)")
_NOT_FOUND, _BAD_REQUEST = 404, 400
_MOST_BYTES = 256 * 1024 * 1024  # that are read of what is too large, to be polite about it
_POLL_S = 0.02  # how soon the server notes that it is to end
_ERRORS = {
    _BAD_REQUEST: "InvalidRequestID",
    403: "InvalidStateTransition",
    _NOT_FOUND: "NotFound",
    TOO_LARGE: "RequestEntityTooLarge",
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a thread may wait on a connection until its other end is killed

    def __init__(self, queue: InvocationQueue, timeout_s: float):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.queue = queue
        self.timeout_s = timeout_s

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the function ended in the middle of a request, which its run will show."""


@contextlib.contextmanager
def serving(queue: InvocationQueue, timeout_s: float) -> Iterator[str]:
    """Serve the exchange; give the address for AWS_LAMBDA_RUNTIME_API.

    ``timeout_s`` is what each event may take, from which its deadline is reckoned.
    """
    server = _Server(queue, timeout_s)
    thread = Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        queue.close()
        server.shutdown()
        server.server_close()


class _TooLarge(Exception):  # noqa: N818 - it reads as what it says
    """A body is larger than Lambda takes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two small writes
    server: _Server

    def do_GET(self) -> None:
        """Hand out the next event."""
        if self.path != f"{ROOT}/invocation/next":
            self._reply(_NOT_FOUND)
            return
        given = self.server.queue.next()
        if isinstance(given, HandedOut):
            self._reply(200, given.body, self._headers_of(given))
        elif given is not None:
            self._reply(given)
        else:
            self.close_connection = True

    def do_POST(self) -> None:
        """Take a response, an error, or the word that the function cannot start."""
        found = _POST.fullmatch(self.path)
        try:
            body = self._body()
        except _TooLarge:
            self.close_connection = True  # there may be more than was read
            queue = self.server.queue
            self._reply(queue.take_too_large(found[1]) if found else TOO_LARGE)
            return
        except ValueError:
            self.close_connection = True
            self._reply(_BAD_REQUEST)
            return
        if found:
            is_error = self._is_error(found[2])
            answer = Answer("error" if is_error else "response", body)
            self._reply(self.server.queue.take(found[1], answer))
        elif self.path == f"{ROOT}/init/error":
            self._reply(self.server.queue.fail_init(body))
        else:
            self._reply(_NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - overrides
        """Say nothing: the function's own output is what counts."""

    def _is_error(self, way: str) -> bool:
        return way == "error" or "Lambda-Runtime-Function-Error-Type" in self.headers

    def _headers_of(self, invocation: HandedOut) -> dict[str, str]:
        now_s = time.time()
        deadline_ms = int((now_s + self.server.timeout_s) * 1000)
        trace = invocation.request_id.replace("-", "")[:24]
        return {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(now_s):08x}-{trace};Sampled=0",
        }

    def _body(self) -> bytes:
        """Return what was posted. Raises _TooLarge, and ValueError for what is no HTTP."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked()
        size = int(self.headers.get("Content-Length", "0"))
        if size > MAX_PAYLOAD_BYTES:
            self._skip(size)
            raise _TooLarge
        return self._exactly(size)

    def _chunked(self) -> bytes:
        """Return a chunked body; its trailers become headers (RFC 9112, 7.1)."""
        parts: list[bytes] = []
        total = 0
        while size := int(self.rfile.readline(1024).partition(b";")[0], 16):
            total += size
            if size < 0 or total > _MOST_BYTES:
                raise _TooLarge
            if total > MAX_PAYLOAD_BYTES:
                self._skip(size)
            else:
                parts.append(self._exactly(size))
            self._exactly(2)
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.strip()] = value.strip()
        if total > MAX_PAYLOAD_BYTES:
            raise _TooLarge
        return b"".join(parts)

    def _skip(self, size: int) -> None:
        """Read what is too large and forget it: who still writes would not read the reply."""
        left = min(size, _MOST_BYTES)
        while left > 0 and (data := self.rfile.read(min(left, 1 << 20))):
            left -= len(data)

    def _exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) != size:
            raise ValueError("the connection ended in the middle of a body")
        return data

    def _reply(
        self, status: int, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> None:
        if body is None:
            error = _ERRORS.get(status)
            said = {"errorType": error, "errorMessage": error} if error else {"status": "OK"}
            body = json.dumps(said).encode()
        self.send_response(status)
        sizes = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**sizes, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
