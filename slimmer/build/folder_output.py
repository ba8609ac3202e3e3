"""The end of a build whose output is a folder: what ships, as it lies where it is unpacked."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

import deflate

from slimmer.build.contents import Contents
from slimmer.build.job import Job
from slimmer.build.layer_members import layer_members
from slimmer.formats.tar_writer import NewMember, header, padding
from slimmer.inputs.base import Rooted
from slimmer.inputs.image import ImageTree
from slimmer.inputs.rootfs import RootFolder
from slimmer.model.artifact import Artifact, Change, Member
from slimmer.model.attributes import Attributes
from slimmer.model.base_tree import NO_BASE
from slimmer.model.forms import FOLDER
from slimmer.model.plan import Plan
from slimmer.model.times import ZIP_TIME_S
from slimmer.model.tree import Kind
from slimmer.outputs.folder import NewFolder
from slimmer.outputs.layer import code_of, raw
from slimmer.paths import join, parents

_KINDS = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFLNK: Kind.LINK}


class _Made(NamedTuple):
    """What goes into the folder at a path."""

    path: str
    kind: Kind
    attributes: Attributes
    time_s: int = ZIP_TIME_S
    data: bytes = b""
    change: Change | None = None
    #: What all names of one file have in common.
    same: str = ""


def pack_folder(
    job: Job,
    plan: Plan,
    contents: Contents,
    sink: NewFolder,
    progress: Callable[[int], object],
) -> Artifact:
    """Write what ships into a folder; return the artifact.

    Its digest is that of a tar of it. An image's files keep their modes and, where root writes
    them, their owners; its absolute links lead to what they mean inside the folder. Raises
    InputError and UsageError.
    """
    source = job.question.source
    if isinstance(source, ImageTree | RootFolder):
        found = _of_image(plan, contents, source)
    else:
        found = _as_zipped(plan, contents, job.question.settings.prefix)
    digest, done_bytes = hashlib.sha256(), 0
    first: dict[tuple[str, bytes], str] = {}
    members = []
    for made in found:
        to = made.path
        if made.same:
            to = first.setdefault((made.same, hashlib.sha256(made.data).digest()), to)
        _write(sink, made, to if to != made.path else "")
        digest.update(_header(made))
        digest.update(made.data)
        digest.update(padding(len(made.data)))
        members.append(_member(made))
        done_bytes += len(made.data)
        progress(done_bytes)
    sink.sync()
    return Artifact(
        name=job.name,
        zip_bytes=sum(member.size_bytes for member in members),
        sha256=digest.hexdigest(),
        compressor="nothing",
        members=tuple(members),
        form=FOLDER,
    )


def _of_image(plan: Plan, contents: Contents, image: Rooted) -> Iterator[_Made]:
    members = layer_members(plan, contents, image, NO_BASE)
    for each in sorted(members, key=lambda member: raw(member.path)):
        entry = image.tree.by_path.get(each.path)
        attributes = each.attributes
        if each.kind is Kind.LINK and entry is not None:
            attributes = attributes._replace(target=entry.target)
        made = _Made(each.path, each.kind, attributes, each.time_s, same=each.same)
        yield made._replace(**each.load()._asdict()) if each.load else made


def _as_zipped(plan: Plan, contents: Contents, prefix: str) -> Iterator[_Made]:
    """Yield the members of a tree that is no image, with the modes that a zip would give them."""
    steps = {join(prefix, step.entry.path): step for step in plan.shipped}
    folders = {above for name in steps for above in parents(name)} - steps.keys()
    for name in sorted((*steps, *folders), key=raw):
        if name in folders:
            yield _Made(name, Kind.DIRECTORY, Attributes())
            continue
        time_s = contents.pending(steps[name], prefix).time_s
        mode, data, change = contents.take(steps[name])
        kind = _KINDS[stat.S_IFMT(mode)]
        attributes = Attributes(mode=stat.S_IMODE(mode))
        if kind is Kind.LINK:
            attributes = attributes._replace(target=data.decode("utf-8", "surrogateescape"))
            data = b""
        yield _Made(name, kind, attributes, time_s, data, change)


def _write(sink: NewFolder, made: _Made, to: str) -> None:
    """Put something into the folder; ``to`` is the file that it is a hard link to, or empty."""
    if made.kind is Kind.DIRECTORY:
        sink.add_folder(made.path, made.attributes)
    elif made.kind is Kind.LINK:
        sink.add_link(made.path, made.attributes)
    elif made.kind is Kind.SPECIAL:
        sink.add_special(made.path, made.attributes)
    elif to:
        sink.add_hard_link(made.path, to)
    else:
        sink.add_file(made.path, made.attributes, made.data, made.time_s)


def _header(made: _Made) -> bytes:
    attributes, name = made.attributes, raw(made.path)
    is_folder = made.kind is Kind.DIRECTORY
    head = NewMember(
        name=name + b"/" * is_folder,
        kind=code_of(made.kind, attributes),
        mode=attributes.mode,
        owner=attributes.owner,
        size_bytes=len(made.data),
        time_s=made.time_s,
        target=raw(attributes.target),
        device=attributes.device,
        xattrs=attributes.xattrs,
    )
    return header(head)


def _member(made: _Made) -> Member:
    size_bytes = len(made.data) + len(raw(made.attributes.target))
    return Member(
        name=made.path + "/" * (made.kind is Kind.DIRECTORY),
        mode=made.attributes.mode,
        size_bytes=size_bytes,
        zip_bytes=size_bytes,
        compressed_bytes=size_bytes,
        crc32=deflate.crc32(made.data) if made.data else 0,
        change=made.change,
    )
