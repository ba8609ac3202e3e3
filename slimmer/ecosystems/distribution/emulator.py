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

from slimmer.ecosystems.distribution.sought import Sought, sought

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


class _Asked(NamedTuple):
    part: str
    #: What asks for it in the user's own files, the command and the variables.
    asked: Sought
    #: What asks for it in the files of packages.
    called: Sought


#: The programs, by their paths.
_PROGRAMS = {
    re.compile(r"(?:.*/)?(?:erts-[^/]+|erlang)/bin/epmd"): _Asked(
        "erlang/erts:epmd",
        sought(
            rb"epmd|sname|-name\b|net_kernel|\b(?:peer|slave)\b|Elixir\.Node\b|\bNode\."
            rb"|RELEASE_(?:NODE|DISTRIBUTION|NAME)",
            *(b"epmd", b"sname", b"-name", b"net_kernel", b"peer", b"slave", b"Node", b"RELEASE_"),
        ),
        sought(rb"epmd|-sname\b", b"epmd", b"-sname"),
    ),
    re.compile(r"(?:.*/)?erlang/bin/start(?:_erl)?"): _Asked(
        "erlang/otp:start",
        sought(
            rb"erlang/bin/start\b|start_erl|start_embedded|run_erl|release_handler|-heart\b",
            *(b"bin/start", b"start_e", b"run_erl", b"release_handler", b"-heart"),
        ),
        sought(rb"erlang/bin/start\b|start_erl|start_embedded", b"bin/start", b"start_e"),
    ),
}


#: The launcher of Elixir, and what of it runs only with ``--pipe-to``: it hands on to ``run_erl``.
_LAUNCHER = re.compile(r"(?:.*/)?elixir/bin/elixir")
_PIPE = re.compile(
    rb"(?m)^if \[ (?:-n|! -z) \"\$RUN_ERL_PIPE\" \]; then\n(?:(?!(?:fi|else)\b)[^\n]*\n)*"
)
_FOR_PIPE = sought(rb"--pipe-to|RUN_ERL_PIPE", b"--pipe-to", b"RUN_ERL_PIPE")
_PIPED = _Asked("erlang/elixir:pipe-to", asked=_FOR_PIPE, called=_FOR_PIPE)


def is_launcher(path: str) -> bool:
    """Return whether a file is the script that starts Elixir."""
    return _LAUNCHER.fullmatch(path) is not None


def piped(path: str, data: bytes) -> tuple[str, bytes, bytes]:
    """Return what asks for a part of Elixir's launcher, that part, and the rest of the file."""
    found = _PIPE.search(data) if is_launcher(path) else None
    if found is None:
        return _PIPED.part, b"", data
    return _PIPED.part, found[0], data[: found.start()] + data[found.end() :]


def part_of_emulator(path: str) -> str:
    """Return the part that a file is, if it is of such a program; else nothing."""
    return next((each.part for paths, each in _PROGRAMS.items() if paths.fullmatch(path)), "")


def is_tool(package: str) -> bool:
    """Return whether a package is of those that place the emulator and its tools."""
    return package.startswith(_TOOLS)


def known_starts(path: str) -> AbstractSet[str] | None:
    """Return the programs that a file starts by their names, where its source is known."""
    return next((names for known, names in _STARTS if known.fullmatch(path)), None)


def asked_for(data: bytes, *, is_own: bool) -> Iterator[str]:
    """Yield the parts that a file asks for: of the user's own, or of a package that is no tool."""
    for each in (*_PROGRAMS.values(), _PIPED):
        if (each.asked if is_own else each.called).is_in(data):
            yield each.part
