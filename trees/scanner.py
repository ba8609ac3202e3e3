"""syft, a scanner of packages that people use, which Go builds: what it finds in an image."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from trees import REAL, Unavailable, aws, debian, once

_VERSION = "v1.18.1"
_PACKAGE = f"github.com/anchore/syft/cmd/syft@{_VERSION}"
_QUIET = {"SYFT_CHECK_FOR_APP_UPDATE": "false"}


@once
def syft() -> Path:
    """Give the program. Raises Unavailable without Go. It takes minutes once."""
    dest = REAL / f"syft-{_VERSION}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            env = {"GOBIN": str(folder), "CGO_ENABLED": "0"}
            aws.run(["go", "install", _PACKAGE], folder, "syft", env)
    return dest / "syft"


def packages(image: str) -> list[dict[str, Any]]:
    """Return what syft lists of an image that it opens by a word such as ``oci-dir:PATH``.

    Raises Unavailable where it does not end well.
    """
    command = [str(syft().resolve()), "scan", "--quiet", "--output", "syft-json", image]
    done = subprocess.run(
        command, env={**os.environ, **_QUIET}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"syft: {done.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["artifacts"]
    return found
