"""What a function wrote of errors that its answers do not show."""

from __future__ import annotations

import re

MOST_LINES = 12

# How the languages of Lambda begin to tell of an error: Python, Node.js, Java, Ruby, Elixir, Go,
# and what loggers write as a level, in text or as JSON.
_START = re.compile(
    r"""Traceback\ \(most\ recent\ call\ last\):
    | ^(?:Uncaught\ )?[\w$.]{0,120}(?:Error|Exception)(?::|$)
    | ^Exception\ in\ thread\b
    | ^panic:
    | \b(?:ERROR|CRITICAL|FATAL)\b
    | \[(?:error|critical|fatal)\]
    | "level"\s{0,9}:\s{0,9}"(?:error|critical|fatal)" """,
    re.VERBOSE,
)
_TRACEBACK = "Traceback ("
# What belongs to the error above it: frames, which are indented, and causes.
_MORE = re.compile(r"^(?:\s|Caused by:|goroutine )")


def logged_errors(output: str) -> tuple[str, ...]:
    """Return the lines of what a function wrote that tell of errors, as many as people read."""
    found: list[str] = []
    inside = is_traceback = False
    for line in output.splitlines():
        if _START.search(line):
            inside, is_traceback = True, _TRACEBACK in line
        elif inside and not _MORE.match(line):
            inside = is_traceback and bool(line)  # Python's last line names the error
            is_traceback = False
            if inside:
                found.append(line)
            inside = False
            continue
        if inside:
            found.append(line)
        if len(found) > MOST_LINES:
            return (*found[:MOST_LINES], "…")
    return tuple(found)
