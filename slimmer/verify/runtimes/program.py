"""What a runtime's row is asked for, and what it answers: the program that is started."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import read_dynamic
from slimmer.inputs.folder import scan
from slimmer.programs.guarded import answer_of
from slimmer.verify.rootfs import LANGUAGE, ROOT, RUNTIME, Mount

_ASK_S = 60
BIN = f"{LANGUAGE}/bin"


@dataclass(frozen=True)
class Asked:
    """What is to be started: a runtime's full name, its version, and what the options say."""

    runtime: str
    version: str
    handler: str
    memory_bytes: int
    #: The folder for what belongs in /var/runtime; it is there and empty.
    dest: Path
    #: What --interpreter and --client name; empty where they were not given.
    interpreter: str = ""
    client: str = ""
    #: The function's own variables, which some runtimes look at before they start.
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """What is started: ``command``, among more ``mounts``.

    ``command`` and ``env`` hold the paths of :mod:`slimmer.verify.rootfs`.
    """

    command: tuple[str, ...]
    #: Variables; what Lambda's own hold already stays behind these values, after a colon.
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    #: The programs of /var/lang/bin by name, and where each lies on this machine.
    programs: Mapping[str, str] = field(default_factory=dict)


def on_path(
    name: str, real: str, others: Iterable[str], linked: Collection[str] = ()
) -> tuple[Mount, ...]:
    """Return the mounts that put a program into /var/lang/bin, also under other names.

    The libraries that it is linked to come along where the function would not see them; ``linked``
    are their paths where these are known, or else the loader is asked.
    """
    apart = {_asked_for(p): p for p in linked if not _is_seen(p)} if linked else _apart(real)
    return (
        Mount("bind", f"{BIN}/{name}", real),
        *(Mount("link", f"{BIN}/{other}", name) for other in others),
        *(Mount("bind", f"{LANGUAGE}/lib/{lib}", path) for lib, path in sorted(apart.items())),
    )


def _apart(program: str) -> dict[str, str]:
    """Return the libraries of a program that lie where only this machine has something."""
    if _is_seen(program):
        return {}
    lines = said(["ldd", program]).splitlines()
    found = [line.partition("=> ")[2].split(" (")[0].strip() for line in lines]
    return {Path(p).name: p for p in found if p.startswith("/") and not _is_seen(p)}


def _asked_for(library: str) -> str:
    """Return the name by which programs ask for a library, whose file may have another."""
    with suppress(FormatError, Refused), Path(library).open("rb") as file:
        found = read_dynamic(lambda start, size: os.pread(file.fileno(), size, start))
        return found.soname or Path(library).name
    return Path(library).name


def _is_seen(path: str) -> bool:
    """Return whether the function sees what lies at a path of this machine."""
    return path.split("/")[1] in ROOT


def said(command: list[str]) -> str:
    """Return what a program of this machine says on standard output; nothing if it fails."""
    try:
        place = shutil.which(command[0]) or command[0]
        done = answer_of((place, *command[1:]), _ASK_S)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if not done.returncode else ""


def copy_into(files: Iterable[tuple[str, str]], dest: Path) -> None:
    """Copy files, pairs of where one lies and its path below ``dest``, for any user to read."""
    for where, name in files:
        place = dest / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(where, place)


def beside(folders: Iterable[tuple[str, str]], dest: Path) -> tuple[Mount, ...]:
    """Return the mounts that show folders in /var/runtime, which is ``dest``.

    They are pairs as of ``copy_into``. One that only its owner may read is copied.
    """
    mounts = []
    for where, name in folders:
        if _is_open(Path(where)):
            (dest / name).mkdir()
            mounts.append(Mount("bind", f"{RUNTIME}/{name}", where))
        else:
            copy_into(_below(where, name), dest)
    return tuple(mounts)


def _is_open(folder: Path) -> bool:
    """Return whether others may read what lies in a folder; in those below it holds the same."""
    opened = (folder, *folder.iterdir())
    return all(path.stat().st_mode & stat.S_IROTH for path in opened)


def _below(folder: str, name: str) -> list[tuple[str, str]]:
    paths = [entry.path for entry in scan(Path(folder)).tree.entries]
    files = [path for path in paths if Path(folder, path).is_file()]
    return [(f"{folder}/{path}", f"{name}/{path}") for path in files]
