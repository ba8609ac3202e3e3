"""Targets: the limits of a platform, from the text of a data file."""

from __future__ import annotations

from dataclasses import dataclass

from slimmer.schema import Table


@dataclass(frozen=True)
class Target:
    """What a platform takes. Sizes are whole bytes.

    ``unzipped_below_bytes`` must not be reached by everything that is unpacked together;
    ``direct_upload_bytes`` is the largest zip that goes without S3; ``members`` and
    ``archive_bytes`` are what a zip can hold without zip64.
    """

    name: str
    title: str
    source: str
    unzipped_below_bytes: int
    direct_upload_bytes: int
    layers: int
    members: int
    archive_bytes: int


def parse_target(name: str, text: str, source: str) -> Target:
    """Return the target that ``text`` describes. Raises UsageError with file and line."""
    table = Table.parse(text, source)
    target = Target(
        name=name,
        title=table.text("title"),
        source=table.text("source"),
        unzipped_below_bytes=table.whole("unzipped_below_bytes"),
        direct_upload_bytes=table.whole("direct_upload_bytes"),
        layers=table.whole("layers"),
        members=table.whole("members"),
        archive_bytes=table.whole("archive_bytes"),
    )
    table.finish()
    return target
