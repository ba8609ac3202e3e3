"""Lay Debian's Erlang/OTP and Elixir out as a Lambda layer: `python -m demo.layer DEST`."""

import argparse
import sys
from pathlib import Path

from trees import Unavailable, debian, otp, pip

KNOWN = ("lib/erlang", "python")  # what a layer of ours has


def main() -> None:
    """Make the layer; where there are no Debian packages, a Python layer instead."""
    parser = argparse.ArgumentParser(prog="python -m demo.layer", description=main.__doc__)
    parser.add_argument("dest", type=Path, metavar="DEST", help="the layer's folder")
    parser.add_argument("--cache", type=Path, default=debian.CACHE, help="keeps the packages")
    options = parser.parse_args()
    if options.dest.exists() and not any((options.dest / known).is_dir() for known in KNOWN):
        parser.error(f"{options.dest} is there already and is no layer of ours")
    if (options.dest / "python").is_dir():
        sys.stderr.write(f"{options.dest} holds a Python layer already: nothing to do.\n")
        return
    try:
        otp.make_layer(options.dest, options.cache)
    except Unavailable as reason:
        sys.stderr.write(f"No Debian packages here ({reason}): a Python layer from pip instead.\n")
        try:
            pip.brought(options.dest, "Python layer", "requests", "pyyaml", inside="python")
        except Unavailable as error:
            sys.exit(f"{error}\nThe demo needs a package registry.")


if __name__ == "__main__":
    main()
