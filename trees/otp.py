"""Debian's Erlang/OTP and Elixir, laid out as a Lambda layer."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from trees import BUILD, HERE, REAL, Unavailable, debian, digest, once

PACKAGES = ("erlang", "erlang-src", "erlang-doc", "erlang-examples", "elixir")
PREFIXES = ("erlang", "elixir")
_OURS = HERE / "otp_layer"


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
    _put(dest / "bootstrap", (_OURS / "bootstrap").read_bytes(), 0o755)
    for module in sorted(_runtime(dest).glob("*.beam")):
        _put(dest / "ebin" / module.name, module.read_bytes(), 0o644)
    (dest / "runtime.exs").unlink(missing_ok=True)  # of a layer from before it was compiled
    return dest


def _runtime(layer: Path) -> Path:
    """Give a folder with the runtime's modules, compiled by the layer's own Elixir."""
    dest = REAL / f"lambda_runtime-{digest(_OURS)}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            compile_elixir(layer, _OURS / "runtime.ex", folder)
    return dest


def compile_elixir(layer: Path, source: Path, dest: Path) -> None:
    """Compile a source into a folder. Raises Unavailable where that fails."""
    root = layer.resolve() / "lib" / "erlang"
    [bin_dir] = root.glob("erts-*/bin")
    paths = [str(path) for path in sorted((layer.resolve() / "lib/elixir/lib").glob("*/ebin"))]
    argv = [str(bin_dir / "erlexec"), "-noshell", "+fnu", "-pa", *paths, "-s", "elixir"]
    argv += ["start_cli", "-extra", "+elixirc", "-o", str(dest), source.name]
    env = {"ROOTDIR": str(root), "BINDIR": str(bin_dir), "EMU": "beam", "PROGNAME": "erl"}
    env |= {"HOME": str(dest), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    env["ERL_COMPILER_OPTIONS"] = "deterministic"  # no folder of this machine in what is made
    done = subprocess.run(
        argv, cwd=source.parent, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode or not any(dest.glob("*.beam")):
        raise Unavailable(f"{source.name} cannot be compiled: {done.stdout}{done.stderr}")


def _put(place: Path, data: bytes, mode: int) -> None:
    """Write a file of the layer that has other bytes; who reads the layer now is not disturbed."""
    place.parent.mkdir(exist_ok=True)
    if not place.is_file() or place.read_bytes() != data:
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(place)
    place.chmod(mode)


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
