"""Why an install failed, in one line: what pip, uv, npm or Poetry said of it, and what to do.

They print pages of help, lists of versions or a stack, and one line among them that tells. Their
words are those of pip 23, uv 0.13, npm 11 and Poetry 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slimmer.text import printable

_MOST = 300  # characters of what a tool said
_PREFIX = re.compile(r"\s*(?:npm (?:error|ERR!)(?: (?:404|notarget|notsup))?|ERROR:|[eE]rror:)\s*")
_CAUSE = re.compile(r"\s+(?:(?:cause|Caused by): |(?=And because ))")
#: What tells nothing: npm's codes and log, warnings, progress of Poetry, advice for other cases.
_NOISE = re.compile(
    r"code |errno |syscall |path |command |A complete log |WARNING: |warning: |npm warn |\[notice\]"
    r"|hint: |Updating |Resolving |The lock file does not exist"
)


class _Kind(NamedTuple):
    """A kind of failure: by what it is told, and in which words, with the groups of the pattern."""

    pattern: re.Pattern[str]
    what: str
    remedy: str


def _kind(pattern: str, what: str, remedy: str) -> _Kind:
    return _Kind(re.compile(pattern, re.MULTILINE), what, remedy)


_BUILD = (
    "where only its source is published, build its wheel on Amazon Linux, and give the wheel's "
    "folder to {file} as --find-links"
)
_OTHER = "name a version that exists"
_KINDS = (
    _kind(  # pip says then that it found no version, so this comes first
        r"(\[Errno -?\d+\] [\w ]+|Read timed out|Connection refused|failed to lookup address"
        r"|(?:connect|getaddrinfo) E[A-Z_]+|request to \S+ failed)",
        "the registry cannot be reached: {0}",
        "check the network, the proxy and which registry is set",
    ),
    _kind(
        r"^npm (?:error|ERR!) ((?:Invalid|Missing): .*)$",
        "it does not go with package.json: {0}",
        "run npm install, and keep the {file} that it writes",
    ),
    _kind(
        r"can only install with an existing package-lock\.json",
        "npm takes it for no lock file",
        "run npm install, which writes one",
    ),
    _kind(
        r"No matching version found for (\S+?)\.?$",
        "no version {0} is published",
        "name one that is in package.json, and run npm install",
    ),
    _kind(
        r"^npm (?:error|ERR!) (Integrity checksum failed)|(Hash mismatch for \S+)"
        r"|MATCH THE HASHES(?:.*\n)+? *(\S+==\S+) from",
        "what is downloaded is not what {file} locks: {0}",
        "find out why before it is locked anew",
    ),
    _kind(
        r"from versions: none\)(?:.*\n)+?.*No matching distribution found for (\S+)",
        "pip finds no wheel of {0} for {place}",
        _BUILD,
    ),
    _kind(
        r"from versions: (?:[^)]*, )?([^),]+)\)(?:.*\n)+?.*No matching distribution.* for (\S+)",
        "pip finds no wheel of {1} for {place}; the newest that there is: {0}",
        _OTHER,
    ),
    _kind(r"Because (\S+) has no (?:usable )?wheels", "no wheel of {0} for {place}", _BUILD),
    _kind(r"there is no version of (\S+)", "there is no version {0}", _OTHER),
    _kind(
        r"Because (\S+) was not found in the package registry",
        "no package {0} in the registry",
        "correct its name, or say which registry has it",
    ),
    _kind(
        r"path .*node_modules/((?:@[^/\s]+/)?[^/\s]+)\n(?:.*\n)*?.*command failed\n.*command (.*)",
        "the install script of {0} fails: {1}",
        "run npm ci there to see why",
    ),
)


def why(said: str, file: str, place: str) -> str:
    """Return what is wrong, and what to do about it where that is known.

    ``said`` is what a tool printed, ``file`` the name of the file that it installs, and ``place``
    the words for a target and its processor.
    """
    for kind in _KINDS:
        found = kind.pattern.search(said)
        if found:
            groups = [_cut(group) for group in found.groups() if group]
            what = kind.what.format(*groups, file=file, place=place)
            return f"{what}; {kind.remedy.format(file=file)}"
    return _cut(": ".join(_telling(said)).replace(".: And", ". And"))


def _telling(said: str) -> Iterator[str]:
    """Yield the first line that tells something, and the causes that follow it at once."""
    lines = iter(line for line in said.splitlines() if line.strip())
    for line in lines:
        text = _PREFIX.sub("", line).strip()
        if text and not _NOISE.match(text):
            yield text
            break
    for line in lines:
        if not _CAUSE.match(line):
            break
        yield _CAUSE.sub("", line).strip()


def _cut(text: str) -> str:
    text = printable(text.strip())
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
