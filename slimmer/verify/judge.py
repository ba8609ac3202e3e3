"""Whether answers are as they should be: by themselves, as expected, or as the original's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from math import isnan
from typing import Any

from slimmer.ecosystems.stubs import stub_in
from slimmer.text import printable
from slimmer.verify.answers import is_error, read_http, read_json, status_of
from slimmer.verify.errands import errand
from slimmer.verify.invocation_queue import error_text
from slimmer.verify.model import Answer, AnswerCheck, Event, Invocation, Job

_SHOWN = 3
_TEXT = 60
_MISSING = object()
_BODY = "body"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500  # RFC 9110, 15
_OTHER_EVENT = "an event that it answers would prove more"


def check_alone(
    invocations: Sequence[Invocation], events: Sequence[Event]
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event where nothing is expected: an error is wrong.

    So is an HTTP status of 500 and above; one of 400 and above is warned of, with what the
    event asks for.
    """
    pairs = zip(invocations, events, strict=True)
    return tuple(_alone(invocation.answer, errand(event.body)) for invocation, event in pairs)


def check_expected(
    invocations: Sequence[Invocation], expected: Sequence[bytes], *, is_exact: bool
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event, each with the JSON that its answer should be.

    Keys that are not expected may be anything, unless ``is_exact``: but an HTTP status of 500
    and above, or an error as a value, is only right where it is expected.
    """
    return tuple(
        _expected(invocation.answer, read_json(body), is_exact=is_exact)
        for invocation, body in zip(invocations, expected, strict=True)
    )


def check_against(
    invocations: Sequence[Invocation],
    original: Sequence[Invocation],
    again: Sequence[Invocation],
    ignored: Sequence[str] = (),
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event: the answer should be what the original's is.

    ``again`` are a second run's of the original: what differs between the two, such as a
    time, is no fault of the artifact. It is empty where there was no second run. ``ignored``
    are places that may differ with all in them, ``[*]`` for every item of a list.
    """
    may_differ = _places_in(ignored)
    checks = []
    for invocation, first, second in zip_longest(invocations, original, again):
        unstable = set(_places(first, second)) if second else set()
        wrong = [
            place
            for place in _places(invocation, first)
            if not _within(place, unstable) and not may_differ(_path(place))
        ]
        pair = _value(invocation.answer), _value(first.answer)
        said = _said(*pair, wrong) if wrong else ""
        trouble = "" if said else _trouble(first.answer)
        warning = f"{trouble}, as the original does; {_OTHER_EVENT}" if trouble else ""
        checks.append(AnswerCheck(said, tuple(sorted(map(_path, unstable))), warning))
    return tuple(checks)


def check_both_ways(
    invocations: Sequence[Invocation], others: Sequence[Invocation], job: Job
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on the answers of an image's other way, which may be the same ones.

    One that is another is judged as if there were no first.
    """
    alone = (
        check_expected(others, job.expected, is_exact=job.is_exact)
        if job.expected
        else check_alone(others, job.events)
    )
    return tuple(
        AnswerCheck() if one.answer and not _places(two, one) else check
        for one, two, check in zip(invocations, others, alone, strict=True)
    )


def _places_in(ignored: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether a place is one of these, or lies in one."""
    each = (re.escape(place).replace(r"\[\*\]", r"\[\d+\]") for place in ignored)
    places = re.compile(rf"(?:{'|'.join(each)})(?:[.\[].*)?", re.DOTALL)
    return lambda path: bool(ignored) and places.fullmatch(path) is not None


def differ(invocations: Sequence[Invocation], others: Sequence[Invocation]) -> bool:
    """Return whether any answer differs from the other's."""
    return any(
        _places(invocation, other) for invocation, other in zip(invocations, others, strict=True)
    )


def _expected(answer: Answer | None, wanted: Any, *, is_exact: bool) -> AnswerCheck:
    said = _error(answer)
    if answer is None or said:
        return AnswerCheck(said)
    value = _as_wanted(_plain(answer), wanted)
    places = list(_walk(value, wanted, (), is_exact=is_exact))
    if places:
        return AnswerCheck(_said(value, wanted, places))
    spoken = isinstance(wanted, dict) and wanted.keys() & {
        "statusCode",
        "errorType",
        "errorMessage",
    }
    return AnswerCheck() if is_exact or spoken else AnswerCheck(_alone(answer, "").wrong)


def _as_wanted(value: Any, wanted: Any) -> Any:
    """Return an answer with its body read as JSON, where it is text and a value is wanted."""
    if isinstance(value, dict) and isinstance(wanted, dict):
        body = value.get(_BODY)
        if isinstance(body, str) and isinstance(wanted.get(_BODY), dict | list):
            read = read_json(body.encode("utf-8", "surrogatepass"))
            return {**value, _BODY: body if isinstance(read, bytes) else read}
    return value


def _alone(answer: Answer | None, asked: str) -> AnswerCheck:
    trouble = _trouble(answer, asked)
    if answer and not trouble and (stub := stub_in(answer.body)):
        return AnswerCheck(f"answered with what stands in the place of {printable(stub)}")
    status = status_of(answer) if answer and not _error(answer) else 0
    if answer is None or status < _CLIENT_ERROR:
        return AnswerCheck(trouble)
    if status >= _SERVER_ERROR:
        hint = "mend it, or say with --expect that it is right"
        return AnswerCheck(f"{trouble}: {_shown(_body(answer))}; {hint}")
    return AnswerCheck(warning=f"{trouble}; {_OTHER_EVENT}")


def _trouble(answer: Answer | None, asked: str = "") -> str:
    """Return what an answer says of something that went wrong; empty for a plain one."""
    if answer is None or _error(answer):
        return _error(answer)
    if is_error(answer):
        return f"answered with an error as its value: {error_text(answer.body)}"
    status = status_of(answer)
    said = f"answered {asked} with HTTP status {status}".replace("  ", " ")
    return said if status >= _CLIENT_ERROR else ""


def _error(answer: Answer | None) -> str:
    if answer is None:
        return ""
    if answer.error_after:
        return f"broke its stream off with an error: {error_text(answer.error_after)}"
    is_error = answer.kind == "error"
    return f"answered with an error: {error_text(answer.body)}" if is_error else ""


def _body(answer: Answer) -> Any:
    """Return the body of an answer to HTTP."""
    http = read_http(answer)
    if http:
        return http.body
    value = read_json(answer.body)
    return value.get("body") if isinstance(value, dict) else value


def _plain(answer: Answer) -> Any:
    """Return an answer as a function gives it that does not stream."""
    http = read_http(answer)
    if http and isinstance(http.head, dict):
        return {**http.head, _BODY: http.body.decode("utf-8", "backslashreplace")}
    return read_json(answer.body)


def _places(invocation: Invocation, other: Invocation) -> list[tuple[str | int, ...]]:
    if invocation.answer is None or other.answer is None:
        return []
    first, second = invocation.answer, other.answer
    places = list(_walk(_value(first), _value(second), ()))
    if not places and first.is_streamed and _stream(first) != _stream(second):
        return [(_BODY,)]  # the same value, spelled otherwise
    return places


def _stream(answer: Answer) -> bytes:
    http = read_http(answer)
    return http.body if http else answer.body


def _within(place: tuple[str | int, ...], unstable: set[tuple[str | int, ...]]) -> bool:
    return any(place[:end] in unstable for end in range(len(place) + 1))


def _value(answer: Answer | None) -> Any:
    """Return what is compared: of an error its type and message, as stack traces name paths."""
    if answer is None:
        return _MISSING
    if answer.kind == "error":
        return ["error", error_text(answer.body)]
    if not answer.is_streamed:
        return read_json(answer.body)
    http = read_http(answer)
    parts: dict[str, Any] = {"head": http.head} if http else {}
    if answer.size_bytes > len(answer.body):
        parts["sha256"] = answer.sha256
    if answer.error_after:
        parts["error"] = error_text(answer.error_after)
    return {**parts, _BODY: read_json(_stream(answer))}


def _walk(
    value: Any, wanted: Any, path: tuple[str | int, ...], *, is_exact: bool = True
) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each place in which two JSON values differ.

    Unless ``is_exact``, keys that are not wanted are no difference.
    """
    waiting = [(value, wanted, path)]
    while waiting:
        value, wanted, path = waiting.pop()
        if isinstance(value, dict) and isinstance(wanted, dict):
            keys = value.keys() | wanted.keys() if is_exact else wanted.keys()
            for key in sorted(keys, reverse=True):
                pair = value.get(key, _MISSING), wanted.get(key, _MISSING)
                waiting.append((*pair, (*path, key)))
        elif isinstance(value, list) and isinstance(wanted, list) and len(value) == len(wanted):
            pairs = enumerate(zip(value, wanted, strict=True))
            waiting.extend((one, other, (*path, at)) for at, (one, other) in reversed([*pairs]))
        elif not _is_same(value, wanted):
            yield path


def _is_same(value: Any, other: Any) -> bool:
    if isinstance(value, bool) is not isinstance(other, bool):
        return False
    is_nan = isinstance(value, float) and isinstance(other, float) and isnan(value) and isnan(other)
    return is_nan or bool(value == other)


def _said(value: Any, wanted: Any, places: Sequence[Any]) -> str:
    """Return in which places a value differs from the wanted one."""
    shown = [f"{_path(p)}: expected {_at(wanted, p)}, got {_at(value, p)}" for p in places[:_SHOWN]]
    more = f"; and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    return "answers otherwise: " + "; ".join(shown) + more


def _path(place: tuple[str | int, ...]) -> str:
    return printable("".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place)) or "it"


def _at(value: Any, place: tuple[str | int, ...]) -> str:
    for part in place:
        value = value.get(part, _MISSING) if isinstance(value, dict) else value[part]
    return "not there" if value is _MISSING else _shown(value)


def _shown(value: Any) -> str:
    text = _text(value) if isinstance(value, bytes) else None
    text = printable(text or json.dumps(value, ensure_ascii=False, default=_text))
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
