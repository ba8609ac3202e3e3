"""What an answer is: taken in as it comes, and read as its HTTP head, its value, its status.

Sources: "Response streaming" and "Returning a response" of function URLs, in the AWS Lambda
Developer Guide.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal, NamedTuple

from slimmer.verify.model import MAX_PAYLOAD_BYTES, Answer

_HTTP = "application/vnd.awslambda.http-integration-response"
_END_OF_HEAD = bytes(8)
_ERROR = {"errorMessage", "errorType"}
_OF_ERRORS = _ERROR | {"stackTrace", "trace", "cause", "requestId"}  # of the runtimes' own errors


class HttpAnswer(NamedTuple):
    """A streamed answer to HTTP: its head as JSON, and as much of its body as was kept."""

    head: Any
    body: bytes


def read_http(answer: Answer) -> HttpAnswer | None:
    """Return a streamed answer to HTTP in its two parts; None where it is something else."""
    if not answer.content_type.startswith(_HTTP):
        return None
    head, end, body = answer.body.partition(_END_OF_HEAD)
    return HttpAnswer(read_json(head), body) if end else None


def read_json(data: bytes) -> Any:
    """Return the value that bytes are the JSON of, or the bytes where they are none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data


def status_of(answer: Answer) -> int:
    """Return the status code of an answer to HTTP, streamed or plain; 0 where it has none."""
    http = read_http(answer)
    value = http.head if http else read_json(answer.body)
    code = value.get("statusCode") if isinstance(value, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:4])
    return code if isinstance(code, int) else 0


def is_error(answer: Answer) -> bool:
    """Return whether a response has the form in which the runtimes, and Lambda, say errors."""
    value = read_json(answer.body)
    return isinstance(value, dict) and bool(value.keys() & _ERROR) and value.keys() <= _OF_ERRORS


class Collector:
    """Takes a body in pieces; keeps as much as a plain answer may have, and a digest of all."""

    def __init__(self, most_bytes: int) -> None:
        self.size_bytes = 0
        self._most_bytes = most_bytes
        self._kept = bytearray()
        self._digest = hashlib.sha256()

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size_bytes += len(piece)
        if self.size_bytes <= self._most_bytes:
            self._digest.update(piece)
            self._kept += piece[: MAX_PAYLOAD_BYTES - len(self._kept)]

    @property
    def is_too_large(self) -> bool:
        """Whether more came than Lambda takes."""
        return self.size_bytes > self._most_bytes

    def answer(self, kind: Literal["response", "error"], content_type: str) -> Answer:
        """Return what was taken."""
        return Answer(
            kind,
            bytes(self._kept),
            content_type=content_type,
            size_bytes=self.size_bytes,
            sha256=self._digest.hexdigest(),
        )


def whole(kind: Literal["response", "error"], body: bytes) -> Answer:
    """Return an answer of which there is no more than these bytes."""
    collector = Collector(len(body))
    collector.take(body)
    return collector.answer(kind, "application/json")
