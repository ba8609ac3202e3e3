"""Lambda's Extensions API, version 2020-01-01, and how extensions subscribe to telemetry and logs.

Sources: "Lambda Extensions API", "Lambda Telemetry API" and "Lambda Logs API" in the AWS Lambda
Developer Guide; what is refused is refused as AWS's Runtime Interface Emulator does.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from slimmer.verify.extension_roll import Extension, ExtensionRoll
from slimmer.verify.http_api import Refusal, Reply, Request, Route, said
from slimmer.verify.invocation_queue import ACCOUNT
from slimmer.verify.telemetry import Telemetry, why_no_subscription

ROOT = "/2020-01-01/extension"

_MOST_BYTES = 1 << 20
_KEY = "Lambda-Extension-Identifier"
_ERROR_TYPE = "Lambda-Extension-Function-Error-Type"
_SUBSCRIPTIONS = {"/2022-07-01/telemetry": "telemetry", "/2020-08-15/logs": "logs"}


class ExtensionsApi:
    """The calls of extensions; ``env`` is that of the function."""

    def __init__(self, roll: ExtensionRoll, telemetry: Telemetry, env: Mapping[str, str]) -> None:
        self._roll = roll
        self._telemetry = telemetry
        self._env = env

    def routes(self) -> Sequence[Route]:
        """Return what answers the calls."""
        return (
            Route("POST", re.compile(f"{ROOT}/register"), self._register),
            Route("GET", re.compile(f"{ROOT}/event/next"), self._next),
            Route("POST", re.compile(f"{ROOT}/(init|exit)/error"), self._error),
            *(Route("PUT", re.compile(f"({path})"), self._subscribe) for path in _SUBSCRIPTIONS),
        )

    def _register(self, request: Request) -> Reply | Refusal:
        body = _object(request)
        name = request.headers.get("Lambda-Extension-Name", "")
        if not name:
            return Refusal(403, "Extension.InvalidExtensionName", "Empty extension name")
        events = body.get("events", []) if body is not None else None
        if not isinstance(events, list) or not all(isinstance(e, str) for e in events):
            return Refusal(403, "InvalidRequestFormat", "the body is no JSON with events")
        extension = self._roll.register(name, events)
        if isinstance(extension, Refusal):
            return extension
        about = {
            "functionName": self._env.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            "functionVersion": self._env.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
            "handler": self._env.get("_HANDLER", ""),
        }
        if "accountId" in request.headers.get("Lambda-Extension-Accept-Feature", ""):
            about["accountId"] = ACCOUNT
        return said(200, about, {_KEY: extension.key})

    def _next(self, request: Request) -> Reply | Refusal | None:
        request.body(0)
        extension = self._who(request)
        if isinstance(extension, Refusal):
            return extension
        event = self._roll.next(extension)
        if event is None or isinstance(event, Refusal):
            return event
        return said(200, event, {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())})

    def _error(self, request: Request) -> Reply | Refusal:
        extension = self._who(request)
        if isinstance(extension, Refusal):
            return extension
        error_type = request.headers.get(_ERROR_TYPE, "")
        if not error_type:
            return Refusal(403, "Extension.MissingHeader", f"{_ERROR_TYPE} not found")
        state = "InitError" if request.found[1] == "init" else "ExitError"
        return self._roll.fail(extension, state, error_type) or said(202, {"status": "OK"})

    def _subscribe(self, request: Request) -> Reply | Refusal:
        body = _object(request)
        extension = self._who(request)
        if isinstance(extension, Refusal):
            return extension
        api = _SUBSCRIPTIONS[request.found[1]]
        if reason := why_no_subscription(body):
            return Refusal(400, "ValidationError", reason)
        self._telemetry.subscribe(extension.name, api, body or {})
        return Reply(200, b"OK", {"Content-Type": "text/plain"})

    def _who(self, request: Request) -> Extension | Refusal:
        key = request.headers.get(_KEY, "")
        if not key:
            missing = f"Missing {_KEY} header"
            return Refusal(403, "Extension.MissingExtensionIdentifier", missing)
        return self._roll.by_key(key)


def _object(request: Request) -> dict[str, Any] | None:
    try:
        value = json.loads(request.body(_MOST_BYTES))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
