"""A container image with a Mix release in it, as the Dockerfiles of Elixir's guides make them."""

import shutil
from pathlib import Path

from trees import HERE, REAL, aws, debian, digest, mix, once
from trees.debian_image import PATH, layered, make_root

_OURS = HERE / "release_image"
#: What the release's Erlang is linked to, and Debian's smallest system lacks.
_PACKAGES = ("libssl3", "libtinfo6", "libstdc++6", "ca-certificates")
_CONFIG = {
    "Entrypoint": ["/entry.sh"],
    "Cmd": ["start"],
    "Env": [f"PATH={PATH}", "LANG=C.UTF-8"],
    "WorkingDir": "/app",
}


@once
def release_image() -> Path:
    """Give the image as an OCI layout in a folder: Debian's layer, and over it the release's.

    Raises Unavailable without root, and where Debian's packages or the emulator cannot be had.
    """
    release = mix.mix_release()
    dest = REAL / f"release-image-{digest(_OURS)}-{release.name}"
    if not dest.is_dir():
        aws.emulator()  # before all that takes long
        with debian.aside(dest) as folder:
            base, own = folder.with_name("base"), folder.with_name("own")
            make_root(base, _PACKAGES)
            shutil.copytree(release, own / "app", symlinks=True)
            (own / "app" / "bootstrap").unlink()
            shutil.copy(_OURS / "entry.sh", own)
            layered(base, own, folder, _CONFIG)
    return dest
