"""What came of an event, in words that AWS's emulator and slim have in common."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from slimmer.verify.invocation_queue import error_text

EXTENSION = "an extension"  # and not the function
_SHOWN = 160
_REFUSED = r"Runtime\.CallbackHandlerDeprecated"  # slim says it in words of its own


class Outcome(NamedTuple):
    """What came of an event.

    ``answered`` holds the payload's digest; ``failed`` the error's type and message, on one
    line; ``exited`` how the process ended, or that an extension did; ``timed out`` nothing;
    ``unanswered`` why that is.
    """

    kind: Literal["answered", "failed", "exited", "timed out", "unanswered"]
    text: str = ""
    #: What people are shown instead of a digest.
    shown: str = ""

    def is_like(self, other: Outcome) -> bool:
        """Return whether two outcomes are alike in all that is compared."""
        return (self.kind, self.text) == (other.kind, other.text)

    def __str__(self) -> str:
        text = f"{self.kind} {self.shown or self.text}".rstrip()
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def answered(sha256: str, shown: str, error_after: str = "") -> Outcome:
    """Return the outcome for a payload: equal bytes are alike.

    ``error_after`` is the type of the error that a stream ended with.
    """
    return Outcome("answered", f"{sha256} {error_after}".rstrip(), f"{shown} {error_after}")


def failed(body: bytes) -> Outcome:
    """Return the outcome for an error in Lambda's form; stack traces name paths, so not those."""
    return Outcome("failed", _plain(error_text(body)))


def said(line: str) -> Outcome:
    """Return the outcome for an error that was put on one line already."""
    return Outcome("failed", _plain(line))


def _plain(text: str) -> str:
    """Return a message without what differs from run to run."""
    text = re.sub(rf"^({_REFUSED}): .*", r"\1", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"0x[0-9a-f]{6,}", "0xADDRESS", text)[:480]
