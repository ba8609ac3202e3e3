"""Brings a function with express, a client of DynamoDB, sharp, and Prisma with one SQLite schema.

Prisma's command line is left in node_modules, as ``npm install`` leaves it. The client is generated
without the engine that is a program, since none is on npm: ``engineType = "client"``.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, digest, node, once

APP = HERE / "prisma_app"
_PACKAGES = (
    *("express@4.22.3", "@aws-sdk/client-dynamodb@3.1169.0", "sharp@0.34.5"),
    *("@prisma/client@6.19.3", "@prisma/adapter-libsql@6.19.3", "prisma@6.19.3"),
)
_ASK = (
    "require(process.argv[1]).handler()"
    ".then((answer) => { console.log(JSON.stringify(answer)); process.exit() })"
)


@once
def function() -> Path:
    """Give the function with its packages, and the client that Prisma generated for it."""
    dest = REAL / f"prisma-{digest(APP)}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            shutil.copytree(node.function(*_PACKAGES), folder, dirs_exist_ok=True, symlinks=True)
            shutil.copytree(APP, folder, dirs_exist_ok=True)
            _generate(folder)
    return dest


def _generate(folder: Path) -> None:
    """Run ``prisma generate``, which asks for no engine where one is named."""
    env = {**os.environ, "PRISMA_SCHEMA_ENGINE_BINARY": shutil.which("true") or ""}
    argv = [str(node.home() / "bin/node"), "node_modules/prisma/build/index.js", "generate"]
    done = subprocess.run(
        argv, cwd=folder, env=env, umask=0o022, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"no client of Prisma: {done.stderr.strip()}")


def answer(folder: Path, scratch: Path) -> object:
    """Return what the handler of a function answers; its database is a new file in ``scratch``."""
    notes = scratch / "notes.db"
    notes.unlink(missing_ok=True)
    with sqlite3.connect(notes) as database:
        database.execute(
            "CREATE TABLE Note (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
            "text TEXT NOT NULL, words INTEGER NOT NULL)"
        )
    database.close()
    program = [str(node.home() / "bin/node"), "--no-warnings", "-e", _ASK]
    argv = [*program, str(folder.resolve() / "index.js")]
    env = {"PATH": os.environ["PATH"], "NOTES": f"file:{notes.resolve()}"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr
