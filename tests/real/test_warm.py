"""Caches that `slim warm` makes are hit from where they ship, and miss without harm."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import slim
from trees import HERE, jvm, node

pytestmark = pytest.mark.real

EVENT = {"name": "tea"}
HANDLER = """
const express = require("express");
exports.handler = async (event) => ({ name: event.name, app: typeof express() });
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "e.json").write_text(json.dumps(EVENT), "utf-8")
    return tmp_path


def ran(work: Path, *argv: str, path: str = "") -> str:
    env = {"PATH": f"{path}:{os.environ['PATH']}"} if path else {}
    done = slim(*argv, cwd=work, env=env, process=True)
    assert done.code == 0, done.text
    return done.text


def table(work: Path) -> Any:
    return json.loads((work / "warm.json").read_bytes())


def test_a_compile_cache_of_node_is_hit(work: Path) -> None:
    tree = work / "tree"
    shutil.copytree(node.application() / "node_modules", tree / "node_modules", symlinks=True)
    (tree / "app.js").write_text(HANDLER, "utf-8")
    runs = ("--runtime", "nodejs22.x", "--handler", "app.handler", "--event", "e.json")
    bin_path = str(node.home() / "bin")
    level = ("--level", "1")
    ran(
        work,
        "warm",
        "tree",
        "--as-function",
        *runs,
        "-o",
        "w.zip",
        "--json",
        "warm.json",
        path=bin_path,
    )
    [cache] = table(work)["caches"]
    assert cache["hits"] > 50
    ran(work, "build", "tree", "-o", "a.zip", "--warm", "w.zip", *level)
    env = ("--env", cache["env"])
    said = ran(work, "verify", "--function", "a.zip", *runs, *env, path=bin_path)
    assert '{"name":"tea","app":"function"}' in said
    # A module that was changed is no longer what was compiled.
    (tree / "app.js").write_text(HANDLER + "\n", "utf-8")
    done = slim("build", "tree", "-o", "b.zip", "--warm", "w.zip", *level, cwd=work)
    assert (done.code, "it was made of other files than ship now" in done.err) == (3, True)


@pytest.mark.heavy
def test_an_archive_of_classes_is_used_from_the_layer(work: Path) -> None:
    tree = work / "tree"
    shutil.copytree(jvm.tree(), tree, symlinks=True)
    shutil.copytree(HERE / "jvm_app", tree, dirs_exist_ok=True)
    ran(work, "warm", "tree", "--event", "e.json", "-o", "w.zip", "--json", "warm.json")
    [cache] = table(work)["caches"]
    assert cache["hits"] > 1000
    ran(work, "build", "tree", "-o", "a.zip", "--warm", "w.zip", "--level", "1")
    # With -Xshare:on a JVM starts only if it uses the archive.
    env = ("--env", f"{cache['env']} -Xshare:on")
    said = ran(work, "verify", "a.zip", "--event", "e.json", *env)
    assert "passed: 1 event answered" in said
