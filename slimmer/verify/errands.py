"""What an event asks for, in a few words: the route of a request, or the service that it is from.

Source: "Invoking Lambda with events from other AWS services", AWS Lambda Developer Guide.
"""

from __future__ import annotations

from typing import Any

from slimmer.text import printable
from slimmer.verify.answers import read_json

_MOST = 60


def errand(body: bytes) -> str:
    """Return what an event asks for, such as ``GET /items``; empty where it does not show."""
    event = read_json(body)
    if not isinstance(event, dict):
        return ""
    text = _request(event) or _source(event)
    return printable(text)[:_MOST]


def _request(event: dict[str, Any]) -> str:
    """Return the method and path of a request to HTTP, of either version of its format."""
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, dict) else None
    if isinstance(http, dict):
        return _pair(http.get("method"), event.get("rawPath") or http.get("path"))
    return _pair(event.get("httpMethod"), event.get("path"))


def _source(event: dict[str, Any]) -> str:
    """Return the service that sent an event, or what it tells of."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    if isinstance(first, dict):
        return _word(first.get("eventSource") or first.get("EventSource"))
    return _word(event.get("detail-type") or event.get("source"))


def _pair(method: Any, path: Any) -> str:
    return f"{method} {path}" if isinstance(method, str) and isinstance(path, str) else ""


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
