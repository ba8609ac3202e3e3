"""What Python's indexes publish: installed wheels, unpacked sdists, and CPython's own tests."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from slimmer.formats.python.metadata import file_name, normal_name
from slimmer.formats.python.record import rows_of

_DIST_INFO = ".dist-info/METADATA"
_TESTS = re.compile(r"(.*/|)lib/python3\.\d+/test/")
_HEADER_LINES = 20  # of PKG-INFO: Name and Version stand among the first


class PublishedPython:
    """Knows the wheels and sdists of a tree that came from an index."""

    def __init__(self, names: Collection[str], text: Callable[[str], str]) -> None:
        self._names = names
        self._text = text
        self._sdists: dict[str, bool] = {}

    def covers(self, path: str, digest: Callable[[], bytes]) -> bool:
        """Return whether a file is a wheel's, an sdist's, or a test of Python's own.

        A file of an installed wheel is one if RECORD has it with this digest or, where a build
        has left no digests in it, by its path. Where somebody took RECORD out, it is one if it
        lies in the wheel's own folder.
        """
        return self._in_wheel(path, digest) or self._in_sdist(path) or self._is_test(path)

    @cached_property
    def _wheels(self) -> list[str]:
        """The dist-info folders of wheels that did not come from a folder or an address."""
        infos = [posixpath.dirname(n) for n in self._names if n.endswith(_DIST_INFO)]
        return [info for info in infos if f"{info}/direct_url.json" not in self._names]

    @cached_property
    def _records(self) -> dict[str, str]:
        """The digests that RECORDs state, by path; empty where a whole RECORD has none."""
        found: dict[str, str] = {}
        for info in self._wheels:
            site = posixpath.dirname(info)
            rows = list(_rows(self._text(f"{info}/RECORD")))
            stated = [(path, digest) for path, digest in rows if digest]
            for path, digest in stated or rows:
                found[posixpath.normpath(posixpath.join(site, path))] = digest
        return found

    @cached_property
    def _owned(self) -> set[str]:
        """The folders and modules of wheels without RECORD, by their own name or top_level.txt."""
        found = set()
        for info in self._wheels:
            if f"{info}/RECORD" not in self._names:
                site, name = posixpath.split(info)
                plain = file_name(name.rpartition(".dist-info")[0].rpartition("-")[0])
                tops = {plain, plain.lower(), *self._text(f"{info}/top_level.txt").split()}
                found |= {posixpath.join(site, top) for top in tops}
        return found

    def _in_wheel(self, path: str, digest: Callable[[], bytes]) -> bool:
        stated = self._records.get(path)
        if stated is not None:
            return not stated or base64.urlsafe_b64encode(digest()).rstrip(b"=").decode() == stated
        return any(folder in self._owned for folder in (path, *_above(path)))

    def _in_sdist(self, path: str) -> bool:
        return any(self._is_known_sdist(folder) for folder in _above(path))

    def _is_known_sdist(self, folder: str) -> bool:
        if folder not in self._sdists:
            self._sdists[folder] = self._is_sdist(folder)
        return self._sdists[folder]

    def _is_sdist(self, folder: str) -> bool:
        """Return whether a folder is an unpacked sdist: NAME-VERSION, as its PKG-INFO says."""
        lines = self._text(f"{folder}/PKG-INFO").splitlines()
        said = dict(line.split(": ", 1) for line in lines[:_HEADER_LINES] if ": " in line)
        name, _, version = posixpath.basename(folder).rpartition("-")
        return bool(version) and said.get("Version") == version and _same(said.get("Name"), name)

    def _is_test(self, path: str) -> bool:
        match = _TESTS.match(path)
        return match is not None and f"{match[0][:-5]}os.py" in self._names


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := posixpath.dirname(path):
        yield path


def _same(one: str | None, other: str) -> bool:
    """Return whether two names of Python packages are the same, PEP 503."""
    return bool(one) and normal_name(one or "") == normal_name(other)


def _rows(record: str) -> Iterator[tuple[str, str]]:
    """Yield path and digest, or "", of a RECORD's rows, up to the first line that is broken."""
    for path, *rest in rows_of(record):
        digest = rest[0] if rest else ""
        if not digest or digest.startswith("sha256="):
            yield path, digest.removeprefix("sha256=").rstrip("=")
