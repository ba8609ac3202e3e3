"""Debian's Erlang/OTP and Elixir, laid out as a Lambda layer."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from trees import BUILD, HERE, debian, once

PACKAGES = ("erlang", "erlang-src", "erlang-doc", "erlang-examples", "elixir")
PREFIXES = ("erlang", "elixir")
RUNTIME = {"bootstrap": 0o755, "runtime.exs": 0o644}


@once
def otp_layer() -> Path:
    """Give the layer that `make demo` makes. Raises Unavailable."""
    return make_layer(BUILD / "demo" / "runtime")


def make_layer(dest: Path, cache: Path = debian.CACHE) -> Path:
    """Make the layer in `dest`; one that is there is brought up to date.

    Raises Unavailable where there are no Debian packages.
    """
    if not (dest / "lib" / "erlang").is_dir():
        debs = debian.bring(lambda lists: debian.related(PACKAGES, PREFIXES, lists), cache)
        _unpack(debs, dest)
    for name, mode in RUNTIME.items():
        ours, there = HERE / "otp_layer" / name, dest / name
        if not there.is_file() or there.read_bytes() != ours.read_bytes():
            shutil.copyfile(ours, there)  # who reads the layer now is not disturbed
        there.chmod(mode)
    return dest


def relocate(otp: Path) -> None:
    """Let the start scripts of an OTP tree find it from their own place.

    Debian's name /usr/lib/erlang, so a copied tree would quietly run the installed one.
    """
    for script in [*otp.glob("bin/*"), *otp.glob("erts-*/bin/*")]:
        if script.is_symlink() or not script.read_bytes().startswith(b"#!"):
            continue
        text = script.read_text()
        way = os.path.relpath(otp, script.parent)
        own = f'ROOTDIR=$(cd "$(dirname "$(readlink -f "$0")")/{way}" && pwd -P)'
        moved = re.sub(r'ROOTDIR="?/usr/lib/erlang"?$', own, text, flags=re.MULTILINE)
        if "/usr/lib/erlang" in moved:
            raise ValueError(f"{script} names /usr/lib/erlang in a way that is not known")
        if moved != text:
            script.write_text(moved)


def _unpack(debs: list[Path], dest: Path) -> None:
    """Make the packages' usr/ the layer: what is in usr/bin will be found in /opt/bin."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{dest.name}-", dir=dest.parent) as temp:
        debian.unpack(debs, Path(temp) / "packages")
        usr = Path(temp) / "packages" / "usr"
        relocate(usr / "lib" / "erlang")
        usr.rename(dest)
