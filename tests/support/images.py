"""Images of real programs for tests: of this machine's, with the libraries that they load."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.support.archives import CONFIG, LAYER, MANIFEST, PACKED, blob, tar_of_files, with_index

PROGRAMS = ("bash", "cat", "id", "sh")
FOLDERS = ("dev", "etc", "proc", "sys", "tmp", "var/task")


@functools.cache
def base(programs: Sequence[str] = PROGRAMS) -> bytes:
    """Return a layer of a few programs of this machine's with all that they load, as a tar."""
    found = {f"/bin/{name}" for name in programs}
    for program in sorted(found):
        loads = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"(/\S+) \(0x", loads))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in FOLDERS:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        for file in sorted(found):
            tar.add(os.path.realpath(file), file, recursive=False)
    return out.getvalue()


def layer(files: Mapping[str, str | bytes], mode: int = 0o755) -> bytes:
    """Return a layer of files, which may be run."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def config_of(layers: Iterable[bytes], **how: object) -> dict[str, object]:
    """Return the configuration of an image of these layers that is started so."""
    ids = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers]
    machine = "arm64" if os.uname().machine == "aarch64" else "amd64"
    rootfs = {"type": "layers", "diff_ids": ids}
    return {"architecture": machine, "os": "linux", "config": how, "rootfs": rootfs}


def layout_of(
    layers: Sequence[bytes], end: str = ".tar.gz", how: Mapping[str, object] | None = None
) -> dict[str, bytes]:
    """Return the files of an OCI layout of these layers."""
    made: dict[str, bytes] = {}
    config = blob(made, json.dumps(config_of(layers, **(how or {}))).encode(), CONFIG)
    kind = LAYER + {".tar": "", ".tar.gz": "+gzip", ".tar.zst": "+zstd"}[end]
    rows = [blob(made, PACKED[end](each), kind) for each in layers]
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": rows}
    return with_index(made, blob(made, json.dumps(document).encode(), MANIFEST))


def saved(path: Path, layers: Sequence[bytes], **how: object) -> Path:
    """Write an image as ``docker save`` does."""
    config = json.dumps(config_of(layers, **how)).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    names = [f"{at}/layer.tar" for at in range(len(layers))]
    rows = [{"Config": name, "RepoTags": ["app:1"], "Layers": names}]
    files = {name: config, "manifest.json": json.dumps(rows).encode()}
    path.write_bytes(tar_of_files({**dict(zip(names, layers, strict=True)), **files}))
    return path
