"""A cache that `slim warm` made is hit on an older processor, as a function and as a layer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import slim
from trees import BUILD, debian, node

pytestmark = [pytest.mark.real, pytest.mark.heavy]

# A runtime of its own: a node in the tree, which an emulator of a processor may run.
BOOTSTRAP = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
exec $RUN_BY "$here/node" "$here/runtime.js" 2>/tmp/log
"""
RUNTIME = """
const fs = require("node:fs"), express = require("express"), zod = require("zod");
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
process.once("SIGTERM", () => process.exit(0));
const count = (text, what) => text.split(what).length - 1;
(async () => {
  for (;;) {
    const next = await fetch(`${api}/next`), event = await next.json();
    const log = fs.readFileSync("/tmp/log", "utf8"), own = `${__dirname}/node_modules/`;
    const lines = log.split("\\n").filter((line) => line.includes(own)).join("\\n");
    const answer = { name: event.name, app: typeof express(), schema: typeof zod.z.string() };
    const said = { accepted: count(lines, "was accepted"), rejected: count(lines, "was rejected") };
    const body = JSON.stringify(event.counts ? { ...answer, ...said } : answer);
    const id = next.headers.get("lambda-runtime-aws-request-id");
    await fetch(`${api}/${id}/response`, { method: "POST", body });
  }
})();
"""
ANSWER = {"name": "tea", "app": "function", "schema": "object"}
# Intel's processors of 2006 and 2010, which know no AVX.
OLDER = ("Conroe", "Westmere")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    packages = node.function("express@5.1.0", "zod@4.6.7")
    shutil.copytree(packages / "node_modules", tree / "node_modules", symlinks=True)
    shutil.copyfile(node.home() / "bin" / "node", tree / "node")
    emulator = debian.brought(BUILD / "real" / "qemu", lambda _: ["qemu-user-static"], "qemu")
    shutil.copyfile(emulator / "usr" / "bin" / "qemu-x86_64-static", tree / "emulator")
    (tree / "bootstrap").write_text(BOOTSTRAP, "utf-8")
    (tree / "runtime.js").write_text(RUNTIME, "utf-8")
    for name in ("node", "emulator", "bootstrap"):
        (tree / name).chmod(0o755)
    (tmp_path / "e.json").write_text(json.dumps({"name": "tea"}), "utf-8")
    (tmp_path / "counts.json").write_text(json.dumps({"name": "tea", "counts": True}), "utf-8")
    return tmp_path


def table(work: Path, *argv: str) -> Any:
    done = slim(*argv, "--json", "said.json", cwd=work, process=True, timeout_s=600)
    assert done.code == 0, done.text
    return json.loads((work / "said.json").read_bytes())


@pytest.mark.parametrize(("kind", "place"), [("function", "/var/task"), ("layer", "/opt")])
def test_a_cache_is_hit_on_an_older_processor(work: Path, kind: str, place: str) -> None:
    ships = (f"--as-{kind}", "--event", "e.json")
    [cache] = table(work, "warm", "tree", *ships, "-o", "w.zip")["caches"]
    assert cache["env"] == f"NODE_OPTIONS=--require={place}/slim-warm/node.cjs"
    table(work, "build", "tree", "-o", "a.zip", "--warm", "w.zip", "--level", "1")
    artifact = ("--function", "a.zip") if kind == "function" else ("a.zip",)
    runs = ("--env", cache["env"], "--env", "NODE_DEBUG_NATIVE=COMPILE_CACHE", "--timeout", "300")
    for model in ("", *OLDER):
        run_by = f"RUN_BY={place}/emulator -cpu {model}" if model else "RUN_BY="
        said = table(work, "verify", *artifact, *runs, "--env", run_by, "--event", "counts.json")
        answer = said["run"]["events"][0]["answer"]
        assert {name: answer[name] for name in ANSWER} == ANSWER
        assert answer["accepted"] >= 60
        assert answer["rejected"] == 0
