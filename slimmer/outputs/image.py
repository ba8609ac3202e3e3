"""An image as one tar or folder that is an OCI layout, and what ``docker save`` writes as well.

It has one manifest and no attestation. ``docker load`` and ``podman load`` read the tar, and so do
skopeo and buildah, as ``oci-archive:`` and ``docker-archive:``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from slimmer.formats.oci import blob_path
from slimmer.formats.oci_writer import MARK, Documents, digest_of
from slimmer.formats.tar_writer import END, FOLDER, NewMember, header, padding
from slimmer.formats.zip.writer import Sink
from slimmer.model.times import ZIP_TIME_S
from slimmer.outputs.hashed import HashedSink


class ImageFile(NamedTuple):
    """A file of a layout."""

    name: str
    size_bytes: int
    pieces: Iterable[bytes]


class FileSink(Protocol):
    """A folder that files go into."""

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file of it; a name may have folders."""


def image_files(documents: Documents, blobs: Sequence[ImageFile]) -> Iterator[ImageFile]:
    """Yield the files of an image, its layers among them: each once, sorted by name."""
    small = {
        blob_path(digest_of(documents.config)): documents.config,
        blob_path(documents.digest): documents.manifest,
        "index.json": documents.listed,
        "manifest.json": documents.saved,
        "oci-layout": MARK,
    }
    files = {name: ImageFile(name, len(data), (data,)) for name, data in small.items()}
    files |= {blob.name: blob for blob in blobs}
    yield from (files[name] for name in sorted(files))


def write_tar(sink: Sink, files: Iterable[ImageFile]) -> tuple[str, int]:
    """Write the files as a tar; return its digest in hexadecimal digits, and its size."""
    tar = HashedSink(sink)
    for folder in (b"blobs/", b"blobs/sha256/"):
        tar.write(header(NewMember(folder, FOLDER, 0o755, time_s=ZIP_TIME_S)))
    for file in files:
        name = file.name.encode()
        tar.write(header(NewMember(name, size_bytes=file.size_bytes, time_s=ZIP_TIME_S)))
        for piece in file.pieces:
            tar.write(piece)
        tar.write(padding(file.size_bytes))
    tar.write(END)
    return tar.sha256, tar.size_bytes


def write_layout(sink: FileSink, files: Iterable[ImageFile]) -> int:
    """Write the files into a folder, without the list of ``docker save``; return their size."""
    size_bytes = 0
    for file in files:
        if file.name != "manifest.json":
            sink.add(file.name, file.pieces)
            size_bytes += file.size_bytes
    return size_bytes
