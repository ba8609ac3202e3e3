"""Tars and images for tests: of a tree, and of members that no tool would write."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def tar_of(members: Iterable[tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """Return a tar of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """Return a member of a kind, with a target if it is a link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, 0o644
    return info


def tar_of_files(files: Mapping[str, bytes]) -> bytes:
    """Return a tar of files."""
    return tar_of((member(name), data) for name, data in files.items())


def tar_of_tree(root: Path) -> bytes:
    """Return a tar of a folder, as tar makes it of ``.``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(root, ".")
    return out.getvalue()


PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    ".tar": lambda data: data,
    ".tar.gz": lambda data: gzip.compress(data, 1, mtime=0),
    ".tar.zst": lambda data: zstd.compress(data, 1),
}


def blob(layout: dict[str, bytes], data: bytes, media_type: str) -> dict[str, object]:
    """Put a blob into a layout, and return its descriptor."""
    digest = hashlib.sha256(data).hexdigest()
    layout[f"blobs/sha256/{digest}"] = data
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def image_config(layers: Sequence[bytes], architecture: str = "amd64") -> bytes:
    """Return the configuration of an image of these layers, whose tars are not compressed."""
    ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": ["/entry.sh"], "Env": ["A=b"], "WorkingDir": "/srv"},
        "rootfs": {"type": "layers", "diff_ids": ids},
    }
    return json.dumps(config).encode()


def manifest_of(
    layout: dict[str, bytes], layers: Sequence[bytes], end: str, architecture: str = "amd64"
) -> dict[str, object]:
    """Put an image into a layout, its layers packed as the end of a tar says; return its row."""
    kind = LAYER + {".tar": "", ".tar.gz": "+gzip", ".tar.zst": "+zstd"}[end]
    config = blob(layout, image_config(layers, architecture), CONFIG)
    rows = [blob(layout, PACKED[end](layer), kind) for layer in layers]
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": rows}
    platform = {"architecture": architecture, "os": "linux"}
    return blob(layout, json.dumps(document).encode(), MANIFEST) | {"platform": platform}


def with_index(layout: dict[str, bytes], *manifests: dict[str, object]) -> dict[str, bytes]:
    """Return the files of an OCI layout that names these manifests."""
    index = {"schemaVersion": 2, "manifests": manifests}
    mark = b'{"imageLayoutVersion": "1.0.0"}'
    return {**layout, "index.json": json.dumps(index).encode(), "oci-layout": mark}


def oci_layout(layers: Sequence[bytes], end: str = ".tar.gz") -> dict[str, bytes]:
    """Return the files of an OCI layout of one image."""
    layout: dict[str, bytes] = {}
    return with_index(layout, manifest_of(layout, layers, end))


def docker_save(layers: Sequence[bytes], tags: Sequence[str] = ("app:1",)) -> bytes:
    """Return a tar as ``docker save`` writes it, a layer that is there twice as a link."""
    config = image_config(layers)
    name = hashlib.sha256(config).hexdigest() + ".json"
    names = [f"{at}/layer.tar" for at in range(len(layers))]
    members: list[tuple[tarfile.TarInfo, bytes]] = []
    for at, layer in enumerate(layers):
        first = layers.index(layer)
        if first == at:
            members.append((member(names[at]), layer))
        else:
            to = f"../{names[first]}"
            members.append((member(names[at], tarfile.SYMTYPE, to), b""))
    rows = [{"Config": name, "RepoTags": [tag], "Layers": names} for tag in tags]
    members += [(member(name), config), (member("manifest.json"), json.dumps(rows).encode())]
    return tar_of(members)
