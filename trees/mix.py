"""A Mix release of a small application, built by the Elixir of the OTP layer."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from trees import HERE, REAL, debian, digest, once
from trees.otp import otp_layer

_APP = HERE / "mix_app"


@once
def mix_release() -> Path:
    """Give the release, with a bootstrap. Raises Unavailable."""
    otp = otp_layer()
    dest = REAL / f"mix-{digest(_APP)}"
    if not dest.is_dir():
        with debian.aside(dest) as release:
            make_release(otp, _APP, release)
            shutil.copyfile(_APP / "bootstrap", release / "bootstrap")
            (release / "bootstrap").chmod(0o755)
    return dest


def make_release(otp: Path, source: Path, dest: Path) -> None:
    """Make the release of a project in `dest`; nothing is written beside the project."""
    with tempfile.TemporaryDirectory() as temp:
        app = Path(temp) / "app"
        shutil.copytree(source, app)
        done = subprocess.run(
            ["mix", "release", "--quiet", "--path", str(dest), "--overwrite"],
            cwd=app,
            env={
                "HEX_HOME": temp,
                "HOME": temp,
                "LANG": "C.UTF-8",
                "MIX_ENV": "prod",
                "MIX_HOME": temp,
                "PATH": f"{otp.resolve() / 'bin'}:{os.defpath}",
            },
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"mix release failed:\n{done.stdout}{done.stderr}")
