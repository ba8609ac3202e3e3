"""A Node application (express, AWS's SDK, sharp, a forgotten TypeScript) does what it did."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.real import sandbox
from tests.real.command import Build, build, unpack
from tests.support.command import slim
from trees import node

pytestmark = pytest.mark.real

LICENCE = re.compile(r"(?i)(licen[sc]e|copying|notice|unlicense)([.-](md|txt|mit|bsd))?")
FORGOTTEN = "typescript"
TOOL = f"node_modules/{FORGOTTEN}"
GONE = {
    "default": {FORGOTTEN},
    "aggressive": {FORGOTTEN, "@img/sharp-wasm32", "@emnapi/runtime"},
}
EVENT = {"name": "you"}
RUNTIME = "nodejs22.x"
WASM, WASM_RUNTIME = "node_modules/@img/sharp-wasm32", "node_modules/@emnapi/runtime"
PACKAGE = re.compile(r".*node_modules/(?:@[^/]+/)?[^/]+")


@pytest.fixture(scope="module", params=["default", "aggressive"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    folder = tmp_path_factory.mktemp("node")
    made = build(node.application(), folder, "--tier", request.param, "--level", "1")
    assert made.status == 0, made.said
    unpack(made.zip, folder / "function")
    yield made
    shutil.rmtree(folder)


def run(function: Path, *argv: str, **env: str) -> Any:
    """Run Node, which is the layer, with the application in /var/task, read-only."""
    argv = ("/opt/bin/node", *argv)
    outcome = sandbox.run(node.home(), argv, function=function, env=env, timeout=60)
    assert outcome.status == 0, outcome.output
    return json.loads(outcome.output.strip().splitlines()[-1])


def answer(function: Path) -> dict[str, Any]:
    """Call the handler with plain Node."""
    call = f"console.log(JSON.stringify(await handler({json.dumps(EVENT)})))"
    program = f"import {{ handler }} from '/var/task/answer.mjs'; {call}"
    found: dict[str, Any] = run(function, "--input-type=module", "--eval", program)
    return found


def entry_points(app: Path) -> list[str]:
    """Name all that can be asked for: packages, and the subpaths that they list."""
    names = []
    for manifest in sorted(app.glob("node_modules/**/package.json")):
        home = manifest.parent
        if home.parent.name != "node_modules" and not home.parent.name.startswith("@"):
            continue
        name = home.relative_to(app / "node_modules").as_posix()
        if "/node_modules/" in name or name.startswith("@types/"):
            continue
        exports = json.loads(manifest.read_bytes()).get("exports")
        listed = exports if isinstance(exports, dict) else {}
        names.append(name)
        subpaths = [key for key in listed if key.startswith("./") and "*" not in key]
        names += [name + subpath[1:] for subpath in subpaths]
    return names


def package_of(specifier: str) -> str:
    return "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])


def loaded(function: Path, app: Path) -> Mapping[str, object]:
    found: dict[str, Any] = run(function, "/var/task/load.mjs", NAMES=json.dumps(entry_points(app)))
    return found


def test_it_answers_as_it_did(built: Build) -> None:
    before = answer(node.application())
    assert before["routes"][0] == [200, "text/html; charset=utf-8", "Hello, you"]
    assert before["routes"][1][2] == '{"sum":42}'
    assert before["bucket"][0][:3] == ["PUT", "/bucket/a/key%20with%20spaces?x-id=PutObject", "key"]
    assert before["bucket"][-1] == "kept"
    assert before["image"][:3] == ["png", 2, 2]
    assert answer(built.folder / "function") == before


def test_it_answers_lambdas_events_as_it_did(built: Build, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    given = ("--function", str(built.zip), "--against", str(node.application()))
    how = ("--runtime", RUNTIME, "--handler", "answer.handler", "--event", "event.json")
    env = {"PATH": f"{node.home() / 'bin'}:{os.environ['PATH']}"}
    outcome = slim("verify", *given, *how, "--json", "verify.json", cwd=tmp_path, env=env)
    assert outcome.code == 0, outcome.err
    said = json.loads((tmp_path / "verify.json").read_bytes())
    assert said["run"]["events"][0]["answer"]["routes"][0][2] == "Hello, you"


def test_every_entry_point_that_could_be_loaded_still_can(built: Build) -> None:
    app = node.application()
    before, after = loaded(app, app), loaded(built.folder / "function", app)
    could = {name: found for name, found in before.items() if isinstance(found, list)}
    assert len(could) > 200
    differ = [name for name, found in could.items() if after[name] != found]
    assert {package_of(name.partition(" ")[2]) for name in differ} == GONE[built.report["tier"]]


def test_what_was_forgotten_goes_and_is_told_of(built: Build) -> None:
    assert not (built.folder / "function" / "node_modules" / FORGOTTEN / "lib").exists()
    notes = ("own-kept", "own-dropped", "not-reached")
    warnings = [f["message"] for f in built.report["findings"] if f["code"] not in notes]
    [told] = [line for line in warnings if FORGOTTEN in line]
    assert told.startswith("typescript (")
    assert "is dropped by node/compilers: package.json declares it, but none of your own" in told
    assert told.endswith("--keep '/node_modules/typescript/'")
    assert [line for line in warnings if line != told and WASM not in line] == []


def test_what_was_forgotten_comes_back_by_the_line_that_is_printed(tmp_path: Path) -> None:
    made = build(node.application(), tmp_path / "out", "--level", "1", "--keep", f"/{TOOL}/")
    assert made.status == 0, made.said
    function = unpack(made.zip, tmp_path / "function")
    said = run(function, "--eval", "console.log(JSON.stringify(require('typescript').version))")
    assert said == "5.9.3"


def test_a_fallback_goes_where_the_native_build_stays(built: Build) -> None:
    is_there = (built.folder / "function" / WASM / "index.cjs").exists()
    assert is_there == (built.report["tier"] == "default")


def test_a_fallback_stays_and_works_where_the_native_build_goes(tmp_path: Path) -> None:
    app = node.application()
    words = ("--tier", "aggressive", "--level", "1", "--drop", "node_modules/@img/sharp-linux-x64/")
    without = build(app, tmp_path / "out", *words)
    assert without.status == 0, without.said
    assert answer(unpack(without.zip, tmp_path / "function"))["image"] == answer(app)["image"]


def test_packages_that_are_links_to_a_store_answer_too(tmp_path: Path) -> None:
    app = node.application("--install-strategy=linked")
    assert (app / "node_modules" / "sharp").is_symlink()
    made = build(app, tmp_path / "out", "--tier", "aggressive", "--level", "1")
    assert made.status == 0, made.said
    assert answer(unpack(made.zip, tmp_path / "function")) == answer(node.application())


def test_the_guard_takes_little_back(built: Build) -> None:
    back = sum(row["size_bytes"] for row in built.report["rescues"])
    assert back < built.report["kept"]["size_bytes"] / 100


def _ships(licence: str, kept: set[str]) -> bool:
    """Return whether anything else ships of the package whose licence it is."""
    package = PACKAGE.match(licence)
    assert package is not None
    return f"{package[0]}/package.json" in kept


def test_licences_stay_and_a_readme_that_stands_for_one(built: Build) -> None:
    app = node.application()
    paths = {p.relative_to(app).as_posix() for p in app.rglob("*") if p.is_file()}
    licences = {path for path in paths if LICENCE.fullmatch(path.rpartition("/")[2])}
    assert len(licences) > 90
    with zipfile.ZipFile(built.zip) as archive:
        kept = set(archive.namelist())
    gone = {path for path in licences if not _ships(path, kept)}
    assert gone <= {path for path in licences if path.startswith((TOOL, WASM, WASM_RUNTIME))}
    assert licences - kept == gone  # nothing is left of what they cover
    assert [p for p in kept if re.fullmatch(r".*/sharp-libvips-[^/]+/README\.md", p)]
    assert not [p for p in kept if p.endswith("express/Readme.md")]


def test_what_kept_code_asks_for_withstands_the_users_drop(tmp_path: Path) -> None:
    app = node.application()
    drops = ["qs/lib/", "express/lib/router/", "@smithy/core/dist-cjs/", "mime-db/"]
    words = [word for drop in drops for word in ("--drop", f"node_modules/{drop}")]
    again = build(app, tmp_path / "out", "--level", "1", *words)
    rescued = {row["path"]: row["chain"] for row in again.report["rescues"]}
    assert "node_modules/mime-db" in rescued
    assert "node_modules/qs/lib/index.js" in rescued
    function = unpack(again.zip, tmp_path / "function")
    assert answer(function) == answer(app)
