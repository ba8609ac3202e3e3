"""Debian packages without installing them and without root: find, download, unpack.

Works on Debian and Ubuntu. Where the system's package lists are empty or out of date, as in most
container images, a private copy of the lists is kept in the cache folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from trees import BUILD, Unavailable

CACHE = BUILD / "debian"

Lists = tuple[str, ...]
"""The options that tell apt which package lists to answer from."""

SYSTEM: Lists = ()
"""The package lists that the system keeps itself."""


def closure(names: Sequence[str], lists: Lists = SYSTEM) -> list[str]:
    """Name the packages that `names` need and that are not installed, themselves included."""
    uris = _apt("apt-get", lists, "install", "--print-uris", "-qq", "-y", *_ESSENTIAL, *names)
    return sorted(name for name, _, _ in _print_uris(uris))


def related(names: Sequence[str], prefixes: Sequence[str], lists: Lists = SYSTEM) -> list[str]:
    """Name what `names` depend on, however far, as long as it starts with one of `prefixes`."""
    depends = _apt("apt-cache", lists, "depends", "--recurse", *_STRICT, *names)
    wanted = re.compile(rf"(?:{'|'.join(map(re.escape, prefixes))})[a-z0-9.+-]*")
    return sorted({line for line in depends.splitlines() if wanted.fullmatch(line)})


def fetch(names: Sequence[str], cache: Path, lists: Lists = SYSTEM) -> list[Path]:
    """Download the packages into `cache`; those that are there already cost no network."""
    cache.mkdir(parents=True, exist_ok=True)
    uris = _print_uris(_apt("apt-get", lists, "download", "--print-uris", "-qq", *names))
    missing = {name: size for name, file, size in uris if not _has(cache / file, size)}
    if missing:
        megabytes = sum(missing.values()) / 1_000_000
        sys.stderr.write(f"Downloading Debian packages: {len(missing)}, {megabytes:.1f} MB.\n")
        _apt("apt-get", lists, "download", "-qq", *missing, cwd=cache)
    return [cache / file for _, file, _ in uris]


def bring(choose: Callable[[Lists], Sequence[str]], cache: Path) -> list[Path]:
    """Fetch the packages that `choose` names, from the first package lists that can give them."""
    reason = Unavailable("no package lists")
    for lists in _all_lists(cache.resolve()):
        try:
            return fetch(choose(lists), cache, lists)
        except Unavailable as error:
            reason = error
    raise reason


def mirror() -> str:
    """Return where this system has Debian's packages from. Raises Unavailable."""
    form = ("--format", "$(REPO_URI)")
    said = _apt("apt-get", SYSTEM, "indextargets", *form, "Origin: Debian", "Created-By: Packages")
    found = [line for line in said.splitlines() if line.rstrip("/").endswith("/debian")]
    if not found:
        raise Unavailable("no package lists of Debian")
    return found[0]


def update(lists: Lists) -> None:
    """Update package lists of one's own. Raises Unavailable."""
    _apt("apt-get", lists, "update", "-qq", "-o", "APT::Update::Error-Mode=any")


def brought(dest: Path, choose: Callable[[Lists], Sequence[str]], what: str) -> Path:
    """Give the folder `dest` with the packages that `choose` names, unpacked there once.

    Raises Unavailable, which names `what` cannot be had.
    """
    if not dest.is_dir():
        try:
            unpack(bring(choose, CACHE), dest)
        except Unavailable as reason:
            raise Unavailable(f"no {what}: {reason}") from None
    return dest


def brought_of(suite: str, dest: Path, names: Sequence[str]) -> Path:
    """Give the folder `dest` with packages of another suite, unpacked there once.

    What they depend on is not brought. Raises Unavailable.
    """
    if not dest.is_dir():
        lists = _lists_of(suite)
        try:
            debs = fetch(names, CACHE, lists)
        except Unavailable:
            update(lists)
            debs = fetch(names, CACHE, lists)
        unpack(debs, dest)
    return dest


def unpack(debs: Sequence[Path], dest: Path) -> None:
    """Unpack the packages over each other into the new folder `dest`: all of them or nothing."""
    with aside(dest) as folder:
        for deb in debs:
            _run(["dpkg-deb", "--extract", str(deb), str(folder)])


@contextmanager
def aside(dest: Path) -> Iterator[Path]:
    """Give a new folder that becomes `dest` in the end, or vanishes if anything goes wrong."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{dest.name}-", dir=dest.parent) as temp:
        folder = Path(temp) / dest.name
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask: functions run as another user
        yield folder
        folder.rename(dest)


_ESSENTIAL = (
    "--no-install-recommends",
    *("-o", "Debug::NoLocking=1"),
    *("-o", "Dir::Cache::archives=/nonexistent"),  # else what apt holds already is not named
)
_STRICT = (
    *(f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces")),
    "--no-enhances",
    *("-o", "APT::Cache::ShowOnlyFirstOr=1"),  # alternatives hold the same files twice
)


def _all_lists(cache: Path) -> Iterator[Lists]:
    yield SYSTEM
    private = _private(cache)
    if _has_lists(cache):
        yield private
    try:
        update(private)
    except Unavailable:
        if not _has_lists(cache):
            raise  # else one source of many is broken: whether the rest will do shows in their use
    yield private


def _has_lists(cache: Path) -> bool:
    return any((cache / "lists").glob("*Packages*"))


def _lists_of(suite: str) -> Lists:
    """Give the options for the lists of a suite that this system may not have."""
    place = CACHE.resolve() / suite
    private = _private(place)
    source = place / "sources.list"
    # Its key may not be here.
    source.write_text(f"deb [trusted=yes] {mirror()} {suite} main\n", "utf-8")
    parts = {"Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "/nonexistent"}
    return (*private, *_options(parts))


def _private(cache: Path) -> Lists:
    """Give the options for lists of our own, which a plain user may update too."""
    (cache / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State::lists": cache / "lists",
        "Dir::Cache": cache / "apt",
        "APT::Sandbox::User": "root",  # apt's own user may have no way into the cache folder
        "Acquire::Languages": "none",
    }
    return _options(settings)


def _options(settings: Mapping[str, object]) -> Lists:
    return tuple(part for name, value in settings.items() for part in ("-o", f"{name}={value}"))


def _print_uris(output: str) -> list[tuple[str, str, int]]:
    """Read lines such as `'uri' zip_3.0-13_amd64.deb 235000 SHA256:...` as name, file, size."""
    rows = [line.split() for line in output.splitlines() if line.startswith("'")]
    return [(file.partition("_")[0], file, int(size)) for _, file, size, *_ in rows]


def _has(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size


def _apt(tool: str, lists: Lists, *args: str, cwd: Path | None = None) -> str:
    return _run([tool, *lists, *args], cwd=cwd)


def _run(command: Sequence[str], *, cwd: Path | None = None) -> str:
    if not shutil.which(command[0]):
        raise Unavailable(f"{command[0]} is not on PATH")
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        errors = [line for line in lines if line.startswith("E: ")]  # apt's first is the cause
        raise Unavailable(f"{command[0]}: {errors[0] if errors else lines[-1]}")
    return done.stdout
