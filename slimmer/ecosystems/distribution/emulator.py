"""Programs of Erlang's emulator that start only where somebody asks for what they do.

``epmd`` tells nodes where others are. ``erl`` starts it for a node that has a name (erl(1),
``-name`` and ``-sname``; erlexec.c), as ``peer`` and ``slave`` start one; ``net_kernel:start``
needs one that runs. ``start`` and ``start_erl`` start a release that is installed as a target
system, whose heart or release handler calls them (OTP Design Principles, "Creating and Upgrading a
Target System").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

#: The packages that place the emulator and its tools, which hand on what they are asked for.
_TOOLS = ("erlang-", "elixir")
#: What is full of words that it does not start on Linux, by its source, and what it starts there by
#: name: the launcher with its table of flags, what restarts it (heart.c), Elixir's System, which
#: starts what it is told, or a shell for it; the supervisors of os_mon, which ask programs of other
#: systems; what opens drivers by the same function as programs (dbg, user_drv).
_STARTS = (
    (re.compile(r"(?:.*/)?erts-[^/]+/bin/(?:erlexec|heart)"), frozenset[str]()),
    (re.compile(r"(?:.*/)?elixir/ebin/Elixir\.System\.beam"), frozenset(("sh",))),
    (re.compile(r"(?:.*/)?os_mon-[^/]+/ebin/cpu_sup\.beam"), frozenset[str]()),
    (re.compile(r"(?:.*/)?os_mon-[^/]+/ebin/memsup\.beam"), frozenset(("uname",))),
    (re.compile(r"(?:.*/)?kernel-[^/]+/ebin/user_drv\.beam"), frozenset[str]()),
    (re.compile(r"(?:.*/)?kernel-[^/]+/ebin/inet_gethost_native\.beam"), frozenset[str]()),
    (re.compile(r"(?:.*/)?runtime_tools-[^/]+/ebin/dbg\.beam"), frozenset[str]()),
)


class _Program(NamedTuple):
    part: str
    paths: re.Pattern[str]
    #: What asks for it in the user's own files, the command and the variables.
    asked: re.Pattern[bytes]
    #: What asks for it in the files of packages.
    called: re.Pattern[bytes]


_PROGRAMS = (
    _Program(
        "erlang/erts:epmd",
        re.compile(r"(?:.*/)?(?:erts-[^/]+|erlang)/bin/epmd"),
        re.compile(
            rb"epmd|sname|-name\b|net_kernel|\b(?:peer|slave)\b|Elixir\.Node\b|\bNode\."
            rb"|RELEASE_(?:NODE|DISTRIBUTION|NAME)"
        ),
        re.compile(rb"epmd|-sname\b"),
    ),
    _Program(
        "erlang/otp:start",
        re.compile(r"(?:.*/)?erlang/bin/start(?:_erl)?"),
        re.compile(
            rb"erlang/bin/start\b|start_erl|start_embedded|run_erl|release_handler|-heart\b"
        ),
        re.compile(rb"erlang/bin/start\b|start_erl|start_embedded"),
    ),
)


def part_of_emulator(path: str) -> str:
    """Return the part that a file is, if it is of such a program; else nothing."""
    return next((each.part for each in _PROGRAMS if each.paths.fullmatch(path)), "")


def is_tool(package: str) -> bool:
    """Return whether a package is of those that place the emulator and its tools."""
    return package.startswith(_TOOLS)


def known_starts(path: str) -> AbstractSet[str] | None:
    """Return the programs that a file starts by their names, where its source is known."""
    return next((names for known, names in _STARTS if known.fullmatch(path)), None)


def asked_for(data: bytes, *, is_own: bool) -> Iterator[str]:
    """Yield the parts that a file asks for: of the user's own, or of a package that is no tool."""
    for each in _PROGRAMS:
        if (each.asked if is_own else each.called).search(data):
            yield each.part
