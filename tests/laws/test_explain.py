"""Explain = build: for any tree and options, each path's verdict is the step in the report."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.command import slim
from tests.support.elves import program
from tests.support.trees import write_tree

LIBRARY = program("libc.so.6") + bytes(300)
# Each is dropped, rescued, linked or placed by a layer below under some of the options.
FILES = {
    "app.py": b"import helper\n",
    "helper.py": b"",
    "tests/test_app.py": b"def test(): pass\n",
    "README.md": b"# readme\n",
    "docs/index.html": b"<html>\n",
    "lib/libx.so.1.2": LIBRARY,
    "lib/libx.so.1": LIBRARY,
    "lib/liby.so": program("libx.so.1") + bytes(300),
    "lib/data.a": b"!<arch>\n",
    "node_modules/typescript/package.json": b'{"name": "typescript", "version": "5.0.0"}',
    "node_modules/typescript/lib/typescript.js": b"module.exports = {}\n",
    "node_modules/p/package.json": b'{"name": "p", "version": "1.0.0", "main": "i.js"}',
    "node_modules/p/i.js": b"module.exports = require('q')\n",
    "node_modules/p/README.md": b"read\n",
    "node_modules/p/i.d.ts": b"export {}\n",
    "erlang/lib/ssh-5.1/ebin/ssh.app": b"{application,ssh,[{applications,[kernel]}]}.\n",
    "erlang/lib/mnesia-4/ebin/mnesia.app": b"{application,mnesia,[{applications,[kernel]}]}.\n",
    "erlang/releases/25/OTP_VERSION": b"25.2\n",
    "x/__pycache__/app.cpython-311.pyc": b"not bytecode",
    "x.beam": b"FOR1",
}
LAYERS = {  # zips beside or below, by name
    "function.zip": {"index.js": b"require('typescript')\n", "app.so": program("libx.so.1")},
    "base.zip": {"README.md": b"# readme\n", "lib/libx.so.1.2": LIBRARY, "app.py": b"other"},
    "base-in-python.zip": {"python/app.py": FILES["app.py"], "python/docs/index.html": b"<html>\n"},
}
KEPT = ("keep", "drop", "link")


class Asked(NamedTuple):
    files: frozenset[str]
    options: tuple[str, ...]


def _options(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Return one of some options with their values, or none of them."""
    return st.sampled_from([(), *(tuple(name.split()) for name in names)])


asked = st.builds(
    Asked,
    st.frozensets(st.sampled_from(sorted(FILES)), min_size=1),
    st.tuples(
        _options("--tier safe", "--tier aggressive"),
        _options("--keep *.md", "--keep common/docs", "--keep /lib/"),
        _options("--drop *.md", "--drop /node_modules/", "--drop lib/*.so.1*", "--drop *.js"),
        _options("--with function.zip", "--function function.zip"),
        _options("--base base.zip", "--base base-in-python.zip"),
        _options("--prefix python"),
        _options("--no-dedupe"),
        _options("--no-guard node", "--no-guard native"),
        _options("--keep-bytes *.so*", "--no-transform elf-strip"),
        _options("--pyc drop", "--foreign keep", "--arch arm64", "--target provided.al2"),
    ).map(lambda parts: tuple(word for part in parts for word in part)),
)


def work_folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    for name, files in LAYERS.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            for path, data in files.items():
                archive.writestr(path, data)
    return folder


@given(asked)
@settings(max_examples=60)
def test_what_explain_says_is_what_build_does(run: Asked) -> None:
    folder = work_folder()
    try:
        write_tree(folder / "tree", {path: FILES[path] for path in run.files})
        built = slim("build", "tree", "--dry-run", "--json", "-", *run.options, cwd=folder)
        said = slim("explain", "tree", *sorted(run.files), *run.options, cwd=folder)
        found = slim("inspect", "tree", "--json", "-", *run.options, cwd=folder)
    finally:
        shutil.rmtree(folder)
    if built.code not in (0, 1):
        assert "every file is dropped" in built.err or said.err == built.err
        return
    report = json.loads(built.out)
    steps = {row["path"]: row["step"] for row in report["entries"]}
    assert {path: step for path, step in steps.items() if path in run.files} == verdicts(said.out)
    dropped = {row["tier"]: row["files"] for row in json.loads(found.out)["tiers"]}
    assert dropped[report["tier"]] == report["dropped"]["files"]


def verdicts(said: str) -> dict[str, str]:
    """Return the verdict on each path that explain speaks of."""
    rows = re.findall(r"^(keep|drop|link)  (\S+)", said, re.MULTILINE)
    return {path: verdict for verdict, path in rows}
