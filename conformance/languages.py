"""What each language's shapes run under: AWS's client in the emulator, a runtime of slim's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from conformance.emulator import Runtime
from trees import aws, node

_PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"


class Language(NamedTuple):
    """How the shapes of a language are run both ways."""

    title: str
    #: AWS's client, as people know it.
    client: str
    #: What slim is given as --runtime.
    runtime: str
    #: Brings what the emulator needs. Raises Unavailable.
    emulated: Callable[[], Runtime]
    #: Gives the folder of the interpreter that slim is to find.
    path: Callable[[], Path | None] = lambda: None


def _python() -> Runtime:
    site = f"lib/{_PYTHON}/site-packages"
    return Runtime(
        (f"/var/lang/bin/{_PYTHON}", "-m", "awslambdaric", "{handler}"),
        {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{_PYTHON}",
            "PYTHONPATH": f"/opt/python/{site}:/opt/python:/var/runtime",
        },
        {"/var/runtime": aws.python_client(), "/var/lang": Path(sys.base_prefix)},
    )


def _node() -> Runtime:
    options = ("--no-experimental-require-module", "--no-experimental-detect-module")
    modules = "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules"
    return Runtime(
        ("/var/lang/bin/node", *options, "/var/runtime/bin/index.mjs", "{handler}"),
        {
            "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
            "NODE_PATH": f"{modules}:/var/runtime/node_modules:/var/runtime:/var/task",
        },
        {"/var/runtime": aws.node_client(), "/var/lang": node.home()},
    )


LANGUAGES = {
    "python": Language("Python", "awslambdaric", _PYTHON, _python),
    "node": Language(
        "Node.js", "aws-lambda-ric", "nodejs22.x", _node, lambda: node.home() / "bin"
    ),
}
