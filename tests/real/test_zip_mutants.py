"""Zips that were changed here and there: slim check fails them, or they unpack to what it says.

Run by make prove, which prints how many of them did what.
"""

from __future__ import annotations

import io
import posixpath
import random
import stat
import subprocess
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimmer.check.gate import LAYER
from slimmer.check.read import look_at
from slimmer.errors import InputError
from slimmer.model.codes import Severity
from slimmer.model.tree import Kind
from slimmer.secrets.kinds import NO_SECRETS
from tests.support.zips import Content, link, zip_of, zipped
from trees import tools

pytestmark = [pytest.mark.real, pytest.mark.heavy]

MUTANTS = 4_000
MEMBERS: list[tuple[str, Content]] = [
    ("app.py", "import os\n" * 50),
    ("conf/", ("", stat.S_IFDIR | 0o755)),
    ("conf/settings.toml", "a = 1\n"),
    ("lib/x.so", (b"\x7fELF" + bytes(3000), stat.S_IFREG | 0o755)),
    ("lib/y.so", link("x.so")),
    ("empty", ""),
]
MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")
NAMES = (b"./a.py", b"b//a.py", b".env\0\0", b"x\\y.py", b"C:a.py", b"../.py", b"lib/x.")


def bases(folder: Path) -> list[bytes]:
    deflated = zip_of(folder / "base.zip", MEMBERS).read_bytes()
    plain = dict.fromkeys(("a.txt", "b/c.txt", "b/d.txt"), b"x" * 40)
    return [deflated, zipped(plain, zipfile.ZIP_STORED), zipped(plain)]


def mutant(base: bytes, chance: random.Random) -> bytes:
    """Return a zip with one to three changes: of a bit, of a field in both headers, of a name."""
    data = bytearray(base)
    for _ in range(chance.randint(1, 3)):
        mark = chance.choice(MARKS)
        places = [at for at in range(len(data)) if data[at : at + 4] == mark]
        if not places:
            continue
        place = chance.choice(places)
        what = chance.randrange(4)
        if what == 0:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif what == 1:
            data[min(len(data) - 1, place + chance.randrange(46))] = chance.randrange(256)
        elif what == 2:
            both_headers(data, chance)
        else:
            name = chance.choice(NAMES)
            old = chance.choice([b"app.py", b"a.txt\0"[:5], b"b/c.txt", b"lib/y.so"])
            data = bytearray(bytes(data).replace(old, name[: len(old)].ljust(len(old), b"_")))
    return bytes(data)


def both_headers(data: bytearray, chance: random.Random) -> None:
    """Give a member another size, checksum, method or flag in both of its headers."""
    local, central = (
        [at for at in range(len(data)) if data[at : at + 4] == mark] for mark in MARKS[:2]
    )
    if len(local) != len(central) or not local:
        return
    number, field = chance.randrange(len(local)), chance.choice([6, 8, 14, 18, 22])
    value = chance.randrange(256)
    data[local[number] + field] = data[central[number] + field + 2] = value
    if chance.random() < 0.3:
        data[central[number] + 41] = chance.choice([0x41, 0xA1, 0x81, 0x11])  # the mode's kind


def unpacked_by_zipfile(data: bytes) -> dict[str, int]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            posixpath.normpath(info.filename): zlib.crc32(archive.read(info))
            for info in archive.infolist()
            if not info.is_dir()
        }


def files_below(folder: Path) -> Iterator[tuple[str, int]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield name, zlib.crc32(str(path.readlink()).encode())
        elif path.is_file():
            yield name, zlib.crc32(path.read_bytes())


def unpacked_by_unzip(zip_path: Path, folder: Path) -> dict[str, int]:
    folder.mkdir()
    subprocess.run(
        ["unzip", "-qq", "-o", str(zip_path), "-d", str(folder)],
        env=tools.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return dict(files_below(folder))


def test_what_passes_unpacks_to_what_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, originals = random.Random(12), bases(tmp_path)  # noqa: S311 - the same each time
    path, verdicts, wrong = tmp_path / "mutant.zip", Counter[str](), []
    for number in range(MUTANTS):
        data = mutant(chance.choice(originals), chance)
        path.write_bytes(data)
        try:
            checked, _ = look_at(LAYER, path, (), NO_SECRETS)
        except InputError:
            verdicts["unreadable"] += 1
            continue
        if any(found.severity is Severity.FAIL for found in checked.findings):
            verdicts["failed"] += 1
            continue
        verdicts["passed"] += 1
        items = checked.inventory.items
        says = {item.path: item.crc32 for item in items if item.kind is not Kind.DIRECTORY}
        if says != unpacked_by_unzip(path, tmp_path / str(number)):
            wrong.append((number, "unzip"))
        try:
            if says != unpacked_by_zipfile(data):
                wrong.append((number, "zipfile"))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            wrong.append((number, f"zipfile: {error}"))
    with capsys.disabled():
        print(
            f"\nzip mutants: {MUTANTS:,}, of which {verdicts['passed']:,} pass and unpack to what "
            f"was checked, {verdicts['failed']:,} fail, {verdicts['unreadable']:,} cannot be read"
        )
    assert wrong == []
