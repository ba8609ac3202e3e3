"""What is published: files that came with a package which anybody can download.

A test key in there is no secret. It must be a package's own file, and the package one that came
from an index: a project of the user's, installed beside it, is not published.
"""

from __future__ import annotations

import base64
import csv
import json
import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from typing import Any

from slimmer.errors import InputError
from slimmer.formats import FormatError

MAX_RECORD_BYTES = 16 * 1024 * 1024

_DIST_INFO = ".dist-info/METADATA"
_MODULES = "node_modules/"
_NODE_PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/@.][^/]*)/")
_OTP_VERSION = re.compile(r"(.*/|)releases/[^/]+/OTP_VERSION")
_PYTHON_TESTS = re.compile(r"(.*/|)lib/python3\.\d+/test/")
_SEPARATORS = re.compile(r"[-_.]+")
_HEADER_LINES = 20  # of PKG-INFO: Name and Version stand among the first


class Published:
    """Knows which files of a tree or zip are published.

    ``names`` are the paths of all its files; ``read`` gives the bytes of one, and may raise
    InputError or FormatError. Nothing is read before somebody asks.
    """

    def __init__(self, names: Collection[str], read: Callable[[str], bytes]):
        self._names = names
        self._read = read
        self._answers: dict[tuple[str, str], bool] = {}
        self._lock: tuple[str, Any] = ("", {})

    def covers(self, path: str, digest: Callable[[], bytes]) -> bool:
        """Return whether the file at ``path``, whose bytes have this SHA-256, is published.

        A file of an installed wheel is if RECORD has it with this digest (or, where somebody
        took RECORD out, if it lies in the wheel's own folder), one of an unpacked sdist, one
        of an npm package if that is no private and no local one, an example of OTP's own, a
        test of Python's own.
        """
        return (
            self._in_wheel(path, digest)
            or self._in_sdist(path)
            or self._in_node_package(path)
            or self._in_otp(path)
            or self._in_python(path)
        )

    @cached_property
    def _wheels(self) -> list[str]:
        """The dist-info folders of wheels that did not come from a folder or an address."""
        infos = [posixpath.dirname(n) for n in self._names if n.endswith(_DIST_INFO)]
        return [info for info in infos if f"{info}/direct_url.json" not in self._names]

    @cached_property
    def _records(self) -> dict[str, str]:
        """The digests that RECORDs state, by path."""
        found: dict[str, str] = {}
        for info in self._wheels:
            site = posixpath.dirname(info)
            for path, digest in _rows(self._text(f"{info}/RECORD")):
                found[posixpath.normpath(posixpath.join(site, path))] = digest
        return found

    @cached_property
    def _owned(self) -> set[str]:
        """The folders and modules of wheels without RECORD, by their own name or top_level.txt."""
        found = set()
        for info in self._wheels:
            if f"{info}/RECORD" not in self._names:
                site, name = posixpath.split(info)
                plain = _SEPARATORS.sub("_", name.rpartition(".dist-info")[0].rpartition("-")[0])
                tops = {plain, plain.lower(), *self._text(f"{info}/top_level.txt").split()}
                found |= {posixpath.join(site, top) for top in tops}
        return found

    def _in_wheel(self, path: str, digest: Callable[[], bytes]) -> bool:
        stated = self._records.get(path)
        if stated is not None:
            return base64.urlsafe_b64encode(digest()).rstrip(b"=").decode() == stated
        return any(folder in self._owned for folder in (path, *_above(path)))

    def _in_sdist(self, path: str) -> bool:
        return any(self._known(folder, self._is_sdist) for folder in _above(path))

    def _is_sdist(self, folder: str) -> bool:
        """Return whether a folder is an unpacked sdist: NAME-VERSION, as its PKG-INFO says."""
        lines = self._text(f"{folder}/PKG-INFO").splitlines()
        said = dict(line.split(": ", 1) for line in lines[:_HEADER_LINES] if ": " in line)
        name, _, version = posixpath.basename(folder).rpartition("-")
        return bool(version) and said.get("Version") == version and _same(said.get("Name"), name)

    def _in_node_package(self, path: str) -> bool:
        """Return whether the package that holds the file, or one around that, is published."""
        ends = [match.end() - 1 for match in _NODE_PACKAGE.finditer(path)]
        return any(self._known(path[:end], self._is_package) for end in ends)

    def _known(self, folder: str, ask: Callable[[str], bool]) -> bool:
        key = ask.__name__, folder
        if key not in self._answers:
            self._answers[key] = ask(folder)
        return self._answers[key]

    def _is_package(self, folder: str) -> bool:
        """Return whether an npm package has what publishing needs, and was not linked in."""
        package = self._json(f"{folder}/package.json")
        if not package.get("name") or not package.get("version") or package.get("private"):
            return False
        root, _, rest = folder.partition(_MODULES)
        lock = self._locks(f"{root}{_MODULES}.package-lock.json")
        row = lock.get(f"{_MODULES}{rest}")
        if not isinstance(row, dict):
            return True
        return not row.get("link") and not str(row.get("resolved", "")).startswith("file:")

    def _locks(self, path: str) -> dict[str, Any]:
        if path != self._lock[0]:
            self._lock = path, self._json(path).get("packages", {})
        return self._lock[1] if isinstance(self._lock[1], dict) else {}

    def _in_otp(self, path: str) -> bool:
        head, examples, _ = path.partition("/examples/")
        root, lib, _ = head.rpartition("lib/")
        return bool(examples and lib) and root in self._otp_roots

    @cached_property
    def _otp_roots(self) -> set[str]:
        return {match[1] for name in self._names if (match := _OTP_VERSION.fullmatch(name))}

    def _in_python(self, path: str) -> bool:
        match = _PYTHON_TESTS.match(path)
        return match is not None and f"{match[0][:-5]}os.py" in self._names

    def _text(self, path: str) -> str:
        if path not in self._names:
            return ""
        try:
            data = self._read(path)
        except (InputError, FormatError):
            return ""
        return data.decode("utf-8", "replace") if len(data) <= MAX_RECORD_BYTES else ""

    def _json(self, path: str) -> dict[str, Any]:
        try:
            found = json.loads(self._text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := posixpath.dirname(path):
        yield path


def _same(one: str | None, other: str) -> bool:
    """Return whether two names of Python packages are the same, PEP 503."""
    return (
        bool(one) and _SEPARATORS.sub("-", one or "").lower() == _SEPARATORS.sub("-", other).lower()
    )


def _rows(record: str) -> Iterator[tuple[str, str]]:
    """Yield path and digest of what a RECORD states, up to the first line that is broken."""
    try:
        for row in csv.reader(record.splitlines()):
            if len(row) >= 2 and row[1].startswith("sha256="):
                yield row[0], row[1].removeprefix("sha256=").rstrip("=")
    except csv.Error:
        return
