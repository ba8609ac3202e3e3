"""Lay Debian's Erlang/OTP and Elixir out as a Lambda layer: `python -m demo.layer DEST`."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo import debian

HERE = Path(__file__).parent
CACHE = HERE.parent / "build" / "debian"
PACKAGES = ("erlang", "erlang-src", "erlang-doc", "erlang-examples", "elixir")
PREFIXES = ("erlang", "elixir")
KNOWN = ("lib/erlang", "python")  # what a layer of ours has
RUNTIME = {"bootstrap": 0o755, "runtime.exs": 0o644}


def otp_layer(dest: Path, cache: Path = CACHE) -> None:
    """Make the Erlang/OTP and Elixir layer in `dest`; a layer that is there is brought up to date.

    Raises NoDebian where there are no Debian packages.
    """
    if not (dest / "lib" / "erlang").is_dir():
        debs = debian.bring(lambda lists: debian.related(PACKAGES, PREFIXES, lists), cache)
        _unpack(debs, dest)
    for name, mode in RUNTIME.items():
        if not (dest / name).is_file() or (dest / name).read_bytes() != (HERE / name).read_bytes():
            shutil.copyfile(HERE / name, dest / name)  # who reads the layer now is not disturbed
        (dest / name).chmod(mode)


def python_layer(dest: Path) -> None:
    """Make a small Python layer in `dest` with pip."""
    with debian.aside(dest) as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", folder / "python", "requests", "pyyaml"], check=True)


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


def main() -> None:
    """Make the layer; where there are no Debian packages, a Python layer instead."""
    parser = argparse.ArgumentParser(prog="python -m demo.layer", description=main.__doc__)
    parser.add_argument("dest", type=Path, metavar="DEST", help="the layer's folder")
    parser.add_argument("--cache", type=Path, default=CACHE, help="keeps downloaded packages")
    options = parser.parse_args()
    if options.dest.exists() and not any((options.dest / known).is_dir() for known in KNOWN):
        parser.error(f"{options.dest} is there already and is no layer of ours")
    if (options.dest / "python").is_dir():
        sys.stderr.write(f"{options.dest} holds a Python layer already: nothing to do.\n")
        return
    try:
        otp_layer(options.dest, options.cache)
    except debian.NoDebian as reason:
        sys.stderr.write(f"No Debian packages here ({reason}): a Python layer from pip instead.\n")
        try:
            python_layer(options.dest)
        except subprocess.CalledProcessError:
            sys.exit("Nor can pip bring anything (see above): the demo needs a package registry.")


def _unpack(debs: list[Path], dest: Path) -> None:
    """Make the packages' usr/ the layer: what is in usr/bin will be found in /opt/bin."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{dest.name}-", dir=dest.parent) as temp:
        debian.unpack(debs, Path(temp) / "packages")
        usr = Path(temp) / "packages" / "usr"
        relocate(usr / "lib" / "erlang")
        usr.rename(dest)


if __name__ == "__main__":
    main()
