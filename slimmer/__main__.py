"""Runs the command line, as ``slim`` and as ``python -m slimmer``."""

import os
import sys

from slimmer import __version__


def main() -> None:
    """Run the command line and exit; what only asks for the version waits for no import."""
    if sys.argv[1:] == ["--version"] and not os.environ.get("_SLIM_COMPLETE"):
        try:
            print(f"slim, version {__version__}", flush=True)
        except (OSError, ValueError, AttributeError):
            pass  # what is wrong with the output is told below
        else:
            return
    from slimmer.cli import main as run

    run()


if __name__ == "__main__":
    main()
