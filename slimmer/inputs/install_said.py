"""Why an install failed, in one line: what pip, uv, npm or Poetry said of it, and what to do.

They print pages of help, lists of versions or a stack, and one line among them that tells. Their
words are those of pip 23, uv 0.13, npm 11 and Poetry 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
_UNREACHED = re.compile(
    r"\[Errno -?\d+\] [\w ]+|Read timed out|Connection refused|failed to lookup address"
    r"|(?:connect|getaddrinfo) E[A-Z_]+|request to \S+ failed"
)
_SCRIPT_OF = re.compile(r"path (?:.*/)?node_modules/((?:@[^/\s]+/)?[^/\s]+)$")


class _Kind(NamedTuple):
    """A kind of failure: how a line begins that tells it, and in which words it is said.

    They have the groups of the pattern, ``file``, ``place`` and ``package``, whose script failed.
    """

    pattern: re.Pattern[str]
    what: str
    remedy: str


_BUILD = (
    "where only its source is published, build its wheel on Amazon Linux, and give the wheel's "
    "folder to {file} as --find-links"
)
_OTHER = "name a version that exists"
_LOCKED = "what is downloaded is not what {file} locks"
_AGAIN = "find out why before it is locked anew"
_UNMET, _FOUND = "Could not find a version that satisfies the requirement ", " (from versions: "
_KINDS = (
    _Kind(
        re.compile(r"((?:Invalid|Missing): .*)"),
        "it does not go with package.json: {0}",
        "run npm install, and keep the {file} that it writes",
    ),
    _Kind(
        re.compile(r"The `npm ci` command can only install with an existing package-lock"),
        "npm takes it for no lock file",
        "run npm install, which writes one",
    ),
    _Kind(
        re.compile(r"No matching version found for (\S+[^\s.])"),
        "no version {0} is published",
        "name one that is in package.json, and run npm install",
    ),
    _Kind(re.compile(r"Integrity checksum failed"), _LOCKED, _AGAIN),
    _Kind(re.compile(r"THESE PACKAGES DO NOT MATCH THE HASHES"), _LOCKED, _AGAIN),
    _Kind(re.compile(r"(Hash mismatch for \S+)"), f"{_LOCKED}: {{0}}", _AGAIN),
    _Kind(
        re.compile(r"Because (\S+) has no (?:usable )?wheels"),
        "no wheel of {0} for {place}",
        _BUILD,
    ),
    _Kind(re.compile(r"Because there is no version of (\S+)"), "there is no version {0}", _OTHER),
    _Kind(
        re.compile(r"Because (\S+) was not found in the package registry"),
        "no package {0} in the registry",
        "correct its name, or say which registry has it",
    ),
    _Kind(
        re.compile(r"command sh -c (.*)"),
        "the install script of {package} fails: {0}",
        "run npm ci there to see why",
    ),
)


def why(said: str, file: str, place: str) -> str:
    """Return what is wrong, and what to do about it where that is known.

    ``said`` is what a tool printed, ``file`` the name of the file that it installs, and ``place``
    the words for a target and its processor.
    """
    lines = [line for line in said.splitlines() if line.strip()]
    # pip says then that it found no version, so this comes first.
    unreached = next((found[0] for line in lines if (found := _UNREACHED.search(line))), "")
    if unreached:
        told = f"the registry cannot be reached: {_cut(unreached)}"
        return f"{told}; check the network, the proxy and which registry is set"
    bare = [_bare(line) for line in lines]
    scripts = (found[1] for line in bare if (found := _SCRIPT_OF.match(line)))
    words = {"file": file, "place": place, "package": next(scripts, "a package")}
    for line in bare:
        if line.startswith(_UNMET) and _FOUND in line:
            return _unmet(line, words)
    for kind in _KINDS:
        for line in bare:
            if found := kind.pattern.match(line):
                what = kind.what.format(*map(_cut, found.groups()), **words)
                return f"{what}; {kind.remedy.format(**words)}"
    return _cut(": ".join(_telling(lines)).replace(".: And", ". And"))


def _unmet(line: str, words: Mapping[str, str]) -> str:
    """Return what pip did not find, from the line that lists the versions that it did."""
    wanted, _, versions = line.removeprefix(_UNMET).partition(_FOUND)
    newest = versions.rstrip(")").rpartition(", ")[2]
    told = f"pip finds no wheel of {_cut(wanted)} for {words['place']}"
    if newest == "none":
        return f"{told}; {_BUILD.format(**words)}"
    return f"{told}; the newest that there is: {_cut(newest)}; {_OTHER}"


def _telling(lines: Sequence[str]) -> Iterator[str]:
    """Yield the first line that tells something, and the causes that follow it at once."""
    rest = iter(lines)
    for line in rest:
        text = _bare(line)
        if text and not _NOISE.match(text):
            yield text
            break
    for line in rest:
        if not _CAUSE.match(line):
            break
        yield _bare(line)


def _bare(line: str) -> str:
    """Return a line without what a tool puts before what it says."""
    before = _CAUSE.match(line) or _PREFIX.match(line)
    return line[before.end() if before else 0 :].strip()


def _cut(text: str) -> str:
    text = printable(text.strip())
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
