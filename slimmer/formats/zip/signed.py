"""What the manifest of a jar says of its members (JAR File Specification, "Signed JAR File").

A signature covers the manifest, which lists each member that is signed with a digest of its
content. How a member is stored, and where, is not covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MANIFEST = "META-INF/MANIFEST.MF"
MAX_MANIFEST_BYTES = 64 << 20  # of a jar with a million signed members

_DIGEST = b"-digest"  # in the name of an attribute: SHA-256-Digest, SHA-256-Digest-Manifest
_NAME = re.compile(rb"^name: ?([^\n]*)", re.IGNORECASE | re.MULTILINE)


def listed(manifest: bytes) -> Iterator[str]:
    """Yield the members whose digest a manifest states."""
    whole = re.sub(rb"\r\n?", b"\n", manifest).replace(b"\n ", b"")  # lines go on behind a space
    for section in re.split(rb"\n{2,}", whole):
        keys = (line.partition(b":") for line in section.lower().splitlines())
        has_digest = any(colon and _DIGEST in key for key, colon, _ in keys)
        if has_digest and (name := _NAME.search(section)):
            yield name[1].decode("utf-8", "surrogateescape")
