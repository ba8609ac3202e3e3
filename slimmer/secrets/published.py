"""What is published: files that came with a package which anybody can download.

A test key in there is no secret. It must be a package's own file, and the package one that came
from an index: a project of the user's, installed beside it, is not published. Each language
knows its own packages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from slimmer.ecosystems.interface import Published as PublishedOfLanguage
from slimmer.ecosystems.parts import published_by
from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.secrets.files import MAX_RECORD_BYTES


class Published:
    """Knows which files of a tree or zip are published.

    ``names`` are the paths of all its files; ``read`` gives the bytes of one, and may raise
    InputError or FormatError. Nothing is read before somebody asks.
    """

    def __init__(self, names: Collection[str], read: Callable[[str], bytes]):
        self._names = names
        self._read = read

    def covers(self, path: str, digest: Callable[[], bytes]) -> bool:
        """Return whether the file at ``path``, whose bytes have this SHA-256, is published."""
        return any(language.covers(path, digest) for language in self._languages)

    @cached_property
    def _languages(self) -> list[PublishedOfLanguage]:
        return [made(self._names, self._text) for made in published_by(self._names)]

    def _text(self, path: str) -> str:
        if path not in self._names:
            return ""
        try:
            data = self._read(path)
        except (InputError, FormatError):
            return ""
        return data.decode("utf-8", "replace") if len(data) <= MAX_RECORD_BYTES else ""
