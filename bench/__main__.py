"""Prints every figure: ``python -m bench``, or ``python -m bench sizes`` for one of them."""

from __future__ import annotations

import os
import sys

from bench import (
    classes,
    commands,
    deployment,
    estimate,
    features,
    gate,
    guards,
    imports,
    jre,
    layer,
    misses,
    page,
    rebuild,
    runs,
    scan,
    secrets,
    shrink,
    sizes,
    starts,
    stubs,
    trace,
    verify,
)
from trees import Unavailable

BENCHES = {
    "scan": scan.main,
    "layer": layer.main,
    "guards": guards.main,
    "secrets": secrets.main,
    "gate": gate.main,
    "rebuild": rebuild.main,
    "estimate": estimate.main,
    "commands": commands.main,
    "sizes": sizes.main,
    "deployment": deployment.main,
    "classes": classes.main,
    "imports": imports.main,
    "page": page.main,
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


def main() -> None:
    os.environ["SLIM_CACHE"] = "off"  # what is measured is the work
    for name in sys.argv[1:] or BENCHES:
        try:
            BENCHES[name]()
        except Unavailable as reason:
            print(f"{name}: not measured, {reason}")


if __name__ == "__main__":
    main()
