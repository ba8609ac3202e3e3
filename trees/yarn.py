"""An application as Yarn's Plug'n'Play lays it out: packages in archives, and a map of them."""

import os
import subprocess
from pathlib import Path

from trees import BUILD, REAL, Unavailable, debian, node, once

_YARN = "@yarnpkg/cli-dist@4.9.2"


@once
def plug_n_play(*packages: str) -> Path:
    """Give a folder with ``.pnp.cjs`` and these packages. Raises Unavailable."""
    yarn = node.layer(_YARN) / "nodejs/node_modules/@yarnpkg/cli-dist/bin/yarn.js"
    dest = REAL / "-".join(["yarn", *packages]).replace("/", "+")
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            (folder / "package.json").write_text('{"name": "app", "version": "1.0.0"}\n')
            (folder / "yarn.lock").touch()
            _run([str(node.home() / "bin" / "node"), str(yarn), "add", "-E", *packages], folder)
    return dest


def _run(argv: list[str], folder: Path) -> None:
    npm = node.home() / "lib/node_modules/npm/bin/npm-cli.js"
    asked = [str(node.home() / "bin" / "node"), str(npm), "config", "get", "registry"]
    registry = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    env = {
        **os.environ,
        "HOME": str(BUILD),
        "YARN_CACHE_FOLDER": str(folder / ".yarn/cache"),
        "YARN_ENABLE_GLOBAL_CACHE": "false",
        "YARN_ENABLE_SCRIPTS": "false",
        "YARN_ENABLE_TELEMETRY": "0",
        "YARN_NPM_REGISTRY_SERVER": registry.rstrip("/"),
    }
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"no application by Yarn: {done.stdout.strip()}")
