"""The parts of HTML pages that stand in files, and the policy that lets only these run.

The policy is a Content Security Policy, level 3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path


def sheet(name: str) -> str:
    """Return the text of a part of the page."""
    return (Path(__file__).parent / "build" / "page" / name).read_text("utf-8")


def policy(styles: Sequence[str], script: str = "") -> str:
    """Return the policy that allows these styles and this script, by digest, and no request."""
    allowed = " ".join(map(_digest, styles))
    rules = [
        "default-src 'none'",
        f"style-src {allowed}",
        *([f"script-src {_digest(script)}"] if script else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
