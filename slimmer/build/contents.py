"""What each shipped step holds: mode and bytes of its member, transformed where that may be."""

from __future__ import annotations

from slimmer.formats.zip.reader import ARCHIVES
from slimmer.inputs.base import Read
from slimmer.model.plan import Generated, Keep, Link, Shipped
from slimmer.model.tree import Kind
from slimmer.model.tree_links import relative
from slimmer.outputs.zip import FOLDER_MODE, LINK_MODE, Content, Pending, file_mode
from slimmer.paths import join
from slimmer.transforms import ARCHIVE_REPACK, TransformContext, transformed

MAX_TRANSFORMED_BYTES = 512 * 1024 * 1024  # a larger file is shipped as it is, if at all


def pending_member(step: Shipped, prefix: str, read: Read, context: TransformContext) -> Pending:
    """Return the member of a step under ``prefix``; its file is read when it is packed."""
    name = join(prefix, step.entry.path)
    end = "/" if step.entry.kind is Kind.DIRECTORY else ""
    return Pending(name + end, lambda: content_of(step, read, context))


def content_of(step: Shipped, read: Read, context: TransformContext) -> Content:
    """Return what the member of a step holds. Raises what ``read`` raises."""
    entry = step.entry
    if isinstance(step, Link):
        return Content(LINK_MODE, relative(entry.path, step.to).encode())
    if entry.kind is Kind.LINK:
        return Content(LINK_MODE, entry.target.encode())
    if entry.kind is Kind.DIRECTORY:
        return Content(FOLDER_MODE, b"")
    data = read(entry.path)
    mode = file_mode(data, executable=entry.executable)
    if isinstance(step, Generated) or not may_change(step):
        return Content(mode, data)
    data, change = transformed(entry.path, data, step.transforms, context)
    return Content(mode, data, change)


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
