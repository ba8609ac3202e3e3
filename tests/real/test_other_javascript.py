"""A web application under Bun, Deno and tsx: its custom runtime answers as before at every tier."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree
from trees import node, tools

pytestmark = [pytest.mark.real, pytest.mark.heavy]

PACKAGES = ("hono@4.6.14", "zod@4.1.12", "nanoid@5.1.6", "date-fns@4.1.0", "tsx@4.20.6")
PROGRAMS = {
    "bun": ("@oven/bun-linux-x64@1.3.3", "bin/bun"),
    "deno": ("@deno/linux-x64-glibc@2.5.6", "deno"),
}
APP = """/** @jsxImportSource hono/jsx */
import { Hono } from "hono";
import { z } from "zod";
import { customAlphabet } from "nanoid";
import { format } from "date-fns";
import { said } from "conditional";

const app = new Hono();
app.get("/", (c) => {
  const query = z.object({ n: z.coerce.number() }).parse(c.req.query());
  return c.html(
    <p>
      {query.n} {customAlphabet("a", 3)()} {format(new Date(0), "yyyy")} {said()}
    </p>,
  );
});

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const next = await fetch(`${api}/next`);
  const { path } = (await next.json()) as { path: string };
  const reply = await app.request(path);
  const body = JSON.stringify({ statusCode: reply.status, body: await reply.text() });
  const id = next.headers.get("lambda-runtime-aws-request-id");
  await fetch(`${api}/${id}/response`, { method: "POST", body });
}
"""
STARTS = {
    "bun": "exec bun run src/app.tsx",
    "deno": "exec deno run -A --no-lock src/app.tsx",
    "tsx": "exec node --import tsx src/app.tsx",
}
SETTINGS = '{"compilerOptions": {"jsx": "react-jsx", "jsxImportSource": "hono/jsx"}}'
ENTRIES = {
    "bun": "./src/index.ts",
    "deno": "./deno/index.js",
    "types": "./dist/index.d.ts",
    "default": "./dist/index.js",
}
CONDITIONAL = {
    "package.json": json.dumps({"name": "conditional", "type": "module", "exports": ENTRIES}),
    "src/index.ts": 'import { name } from "./name.ts";\nexport const said = (): string => name;\n',
    "src/name.ts": 'export const name: string = "source";\n',
    "src/name.js": 'export const name = "source";\n',
    "deno/index.js": 'export const said = () => "deno";\n',
    "dist/index.js": 'export const said = () => "compiled";\n',
    "dist/index.d.ts": "export declare const said: () => string;\n",
}
SAID = {"bun": "source", "deno": "deno", "tsx": "compiled"}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with an event, where any user may look."""
    write_tree(tmp_path, {"event.json": '{"path": "/?n=7"}'})
    yield tmp_path
    shutil.rmtree(tmp_path)


def application(work: Path, runs: str) -> Path:
    """Give a function of five packages from npm, and one that npm's lock file says it installed."""
    tree = work / "tree"
    shutil.copytree(node.function(*PACKAGES), tree, symlinks=True)
    write_tree(tree / "node_modules" / "conditional", CONDITIONAL)
    for path in (tree / "package-lock.json", tree / "node_modules" / ".package-lock.json"):
        lock = json.loads(path.read_bytes())
        address = "https://registry.example/conditional-1.0.0.tgz"
        lock["packages"]["node_modules/conditional"] = {"version": "1.0.0", "resolved": address}
        path.write_text(json.dumps(lock))
    own = {"src/app.tsx": APP, "src/package.json": '{"type": "module"}'}
    write_tree(tree, {**own, "tsconfig.json": SETTINGS, "deno.json": SETTINGS})
    start = f"#!/bin/sh\nexport HOME=/tmp DENO_DIR=/tmp/deno\n{STARTS[runs]}\n"
    write_tree(tree, {"bootstrap": start})
    (tree / "bootstrap").chmod(0o755)
    return tree


def layer(work: Path, runs: str) -> Path:
    """Give a layer with the program that runs the application."""
    program = tools.node() / "node"
    if runs in PROGRAMS:
        package, path = PROGRAMS[runs]
        modules = node.layer(package) / "nodejs" / "node_modules"
        program = modules / package.rpartition("@")[0] / path
    folder = work / "layer" / "bin"
    folder.mkdir(parents=True)
    place = folder / ("node" if runs == "tsx" else runs)
    shutil.copyfile(program, place)
    place.chmod(0o755)
    return folder.parent


def answer(work: Path, layer: Path, function: Path) -> Any:
    given = ("--function", str(function), "--event", "event.json", "--json", "report.json")
    outcome = slim("verify", str(layer), *given, cwd=work)
    assert outcome.code == 0, outcome.text
    return json.loads((work / "report.json").read_bytes())["run"]["events"][0]["answer"]


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the programs are of x86_64")
@pytest.mark.parametrize("runs", STARTS)
def test_a_web_application_answers_as_before(work: Path, runs: str) -> None:
    tree, program = application(work, runs), layer(work, runs)
    before = answer(work, program, tree)
    assert before == {"statusCode": 200, "body": f"<p>7 aaa 1970 {SAID[runs]}</p>"}
    for tier in ("safe", "default", "aggressive"):
        options = ("--tier", tier, "--level", "1", "-o", f"{tier}.zip")
        built = slim("build", "tree", *options, cwd=work)
        assert built.code == 0, built.text
        if tier != "safe":
            assert "of TypeScript in packages" in built.text
        assert answer(work, program, work / f"{tier}.zip") == before
