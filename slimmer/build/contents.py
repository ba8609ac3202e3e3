"""What each shipped step holds: mode and bytes of its member, transformed where that may be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from slimmer.build.digests import Digests
from slimmer.build.facts import Facts
from slimmer.cache.cache import Cache
from slimmer.formats.zip import ARCHIVES
from slimmer.model.plan import Generated, Keep, Link, Shipped
from slimmer.model.times import ZIP_TIME_S
from slimmer.model.tree import Kind
from slimmer.model.tree_links import relative
from slimmer.outputs.zip import FOLDER_MODE, LINK_MODE, MemberContent, PendingMember, file_mode
from slimmer.transforms import ARCHIVE_REPACK, TransformContext, transformed

MAX_TRANSFORMED_BYTES = 512 * 1024 * 1024  # a larger file is shipped as it is, if at all
_WORTH_BYTES = 1024  # of a file: less is compressed faster than it is looked up
MAX_REMEMBERED_BYTES = 64 * 1024 * 1024  # of all contents that were made before they are packed


class Contents:
    """Makes the content of each step once, and remembers it within a bound.

    Base layers, caps and packing all ask for contents. Sizes are remembered without a bound.
    Any thread may ask.
    """

    def __init__(
        self,
        read: Callable[[str], bytes],
        context: TransformContext,
        max_bytes: int = MAX_REMEMBERED_BYTES,
    ):
        self._read = read
        self._context = context
        self._left_bytes = max_bytes
        self._known: dict[str, MemberContent] = {}
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._facts: Facts | None = None

    def remembering(self, cache: Cache, digests: Digests) -> Contents:
        """Return the contents with what former builds know of the files of the tree."""
        facts = Facts(cache, digests)
        return self._copy(self._read, self._context, keep=True, facts=facts)

    def reading(self, read: Callable[[str], bytes]) -> Contents:
        """Return contents that read elsewhere; what is known of unchanged files stays known."""
        return self._copy(read, self._context, keep=True)

    def adding(self, files: Mapping[str, bytes]) -> Contents:
        """Return contents that have further files."""
        read = self._read
        return self.reading(lambda path: files[path] if path in files else read(path))

    def gzipped(self) -> Contents:
        """Return the contents with Erlang's modules gzipped."""
        return self._copy(self._read, self._context._replace(gzip_beams=True), keep=False)

    def of(self, step: Shipped) -> MemberContent:
        """Return what the member of a step holds. Raises what reading raises."""
        path = step.entry.path
        with self._lock:
            known = self._known.get(path)
        if known is None:
            known = _content(step, self._read, self._context)
            self._remember(path, known)
        return known

    def take(self, step: Shipped) -> MemberContent:
        """Return the content of a step for the last time."""
        content = self.of(step)
        with self._lock:
            if self._known.pop(step.entry.path, None) is not None:
                self._left_bytes += len(content.data)
        return content

    def size_bytes(self, step: Shipped) -> int:
        """Return the unzipped bytes of a step's member. Raises what reading raises."""
        if not may_change(step):
            return plain_bytes(step)
        with self._lock:
            known = self._sizes.get(step.entry.path)
        return len(self.of(step).data) if known is None else known

    def pending(self, step: Shipped, prefix: str) -> PendingMember:
        """Return the member of a step under ``prefix``; its content is made when it is packed."""
        name = f"{prefix}/{step.entry.path}" if prefix else step.entry.path
        end = "/" if step.entry.kind is Kind.DIRECTORY else ""
        time_s = step.time_s if isinstance(step, Keep) else ZIP_TIME_S
        size_bytes = plain_bytes(step)
        remembered = None
        if self._facts is not None and size_bytes >= _WORTH_BYTES:
            remembered = self._facts.of(step, self._context)
        return PendingMember(name + end, lambda: self.take(step), time_s, size_bytes, remembered)

    def _remember(self, path: str, content: MemberContent) -> None:
        size_bytes = len(content.data)
        with self._lock:
            self._sizes[path] = size_bytes
            if path not in self._known and size_bytes <= self._left_bytes:
                self._known[path] = content
                self._left_bytes -= size_bytes

    def _copy(
        self,
        read: Callable[[str], bytes],
        context: TransformContext,
        *,
        keep: bool,
        facts: Facts | None = None,
    ) -> Contents:
        copy = Contents(read, context, self._left_bytes)
        copy._facts = facts or (self._facts if read is self._read else None)
        if keep:
            copy._known, copy._sizes = dict(self._known), dict(self._sizes)
        return copy


def _content(
    step: Shipped, read: Callable[[str], bytes], context: TransformContext
) -> MemberContent:
    entry = step.entry
    if isinstance(step, Link):
        return MemberContent(LINK_MODE, relative(entry.path, step.to).encode())
    if entry.kind is Kind.LINK:
        return MemberContent(LINK_MODE, entry.target.encode())
    if entry.kind is Kind.DIRECTORY:
        return MemberContent(FOLDER_MODE, b"")
    data = read(entry.path)
    mode = file_mode(data, executable=entry.executable)
    if isinstance(step, Generated) or not may_change(step):
        return MemberContent(mode, data)
    data, change = transformed(entry.path, data, step.transforms, context)
    return MemberContent(mode, data, change)


def may_change(step: Shipped) -> bool:
    """Return whether a transform may be used on the file of a step."""
    if isinstance(step, Link | Generated) or not step.transforms:
        return False
    return step.entry.size_bytes <= MAX_TRANSFORMED_BYTES


def may_be_stored(step: Shipped) -> bool:
    """Return whether the file of a step may be an archive that grows by being stored."""
    if not may_change(step) or not isinstance(step, Keep):
        return False
    return ARCHIVE_REPACK in step.transforms and step.entry.path.endswith(ARCHIVES)


def plain_bytes(step: Shipped) -> int:
    """Return the bytes of a step's member before any transform, without reading it."""
    if isinstance(step, Link):
        return len(relative(step.entry.path, step.to).encode())
    if step.entry.kind is Kind.LINK:
        return len(step.entry.target.encode())
    return step.entry.size_bytes
