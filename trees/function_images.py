"""Images of functions in other languages, as people build them on Debian.

``apt-get install`` brings the runtime with its tools, pip, npm and Maven what the function imports.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from trees import HERE, REAL, aws, debian, digest, maven, node, once, pip
from trees.debian_image import PATH, TASK, layout, make_root, run

SOURCES = HERE / "function_images"
_WHEELS = ("--only-binary=:all:", "--python-version=3.11")
_JAVA = "opt/java"


class Image(NamedTuple):
    """How an image is made and started.

    ``fill`` puts the function into the root. ``features`` are what its handler can be asked for.
    """

    packages: Sequence[str]
    fill: Callable[[Path], None]
    command: Sequence[str]
    handler: str
    features: Sequence[str]
    #: What the image sets beside where its programs and the function are.
    variables: Sequence[str] = ()


def _python(root: Path) -> None:
    wanted = ("awslambdaric", "boto3", "fastapi", "mangum", "pandas")
    brought = pip.brought(REAL / "packages-of-the-python-image", "FastAPI", *_WHEELS, *wanted)
    shutil.copytree(brought, root / TASK, symlinks=True)
    shutil.copy(SOURCES / "app.py", root / TASK)


def _node(root: Path) -> None:
    packages = ("express", "lodash", "zod", "@aws-sdk/client-s3", "@aws-sdk/s3-request-presigner")
    shutil.copytree(node.function(*packages), root / TASK, symlinks=True)
    sources = shutil.ignore_patterns("deps")  # of its native part, with keys of curl's tests
    shutil.copytree(aws.node_client(4), root / TASK / "client", symlinks=True, ignore=sources)
    shutil.copy(SOURCES / "app.cjs", root / TASK)


def _java(root: Path) -> None:
    shutil.copytree(aws.java_home("25"), root / _JAVA, symlinks=True)
    shutil.copytree(maven.function(), root / TASK, symlinks=True)
    for jar in maven.client().glob("*.jar"):
        shutil.copy(jar, root / TASK / "lib")
    shutil.copy(SOURCES / "Features.java", root / TASK)
    path = f"{root}/{TASK}/lib/*:{root}/{TASK}"
    compiler = ["javac", "--release", "17", "-cp", path, "-d", str(root / TASK)]
    run([*compiler, str(root / TASK / "Features.java")], {})


IMAGES: Mapping[str, Image] = {
    "python": Image(
        ("ca-certificates", "python3", "python3-pip"),
        _python,
        ("/usr/bin/python3", "-m", "awslambdaric"),
        "app.handler",
        (
            *("route", "invalid", "openapi", "groups", "dates", "zones", "csv", "presigned"),
            *("paginator", "sqlite", "tls", "decimal", "log", "process", "gzip", "raise"),
        ),
    ),
    "node": Image(
        ("ca-certificates", "nodejs", "npm"),
        _node,
        ("/usr/bin/node", f"/{TASK}/client/start.mjs"),
        "app.handler",
        (
            *("route", "invalid", "presigned", "groups", "dates", "zones", "hash", "gzip"),
            *("worker", "process", "files", "url", "tls", "log", "raise"),
        ),
        # Lambda's user has no home in an image, and AWS's client ends the process without one.
        ("HOME=/tmp",),
    ),
    "java": Image(
        ("ca-certificates",),
        _java,
        (
            *(f"/{_JAVA}/bin/java", "-cp", f"/{TASK}:/{TASK}/lib/*"),
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        ),
        "Features::handle",
        (
            *("presigned", "json", "regex", "dates", "zones", "hash", "tls", "gzip", "process"),
            *("locale", "xml", "http", "log", "streams", "raise"),
        ),
    ),
}


@once
def function_image(language: str) -> Path:
    """Give an image as an OCI layout in a folder, its one layer not compressed.

    Raises Unavailable without root, and where what it is made of cannot be had.
    """
    image = IMAGES[language]
    dest = REAL / "-".join((f"{language}-image", digest(SOURCES), *_words(image.variables)))
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            root = folder.with_name("root")
            make_root(root, image.packages)
            image.fill(root)
            layout([root], folder, _config(image))
            shutil.rmtree(root)
    return dest


def _words(variables: Sequence[str]) -> list[str]:
    return [each.replace("=", "-").replace("/", "") for each in variables]


def _config(image: Image) -> Mapping[str, Sequence[str]]:
    own = (f"LAMBDA_TASK_ROOT=/{TASK}", f"_HANDLER={image.handler}", *image.variables)
    env = [f"PATH={PATH}", "LANG=C.UTF-8", *own]
    return {
        "Entrypoint": list(image.command),
        "Cmd": [image.handler],
        "Env": env,
        "WorkingDir": f"/{TASK}",
    }
