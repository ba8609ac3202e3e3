"""The end of a build whose output is an image: what ships becomes its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

from slimmer.build.contents import Contents
from slimmer.build.job import Job
from slimmer.build.layer_members import layer_members
from slimmer.formats.oci import blob_path
from slimmer.formats.oci_writer import LAYER, WrittenLayer, documents
from slimmer.formats.streams import GZIP, STREAMS
from slimmer.formats.zip.writer import Sink
from slimmer.inputs.image import ImageLayer, ImageTree
from slimmer.model.artifact import Artifact, Member
from slimmer.model.base_tree import BaseTree
from slimmer.model.plan import Plan
from slimmer.model.tree import Kind
from slimmer.outputs.folder import NewFolder
from slimmer.outputs.gzip_parts import GzipParts
from slimmer.outputs.hashed import HashedSink
from slimmer.outputs.image import ImageFile, image_files, write_layout, write_tar
from slimmer.outputs.layer import write_layer
from slimmer.outputs.spool import Spool
from slimmer.outputs.zip import compressor_name


def pack_image(
    job: Job,
    plan: Plan,
    contents: Contents,
    sink: Sink | NewFolder,
    progress: Callable[[int], object],
) -> Artifact:
    """Write what ships as an image into ``sink``; return the artifact.

    The lowest layers are those of the source, byte for byte, but that one which is not compressed
    is gzipped. Raises InputError and UsageError.
    """
    image, level = cast("ImageTree", job.question.source), job.question.settings.level
    base = job.question.base
    members = layer_members(plan, contents, image, base)
    with ExitStack() as stack:
        layers, blobs, below = [], [], []
        for layer in image.layers[: base.layers]:
            written, blob = stored_layer(layer, level, stack)
            layers.append(written)
            blobs.append(blob)
        if members or not layers:
            spool = stack.enter_context(Spool())
            new = write_layer(spool, members, level=level, progress=progress)
            kind = f"{LAYER}+gzip"
            layers.append(WrittenLayer(kind, new.digest, new.size_bytes, new.diff_id))
            blobs.append(ImageFile(blob_path(new.digest), new.size_bytes, spool.pieces()))
            below = list(new.members)
        told = image.config.document, image.annotations
        made = documents(*told, layers, base.layers, job.tags)
        files = image_files(made, blobs)
        if isinstance(sink, NewFolder):
            size_bytes, digits = write_layout(sink, files), made.digest.rpartition(":")[2]
        else:
            digits, size_bytes = write_tar(sink, files)
    packed = sum(each.size_bytes for each in layers[: base.layers])
    return Artifact(
        name=job.name,
        zip_bytes=size_bytes,
        sha256=digits,
        compressor=compressor_name(level),
        members=(*below, *_in_base(plan, image, base, packed)),
        form=job.form,
        digest=made.digest,
    )


def stored_layer(
    layer: ImageLayer, level: int, stack: ExitStack, *, with_zstd: bool = True
) -> tuple[WrittenLayer, ImageFile]:
    """Return a layer that stays as it is; gzipped where it is not compressed.

    So is one that is compressed with zstd, unless ``with_zstd``.
    """
    head = layer.blob.read(0, 4)
    if head.startswith(STREAMS if with_zstd else GZIP):
        kind = f"{LAYER}+gzip" if head.startswith(GZIP) else f"{LAYER}+zstd"
        digest, size_bytes = f"sha256:{layer.blob.digest('sha256')}", layer.blob.size_bytes
        written = WrittenLayer(kind, digest, size_bytes, layer.diff_id)
        return written, ImageFile(blob_path(digest), size_bytes, layer.blob.pieces())
    spool = stack.enter_context(Spool())
    out = HashedSink(spool)
    with GzipParts(out, level) as packed:
        for piece in layer.tar.pieces():
            packed.write(piece)
        packed.close()
    digest = f"sha256:{out.sha256}"
    written = WrittenLayer(f"{LAYER}+gzip", digest, out.size_bytes, layer.diff_id)
    return written, ImageFile(blob_path(digest), out.size_bytes, spool.pieces())


def _in_base(plan: Plan, image: ImageTree, base: BaseTree, packed_bytes: int) -> Iterator[Member]:
    """Yield what ships in layers that stay, each with its share of their compressed size."""
    steps = [step for step in plan.shipped if step.entry.path in base.alike]
    total = sum(step.entry.size_bytes for step in steps)
    for step in steps:
        entry = step.entry
        share = packed_bytes * entry.size_bytes // total if total else 0
        end = "/" * (entry.kind is Kind.DIRECTORY)
        mode = image.attributes(entry.path).mode
        yield Member(entry.path + end, mode, entry.size_bytes, share, share, 0)
