"""Prints every figure: ``python -m bench``, or ``python -m bench sizes`` for one of them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from bench import (
    classes,
    commands,
    deployment,
    estimate,
    features,
    gate,
    growth,
    guards,
    hands,
    imports,
    jre,
    layer,
    limit,
    misses,
    packing,
    page,
    phases,
    pipe,
    quick,
    rebuild,
    runs,
    scan,
    secrets,
    shrink,
    sizes,
    starts,
    stubs,
    trace,
    usual,
    verify,
)
from slimmer.parallel import available_cores
from trees import Unavailable

BENCHES = {
    "scan": scan.main,
    "layer": layer.main,
    "usual": usual.main,
    "guards": guards.main,
    "secrets": secrets.main,
    "gate": gate.main,
    "phases": phases.main,
    "rebuild": rebuild.main,
    "packing": packing.main,
    "growth": growth.main,
    "limit": limit.main,
    "estimate": estimate.main,
    "commands": commands.main,
    "sizes": sizes.main,
    "deployment": deployment.main,
    "classes": classes.main,
    "imports": imports.main,
    "page": page.main,
    "pipe": pipe.main,
    "hands": hands.main,
    "runs": runs.main,
    "starts": starts.main,
    "misses": misses.main,
    "shrink": shrink.main,
    "features": features.main,
    "jre": jre.main,
    "stubs": stubs.main,
    "trace": trace.main,
    "verify": verify.main,
}


#: Part of no whole run.
QUICK = {"quick": quick.main}
RESULT = Path("build/bench.json")


class _Told(io.TextIOBase):
    """Passes on what is printed, and keeps it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return self._out.write(text)

    def flush(self) -> None:
        self._out.flush()


def main() -> None:
    """Run the benches that are named, or all; write what they say to build/bench.json as well."""
    os.environ["SLIM_CACHE"] = "off"  # what is measured is the work
    said: dict[str, list[str]] = {}
    names = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES | QUICK]:
        sys.exit(f"no bench is called {unknown[0]!r}; there are: {', '.join(BENCHES | QUICK)}")
    for name in names:
        told = _Told(sys.stdout)
        with contextlib.redirect_stdout(told):
            try:
                (BENCHES | QUICK)[name]()
            except Unavailable as reason:
                print(f"{name}: not measured, {reason}")
        said[name] = told.text.splitlines()
        RESULT.parent.mkdir(exist_ok=True)
        machine = {"cores": available_cores(), "load": os.getloadavg(), "python": sys.version}
        RESULT.write_text(json.dumps({"machine": machine, "figures": said}, indent=2) + "\n")


if __name__ == "__main__":
    main()
