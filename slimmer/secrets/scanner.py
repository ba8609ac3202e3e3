"""Secrets: files that must never ship, found by their names and by what they hold.

Paths and bytes in, the kinds that each file holds out; no character of a secret leaves this
module. Literals and long words are the places that are worth a look, and bounded patterns
look there, so that the time is in proportion to the bytes of the text.
Large texts are searched in pieces, so that memory is bounded too.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from slimmer.formats import FormatError
from slimmer.formats.private_key import MAX_PEM_BYTES, MAX_STORE_BYTES, is_key_file, may_be_key_file
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import Zip
from slimmer.inputs.base import Source
from slimmer.paths import join
from slimmer.secrets.containers import Container, may_hold
from slimmer.secrets.files import MAX_RECORD_BYTES, BytesFiles, Files, TreeFiles, ZipFiles
from slimmer.secrets.kinds import SecretKind, SecretRules
from slimmer.secrets.matcher import Search
from slimmer.secrets.texts import HEAD_BYTES, is_text, text_of, wide_encoding, zero_in

if TYPE_CHECKING:
    from slimmer.secrets.published import Published

MAX_NAMED_BYTES = 1024 * 1024  # of a file that is known by its name, such as .npmrc
MAX_ARCHIVE_BYTES = 256 * 1024 * 1024
MAX_INNER_BYTES = 64 * 1024 * 1024  # of an archive inside another
MAX_DEPTH = 16  # of archives inside archives
MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # of all that is read of an archive, twice Lambda's cap
FREE_BYTES = MAX_UNPACKED_BYTES - MAX_ARCHIVE_BYTES  # behind which any archive still fits

PIECE_BYTES = 8 * 1024 * 1024
_OVERLAP_BYTES = 2 * MAX_PEM_BYTES  # of pieces: longer than all that a pattern looks at
_WHOLE_BYTES = 64 * 1024  # up to here a file is read at once, of a larger one first its head


class Secret(NamedTuple):
    """A file that holds secrets, and their kinds by name, in the order of the rules."""

    path: str
    kinds: tuple[str, ...]


class Unsearched(NamedTuple):
    """A file that could not be searched, or not all of it, and why."""

    path: str
    reason: str


class Found(NamedTuple):
    """What a search found, in the order of the files that it was given."""

    secrets: tuple[Secret, ...] = ()
    unsearched: tuple[Unsearched, ...] = ()
    #: What would be secrets if anybody could not download them.
    published: tuple[Secret, ...] = ()


class Clean(Protocol):
    """Knows files in which nothing was found, by their paths and bytes."""

    def knows(self, path: str, at: str) -> bool:
        """Return whether nothing was found in a file; ``at`` is the path of its bytes."""

    def learn(self, path: str, at: str) -> None:
        """Take that nothing was found in a file, nor was any of it left out."""


def find_secrets(
    rules: SecretRules,
    source: Source,
    places: Iterable[tuple[str, str]],
    clean: Clean | None = None,
) -> Found:
    """Return the secrets in files, in the archives among them, and in archives inside those.

    ``places`` are the paths to look at, each with the path under which its bytes are read.
    What is published is told from all the files, also from those not looked at; those that are
    ``clean`` are not. Raises InputError for what cannot be read.
    """
    return _found(_Place(rules, Search(rules), TreeFiles(source), clean=clean), places)


def zip_secrets(
    rules: SecretRules,
    data: Data,
    archive: Zip,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    whole: set[int] | None = None,
) -> Found:
    """Return the secrets in a zip, made by any tool, as ``find_secrets`` does for a tree.

    What cannot be unpacked, or only to more than ``max_unpacked_bytes`` altogether, is among
    what was not searched; nothing is raised for it. To ``whole`` is added where those members
    begin that were read to their end and are what the zip says of them.
    """
    files = ZipFiles(data, archive, set() if whole is None else whole)
    place = _Place(rules, Search(rules), files, left=_Left(max_unpacked_bytes))
    return _found(place, files.places(rules))


class ZipSearch:
    """A search of a zip that looks at each file by itself, in any order.

    It finds what ``zip_secrets`` finds where all looks together unpacked at most ``FREE_BYTES``:
    up to there no limit depends on what was unpacked before. To ``whole`` is added as there.
    """

    def __init__(self, rules: SecretRules, data: Data, archive: Zip):
        self.whole: set[int] = set()
        self._files = ZipFiles(data, archive, self.whole)
        self._left = _Left(FREE_BYTES)
        self._place = _Place(rules, Search(rules), self._files, left=self._left)
        self._places = list(self._files.places(rules))
        #: The members to look at, by their numbers.
        self.members = [self._files.members[at] for _, at in self._places]

    def look(self, number: int) -> Found | None:
        """Return what is found in a file; None where too much was unpacked by now."""
        self._place.secrets, self._place.unsearched = [], []
        try:
            self._place.look(*self._places[number])
        except _SpentError:
            return None
        return Found(tuple(self._place.secrets), tuple(self._place.unsearched))

    @property
    def unpacked_bytes(self) -> int:
        """How much all looks unpacked."""
        return FREE_BYTES - self._left.left_bytes


def _found(place: _Place, places: Iterable[tuple[str, str]]) -> Found:
    if place.rules.kinds:
        place.look_at(places)
    secrets, public = tuple(dict.fromkeys(place.secrets)), tuple(dict.fromkeys(place.public))
    return Found(secrets, tuple(place.unsearched), public)


class _SpentError(Exception):
    """As much was unpacked as is allowed."""


@dataclass(eq=False, repr=False)
class _Left:
    """How much may still be unpacked."""

    left_bytes: int

    def take(self, size_bytes: int) -> None:
        self.left_bytes -= size_bytes
        if self.left_bytes < 0:
            raise _SpentError


@dataclass(eq=False, repr=False)
class _Place:
    """A tree or a zip that is being searched.

    ``around`` is the path of the archive that it is, and a ``/``, for each of ``depth``
    archives; ``left`` is there for what is unpacked.
    """

    rules: SecretRules
    search: Search
    files: Files
    around: str = ""
    depth: int = 0
    left: _Left | None = None
    secrets: list[Secret] = field(default_factory=list)
    #: What would be secrets if their files were not published.
    public: list[Secret] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)
    is_within_published: Callable[[], bool] = lambda: False
    clean: Clean | None = None

    @cached_property
    def published(self) -> Published:
        from slimmer.secrets.published import Published  # noqa: PLC0415 - knows all languages

        return Published(self.files.sizes.keys(), self._read_record)

    def look_at(self, places: Iterable[tuple[str, str]]) -> None:
        """Note the secrets in files, each with its path and that of its bytes."""
        for path, at in places:
            if self.clean is not None and self.clean.knows(path, at):
                continue
            told = self._told
            try:
                self.look(path, at)
            except _SpentError:
                self._cannot(path, "nor what follows it: it is too much to unpack")
                return
            if self.clean is not None and self._told == told:
                self.clean.learn(path, at)

    @property
    def _told(self) -> int:
        """How much there is to tell."""
        return len(self.secrets) + len(self.public) + len(self.unsearched)

    def look(self, path: str, at: str) -> None:
        """Note the secrets in a file. Raises _SpentError."""
        try:
            self._look(path, at)
        except FormatError as error:
            self._cannot(path, str(error))

    def _look(self, path: str, at: str) -> None:
        folder = self.files.folder if isinstance(self.files, BytesFiles) else ""
        named = self.search.named(join(folder, path))
        _, dot, suffix = path.rpartition(".")
        if dot and suffix in self.rules.suffixes and not named:
            return
        small = self.files.sizes[at] <= _WHOLE_BYTES
        head = self._read(at) if small else next(self.files.pieces(at, HEAD_BYTES), b"")
        if may_hold(path, head):
            container = Container(path, head, lambda: head if small else self._read(at))
            if self._look_inside(path, at, container):
                return
        kinds = set(self._kinds(path, at, head, named))
        if not kinds:
            return
        public = kinds - self.search.everywhere
        if public and self._is_published(path, at):
            self.public.append(self._secret(path, public))
            kinds -= public
        if kinds:
            self.secrets.append(self._secret(path, kinds))

    def _secret(self, path: str, kinds: AbstractSet[str]) -> Secret:
        ordered = tuple(kind.name for kind in self.rules.kinds if kind.name in kinds)
        return Secret(self.around + path, ordered)

    def _kinds(self, path: str, at: str, head: bytes, named: Sequence[SecretKind]) -> Iterator[str]:
        size_bytes = self.files.sizes[at]
        if not is_text(head, is_named=bool(named)):
            if size_bytes <= MAX_STORE_BYTES and may_be_key_file(head):
                yield from self.search.key_files() if is_key_file(self._read(at)) else ()
            return
        if named and size_bytes > MAX_NAMED_BYTES:
            self._cannot(path, "by its name: it is larger than 1 MiB")
            named = ()
        if size_bytes <= PIECE_BYTES:
            data = head if size_bytes <= len(head) else self._read(at)
            text = text_of(data)
            if named:  # their patterns begin where lines do, whoever ended these
                text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            yield from self.search.kinds_in(text, named)
        else:
            yield from self._kinds_in_pieces(at, head)

    def _kinds_in_pieces(self, at: str, head: bytes) -> Iterator[str]:
        self._take(self.files.sizes[at])
        before = b""
        encoding = wide_encoding(head[:HEAD_BYTES])
        zero = zero_in(head)
        wide = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
        for piece in self.files.pieces(at, PIECE_BYTES):
            text = before + (wide.decode(piece).encode() if wide else piece.replace(b"\0", zero))
            yield from self.search.kinds_in(text)
            before = text[-_OVERLAP_BYTES:]

    def _look_inside(self, path: str, at: str, container: Container) -> bool:
        """Note the secrets in a container; return whether it is one that is looked into."""
        max_bytes = MAX_INNER_BYTES if self.depth else MAX_ARCHIVE_BYTES
        if self.depth == MAX_DEPTH or self.files.sizes[at] > max_bytes:
            if container.is_script:
                return False
            large = f"it is larger than {max_bytes // 2**20} MiB"
            self._cannot_open(path, at, large if self.depth < MAX_DEPTH else "it lies too deep")
            return True
        left = self.left or _Left(MAX_UNPACKED_BYTES)
        try:
            inner = container.open(min(max_bytes, left.left_bytes))
        except FormatError as error:
            self._cannot_open(path, at, str(error))
            return True
        if inner is None:
            return False
        around = f"{self.around}{path}/"
        place = _Place(self.rules, self.search, inner, around, self.depth + 1, left)
        place.secrets, place.unsearched = self.secrets, self.unsearched
        place.public = self.public
        place.is_within_published = lambda: self._is_published(path, at)
        place.look_at(inner.places(self.rules))
        return True

    def _cannot_open(self, path: str, at: str, reason: str) -> None:
        """Note a container that is not looked into, but for one that anybody can download."""
        if not self._is_published(path, at):
            self._cannot(path, reason)

    def _is_published(self, path: str, at: str) -> bool:
        """Return whether a file is published, or lies in an archive that is."""
        covers = self.published.covers(path, lambda: self._digest(at))
        return covers or self.is_within_published()

    def _read(self, at: str) -> bytes:
        self._take(self.files.sizes[at])
        return self.files.read(at)

    def _read_record(self, path: str) -> bytes:
        """Return a file that says what is published. Raises FormatError for one too large."""
        if self.files.sizes[path] > MAX_RECORD_BYTES:
            raise FormatError("it is too large to say what is published")
        try:
            return self._read(path)
        except _SpentError:  # what is not known to be published is a secret
            raise FormatError("it is too much to unpack") from None

    def _take(self, size_bytes: int) -> None:
        if self.left is not None:
            self.left.take(size_bytes)

    def _digest(self, at: str) -> bytes:
        import hashlib  # noqa: PLC0415 - for what may be published, and only there

        digest = hashlib.sha256()
        for piece in self.files.pieces(at, PIECE_BYTES):
            digest.update(piece)
        return digest.digest()

    def _cannot(self, path: str, reason: str) -> None:
        self.unsearched.append(Unsearched(self.around + path, reason))
