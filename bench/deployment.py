"""The table of whole deployments: what ships without and with ``--tree-shake``, and the answers.

Each row builds a real tree twice, runs the handler in the tree, and in what was unpacked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from trees import Unavailable, prisma, uberjar, wheels
from trees.otp import otp_layer
from trees.zips import unzip

_ANY_SIZE = ("--target", "lambda-image")  # what is over Lambda's caps is measured, too
_FUNCTION = """
import io, json
import boto3
import pandas

def handler(event, context):
    table = pandas.DataFrame({"word": ["a", "b", "a"], "count": [1, 2, 3]})
    file = io.BytesIO()
    table.groupby("word").sum().reset_index().to_parquet(file, engine="pyarrow")
    read = pandas.read_parquet(io.BytesIO(file.getvalue()), engine="pyarrow")
    client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a",
                          aws_secret_access_key="b")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    return {"counts": read["count"].tolist(), "host": url.partition("?")[0]}
"""
_BOOTSTRAP = "#!/bin/sh\nexec java -jar /var/task/app.jar\n"


class Row(NamedTuple):
    """A tree and its function, and how the handler is asked; in a scratch folder of its own."""

    title: str
    tree: Callable[[Path], Path]
    answer: Callable[[Path, Path], object]
    options: Sequence[str] = ()
    shaking: Sequence[str] = ("--tree-shake",)


class Built(NamedTuple):
    """What a build gives."""

    zip_bytes: int
    unzipped_bytes: int
    zip: Path


def main() -> None:
    """Print a line for each row: bytes zipped and unzipped, and whether the answers are equal."""
    for row in ROWS:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                print(_line(row, Path(scratch)), flush=True)
            except Unavailable as reason:
                print(f"{row.title}: not measured, {reason}")


def _line(row: Row, scratch: Path) -> str:
    tree = row.tree(scratch)
    options = [each.format(scratch=scratch) for each in row.options]
    today = _build(tree, scratch / "today.zip", options)
    reached = _build(tree, scratch / "reached.zip", [*options, *row.shaking])
    unzip(reached.zip, scratch / "slim")
    equal = row.answer(scratch / "slim", scratch) == row.answer(tree, scratch)
    return (
        f"{row.title}: {today.zip_bytes:,} B ({today.unzipped_bytes:,} B unzipped) today, "
        f"{reached.zip_bytes:,} B ({reached.unzipped_bytes:,} B) reached; "
        f"answers {'equal' if equal else 'DIFFER'}"
    )


def _build(tree: Path, dest: Path, options: Sequence[str]) -> Built:
    report = dest.with_suffix(".json")
    slim = [sys.executable, "-m", "slimmer", "build", str(tree), "-o", str(dest)]
    argv = [*slim, *_ANY_SIZE, *options, "--level", "12", "--json", str(report)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(done.stderr)
    (artifact,) = json.loads(report.read_text("utf-8"))["artifacts"]
    return Built(artifact["zip_bytes"], artifact["unzipped_bytes"], dest)


def _eight(scratch: Path) -> Path:
    with zipfile.ZipFile(scratch / "function.zip", "w") as archive:
        archive.writestr("app.py", _FUNCTION)
    return wheels.layer(*wheels.EIGHT)


def _ask_python(layer: Path, _: Path) -> object:
    start = f"import sys; sys.path.insert(0, {str(layer / 'python')!r})\n"
    ask = "\nprint(json.dumps(handler({}, None)))"
    argv = [sys.executable, "-I", "-S", "-B", "-c", start + _FUNCTION + ask]
    env = {"PATH": os.defpath, "HOME": "/nonexistent"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def _ask_otp(layer: Path, scratch: Path) -> object:
    """Return what the demo's script answers under ``slim verify``, which takes a zip or a tree."""
    event = scratch / "event.json"
    event.write_text('{"name": "you"}')
    report = scratch / "verify.json"
    argv = [sys.executable, "-m", "slimmer", "verify", str(layer), "--event", str(event)]
    argv += _ANY_SIZE
    done = subprocess.run([*argv, "--json", str(report)], capture_output=True, check=False)
    if not report.exists():
        raise Unavailable(done.stderr.decode())
    return [event["answer"] for event in json.loads(report.read_text("utf-8"))["run"]["events"]]


def _uberjar(make: Callable[[], Path]) -> Callable[[Path], Path]:
    """Return what lays out a jar and the script that starts it."""

    def laid(scratch: Path) -> Path:
        tree = scratch / "tree"
        tree.mkdir()
        (tree / uberjar.JAR).write_bytes((make() / uberjar.JAR).read_bytes())
        (tree / "bootstrap").write_text(_BOOTSTRAP)
        (tree / "bootstrap").chmod(0o755)
        return tree

    return laid


def _ask_java(folder: Path, _: Path) -> object:
    return uberjar.ran("java", "-jar", uberjar.JAR, "k1", cwd=folder)


ROWS = (
    Row("OTP + Elixir layer, the demo's function", lambda _: otp_layer(), _ask_otp),
    Row(
        "OTP + Elixir layer, aggressive",
        lambda _: otp_layer(),
        _ask_otp,
        options=("--tier", "aggressive"),
    ),
    Row(
        "eight Python libraries; pandas, parquet, client('s3')",
        _eight,
        _ask_python,
        options=("--pyc", "drop", "--with", "{scratch}/function.zip"),
    ),
    Row(
        "express, DynamoDB, sharp, Prisma with its command line",
        lambda _: prisma.function(),
        prisma.answer,
        options=("--target", "nodejs22.x"),
        shaking=("--tree-shake", "--entry", "index.handler"),
    ),
    Row(
        "Clojure uberjar with the AWS SDK",
        _uberjar(uberjar.clojure),
        _ask_java,
        shaking=("--tree-shake", "--entry", "shop.core"),
    ),
    Row("twelve reflective parts in one jar", _uberjar(uberjar.parts), _ask_java),
)
