"""Whether answers are as they should be: by themselves, as expected, or as the original's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from slimmer.text import printable
from slimmer.verify.invocation_queue import error_text
from slimmer.verify.model import Answer, AnswerCheck, Invocation

_SHOWN = 3
_TEXT = 60
_MISSING = object()


def check_alone(invocations: Sequence[Invocation]) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event where nothing is expected: an error is wrong."""
    return tuple(AnswerCheck(_error(invocation.answer)) for invocation in invocations)


def check_expected(
    invocations: Sequence[Invocation], expected: Sequence[bytes]
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event, each with the JSON that its answer should be."""
    return tuple(
        AnswerCheck(
            _error(invocation.answer) or _differences(invocation.answer, Answer("response", body))
        )
        for invocation, body in zip(invocations, expected, strict=True)
    )


def check_against(
    invocations: Sequence[Invocation], original: Sequence[Invocation], again: Sequence[Invocation]
) -> tuple[AnswerCheck, ...]:
    """Return the judgement on each event: the answer should be what the original's is.

    ``again`` are a second run's of the original: what differs between the two, such as a
    time, is no fault of the artifact. It is empty where there was no second run.
    """
    checks = []
    for invocation, first, second in zip_longest(invocations, original, again):
        unstable = set(_places(first, second)) if second else set()
        wrong = [place for place in _places(invocation, first) if not _within(place, unstable)]
        said = _said(invocation.answer, first.answer, wrong) if wrong else ""
        checks.append(AnswerCheck(said, tuple(sorted(map(_path, unstable)))))
    return tuple(checks)


def differ(invocations: Sequence[Invocation], others: Sequence[Invocation]) -> bool:
    """Return whether any answer differs from the other's."""
    return any(
        _places(invocation, other) for invocation, other in zip(invocations, others, strict=True)
    )


def _error(answer: Answer | None) -> str:
    is_error = answer is not None and answer.kind == "error"
    return f"answered with an error: {error_text(answer.body)}" if answer and is_error else ""


def _differences(answer: Answer | None, wanted: Answer) -> str:
    places = list(_walk(_value(answer), _value(wanted), ())) if answer else []
    return _said(answer, wanted, places) if places else ""


def _places(invocation: Invocation, other: Invocation) -> list[tuple[str | int, ...]]:
    if invocation.answer is None or other.answer is None:
        return []
    return list(_walk(_value(invocation.answer), _value(other.answer), ()))


def _within(place: tuple[str | int, ...], unstable: set[tuple[str | int, ...]]) -> bool:
    return any(place[:end] in unstable for end in range(len(place) + 1))


def _value(answer: Answer | None) -> Any:
    """Return what is compared: of an error its type and message, as stack traces name paths."""
    if answer is None:
        return _MISSING
    if answer.kind == "error":
        return ["error", error_text(answer.body)]
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return answer.body


def _walk(value: Any, wanted: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each place in which two JSON values differ."""
    waiting = [(value, wanted, path)]
    while waiting:
        value, wanted, path = waiting.pop()
        if isinstance(value, dict) and isinstance(wanted, dict):
            for key in sorted(value.keys() | wanted.keys(), reverse=True):
                pair = value.get(key, _MISSING), wanted.get(key, _MISSING)
                waiting.append((*pair, (*path, key)))
        elif isinstance(value, list) and isinstance(wanted, list) and len(value) == len(wanted):
            pairs = enumerate(zip(value, wanted, strict=True))
            waiting.extend((one, other, (*path, at)) for at, (one, other) in reversed([*pairs]))
        elif isinstance(value, bool) is not isinstance(wanted, bool) or value != wanted:
            yield path


def _said(answer: Answer | None, wanted: Answer | None, places: Sequence[Any]) -> str:
    value, other = _value(answer), _value(wanted)
    shown = [f"{_path(p)} is {_at(value, p)}, not {_at(other, p)}" for p in places[:_SHOWN]]
    more = f"; and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    return "answers otherwise: " + "; ".join(shown) + more


def _path(place: tuple[str | int, ...]) -> str:
    return printable("".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place)) or "it"


def _at(value: Any, place: tuple[str | int, ...]) -> str:
    for part in place:
        value = value.get(part, _MISSING) if isinstance(value, dict) else value[part]
    if value is _MISSING:
        return "not there"
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else None
    text = printable(text if text is not None else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
