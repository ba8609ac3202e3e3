"""What Erlang/OTP publishes: the examples of its own applications."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cached_property

_OTP_VERSION = re.compile(r"(.*/|)releases/[^/]+/OTP_VERSION")


class PublishedOtp:
    """Knows where an OTP is installed, by its OTP_VERSION."""

    def __init__(self, names: Collection[str], _text: Callable[[str], str]) -> None:
        self._names = names

    def covers(self, path: str, _digest: Callable[[], bytes]) -> bool:
        """Return whether a file is an example of OTP's own."""
        head, examples, _ = path.partition("/examples/")
        root, lib, _ = head.rpartition("lib/")
        return bool(examples and lib) and root in self._roots

    @cached_property
    def _roots(self) -> set[str]:
        return {match[1] for name in self._names if (match := _OTP_VERSION.fullmatch(name))}
