"""What slim makes of a Java runtime 25: alone, and with a function in Clojure and ``--jlink``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from trees import Unavailable, jre25, proofs

#: Most bytes that are asked for, at level 12: of the runtime, and with --jlink of the function.
ASKED, ASKED_LINKED = 64_000_000, 32_000_000


def main() -> None:
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        folder = Path(scratch).resolve()
        alone = _built(folder, jre25.runtime().resolve())
        print(f"jre, Debian's 25: {alone:,} B, asked {ASKED:,}", flush=True)
        try:
            jdk = str(jre25.jdk())
        except Unavailable as reason:
            print(f"jre, with --jlink: not measured, {reason}")
            return
        tree = jre25.function(folder / "fn")
        own = ("--as-function", "--jlink", "reached", "--jdk", jdk)
        linked = _built(folder, tree, *own)
        print(f"jre, a function in Clojure with --jlink: {linked:,} B, asked {ASKED_LINKED:,}")
        ran = ("verify", "--function", "out.zip", "--event", '{"a": 1}')
        print(f"  {proofs.slim(*ran, cwd=folder).stdout.strip().splitlines()[-1]}", flush=True)


def _built(folder: Path, tree: Path, *options: str) -> int:
    args = ("build", str(tree), "-o", "out.zip", "--level", "12", *options)
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    done = proofs.slim(*args, cwd=folder, env=env)
    if done.returncode:
        raise RuntimeError(f"slim cannot build {tree}:\n{done.stdout}{done.stderr}")
    return (folder / "out.zip").stat().st_size
