"""Brings wheels of pinned versions by pip, laid out as in a layer, and keeps them in build/."""

import hashlib
from pathlib import Path

from trees import REAL, once, pip

_OLDER = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
EIGHT = (
    "boto3==1.44.5",
    "botocore==1.44.5",
    "certifi==2026.10.18",
    "cffi==2.1.1",
    "charset-normalizer==3.5.2",
    "cryptography==50.0.2",
    "idna==3.20",
    "jmespath==1.1.0",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "pillow==13.0.0",
    "pyarrow==26.0.1",
    "pycparser==3.12",
    "python-dateutil==2.9.0.post0",
    "requests==2.34.2",
    "s3transfer==0.19.3",
    "scipy==1.17.1",
    "six==1.17.0",
    "urllib3==2.8.0",
)
"""Eight libraries that many functions use, and what they need."""


@once
def layer(
    *requirements: str, python: str = "3.11", platform: str = "manylinux_2_34_x86_64"
) -> Path:
    """Give a folder whose python/ holds these wheels, for a Python and a platform.

    Raises Unavailable.
    """
    key = " ".join((*requirements, python, platform))
    dest = REAL / f"wheels-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    kind = ["--only-binary=:all:", "--no-deps", "--no-compile", "--implementation", "cp"]
    kind += ["--python-version", python, "--platform", platform]
    kind += [word for other in _OLDER for word in ("--platform", other)]
    return pip.brought(dest, ", ".join(requirements), *kind, *requirements, inside="python")
