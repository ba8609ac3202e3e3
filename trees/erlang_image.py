"""A container image as people have it: Debian with ``apt-get install erlang elixir``."""

import shutil
from pathlib import Path

from trees import HERE, REAL, debian, digest, once
from trees.debian_image import PATH, TASK, layout, make_root, run

FEATURES = HERE / "erlang_image"
PACKAGES = ("erlang", "elixir")
_RUNTIME = HERE / "otp_layer" / "runtime.ex"
_CONFIG = {
    "Entrypoint": ["/entry.sh"],
    "Cmd": ["features.handle"],
    "Env": [f"PATH={PATH}", "LANG=C.UTF-8"],
    "WorkingDir": f"/{TASK}",
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
            make_root(root, PACKAGES)
            _install(root)
            layout([root], folder, _CONFIG)
            shutil.rmtree(root)
    return dest


def _install(root: Path) -> None:
    shutil.copy(FEATURES / "entry.sh", root / "entry.sh")
    task = root / TASK
    (task / "ebin").mkdir(parents=True)
    shutil.copy(FEATURES / "features.exs", task)
    shutil.copy(_RUNTIME, root / "tmp")
    compiled = ["elixirc", "-o", f"/{TASK}/ebin", f"/tmp/{_RUNTIME.name}"]  # noqa: S108
    run(["chroot", str(root), *compiled], {"LANG": "C.UTF-8"})
    (root / "tmp" / _RUNTIME.name).unlink()
