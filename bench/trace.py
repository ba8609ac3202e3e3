"""What strace sees a function use, and slim's trace does not: on the project's own trees.

slim watches the events once, and all of it runs under ``strace -f``: both see the same run. strace
tells of each call that names a file and succeeds, also of those that slim does not ask about.
"""

from __future__ import annotations

import pickle
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from posixpath import join

from bench.each import each
from slimmer.shrink.used import used_paths
from slimmer.verify.trace.syscalls import Access, Kind
from trees import Unavailable, proofs

# A process, a call, the folder of a descriptor where one is given, and the name.
_CALL = re.compile(r'^(\d+) +\w+\((?:[^"<,]*(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)")


def main() -> None:
    if shutil.which("strace") is None:
        raise Unavailable("strace is not installed")
    for name, folder in each("trace", (*proofs.TREES, *proofs.USES)):
        with proofs.laid_out(name, folder) as laid:
            print(measure(name, laid), flush=True)


def measure(name: str, laid: proofs.Laid) -> str:
    """Return how many files of the artifact both saw, and which strace alone."""
    watched, traced = laid.folder / "watched", laid.folder / "strace"
    strace = ("strace", "-f", "-z", "-y", "-s", "4096", "-e", "trace=%file", "-o", str(traced))
    slim = (sys.executable, "-m", "bench.watched", str(watched))
    proofs.shrink(name, laid, program=(*strace, *slim))
    artifact, place, accesses = pickle.loads(watched.read_bytes())  # noqa: S301 - just written
    ours = used_paths(artifact, place, accesses)
    theirs = used_paths(artifact, place, _accesses(traced, place))
    unseen = sorted(theirs - ours)
    said = f"trace, {name}: strace saw {len(theirs):,} files in use, slim {len(ours):,}"
    return f"{said}; unseen by slim: {len(unseen):,} {', '.join(unseen[:20])}".rstrip()


def _accesses(traced: Path, place: str) -> Iterator[Access]:
    """Yield the absolute paths that strace tells of, of the processes of the function.

    These are who is seen first when the listener starts, or later; slim's own laid the files out.
    strace names folders as they lie on this machine, where a sandbox's own path is their end.
    """
    own: set[str] = set()
    has_started = False
    with traced.open(encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            if found := _CALL.match(line):
                process, folder, name = found.groups()
                has_started |= "execve(" in line and "listener.py" in line
                if not has_started:
                    own.add(process)
                if process in own:
                    continue
                path = _text(name)
                if not path.startswith("/"):
                    path = join(folder or "/", path)
                yield Access(Kind.LOOK, path)
                cut = path.find(f"{place}/")
                if cut > 0:
                    yield Access(Kind.LOOK, path[cut:])


def _text(quoted: str) -> str:
    """Return what strace wrote in C's notation."""
    plain = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}

    def one(found: re.Match[bytes]) -> bytes:
        word = found[1]
        return bytes([int(word, 8)]) if word[:1].isdigit() else plain.get(word, word)

    return _ESCAPED.sub(one, quoted.encode(errors="surrogateescape")).decode(
        errors="surrogateescape"
    )
