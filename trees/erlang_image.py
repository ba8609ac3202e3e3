"""A container image as people have it: Debian with ``apt-get install erlang elixir``.

The base is made by debootstrap, so it needs root and Debian's archive, and no registry.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, digest, once

FEATURES = HERE / "erlang_image"
PACKAGES = ("erlang", "elixir")
_SUITE = "bookworm"
_RUNTIME = HERE / "otp_layer" / "runtime.ex"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CONFIG = {
    "Entrypoint": ["/entry.sh"],
    "Cmd": ["features.handle"],
    "Env": [f"PATH={_PATH}", "LANG=C.UTF-8"],
    "WorkingDir": "/var/task",
}


@once
def erlang_image() -> Path:
    """Give the image as an OCI layout in a folder, its one layer not compressed.

    Raises Unavailable without root, and where Debian's packages cannot be had.
    """
    dest = REAL / f"erlang-image-{digest(FEATURES)}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            root = folder.with_name("root")
            make_root(root)
            layout(root, folder, _CONFIG)
            shutil.rmtree(root)
    return dest


def make_root(root: Path, packages: Sequence[str] = PACKAGES) -> None:
    """Make the image's root file system, as a Dockerfile's lines would. Raises Unavailable."""
    if os.geteuid():
        raise Unavailable("no root, without which debootstrap makes no base")
    tool = debian.brought(REAL / "debootstrap", lambda _: ["debootstrap"], "debootstrap")
    share = tool.resolve() / "usr" / "share" / "debootstrap"
    command = [str(tool.resolve() / "usr/sbin/debootstrap"), "--variant=minbase"]
    _run([*command, _SUITE, str(root)], {"DEBOOTSTRAP_DIR": str(share)})
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    _run(["chroot", str(root), "apt-get", "update"], {})
    _run(["chroot", str(root), *install], {"DEBIAN_FRONTEND": "noninteractive"})
    shutil.copy(FEATURES / "entry.sh", root / "entry.sh")
    task = root / "var" / "task"
    (task / "ebin").mkdir(parents=True)
    shutil.copy(FEATURES / "features.exs", task)
    shutil.copy(_RUNTIME, root / "tmp")
    compiled = ["elixirc", "-o", "/var/task/ebin", f"/tmp/{_RUNTIME.name}"]  # noqa: S108
    _run(["chroot", str(root), *compiled], {"LANG": "C.UTF-8"})
    (root / "tmp" / _RUNTIME.name).unlink()


def layout(root: Path, dest: Path, config: Mapping[str, Sequence[str]]) -> None:
    """Write a root file system as an image of one layer into a folder."""
    blobs = dest / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    layer = blobs / "layer"
    tar = ["tar", "--sort=name", "--numeric-owner", "--format=pax", "-C", str(root)]
    _run([*tar, "--exclude=./proc/*", "--exclude=./sys/*", "-cf", str(layer), "."], {})
    with layer.open("rb") as file:
        digits = hashlib.file_digest(file, "sha256").hexdigest()
    size_bytes = layer.stat().st_size
    layer.rename(blobs / digits)
    kind = "application/vnd.oci.image"
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{digits}"]}
    made = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": rootfs}
    rows = [{"mediaType": f"{kind}.layer.v1.tar", "digest": f"sha256:{digits}", "size": size_bytes}]
    inside = {"schemaVersion": 2, "config": _blob(blobs, f"{kind}.config.v1+json", made)}
    manifest = _blob(blobs, f"{kind}.manifest.v1+json", {**inside, "layers": rows})
    index = {"schemaVersion": 2, "manifests": [manifest]}
    (dest / "index.json").write_text(json.dumps(index))
    (dest / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')


def _blob(blobs: Path, media_type: str, document: object) -> dict[str, object]:
    data = json.dumps(document).encode()
    digits = hashlib.sha256(data).hexdigest()
    (blobs / digits).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": len(data)}


def _run(command: list[str], environment: dict[str, str]) -> None:
    env = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"{command[0]}: {' '.join(last) or done.returncode}")
