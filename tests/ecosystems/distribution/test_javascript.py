"""What JavaScript of a distribution's packages names in an image, and what nobody's files do."""

from __future__ import annotations

import json

import pytest

from slimmer.model.started import Started
from tests.ecosystems.distribution.test_uses import PACKAGES, reached
from tests.support.installed import npm_lock

MAIN, SCRIPT = "app/main.js", "usr/share/nodejs/plain/index.js"
OTHER = "usr/bin/other"
STARTED = Started(("/app/main.js",))
BASE = {"usr/bin/node": b"-", MAIN: b"require('/usr/share/nodejs/plain')\n"}


def placed(package: str, *paths: str) -> dict[str, bytes]:
    """The list of a package with more files."""
    lines = [*PACKAGES[package], *(f"/{path}" for path in paths)]
    return {f"var/lib/dpkg/info/{package}.list": "".join(f"{p}\n" for p in lines).encode()}


def stays_with(code: bytes) -> set[str]:
    return reached({**BASE, **placed("plain", SCRIPT), SCRIPT: code}, STARTED)


@pytest.mark.parametrize(
    "starter",
    [
        b"require('child_process')",
        b"import { run } from 'cross-spawn'",
        b"const { execa } = require('execa')",
        b"execFile(x)",
        b"process.binding('spawn_sync')",
        b"require('@npmcli/run-script')",
        b"require('shelljs')",
        b"import which from 'which'",
        b"require('node-pty')",
        b"import launch from 'chrome-launcher'",
    ],
)
def test_a_program_counts_that_a_package_names_which_starts_programs(starter: bytes) -> None:
    assert SCRIPT in stays_with(b"go('other')\n")
    assert OTHER not in stays_with(b"/x/.exec(y); text = 'Made by `other -x`'\n")
    assert OTHER in stays_with(starter + b"\ngo('other')\n")


def test_another_file_of_the_package_may_start_it() -> None:
    runs = "usr/share/nodejs/plain/run.js"
    files = {**BASE, **placed("plain", SCRIPT, runs), SCRIPT: b"exports.name = 'other'\n"}
    assert OTHER in reached({**files, runs: b"require('child_process')\n"}, STARTED)


@pytest.mark.parametrize("way", ["require('other')", "import x from 'other'", 'import "other"'])
def test_a_module_that_is_asked_for_is_no_program(way: str) -> None:
    code = b"const { spawn } = require('child_process')\n"
    assert OTHER not in stays_with(code + way.encode() + b"\n")
    assert OTHER in stays_with(code + way.encode() + b"\nspawn('other')\n")


def leaf(name: str = "leaf") -> dict[str, bytes]:
    """A package of npm that the user installed beside the function."""
    paths = {f"app/node_modules/{name}/package.json": json.dumps({"name": name}).encode()}
    paths[f"app/node_modules/{name}/index.js"] = b"\n"
    lock = npm_lock([f"node_modules/{name}/"])
    return paths | {f"app/{path}": data for path, data in lock.items()}


@pytest.mark.parametrize(
    ("name", "code", "stays"),
    [
        ("leaf", b"x = 'leaf'\n", False),
        ("leaf", b"require('leaf')\n", True),
        ("process", b"require('process')\n", False),
        ("process", b"require('process/')\n", True),
    ],
)
def test_a_distributions_source_uses_what_it_requires(name: str, code: bytes, stays: bool) -> None:
    files = {**BASE, **placed("plain", SCRIPT), SCRIPT: code, **leaf(name)}
    assert (f"app/node_modules/{name}/index.js" in reached(files, STARTED)) is stays


def test_who_has_a_copy_of_its_own_needs_not_the_package_that_has_another() -> None:
    inside = "usr/share/nodejs/plain/node_modules/leaf"
    copy = {f"{inside}/package.json": b'{"name": "leaf"}', f"{inside}/index.js": b"\n"}
    copy |= {f"{inside}/node_modules/.package-lock.json": b"{}"}
    files = {**BASE, **placed("plain", *copy), **copy, **leaf(), MAIN: b"require('leaf')\n"}
    stays = reached(files, STARTED)
    assert "app/node_modules/leaf/index.js" in stays
    assert "usr/bin/plain" not in stays


@pytest.mark.parametrize("name", ["Makefile", "build/x.mk", "addon.Makefile", "GNUmakefile"])
def test_a_makefile_names_nothing_where_there_is_no_make(name: str) -> None:
    files = {**BASE, MAIN: b"\n", f"app/{name}": b"all:\n\tother -x\n"}
    assert OTHER not in reached(files, STARTED)
    assert OTHER in reached({**files, "usr/bin/make": b"-"}, STARTED)
    assert OTHER in reached({**files, "opt/tools/make": b"\x7fELF"}, STARTED)


def test_bytecode_belongs_to_the_package_that_placed_its_source() -> None:
    folder = "usr/lib/python3/dist-packages/lib"
    source, compiled = f"{folder}/x.py", f"{folder}/__pycache__/x.cpython-311.pyc"
    own = "app/y.py"
    files = {**BASE, MAIN: b"\n", **placed("other", source), source: b"\n"}
    stays = reached({**files, compiled: b"-", own: b"\n"}, STARTED)
    assert stays.isdisjoint({source, compiled, OTHER})
    assert own in stays
