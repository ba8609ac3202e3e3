"""Runs ``slim shrink`` up to its first watched run, and writes what that saw: for bench.trace.

``python -m bench.watched FILE shrink …``; FILE gets an artifact's tree, where it lay, and the
accesses, pickled.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import NoReturn

import slimmer.shrink.shrink
from slimmer.cli import main
from slimmer.shrink.shrink import ShrinkJob, Tell
from slimmer.shrink.site import Site


def _watch(job: ShrinkJob, site: Site, _: Tell) -> NoReturn:
    result, accesses = site.watch()
    if result.failure is not None:
        raise RuntimeError(result.failure.message)
    FILE.write_bytes(pickle.dumps((job.artifact, site.seen_at, accesses)))
    raise SystemExit(0)


if __name__ == "__main__":
    slimmer.shrink.shrink.shrink = _watch  # type: ignore[assignment]
    FILE = Path(sys.argv.pop(1))
    main()
