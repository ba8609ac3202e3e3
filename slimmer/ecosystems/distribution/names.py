"""The names of programs and libraries, as files say them: in strings, in scripts, in literals."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import literals

#: The folders of programs, relative to the root.
BIN = re.compile(r"(?:usr/(?:local/)?)?s?bin")
#: What reads the scripts that have such a name.
TEXTS = {
    **dict.fromkeys((".pl", ".pm"), "perl"),
    **dict.fromkeys((".sh", ".bash"), "sh"),
    **dict.fromkeys((".js", ".cjs", ".mjs"), "node"),
    ".py": "python",
    ".rb": "ruby",
    ".php": "php",
    ".lua": "lua",
    ".tcl": "tclsh",
}
#: What only a build reads, and what it is read by.
_BUILDS = {
    re.compile(r"(?:GNU)?[Mm]akefile(?:\..*)?|.*\.(?:mk|mak|[Mm]akefile)"): ("make", "gmake"),
    re.compile(r"CMakeLists\.txt|.*\.cmake"): ("cmake",),
    re.compile(r".*\.gypi?"): ("gyp", "node-gyp", "npm"),
    re.compile(r"meson\.build|meson_options\.txt|meson\.options"): ("meson",),
    re.compile(r"build\.ninja|.*\.ninja"): ("ninja",),
    re.compile(r"configure\.(?:ac|in)|.*\.m4"): ("autoconf", "m4"),
}
#: A name between quotes, slashes, zero bytes or lines, where a program or a library may stand.
_NAME = re.compile(
    rb"(?<![^\"'`$(|&;\0-\x20/=])[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?![^\"'`)|&;:,\0-\x20])"
)
#: A list of bytes, or a binary, of Erlang's external term format: its length, then it.
_STRING = re.compile(
    rb"(?s)(?=(?:k..|m....)([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63})(?![A-Za-z0-9_.+-]))"
)
#: The same of a name of one letter, which ends there, or a command.
_LETTER = re.compile(
    rb"(?s)(?:(?<=k\0\x01)|(?<=m\0\0\0\x01))[A-Za-z0-9_]"
    rb"|(?:(?<=k\0.)|(?<=m\0\0..))[A-Za-z0-9_](?= )"
)
#: The same in a compiled program, whose texts for people are full of such words, and where a letter
#: is a mode of opening: at the start of a string, or where a shell or what starts others would take
#: it for a command.
_COMMAND = re.compile(
    rb"(?:(?<![^\"'`/=\0])|(?<=[$|&;(])|(?<=[$|&;(]\x20)|(?<=exec\x20)|(?<=-c\x20)|(?<=env\x20)"
    rb"|(?<=xargs\x20)|(?<=nice\x20)|(?<=nohup\x20))"
    rb"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?![^\"'`)|&;,\0-\x20])"
)
#: The languages whose programs name others in strings: at the start, where a shell would run it, or
#: at the start of a line, as in a text of several lines. What they call so without quotes are names
#: of their own, as are modules that JavaScript requires, and comments are for people.
_CODE = tuple(end for end, by in TEXTS.items() if by in ("node", "python", "ruby", "php", "lua"))
SCRIPTS = tuple(end for end, by in TEXTS.items() if by == "node")
_RUN_BY_CODE = re.compile(
    rb"(?m)(?:^[ \t]*|\\n[ \t]*|[/=$|&;(!][ \t]?"
    rb"|(?<!\brequire\()(?<!\bimport\()(?<!\bfrom\x20)(?<!\bimport\x20)[\"'`][ \t]?"
    rb"|\b(?:bash|command|do|else|env|exec|if|nice|nohup|sh|sudo|then|time|which|xargs)[ \t]+"
    rb"|[ \t]-[cvn][ \t]+)"
    rb"(?=([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63})(?![^\"'`)|&;:,\\\0-\x20]))"
)
#: A line that is a comment of these languages, as a whole.
_LINE_FOR_PEOPLE = re.compile(rb"(?m)^[ \t]*(?://|/\*|\*[ /]|#(?!!)|--).*$")
#: What calls programs as if they were functions of Python, by names without quotes.
_AS_FUNCTIONS = re.compile(rb"\b(?:from\s+sh\s+import|import\s+sh\b|plumbum)")
#: A path, as files say it.
_PATH = re.compile(rb"/(?:bin|etc|lib|lib64|opt|sbin|srv|usr|var)/[A-Za-z0-9_.+/@-]{2,200}")
#: What stands before a word that a shell, or what starts others, takes for a command.
_BEFORE = (
    b"$ ",
    b"| ",
    b"& ",
    b"; ",
    b"( ",
    b"exec ",
    b"-c ",
    b"env ",
    b"xargs ",
    b"nice ",
    b"nohup ",
)
#: The sources of Elixir and Erlang.
SOURCES = (".ex", ".exs", ".erl")
#: What starts a program that is named there, in Elixir or Erlang.
_CALL = re.compile(
    rb"(?:\bSystem\.(?:cmd|shell)|\bos[.:]cmd)\([ \t]*(?:~c)?"
    rb"(?:\"[^\"\\#\n]{1,400}\"|'[^'\\#\n]{1,400}')[ \t]*[,)]"
)
#: What else may start one.
_STARTING = re.compile(
    rb"\b(?:cmd|shell|open_port|Port|spawn_executable|find_executable|os|exec|System\)|System,)"
)
#: The line of a script that shows what follows it, up to a word, on standard error.
_SHOWN = re.compile(
    rb"[ \t]*cat[ \t]+(?:>&2[ \t]*<<-?[\"']?(\w+)[\"']?|<<-?[\"']?(\w+)[\"']?[ \t]*>&2)[ \t]*"
)
#: The first line of a script that a shell reads, in which a line that begins with # is for people.
_SHELL = re.compile(rb"#![ \t]*/\S*?(?:/env[ \t]+)?(?<![a-z])(?:ba|da|a|k|mk|z)?sh\b")
_COMMENT = re.compile(rb"(?m)(?<!\\\n)^[ \t]*#(?!!).*$")
_ELF = b"\x7fELF"
#: What Go's and Rust's compilers leave in a program; its strings stand one after the other.
_PACKED = (b"\xff Go buildinf:", b"/rustc/")
_BEAM = ".beam"


def said_in(path: str, data: bytes, programs: Collection[str]) -> AbstractSet[str]:
    """Return the names that stand in a file.

    Of ``programs`` all count whose letters are anywhere in what Go or Rust compiled: nothing
    says there where a string ends.
    """
    if not data.startswith(_ELF):
        return _said_in_text(path, data)
    packed = programs if any(mark in data for mark in _PACKED) else ()
    said = {name for name in packed if name.encode("utf-8", "surrogateescape") in data}
    return said.union(n.decode("ascii") for n in _COMMAND.findall(data) if len(n) > 1)


@lru_cache(maxsize=1)  # a file is asked about twice, for programs and for libraries
def _said_in_text(path: str, data: bytes) -> frozenset[str]:
    """Return the names that stand in a script, in a source or in a module of Erlang."""
    if path.endswith(_BEAM):
        with contextlib.suppress(FormatError):
            data = literals(data)
        # a letter by itself is a tag of the format, unless a string or its command is that
        said = {*_STRING.findall(data), *_NAME.findall(data)}
        said = {name for name in said if len(name) > 1}.union(_LETTER.findall(data))
        return frozenset(name.decode("ascii") for name in said)
    if path.endswith(_CODE) and not _AS_FUNCTIONS.search(data):
        code = _LINE_FOR_PEOPLE.sub(b"", data)
        names = {name for name in _RUN_BY_CODE.findall(code) if len(name) > 1}
    else:
        names = {*_NAME.findall(_run(data))}
    return frozenset(name.decode("ascii") for name in names)


def builders(name: str) -> tuple[str, ...]:
    """Return the programs that read a file of this name, which is for a build; none for another."""
    return next((by for names, by in _BUILDS.items() if names.fullmatch(name)), ())


def paths_in(data: bytes, *, of_base: bool) -> Iterator[str]:
    """Yield the paths that stand in a file.

    In the programs that every system has, a word of a text is none: their help shows how paths are
    written (``basename /usr/bin/sort``).
    """
    for found in _PATH.finditer(data):
        before = data[max(found.start() - 6, 0) : found.start()]
        if not of_base or not before.endswith(b" ") or before.endswith(_BEFORE):
            yield found[0].decode("ascii")


def _run(data: bytes) -> bytes:
    """Return a script without what is for people.

    These are comments of a shell's, and the text that it shows on standard error, but for commands
    in it.
    """
    if _SHELL.match(data):
        data = _COMMENT.sub(b"", data)
    if b"<<" not in data:
        return data
    kept: list[bytes] = []
    end: bytes | None = None
    for line in data.split(b"\n"):
        if end is None:
            kept.append(line)
            shown = _SHOWN.fullmatch(line)
            end = (shown[1] or shown[2]) if shown else None
        elif line.strip(b"\t") == end or b"$(" in line or b"`" in line:
            kept.append(line)
            end = None if line.strip(b"\t") == end else end
    return b"\n".join(kept)


def told_in(path: str, data: bytes) -> set[str] | None:
    """Return the names in the calls of a source of Elixir or Erlang that start programs.

    None for another file, and where it is not certain that it has no further one.
    """
    if not path.endswith(SOURCES):
        return None
    rest = _CALL.sub(b"", data)
    if _STARTING.search(rest):
        return None
    calls = b"\n".join(found[0] for found in _CALL.finditer(data))
    return {name.decode("ascii") for name in _NAME.findall(calls)}
