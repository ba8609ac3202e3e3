"""Breaks tars and images at random, and reads them: ``python -m bench.fuzz --minutes N``.

Every input is made by a number, which stands beside each finding: ``--seed NUMBER --inputs 1``
makes that one again. A finding is any error but the one line that slim says of a broken file, a
path that leads out of the root, bytes that are not there, and what takes too long or too much
memory. The exit code is 1 where there was one.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import resource
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.oci import parse_config, parse_index, parse_manifest, parse_saved
from slimmer.formats.tar import tar_files, tar_members
from slimmer.inputs.open import open_source
from slimmer.model.tree import Kind
from tests.support.archives import PACKED, docker_save, member, oci_layout, tar_of, tar_of_files

MAX_S = 10.0  # for one input, on a machine that does other things too
MEMORY_BYTES = 2 << 30
_BLOCK = 512
_NAMES = (
    "a",
    "a/b",
    "l/x",
    "../x",
    "/etc/x",
    ".wh.a",
    "a/.wh..wh..opq",
    "x" * 150,
    "é",
    "a\nb",
    "",
)
_KINDS = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE)
_ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    1e308,
    "",
    "x",
    "sha256:" + "0" * 64,
    [],
    {},
    [[]],
    [{}],
    "../x",
)
_FORMATS = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)

Random = random.Random


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first input")
    parser.add_argument("--inputs", type=int, default=0, help="how many; 0: as time allows")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    end_s = time.monotonic() + asked.minutes * 60
    tried = read = 0
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in count(asked.seed):
            if time.monotonic() > end_s or tried == (asked.inputs or -1):
                break
            tried += 1
            try:
                read += trial(Random(number), Path(folder, "input"))
            except Exception:  # whatever it is, it is a finding
                findings.append(f"input {number}: {traceback.format_exc().strip()}")
                print(findings[-1], flush=True)
            if tried % 10_000 == 0:
                print(
                    f"{tried:,} inputs, {read:,} of them read, {len(findings)} findings", flush=True
                )
    print(f"{tried:,} inputs, {read:,} of them read, {len(findings)} findings")
    return 1 if findings else 0


def trial(rng: Random, file: Path) -> bool:
    """Read one broken input; return whether it could be read. Raises for a finding."""
    data = made(rng)
    begin_s = time.process_time()
    _parse(data)
    file.write_bytes(data)
    is_read = _open(file)
    if (took_s := time.process_time() - begin_s) > MAX_S:
        raise AssertionError(f"took {took_s:.1f} s")
    return is_read


def _parse(data: bytes) -> None:
    readers: tuple[Callable[[], object], ...] = (
        lambda: list(tar_members(lambda at, size: data[at : at + size], len(data))),
        lambda: list(tar_files(data)),
        *(lambda parse=parse: parse(data) for parse in (parse_index, parse_manifest)),
        *(lambda parse=parse: parse(data) for parse in (parse_saved, parse_config)),
    )
    for reader in readers:
        try:
            reader()
        except FormatError:
            continue


def _open(file: Path) -> bool:
    try:
        source = open_source(file)
        for entry in source.tree.entries:
            parts = entry.path.split("/")
            if {"", ".", ".."} & set(parts) or "\0" in entry.path:
                raise AssertionError(f"{entry.path!r} is outside")
            if entry.kind is Kind.FILE:
                if len(source.read(entry.path)) != entry.size_bytes:
                    raise AssertionError(f"{entry.path!r} is shorter than is said")
                source.mtime_ns(entry.path)
    except InputError as error:
        if "\n" in str(error):
            raise AssertionError(f"more than a line: {error}") from None
        return False
    return True


def made(rng: Random) -> bytes:
    """Return a tar or an image, whole or broken in one of many ways."""
    layers = [_layer(rng) for _ in range(rng.randint(1, 3))]
    end = rng.choice(list(PACKED))
    kind = rng.randrange(5)
    if kind == 0:
        return _broken(rng, PACKED[end](_broken(rng, layers[0])))
    if kind == 1:
        return _broken(rng, layers[0])
    if kind == 2:
        return _broken(rng, PACKED[end](docker_save([_broken(rng, layer) for layer in layers])))
    layout = oci_layout([_broken(rng, layer) for layer in layers], end)
    layout = _odd_documents(rng, layout) if kind == 3 else layout
    return _broken(rng, tar_of_files(layout))


def _layer(rng: Random) -> bytes:
    infos: list[tuple[tarfile.TarInfo, bytes]] = []
    for _ in range(rng.randint(0, 6)):
        info = member(rng.choice(_NAMES), rng.choice(_KINDS), rng.choice(_NAMES))
        info.mtime = rng.choice((0, -1, 1.5, 2**40))
        infos.append((info, rng.randbytes(rng.choice((0, 1, 700))) if info.isreg() else b""))
    if rng.random() < 0.5:
        return tar_of(infos)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=rng.choice(_FORMATS)) as tar:
        for info, data in infos:
            info.mtime, info.size = max(0, int(info.mtime) & 0o77777777777), len(data)
            try:
                tar.addfile(info, io.BytesIO(data))
            except ValueError:  # ustar takes no long names
                continue
    return out.getvalue()


def _broken(rng: Random, data: bytes) -> bytes:
    """Return bytes that were changed in a few places, or as they are."""
    if rng.random() < 0.4 or not data:
        return data
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        rng.choice(_WAYS)(rng, out)
        if not out:
            break
    return bytes(out)


def _flip(rng: Random, out: bytearray) -> None:
    out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)


def _set(rng: Random, out: bytearray) -> None:
    out[rng.randrange(len(out))] = rng.choice((0, 0x20, 0x2F, 0x30, 0x7F, 0x80, 0xFF))


def _cut(rng: Random, out: bytearray) -> None:
    del out[rng.randrange(len(out)) :]


def _repeat(rng: Random, out: bytearray) -> None:
    at = rng.randrange(len(out)) // _BLOCK * _BLOCK
    to = rng.randrange(len(out)) // _BLOCK * _BLOCK
    out[to:to] = out[at : at + _BLOCK * rng.randint(1, 4)]


def _remove(rng: Random, out: bytearray) -> None:
    at = rng.randrange(len(out)) // _BLOCK * _BLOCK
    del out[at : at + _BLOCK * rng.randint(1, 4)]


def _field(rng: Random, out: bytearray) -> None:
    """Change a field of a header, and put its checksum right."""
    headers = [
        at for at in range(0, len(out) - _BLOCK + 1, _BLOCK) if out[at + 257 : at + 262] == b"ustar"
    ]
    if not headers:
        return
    at = rng.choice(headers)
    start, size = rng.choice(
        ((0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (345, 155))
    )
    value = rng.choice(
        (
            b"\xff" * size,
            b"\x80" + rng.randbytes(size - 1),
            b"7" * size,
            b"\0" * size,
            rng.choice((b"x", b"g", b"L", b"K", b"S", b"V", b"0", b"1", b"2", b"5", b"Z")).ljust(
                size, b"\0"
            ),
            rng.choice((b"../../x", b"/", b"a/../..", b".wh..", b".wh.a", b"..")).ljust(
                size, b"\0"
            ),
            b"%011o\0" % rng.randrange(8**11),
            rng.randbytes(size),
        )
    )
    out[at + start : at + start + size] = value[:size].ljust(size, b"\0")
    block = out[at : at + _BLOCK]
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    out[at + 148 : at + 156] = b"%06o\0 " % total


_WAYS = (_flip, _set, _cut, _repeat, _remove, _field, _field, _field)


def _odd_documents(rng: Random, layout: dict[str, bytes]) -> dict[str, bytes]:
    """Return a layout with a value of a document changed, and the digests of it put right."""
    out = dict(layout)
    documents = [name for name, data in out.items() if data[:1] == b"{"]
    name = rng.choice(documents)
    document = json.loads(out[name])
    table, key = rng.choice(list(_places(document)))
    table[key] = rng.choice(_ODD)
    if rng.random() < 0.2:
        table[rng.choice(("urls", "data", "platform", "mediaType", "extra"))] = rng.choice(_ODD)
    data = json.dumps(document).encode()
    if not name.startswith("blobs/"):
        return {**out, name: data}
    return _renamed(out, name, data)


def _renamed(layout: dict[str, bytes], name: str, data: bytes) -> dict[str, bytes]:
    """Return a layout with other bytes for a blob, in all that names it."""
    old, new = name.rpartition("/")[2], hashlib.sha256(data).hexdigest()
    out = {key: value for key, value in layout.items() if key != name}
    out[f"blobs/sha256/{new}"] = data
    for other, text in list(out.items()):
        if text[:1] == b"{" and old.encode() in text:
            row = text.replace(old.encode(), new.encode())
            row = row.replace(b'"size": %d' % len(layout[name]), b'"size": %d' % len(data))
            if other.startswith("blobs/"):
                return _renamed(out, other, row)
            out[other] = row
    return out


def _places(value: object) -> Iterator[tuple[dict[str, object], str]]:
    """Yield every table in a document with each of its keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield value, key
            yield from _places(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _places(inner)


if __name__ == "__main__":
    raise SystemExit(main())
