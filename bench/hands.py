"""Images of functions beside a careful hand: the package manager, then what no program reads.

The hand removes the tools that only the build of the image used, with ``purge`` and
``autoremove``, and then caches, lists, documents and messages in other languages.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from trees.debian_image import layout, run
from trees.function_images import IMAGES, function_image

#: What only the build of each image used.
TOOLS: Mapping[str, tuple[str, ...]] = {
    "python": ("python3-pip", "python3-setuptools", "python3-wheel"),
    "node": ("npm",),
    "java": (),
}
_FOLDERS = (
    *("var/lib/apt/lists", "var/cache", "var/log", "usr/share/doc", "usr/share/man"),
    *("usr/share/info", "usr/share/locale", "usr/share/lintian", "usr/share/bash-completion"),
)
SLIM = (sys.executable, "-m", "slimmer")


def main() -> None:
    for language, image in IMAGES.items():
        source = function_image(language).resolve()
        with tempfile.TemporaryDirectory(dir="build") as scratch:
            folder = Path(scratch)
            events = []
            for feature in image.features:
                (folder / f"{feature}.json").write_text(json.dumps({"feature": feature}))
                events += ["--event", f"{feature}.json"]
            root = folder / "root"
            config = unpacked(source, root)
            print(f"{language}: as built {size_bytes(root):,} B, {gzipped_bytes(root):,} gzipped")
            by_hand(root, TOOLS[language])
            sizes = size_bytes(root), gzipped_bytes(root)
            layout([root], folder / "hand", config)
            shutil.rmtree(root)
            same = answered(folder, "hand", source, events)
            print(f"  by hand {sizes[0]:,} B, {sizes[1]:,} gzipped; answers as before: {same}")
            for options in ((), ("--tree-shake",)):
                args = ("build", str(source), "-o", "slim.tar", "--json", "report.json", *options)
                subprocess.run([*SLIM, *args], cwd=folder, check=True, stdout=subprocess.DEVNULL)
                (made,) = json.loads((folder / "report.json").read_bytes())["artifacts"]
                same = answered(folder, "slim.tar", source, events)
                print(
                    f"  slim {' '.join(options) or 'default'} {made['unzipped_bytes']:,} B, "
                    f"{made['zip_bytes']:,} compressed; answers as before: {same}"
                )


def unpacked(image: Path, root: Path) -> Mapping[str, object]:
    """Unpack the one layer of a layout to a folder, and return how the image is started."""
    index = json.loads((image / "index.json").read_bytes())
    manifest = json.loads(_blob(image, index["manifests"][0]).read_bytes())
    root.mkdir()
    for each in manifest["layers"]:
        subprocess.run(["tar", "-xpf", str(_blob(image, each)), "-C", str(root)], check=True)
    config: Mapping[str, object] = json.loads(_blob(image, manifest["config"]).read_bytes())[
        "config"
    ]
    return config


def _blob(image: Path, row: Mapping[str, str]) -> Path:
    return image / "blobs" / row["digest"].replace(":", "/")


def by_hand(root: Path, tools: tuple[str, ...]) -> None:
    """Remove what the build used, and what no program reads."""
    told = {"DEBIAN_FRONTEND": "noninteractive"}
    if tools:
        run(["chroot", str(root), "apt-get", "purge", "-y", *tools], told)
    run(["chroot", str(root), "apt-get", "autoremove", "-y", "--purge"], told)
    for name in _FOLDERS:
        for path in (root / name).glob("*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def size_bytes(root: Path) -> int:
    """Return the bytes of the files, each once."""
    seen = {}
    for folder, _, names in os.walk(root):
        for name in names:
            state = os.lstat(os.path.join(folder, name))  # noqa: PTH118 - of many files
            seen[state.st_ino] = state.st_size if stat.S_ISREG(state.st_mode) else 0
    return sum(seen.values())


def gzipped_bytes(root: Path) -> int:
    """Return what gzip makes of the layer at its default level."""
    pipe = f"tar --sort=name -C {root} --exclude=./proc --exclude=./sys -c . | gzip | wc -c"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, check=True)
    return int(done.stdout)


def answered(folder: Path, name: str, source: Path, events: list[str]) -> str:
    """Return how many events an image answers as the original does."""
    args = ("verify", name, "--against", str(source), *events, "--json", "verified.json")
    subprocess.run([*SLIM, *args], cwd=folder, check=False, capture_output=True)
    report = json.loads((folder / "verified.json").read_bytes())
    rows = zip(report["run"]["events"], report["original"]["events"], strict=False)
    same = sum(a["answered"] == b["answered"] and a["answer"] == b["answer"] for a, b in rows)
    return f"{same} of {len(events) // 2}"
