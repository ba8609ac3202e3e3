"""Artifacts: zips, their members, and what a transform did to a member."""

from __future__ import annotations

import base64
from typing import NamedTuple

from slimmer.model.forms import ZIP


class Change(NamedTuple):
    """What a transform did to a file, or why it did nothing.

    ``refused``: well-formed, but must stay as it is; ``broken``: not understood.
    ``saved_bytes`` is less than nothing for an archive whose members are now stored.
    ``left_out``: the members of an archive that were dropped, each with its component.
    """

    transform: str
    saved_bytes: int
    refused: str = ""
    broken: str = ""
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the transform changed the file."""
        return not (self.refused or self.broken)


class Member(NamedTuple):
    """One name in a zip as it was written, and what a transform did to it.

    ``zip_bytes`` is all that it takes there, its two headers with it, so that the
    members' add up to the zip less the 22 bytes of its end; ``compressed_bytes`` is its data
    alone. ``crc32`` is that of the content, of a link that of its target.
    """

    name: str
    mode: int
    size_bytes: int
    zip_bytes: int
    compressed_bytes: int
    crc32: int
    change: Change | None = None


class Artifact(NamedTuple):
    """A zip, or what is written in another form: its name, its digest, its members in order.

    Of an image ``zip_bytes`` are those of its tar, or of the files of its layout; the share of a
    member is that of its layer's compressed bytes. A folder is not compressed, and has no digest.
    """

    name: str
    zip_bytes: int
    sha256: str
    compressor: str
    members: tuple[Member, ...]
    form: str = ZIP
    #: Of an image: that of its manifest, as registries name it.
    digest: str = ""

    @property
    def code_sha256(self) -> str:
        """The digest as AWS writes it, in base64."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()

    @property
    def unzipped_bytes(self) -> int:
        """What the members take when unpacked; a link takes the length of its target."""
        return sum(member.size_bytes for member in self.members)


class Layer(NamedTuple):
    """One of the layers that a zip's members are parted into."""

    #: Its file, without folder.
    name: str
    #: The names of its members.
    members: frozenset[str]
    #: What lies in it, whole: the units, the largest first.
    units: tuple[str, ...]
    zip_bytes: int
    unzipped_bytes: int
    #: The zip as it was written; None before that.
    artifact: Artifact | None = None


class DeployedZip(NamedTuple):
    """A zip that is deployed beside this one: the function, or another layer."""

    name: str
    zip_bytes: int
    unzipped_bytes: int
