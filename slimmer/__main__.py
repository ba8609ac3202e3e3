"""Runs the command line as ``python -m slimmer``."""

from slimmer.cli import main

if __name__ == "__main__":
    main()
