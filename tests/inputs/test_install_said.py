"""Why an install failed is one line of the many that pip, uv and npm print, with what to do."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from slimmer.inputs.install_said import why
from tests.support.command import Outcome, slim
from tests.support.trees import write_tree

PLACE = "python3.13 on x86_64"
NOWHERE = "http://127.0.0.1:9/"  # where nothing listens


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            (
                "error: No solution found\n  cause: Because big==1 has no usable wheels and you "
                "require big==1, it fails.\n\nhint: Wheels are required\n"
            ),
            f"no wheel of big==1 for {PLACE}; where only its source is published, build its wheel",
        ),
        (
            "error: No solution found\n  cause: Because there is no version of big==9 and you\n",
            "there is no version big==9; name a version that exists",
        ),
        (
            (
                "error: No solution found\n  cause: Because a==1 depends on b<2, you need b<2.\n"
                "         And because you require b==3, it fails.\nhint: more\n"
            ),
            (
                "No solution found: Because a==1 depends on b<2, you need b<2. And because you "
                "require b==3, it fails."
            ),
        ),
        (
            "error: Failed to download `a==1`\n  cause: Hash mismatch for `a==1`\n\n  Expected:\n",
            "what is downloaded is not what FILE locks: Hash mismatch for `a==1`; find out why",
        ),
        (
            (
                "npm error code EUSAGE\nnpm error\nnpm error the two are to be in sync\nnpm error\n"
                "npm error Missing: a@2.0.0 from lock file\nnpm error Missing: b@1.0.0 from\n"
            ),
            "it does not go with package.json: Missing: a@2.0.0 from lock file; run npm install",
        ),
        (
            "npm error code ETARGET\nnpm error notarget No matching version found for a@9.0.0.\n",
            "no version a@9.0.0 is published; name one that is",
        ),
        (
            "npm error code EINTEGRITY\nnpm error Integrity checksum failed when using sha512\n",
            "what is downloaded is not what FILE locks; find out why",
        ),
        (
            (
                "npm error code 3\nnpm error path /c/node_modules/@x/y\nnpm error command failed\n"
                "npm error command sh -c node-gyp rebuild\nnpm error boom\n"
            ),
            "the install script of @x/y fails: node-gyp rebuild; run npm ci there",
        ),
        (
            "npm error code E418\nnpm error\nnpm error 404 what is told\nnpm error a log\n",
            "what is told",
        ),
        ("Resolving dependencies...\n\nThe project is new\n", "The project is new"),
        ("ERROR: " + "x" * 999, "x" * 299 + "…"),
        ("", ""),
    ],
)
def test_of_what_a_tool_prints_the_line_that_tells_is_taken(said: str, line: str) -> None:
    assert why(said, "FILE", PLACE).startswith(line)


def wheel(folder: Path, version: str) -> None:
    """Write a wheel of a package that there is nowhere else."""
    folder.mkdir(exist_ok=True)
    info = f"only_here-{version}.dist-info"
    files = {
        "only_here.py": b"x = 1\n",
        f"{info}/METADATA": f"Name: only-here\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()},\n"
        for path, data in files.items()
    )
    with zipfile.ZipFile(folder / f"only_here-{version}-py3-none-any.whl", "w") as made:
        for path, data in {**files, f"{info}/RECORD": rows.encode()}.items():
            made.writestr(path, data)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    wheel(tmp_path / "wheels", "1.0")
    return write_tree(tmp_path, {"src/app.py": "x = 1\n"})


def build(work: Path, tool: str, *args: str, **env: str) -> Outcome:
    """Build with one tool and no other on PATH."""
    path = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if path is None:
        pytest.skip(f"no {tool} here")
    (work / "bin").mkdir()
    (work / "bin" / tool).symlink_to(path)
    of_node = shutil.which("node") if tool == "npm" else None
    if of_node:
        (work / "bin/node").symlink_to(of_node)
    around = {"PATH": f"{work}/bin:/bin", "XDG_CACHE_HOME": f"{work}/c", "HOME": str(work)}
    return slim("build", "src", *args, "-q", cwd=work, env=around | env)


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize(
    ("wanted", "index", "of_pip", "of_uv"),
    [
        (
            "only-here==2.0",
            "",
            f"pip finds no wheel of only-here==2.0 for {PLACE}; the newest that there is: 1.0",
            "there is no version only-here==2.0; name a version that exists; it was",
        ),
        (
            "nowhere-else==1",
            "",
            f"pip finds no wheel of nowhere-else==1 for {PLACE}; where only its source is",
            "",
        ),
        (
            "nowhere-else==1",
            NOWHERE,
            "the registry cannot be reached: [Errno 111] Connection refused; check the network",
            "the registry cannot be reached: Connection refused; check the network",
        ),
    ],
)
def test_what_pip_and_uv_really_print_becomes_one_line(
    work: Path, tool: str, wanted: str, index: str, of_pip: str, of_uv: str
) -> None:
    where = f"--index-url {index}" if index else "--no-index --find-links wheels"
    (work / "requirements.txt").write_text(f"{where}\n{wanted}\n")
    env = {"PIP_RETRIES": "1", "UV_HTTP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13")
    done = build(work, tool, *args, **env)
    assert (done.code, done.err.count("\n")) == (3, 1), done.text
    line = of_pip if tool == "pip" else of_uv
    assert f"requirements.txt: cannot be installed: {line}" in done.err


def test_npm_without_its_registry_says_so(work: Path) -> None:
    rows = {
        "": {"dependencies": {"only-here": "1.0.0"}},
        "node_modules/only-here": {"version": "1.0.0", "resolved": f"{NOWHERE}x.tgz"},
    }
    lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": rows}
    package = {"name": "app", "version": "1.0.0", "dependencies": {"only-here": "1.0.0"}}
    (work / "package-lock.json").write_text(json.dumps(lock))
    (work / "package.json").write_text(json.dumps(package))
    args = ("--npm", "package-lock.json", "--target", "nodejs22.x")
    env = {"npm_config_registry": NOWHERE, "npm_config_fetch_retries": "0"}
    done = build(work, "npm", *args, **env)
    assert (done.code, done.err.count("\n")) == (3, 1), done.text
    assert "the registry cannot be reached: " in done.err
