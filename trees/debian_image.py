"""Container images as people have them: Debian with some packages, and an application.

The base is made by debootstrap, so it needs root and Debian's archive, and no registry.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from trees import REAL, Unavailable, aws, debian

SUITE = "bookworm"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TASK = "var/task"


def make_root(root: Path, packages: Sequence[str]) -> None:
    """Make a root file system with packages, as a Dockerfile's lines would. Raises Unavailable."""
    if os.geteuid():
        raise Unavailable("no root, without which debootstrap makes no base")
    tool = debian.brought(REAL / "debootstrap", lambda _: ["debootstrap"], "debootstrap")
    share = tool.resolve() / "usr" / "share" / "debootstrap"
    command = [str(tool.resolve() / "usr/sbin/debootstrap"), "--variant=minbase"]
    run([*command, SUITE, str(root)], {"DEBOOTSTRAP_DIR": str(share)})
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    run(["chroot", str(root), "apt-get", "update"], {})
    run(["chroot", str(root), *install], {"DEBIAN_FRONTEND": "noninteractive"})


def layered(base: Path, own: Path, dest: Path, config: Mapping[str, object]) -> None:
    """Write an image of two layers, the upper with AWS's emulator; both folders go."""
    (own / "usr/local/bin").mkdir(parents=True)
    shutil.copy(aws.emulator(), own / "usr/local/bin")
    layout([base, own], dest, config)
    for each in (base, own):
        shutil.rmtree(each)


def layout(roots: Sequence[Path], dest: Path, config: Mapping[str, object]) -> None:
    """Write root file systems as an image of a layer each, the lowest first, into a folder."""
    blobs = dest / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    kind = "application/vnd.oci.image"
    rows = [_layer(root, blobs, f"{kind}.layer.v1.tar") for root in roots]
    rootfs = {"type": "layers", "diff_ids": [row["digest"] for row in rows]}
    made = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": rootfs}
    inside = {"schemaVersion": 2, "config": _blob(blobs, f"{kind}.config.v1+json", made)}
    manifest = _blob(blobs, f"{kind}.manifest.v1+json", {**inside, "layers": rows})
    index = {"schemaVersion": 2, "manifests": [manifest]}
    (dest / "index.json").write_text(json.dumps(index))
    (dest / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')


def saved(image: Path, dest: Path, name: str) -> Path:
    """Write the image of a folder as ``docker save`` does, to a tar."""
    blobs = image / "blobs" / "sha256"
    index = json.loads((image / "index.json").read_text())
    manifest = json.loads(_at(blobs, index["manifests"][0]).read_text())
    layers = [f"{at}/layer.tar" for at in range(len(manifest["layers"]))]
    rows = [{"Config": "config.json", "RepoTags": [name], "Layers": layers}]
    with tarfile.open(dest, "w") as tar:
        for layer, row in zip(layers, manifest["layers"], strict=True):
            tar.add(_at(blobs, row), layer)
        tar.add(_at(blobs, manifest["config"]), "config.json")
        data = json.dumps(rows).encode()
        listed = tarfile.TarInfo("manifest.json")
        listed.size = len(data)
        tar.addfile(listed, io.BytesIO(data))
    return dest


def _at(blobs: Path, row: Mapping[str, str]) -> Path:
    return blobs / row["digest"].partition(":")[2]


def _layer(root: Path, blobs: Path, media_type: str) -> dict[str, object]:
    layer = blobs / "layer"
    tar = ["tar", "--sort=name", "--numeric-owner", "--format=pax", "-C", str(root)]
    run([*tar, "--exclude=./proc/*", "--exclude=./sys/*", "-cf", str(layer), "."], {})
    with layer.open("rb") as file:
        digits = hashlib.file_digest(file, "sha256").hexdigest()
    size_bytes = layer.stat().st_size
    layer.rename(blobs / digits)
    return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": size_bytes}


def _blob(blobs: Path, media_type: str, document: object) -> dict[str, object]:
    data = json.dumps(document).encode()
    digits = hashlib.sha256(data).hexdigest()
    (blobs / digits).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": len(data)}


def run(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a command to its end. Raises Unavailable where it fails."""
    env = {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"{command[0]}: {' '.join(last) or done.returncode}")
