"""What Ruby's code requires, what a gem's specification asks for, and what Bundler's lock names.

Bytes in, names out; of what is no Ruby nothing is found. Sources: Ruby's Kernel#require,
RubyGems' Gem::Specification#to_ruby, Bundler's LockfileGenerator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_CALL = re.compile(
    rb"^[^#\n]{0,200}?\b(require|load|autoload|gem)\b[ \t(]{1,9}(?::\w{1,99}[ \t]{0,9},[ \t]{0,9})?"
    rb"[\"']([\w./+-]{1,200})(#\{|[\"'])",
    re.MULTILINE,
)
_SPEC_NAME = re.compile(rb"^\s{0,9}s\.name\s{0,9}=\s{0,9}[\"']([\w.-]{1,200})[\"']", re.MULTILINE)
_DEPENDENCY = re.compile(rb"\bs\.add_(?:runtime_)?dependency\(%q<([\w.-]{1,200})>")
_LOCKED = re.compile(rb"^    ([\w.-]{1,200}) \(", re.MULTILINE)  # what specs: lists, at four spaces
_BUNDLER = re.compile(rb"\bbundler/(?:setup|inline)\b|\bBundler\.|\bbundle[ \t]+exec\b")
# A path from a file of a gem to a folder at the gem's top.
_ABOVE = re.compile(rb"\.\.(?:/\.\.){0,9}(?:/|[\"']\s{0,9},\s{0,9}[\"'])(\w{1,30})\b")
# What Ruby's code starts as a program, and any word of a script of a shell.
_STARTED = re.compile(
    rb"(?:\b(?:system|exec|spawn|popen|capture\w{1,3})\b|`|%x)[ \t(\[{\"']{0,9}"
    rb"(?:bundle[ \t]+exec[ \t]+)?([a-z][\w-]{1,40})"
)
_COMMENT = re.compile(rb"^[ \t]*#.*$", re.MULTILINE)
_WORD = re.compile(rb"[a-z][\w-]{1,40}")


class Required(NamedTuple):
    """What a line of code asks for."""

    #: The feature as ``require`` takes it, without an ending; of ``gem`` the gem's name.
    name: str
    #: Whether more than the name follows that is only known while it runs.
    is_start: bool
    #: The line, counted from 1.
    line: int


def requires(text: bytes) -> Iterator[Required]:
    """Yield what ``require``, ``load``, ``autoload`` and ``gem`` with a literal text ask for."""
    line, seen = 1, 0
    for call in _CALL.finditer(text):
        line += text.count(b"\n", seen, call.start(2))
        seen = call.start(2)
        name = re.sub(r"\.(?:rb|so)$", "", call[2].decode())
        yield Required(name, call[3] == b"#{", line)


def spec_name(text: bytes) -> str:
    """Return the name that a specification gives its gem; empty where it gives none."""
    found = _SPEC_NAME.search(text)
    return found[1].decode() if found else ""


def spec_dependencies(text: bytes) -> tuple[str, ...]:
    """Return the gems that a specification needs at run time."""
    return tuple(name.decode() for name in _DEPENDENCY.findall(text))


def locked(text: bytes) -> tuple[str, ...]:
    """Return the gems that a lock of Bundler names."""
    return tuple(name.decode() for name in _LOCKED.findall(text))


def starts_bundler(text: bytes) -> bool:
    """Return whether code has Bundler look for every gem of the lock."""
    return _BUNDLER.search(text) is not None


def folders_above(text: bytes) -> frozenset[str]:
    """Return the names of folders that code may reach from the folders above its own."""
    return frozenset(name.decode() for name in _ABOVE.findall(_COMMENT.sub(b"", text)))


def programs(text: bytes, *, is_ruby: bool) -> frozenset[str]:
    """Return the programs that code may start; of a shell's script, every word of it."""
    return frozenset(name.decode() for name in (_STARTED if is_ruby else _WORD).findall(text))
