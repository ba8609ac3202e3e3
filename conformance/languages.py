"""What each language's shapes run under: AWS's client in the emulator, a runtime of slim's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from conformance.emulator import Runtime
from conformance.shapes import Shape, shapes
from trees import HERE, REAL, aws, debian, digest, maven, node, once, tools
from trees.otp import otp_layer

_PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"


class Language(NamedTuple):
    """How the shapes of a language are run both ways."""

    title: str
    #: AWS's client, as people know it.
    client: str
    #: What slim is given as --runtime, once all is there.
    runtime: Callable[[], str]
    #: Brings what the emulator needs. Raises Unavailable.
    emulated: Callable[[], Runtime]
    #: The file of its shapes, which several versions of a runtime share.
    family: str
    #: Gives the folder of the interpreter that slim is to find.
    path: Callable[[], Path | None] = lambda: None
    #: Makes the function or the layer of all its shapes, where they are not written out.
    function: Callable[[], Path | None] = lambda: None
    layer: Callable[[], Path | None] = lambda: None
    #: The folder of AWS's client that slim is to take.
    client_folder: Callable[[], Path | None] = lambda: None

    def shapes(self) -> tuple[Shape, ...]:
        """Return its shapes, in the order of their file."""
        return shapes(self.family, self.runtime())


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


def _node(version: int, client: int, *options: str) -> Language:
    def emulated() -> Runtime:
        modules = f"/opt/nodejs/node{version}/node_modules:/opt/nodejs/node_modules"
        return Runtime(
            ("/var/lang/bin/node", *options, "/var/runtime/start.mjs"),
            {
                "AWS_EXECUTION_ENV": f"AWS_Lambda_nodejs{version}.x",
                "NODE_PATH": f"{modules}:/var/runtime/node_modules:/var/runtime:/var/task",
            },
            {"/var/runtime": aws.node_client(client), "/var/lang": node.home(version)},
        )

    return Language(
        f"Node.js {version}",
        f"`aws-lambda-ric` {client}",
        lambda: f"nodejs{version}.x",
        emulated,
        "node",
        path=lambda: node.home(version) / "bin",
    )


def _java(version: str) -> Language:
    def emulated() -> Runtime:
        return Runtime(
            (
                "/var/lang/bin/java",
                "-XX:MaxHeapSize=891289k",  # 85 % of 1024 MiB
                *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                *("--add-opens=java.base/java.io=ALL-UNNAMED", "-Djava.net.preferIPv4Stack=true"),
                *("-classpath", "/var/runtime/*"),
                "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
                "{handler}",
            ),
            {"AWS_EXECUTION_ENV": f"AWS_Lambda_java{version}"},
            {"/var/runtime": maven.client(), "/var/lang": aws.java_home(version)},
        )

    return Language(
        f"Java {version}",
        "`aws-lambda-java-runtime-interface-client`",
        lambda: f"java{version}",
        emulated,
        "java",
        path=lambda: aws.java_home(version) / "bin",
        function=aws.java_function,
        client_folder=maven.client,
    )


@once
def _otp() -> Path:
    """Give the layer of Erlang/OTP and Elixir as slim makes it fit Lambda, unpacked."""
    source = otp_layer()
    dest = REAL / f"conformance-otp-{digest(HERE / 'otp_layer')}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            zipped = folder.with_suffix(".zip")
            slim = [sys.executable, "-m", "slimmer", "build", str(source), "-o", str(zipped)]
            aws.run(slim, folder, "layer of Erlang/OTP")
            aws.run(["unzip", "-q", str(zipped)], folder, "layer", tools.environment())
    return dest


def _bootstrap() -> Runtime:
    return Runtime((), {}, {})


def _provided() -> str:
    return "provided.al2023"


LANGUAGES = {
    "python": Language("Python", "`awslambdaric`", lambda: _PYTHON, _python, "python"),
    "node22": _node(22, 3, "--no-experimental-require-module", "--no-experimental-detect-module"),
    "node24": _node(24, 4),
    **{f"java{version}": _java(version) for version in aws.JAVAS},
    "go": Language("Go", "`aws-lambda-go`", _provided, _bootstrap, "go", function=aws.go_function),
    "rust": Language(
        "Rust", "`lambda_runtime`", _provided, _bootstrap, "rust", function=aws.rust_function
    ),
    "bootstrap": Language("Shell", "none", _provided, _bootstrap, "bootstrap"),
    "elixir": Language("Elixir", "none", _provided, _bootstrap, "elixir", layer=_otp),
    "extension": Language("Extensions", "none", _provided, _bootstrap, "extension"),
}
