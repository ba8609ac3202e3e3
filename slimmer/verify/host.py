"""What of this machine a function gets to see, and what is hidden from it."""

from __future__ import annotations

import os
from pathlib import Path

from slimmer.verify.masked_runtimes import HIDDEN
from slimmer.verify.rootfs import ETC, GROUPS, HOSTS, PASSWD, ROOT, Mount


def host_mounts(scratch: Path) -> list[Mount]:
    """Return the mounts of the machine's programs and libraries, and of a few of its settings."""
    mounts = []
    for name in ROOT:
        path = Path("/", name)
        if path.is_symlink():
            mounts.append(Mount("link", str(path), str(path.readlink())))
        elif path.is_dir():
            mounts.append(Mount("bind", str(path), str(path)))
    for name in ETC:
        path = Path("/etc", name)
        if path.exists():
            mounts.append(Mount("bind", str(path), os.path.realpath(path)))
    for name, text in (("passwd", PASSWD), ("group", GROUPS), ("hosts", _hosts())):
        mounts.append(Mount("bind", f"/etc/{name}", _written(scratch / name, text)))
    if Path("/sys").is_dir():
        mounts.append(Mount("bind", "/sys", "/sys"))
    return mounts


def host_files(scratch: Path) -> dict[str, str]:
    """Return where those files of /etc lie that a function in an image gets of this machine."""
    resolver = Path("/etc/resolv.conf")
    found = {"etc/hosts": _written(scratch / "hosts", _hosts())}
    return found | ({"etc/resolv.conf": os.path.realpath(resolver)} if resolver.exists() else {})


def _hosts() -> str:
    file = Path("/etc/hosts")
    return (file.read_text() if file.exists() else "") + HOSTS


def _written(file: Path, text: str) -> str:
    file.write_text(text)
    file.chmod(0o644)
    return str(file)


def hidden_mounts() -> tuple[list[Mount], tuple[str, ...]]:
    """Return the mounts that hide the machine's runtimes, and the names of those it has."""
    folders: set[str] = set()
    programs: set[str] = set()
    names = []
    for name, runtime in HIDDEN.items():
        here = {real for glob in runtime.folders for real in _found(glob) if Path(real).is_dir()}
        runs = {real for glob in runtime.programs for real in _found(glob) if Path(real).is_file()}
        folders |= here
        programs |= runs
        if here or runs:
            names.append(name)
    outer = [f for f in sorted(folders) if not _inside(f, folders)]
    apart = [p for p in sorted(programs) if not _inside(p, folders)]
    mounts = [*(Mount("empty", f) for f in outer), *(Mount("nothing", p) for p in apart)]
    return mounts, tuple(names)


def _found(glob: str) -> list[str]:
    """Return what a glob finds, links followed, as long as it lies in what is seen inside."""
    found = [os.path.realpath(path) for path in Path("/").glob(glob)]
    return [path for path in found if path.split("/")[1] in ROOT]


def _inside(path: str, folders: set[str]) -> bool:
    return any(str(parent) in folders for parent in Path(path).parents)
