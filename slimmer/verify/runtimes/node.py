"""Node.js functions run under AWS's own aws-lambda-ric, or else under slim's own loop.

:file:`node_loop.mjs` does what that client does. It runs where the client is not installed, since
npm has to compile it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.verify.rootfs import FUNCTION, LAYERS, RUNTIME
from slimmer.verify.runtimes.program import BIN, Asked, Program, copy_into, on_path, said

_LOOP = Path(__file__).with_name("node_loop.mjs")
_CLIENT = "aws-lambda-ric"
_NATIVE = "rapid-client.node"
_CALLBACKS_UNTIL = 22  # the last version whose handlers may take a callback

#: What Node.js tries out and Lambda switches off (Lambda Developer Guide, "Building Lambda
#: functions with Node.js"): a version, the first of its minor ones that knows the option, its name.
_SWITCHED_OFF = (
    ("20", 17, "experimental-require-module"),
    ("22", 0, "experimental-require-module"),
    ("22", 0, "experimental-detect-module"),
)


class _Client(NamedTuple):
    """An installed aws-lambda-ric: its folder, and its major version."""

    folder: Path
    major: int

    @property
    def files(self) -> list[tuple[str, str]]:
        """Its own files, as ``copy_into`` takes them."""
        names = ["index.mjs", "package.json", _NATIVE, "bin/index.mjs", "dist/index.mjs"]
        names.append(f"dist/{_NATIVE}")
        return [(str(self.folder / n), n) for n in names if (self.folder / n).is_file()]


def start(asked: Asked) -> Program:
    """Return what starts a Node.js function. Raises UsageError where something is missing."""
    program, minor = _find(asked)
    real = os.path.realpath(program)
    client = _named(asked) if asked.client else _installed(real, int(asked.version))
    modules = [f"{LAYERS}/nodejs/node{asked.version}/node_modules", f"{LAYERS}/nodejs/node_modules"]
    return Program(
        (f"{BIN}/node", *_options(asked, minor), *_loop(asked, client)),
        {
            "NODE_PATH": ":".join([*modules, f"{RUNTIME}/node_modules", RUNTIME, FUNCTION]),
            "PATH": BIN,
        },
        on_path("node", real, ()),
        {"node": real},
    )


def _find(asked: Asked) -> tuple[str, int]:
    """Return the Node.js of the version that is asked for, and its minor version."""
    version = asked.version
    program = asked.interpreter or shutil.which("node")
    if program is None:
        raise UsageError(
            f"--runtime {asked.runtime}: there is no node on PATH; install Node.js {version}, or "
            "name one with --interpreter"
        )
    found = re.match(r"v(\d+)\.(\d+)", said([program, "--version"]))
    if found and found[1] == version:
        return program, int(found[2])
    what = f"is version {found[1]}" if found else "is no Node.js that runs"
    if asked.interpreter:
        raise UsageError(
            f"--interpreter {program}: {what}; name one of Node.js {version}, or the --runtime "
            "that it is for"
        )
    raise UsageError(
        f"--runtime {asked.runtime}: node on PATH {what}; put Node.js {version} before it, or name "
        "one with --interpreter"
    )


def _options(asked: Asked, minor: int) -> list[str]:
    """Return what Lambda switches off, unless the function's NODE_OPTIONS switch it on."""
    given = asked.env.get("NODE_OPTIONS", "").split()
    rows = [row for row in _SWITCHED_OFF if row[0] == asked.version and minor >= row[1]]
    return [f"--no-{name}" for *_, name in rows if f"--{name}" not in given]


def _loop(asked: Asked, client: _Client | None) -> list[str]:
    """Put what speaks to the Runtime API into /var/runtime; return its words of the command."""
    if client is None:
        shutil.copyfile(_LOOP, asked.dest / "index.mjs")
        return [f"{RUNTIME}/index.mjs"]
    copy_into(client.files, asked.dest)
    if (asked.dest / "index.mjs").is_file():
        return [f"{RUNTIME}/index.mjs"]
    return [f"{RUNTIME}/bin/index.mjs", asked.handler]


def _installed(node: str, version: int) -> _Client | None:
    """Return the client that npm installed beside this Node.js, if it treats handlers as Lambda's.

    Since its version 4 it refuses callbacks, as Lambda does after Node.js 22.
    """
    client = _client(Path(node).parents[1] / "lib" / "node_modules" / _CLIENT)
    if client is None or not any(name.endswith(_NATIVE) for _, name in client.files):
        return None
    return client if (client.major >= 4) == (version > _CALLBACKS_UNTIL) else None


def _named(asked: Asked) -> _Client:
    given = Path(asked.client)
    bring = f"bring it with npm install --prefix {given} {_CLIENT}"
    for folder in (given, given / _CLIENT, given / "node_modules" / _CLIENT):
        client = _client(folder)
        if client is None:
            continue
        if not any(name.endswith(_NATIVE) for _, name in client.files):
            raise UsageError(
                f"--client {given}: {_CLIENT} was installed without its {_NATIVE}; build it with "
                f"npm rebuild --prefix {given} {_CLIENT}"
            )
        return client
    raise UsageError(f"--client {given}: there is no {_CLIENT} in it; {bring}")


def _client(folder: Path) -> _Client | None:
    try:
        manifest = json.loads((folder / "package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("name") != _CLIENT:
        return None
    major = re.match(r"\d+", str(manifest.get("version")))
    return _Client(folder, int(major[0])) if major else None
