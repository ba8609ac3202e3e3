"""Lambda's Runtime API, version 2018-06-01: what its calls mean to the queue of invocations.

Sources: "Using the Lambda runtime API for custom runtimes" and "Response streaming" in the AWS
Lambda Developer Guide, and how AWS's Runtime Interface Emulator answers calls that are wrong.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence

from slimmer.verify.answers import Collector, whole
from slimmer.verify.http_api import Cut, Refusal, Reply, Request, Route, said
from slimmer.verify.invocation_queue import ARN, HandedOut, InvocationQueue
from slimmer.verify.model import MAX_PAYLOAD_BYTES, MAX_STREAM_BYTES

ROOT = "/2018-06-01"

_MODE = "Lambda-Runtime-Function-Response-Mode"
_ERROR_TYPE = "lambda-runtime-function-error-type"
_ERROR_BODY = "lambda-runtime-function-error-body"


class RuntimeApi:
    """The calls of a runtime; ``headers`` come with each event, as of the client context."""

    def __init__(self, queue: InvocationQueue, headers: Mapping[str, str]) -> None:
        self._queue = queue
        self._headers = headers

    def routes(self) -> Sequence[Route]:
        """Return what answers the calls. Those of SnapStart's restore are not there, as there."""
        one = rf"{ROOT}/runtime/invocation/([^/]+)"
        return (
            Route("GET", re.compile(rf"{ROOT}/ping"), lambda _: Reply(200, b"pong", {})),
            Route("GET", re.compile(rf"{ROOT}/runtime/invocation/next"), self._next),
            Route("POST", re.compile(rf"{one}/response"), self._response),
            Route("POST", re.compile(rf"{one}/error"), self._error),
            Route("POST", re.compile(rf"{ROOT}/runtime/init/error"), self._init_error),
        )

    def _next(self, request: Request) -> Reply | Refusal | None:
        request.body(0)
        given = self._queue.next()
        if not isinstance(given, HandedOut):
            return given
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": given.request_id,
            "Lambda-Runtime-Deadline-Ms": str(given.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": given.trace_id,
        }
        return Reply(200, given.body, {**headers, **self._headers})

    def _response(self, request: Request) -> Reply | Refusal:
        mode = request.headers.get(_MODE, "")
        if refusal := self._queue.begin(request.found[1], "InvocationResponse"):
            return refusal
        if mode not in ("", "streaming"):
            error = _error("Runtime.InvalidResponseModeHeader", f"{_MODE} is {mode}")
            self._queue.finish(whole("error", error))
            return Refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode")
        collector = self._collected(request, MAX_STREAM_BYTES if mode else MAX_PAYLOAD_BYTES)
        if isinstance(collector, Refusal):
            return collector
        answer = collector.answer("response", request.headers.get("Content-Type", ""))
        after = _error_after(request.trailers)
        self._queue.finish(answer._replace(is_streamed=bool(mode), error_after=after))
        return _accepted()

    def _error(self, request: Request) -> Reply | Refusal:
        if refusal := self._queue.begin(request.found[1], "InvocationErrorResponse"):
            return refusal
        collector = self._collected(request, MAX_PAYLOAD_BYTES)
        if isinstance(collector, Refusal):
            return collector
        self._queue.finish(collector.answer("error", request.headers.get("Content-Type", "")))
        return _accepted()

    def _init_error(self, request: Request) -> Reply | Refusal:
        return self._queue.fail_init(request.body(MAX_PAYLOAD_BYTES)) or _accepted()

    def _collected(self, request: Request, most_bytes: int) -> Collector | Refusal:
        """Read a body to its end, also where it is too large: who writes would not read else."""
        collector = Collector(most_bytes)
        try:
            for piece in request.pieces():
                collector.take(piece)
        except Cut:
            self._queue.cut(collector.size_bytes)
            raise
        return self._too_large(most_bytes) if collector.is_too_large else collector

    def _too_large(self, most_bytes: int) -> Refusal:
        said_size = f"maximum allowed payload size ({most_bytes} bytes)."
        message = f"Response payload size exceeded {said_size}"
        self._queue.finish(whole("error", _error("Function.ResponseSizeTooLarge", message)))
        return Refusal(413, "RequestEntityTooLarge", f"Exceeded {said_size}")


def _accepted() -> Reply:
    return said(202, {"status": "OK"})


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _error_after(trailers: Mapping[str, str]) -> bytes:
    """Return the error that trailers tell of, in Lambda's form; empty where they tell of none."""
    if _ERROR_TYPE not in trailers:
        return b""
    try:
        body = base64.b64decode(trailers.get(_ERROR_BODY, ""), validate=True)
    except binascii.Error:
        body = b""
    return body or _error(trailers[_ERROR_TYPE], "")
