"""A small HTTP/1.1 server on loopback, for the APIs that Lambda gives to what runs in a sandbox.

Connections stay open, bodies may be chunked and have trailers (RFC 9112), and no body is kept
that is larger than who reads it allows. What paths mean is in tables of :class:`Route`.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from threading import Thread
from typing import Any, NamedTuple

_POLL_S = 0.02  # how soon the server notes that it is to end
_PIECE_BYTES = 1 << 20
_LINE_BYTES = 65536
_NOT_FOUND = b"404 page not found\n"  # as AWS's emulator says it


class Cut(Exception):  # noqa: N818 - it reads as what it says
    """A body ended before its end."""


class Refusal(NamedTuple):
    """Why a call is refused: a status code of HTTP, and Lambda's type and message."""

    status: int
    error_type: str
    message: str


class Reply(NamedTuple):
    """What a call is answered with; ``headers`` come beside the length."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Request:
    """A call: its headers, what its path holds, and its body, which is read once."""

    def __init__(
        self, found: re.Match[str], headers: Message[str, str], stream: BufferedIOBase
    ) -> None:
        self.found = found
        self.headers = headers
        #: What came after the body, by lower-case names; empty before it was read.
        self.trailers: dict[str, str] = {}
        self.is_read = False
        self._stream = stream

    def pieces(self) -> Iterator[bytes]:
        """Yield the body in pieces of at most 1 MiB. Raises Cut where it ends too early."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            yield from self._chunks()
        else:
            size = self.headers.get("Content-Length", "0")
            yield from self._exactly(_number(size, 10))
        self.is_read = True

    def body(self, most_bytes: int) -> bytes:
        """Return the body, or its beginning where it is longer. Raises Cut."""
        kept = bytearray()
        for piece in self.pieces():
            kept += piece[: most_bytes - len(kept)]
        return bytes(kept)

    def _chunks(self) -> Iterator[bytes]:
        while size := _number(self._stream.readline(1024).partition(b";")[0], 16):
            yield from self._exactly(size)
            self._stream.readline(3)
        while (line := self._stream.readline(_LINE_BYTES)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._stream.read(min(size, _PIECE_BYTES))
            if not piece:
                raise Cut
            size -= len(piece)
            yield piece


class Route(NamedTuple):
    """What answers a call: ``answer`` returns None to close the connection without a word."""

    method: str
    path: re.Pattern[str]
    answer: Callable[[Request], Reply | Refusal | None]


def said(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply in JSON, with a newline at its end as AWS's emulator has it."""
    kinds = {"Content-Type": "application/json", **(headers or {})}
    return Reply(status, json.dumps(value, separators=(",", ":")).encode() + b"\n", kinds)


@contextlib.contextmanager
def serving(routes: Sequence[Route]) -> Iterator[Callable[[socket.socket], None]]:
    """Give what answers calls to a socket that listens, which is closed in the end."""
    with contextlib.ExitStack() as stack:

        def serve(listener: socket.socket) -> None:
            server = _Server(listener, routes)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True).start()

        yield serve


def _number(text: str | bytes, base: int) -> int:
    try:
        return max(0, int(text, base))
    except ValueError:
        raise Cut from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a thread may wait on a connection until its other end is killed

    def __init__(self, listener: socket.socket, routes: Sequence[Route]):
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.routes = routes

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the function ended in the middle of a request, which its run will show."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two small writes
    server: _Server

    def do_GET(self) -> None:
        """Answer a call of any method."""
        path = self.path.partition("?")[0]
        found = [(r, match) for r in self.server.routes if (match := r.path.fullmatch(path))]
        for route, match in found:
            if route.method == self.command:
                self._answer(route, Request(match, self.headers, self.rfile))
                return
        kinds = {} if found else {"Content-Type": "text/plain; charset=utf-8"}
        self._send(Reply(405, b"", kinds) if found else Reply(404, _NOT_FOUND, kinds))
        self.close_connection = True  # its body was not read

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - overrides
        """Say nothing: the function's own output is what counts."""

    def _answer(self, route: Route, request: Request) -> None:
        try:
            reply = route.answer(request)
            if not request.is_read:
                request.body(0)
        except Cut:
            self.close_connection = True
            reply = Refusal(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
        if isinstance(reply, Refusal):
            error = {"errorMessage": reply.message, "errorType": reply.error_type}
            reply = said(reply.status, error)
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
