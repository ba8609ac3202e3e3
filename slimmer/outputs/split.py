"""A zip's members written as several zips: what was compressed is copied as it is."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence

from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.records import DOS_FOLDER, UNIX
from slimmer.formats.zip.writer import NewMember, Sink, ZipWriter
from slimmer.model.artifact import Artifact, Layer, Member
from slimmer.outputs.hashed import HashedSink


def write_layers(
    whole: Data, artifact: Artifact, layers: Sequence[Layer], sinks: Mapping[str, Sink]
) -> tuple[Artifact, ...]:
    """Write each layer's members to the sink of its name; return the zips.

    ``whole`` are the bytes of ``artifact``. Each zip is what a build of its members alone gives.
    Raises FormatError where these bytes are no zip.
    """
    found = {member.name: member for member in read_zip(whole).members}
    made = []
    for layer in layers:
        sink = HashedSink(sinks[layer.name])
        writer = ZipWriter(sink)
        members = tuple(member for member in artifact.members if member.name in layer.members)
        for member in members:
            place = found[member.name]
            end = place.data_offset + place.compressed_bytes
            writer.add(_head(member, place), bytes(whole[place.data_offset : end]))
        zip_bytes = writer.close()
        made.append(
            artifact._replace(
                name=layer.name,
                zip_bytes=zip_bytes,
                sha256=sink.sha256,
                members=members,
            )
        )
    return tuple(made)


def _head(member: Member, place: ZipMember) -> NewMember:
    """Return what is written of a member, as it stands in the zip."""
    is_folder = stat.S_ISDIR(member.mode)
    return NewMember(
        raw_name=place.raw_name,
        method=place.method,
        dos_time=place.dos_time,
        crc32=place.crc32,
        size_bytes=place.size_bytes,
        system=UNIX,
        attributes=member.mode << 16 | (DOS_FOLDER if is_folder else 0),
        extra=place.extra,
        local_extra=place.extra,
    )
