"""What variables of the environment ask for."""

from __future__ import annotations

import os

COMPLETE = "_SLIM_COMPLETE"  # what a shell that completes a line sets


def colour() -> bool | None:
    """Return whether to colour: what NO_COLOR and FORCE_COLOR say, else None, as it fits.

    Any value but the empty one counts (no-color.org, force-color.org), and no wins.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None
