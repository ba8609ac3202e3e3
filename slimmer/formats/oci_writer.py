"""The documents of an image that is written (OCI image format 1.1, and ``docker save``).

Each is JSON with sorted keys, so that equal images have equal digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from slimmer.formats.oci import blob_path

CONFIG: Final = "application/vnd.oci.image.config.v1+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
MARK: Final = b'{"imageLayoutVersion":"1.0.0"}'
_CREATED_BY: Final = "slim build"

#: What a configuration says of the container that it was committed from, or of the machine.
_OF_THE_BUILD = ("container", "container_config", "docker_version", "id", "parent", "throwaway")
_OF_THE_CONTAINER = (
    "AttachStderr",
    "AttachStdin",
    "AttachStdout",
    "Domainname",
    "Hostname",
    "Image",
    "MacAddress",
    "NetworkDisabled",
    "OpenStdin",
    "StdinOnce",
    "Tty",
)
#: Annotations that tools write of the build, and that another form of the same image lacks.
_OF_TOOLS = (
    "org.opencontainers.image.base.digest",
    "org.opencontainers.image.base.name",
    "org.opencontainers.image.created",
    "org.opencontainers.image.ref.name",
)


class WrittenLayer(NamedTuple):
    """A layer as it is written."""

    media_type: str
    #: Of the blob, with its algorithm.
    digest: str
    size_bytes: int
    #: The digest of the tar.
    diff_id: str


class Documents(NamedTuple):
    """The documents of an image of one manifest."""

    config: bytes
    manifest: bytes
    listed: bytes
    saved: bytes

    @property
    def digest(self) -> str:
        """The image's digest: that of its manifest."""
        return digest_of(self.manifest)


def documents(
    source: Mapping[str, Any],
    annotations: Mapping[str, str],
    layers: Sequence[WrittenLayer],
    kept: int,
    tags: Sequence[str],
) -> Documents:
    """Return the documents of an image.

    ``source`` is the configuration of the image that it was made of, of whose layers the lowest
    ``kept`` are there as they were.
    """
    config = _json(_config(source, layers, kept))
    own = {key: value for key, value in annotations.items() if key not in _OF_TOOLS}
    rows = [
        {"mediaType": each.media_type, "digest": each.digest, "size": each.size_bytes}
        for each in layers
    ]
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)},
        "layers": rows,
    }
    manifest = _json(document | ({"annotations": own} if own else {}))
    row = {"mediaType": MANIFEST, "digest": digest_of(manifest), "size": len(manifest)}
    platform = {key: source[key] for key in ("architecture", "os", "variant") if source.get(key)}
    named = [row | {"platform": platform} | _named(tag) for tag in tags or ("",)]
    listed = _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": named})
    saved = {
        "Config": blob_path(digest_of(config)),
        "RepoTags": list(tags) or None,
        "Layers": [blob_path(each.digest) for each in layers],
    }
    return Documents(config, manifest, listed, _json([saved]))


def digest_of(data: bytes) -> str:
    """Return the digest of a blob."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def full_name(tag: str) -> str:
    """Return a name as containerd has it, with registry and repository."""
    first, slash, _ = tag.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return tag
    return f"docker.io/{tag}" if slash else f"docker.io/library/{tag}"


def _named(tag: str) -> dict[str, Any]:
    if not tag:
        return {"annotations": {"org.opencontainers.image.ref.name": "slim"}}
    names = {
        "io.containerd.image.name": full_name(tag),
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }
    return {"annotations": names}


def _config(source: Mapping[str, Any], layers: Sequence[WrittenLayer], kept: int) -> dict[str, Any]:
    found = {key: value for key, value in source.items() if key not in _OF_THE_BUILD}
    how = source.get("config") or {}
    found["config"] = {
        key: value for key, value in how.items() if value and key not in _OF_THE_CONTAINER
    }
    found["rootfs"] = {"type": "layers", "diff_ids": [each.diff_id for each in layers]}
    entry = {"created_by": _CREATED_BY}
    if isinstance(source.get("created"), str):
        entry["created"] = source["created"]
    new = [entry] * (len(layers) - kept)
    found["history"] = [*_history(source, kept), *new]
    return {key: value for key, value in found.items() if value not in (None, "")}


def _history(source: Mapping[str, Any], kept: int) -> list[Any]:
    """Return what is said of the lowest layers: for each of these, one row that made a layer."""
    rows = source.get("history")
    found: list[Any] = []
    for row in rows if isinstance(rows, list) and kept else ():
        if not isinstance(row, dict):
            break
        found.append(row)
        kept -= not row.get("empty_layer")
        if not kept:
            return found
    return [{"created_by": "a layer of the base"}] * kept if not found else found + [{}] * kept


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
