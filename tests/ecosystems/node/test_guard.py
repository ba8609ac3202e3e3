"""What kept modules ask for comes back, however it is written; what they do not, stays dropped."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from slimmer.decide.decide import Decision
from slimmer.model.codes import Severity
from slimmer.model.rules import Action, Rescue, Tier
from tests.support.decide import decide
from tests.support.installed import npm_lock

LIB = "node_modules/lib"
HELPER = f"{LIB}/test/helper.js"
TOOL = "node_modules/typescript"
TREE = {
    "app.js": b"",
    f"{LIB}/package.json": b'{"name": "lib", "main": "index.js"}',
    f"{LIB}/index.js": b"",
    f"{LIB}/sub/user.js": b"",
    f"{LIB}/test/index.js": b"",
    HELPER: b"",
    f"{LIB}/test/test.js": b"",
    f"{LIB}/LICENSE": b"",
    f"{LIB}/README.md": b"",
    "node_modules/other/package.json": b'{"name": "other"}',
    "node_modules/other/index.js": b"",
    f"{TOOL}/package.json": b'{"name": "typescript", "main": "./lib/typescript.js"}',
    f"{TOOL}/lib/typescript.js": b"require('./more')",
    f"{TOOL}/lib/more.js": b"",
    f"{TOOL}/lib/lib.d.ts": b"",
    f"{TOOL}/README.md": b"",
    f"{TOOL}/LICENSE.txt": b"",
}


def decided(
    files: dict[str, str],
    *,
    drop: str = "",
    links: dict[str, str] | None = None,
    tier: Tier = Tier.DEFAULT,
) -> Decision:
    tree = {**TREE, **{path: text.encode() for path, text in files.items()}}
    decision = decide(tree | npm_lock(tree), links, drop=drop, guards=("node",), tier=tier)
    told = tuple(f for f in decision.findings if f.code != "not-reached")  # no guard says that
    return replace(decision, findings=told)


def kept(decision: Decision, *paths: str) -> bool:
    return all(decision.verdicts[path].action is Action.KEEP for path in paths)


def dropped(decision: Decision, *paths: str) -> bool:
    return all(decision.verdicts[path].action is Action.DROP for path in paths)


def test_nothing_comes_back_when_nothing_is_asked_for() -> None:
    decision = decided({})
    assert dropped(decision, HELPER, f"{TOOL}/lib/typescript.js", f"{LIB}/README.md")
    assert decision.rescues == ()
    assert decision.findings == ()


@pytest.mark.parametrize(
    "code",
    [
        "require('./test/helper')",
        'const x = require("./test/helper.js");',
        "require(`./test/helper`)",
        "require( /* why not */ './test/helper' )",
        "require('./test/../test//helper')",
        "import './test/helper.js'",
        "import x, { y as z } from './test/helper.js'",
        "import {\n  a,\n  b,\n} from './test/helper.js';",
        "import*as x from'./test/helper.js'",
        "export * from './test/helper.js'",
        'export { x } from "./test/helper.js"',
        "const x = await import('./test/helper.js')",
        "import data from './test/helper.js' with { type: 'json' }",
        "require.resolve('./test/helper')",
        "createRequire(import.meta.url)('./test/helper')",
        "createRequire(import.meta.url).resolve('./test/helper')",
        "require?.('./test/helper')",
        "import.meta.resolve('./test/helper.js')",
        "new Worker(new URL('./test/helper.js', import.meta.url))",
        "fs.readFileSync(path.join(__dirname, 'test', 'helper.js'))",
        "fs.readFileSync(__dirname + '/test/helper.js')",
        "fork(path.resolve(import.meta.dirname, 'test/helper.js'))",
        "function f() { return require('./test/helper') }",
        "const f = () => require('./test/helper')",
        "try { require('./test/helper') } catch (e) {}",
        "x = a / b; y = /'/; require('./test/helper')",
        "if (x) /`/.test(y); require('./test/helper')",
        "x = `a ${ { b: `c` } } d`; require('./test/helper')",
        "// don't\nrequire('./test/helper')",
        "var __importDefault = x;\nconst h = __importDefault(require('./test/helper'))",
    ],
)
def test_what_a_module_of_the_same_package_asks_for_comes_back(code: str) -> None:
    decision = decided({f"{LIB}/index.js": code})
    assert kept(decision, HELPER)
    assert dropped(decision, f"{LIB}/test/index.js")


@pytest.mark.parametrize(
    "code",
    [
        "// require('./test/helper')",
        "/* require('./test/helper') */",
        "/** @type {import('./test/helper')} */",
        "x = \"require('./test/helper')\"",
        "x = `require('./test/helper')`",
        "x = /require('.\\/test\\/helper')/",
        "require('./tests/helper')",
        "require('test/helper')",
        "require('../test/helper')",
        "required = './test/helper'",
        "require('./other/' + helper)",
        "require('test/' + helper)",
        "new URL('./test/helper.js', base)",
    ],
)
def test_what_is_no_code_or_means_something_else_brings_nothing_back(code: str) -> None:
    decision = decided({f"{LIB}/index.js": code})
    assert dropped(decision, HELPER)
    assert decision.rescues == ()


def test_a_folder_means_its_index() -> None:
    for name in ("./test", "./test/", "./test/index"):
        assert kept(decided({f"{LIB}/index.js": f"require('{name}')"}), f"{LIB}/test/index.js")


@pytest.mark.parametrize(
    "code",
    [
        "require('./test/' + name)",
        "import(`./test/${name}.js`)",
        "require(`./test/h${name}`)",
        "readFileSync(__dirname + '/test/' + name)",
        "readdirSync(path.join(__dirname, 'test'))",
    ],
)
def test_a_folder_comes_back_from_which_names_are_put_together(code: str) -> None:
    decision = decided({f"{LIB}/index.js": code})
    assert kept(decision, HELPER, f"{LIB}/test/index.js")


def test_what_comes_back_may_ask_for_more() -> None:
    decision = decided(
        {f"{LIB}/index.js": "require('./test')", f"{LIB}/test/index.js": "require('./helper')"}
    )
    assert kept(decision, HELPER)
    [chain] = [r.chain for r in decision.rescues if r.path == HELPER]
    assert chain == (
        f"{LIB}/test/index.js needs {HELPER}, {LIB}/index.js needs {LIB}/test/index.js"
    )


@pytest.mark.parametrize(
    "asker",
    [
        ("node_modules/other/index.js", "const ts = require('typescript')"),
        ("node_modules/other/index.js", "(function () { require('typescript') })()"),
        ("node_modules/other/index.js", "try { require('typescript') } finally { x() }"),
        ("node_modules/other/index.mjs", "import ts from 'typescript'"),
        ("node_modules/other/deep/x.js", "require('typescript/lib/typescript')"),
        ("app.js", "exports.handler = async () => { await import('typescript') }"),
        ("src/app.js", "require('typescript')"),
        ("src/app.ts", "export type A = ts.Node\nimport ts from 'typescript'"),
        ("src/app.mts", "const ts: any = await import('typescript')"),
        ("bin/www", "#!/usr/bin/env node\nrequire('typescript')"),
        ("scripts/report.js", "try { require('typescript') } catch {}"),
        ("webpack.config.ts", "import ts from 'typescript'"),
        ("src/view.tsx", "import ts from 'typescript'\nexport default () => <b>it's</b>"),
        ("src/view.jsx", "const ts = await import('typescript')"),
    ],
)
def test_a_package_that_is_asked_for_comes_back_whole(asker: tuple[str, str]) -> None:
    decision = decided(dict([asker]))
    there = [f"{TOOL}/{name}" for name in ("package.json", "lib/more.js", "lib/lib.d.ts")]
    assert kept(decision, *there)
    assert dropped(decision, f"{TOOL}/README.md")
    [rescue] = decision.rescues
    assert rescue.path == TOOL
    assert rescue.chain == f"{asker[0]} needs typescript"


def test_a_scope_of_which_all_came_back_is_not_dropped() -> None:
    home = "node_modules/@typescript/x"
    files = {
        f"{home}/package.json": b'{"name": "@typescript/x", "version": "1.0.0"}',
        f"{home}/index.js": b"f = () => require.resolve(require('path').join(__dirname, '..'))",
    }
    decision = decide(files | npm_lock(files) | {"app.js": b"require('@typescript/x')"})
    assert kept(decision, *files)
    assert [f for f in decision.findings if f.code == "dropped-dependency"] == []


@pytest.mark.parametrize(
    "asker",
    [
        ("src/view.coffee", "ts = require 'typescript'"),
        ("src/deno.ts", "import ts from 'npm:typescript@5'"),
        ("deno.json", '{"imports": {"ts": "npm:typescript@^5"}}'),
    ],
)
def test_a_package_that_only_other_tools_read_the_name_of_comes_back(
    asker: tuple[str, str],
) -> None:
    decision = decided(dict([asker]))
    assert kept(decision, f"{TOOL}/package.json", f"{TOOL}/lib/more.js")
    assert decision.rescues[0].chain == f"{asker[0]}:1 needs typescript"


@pytest.mark.parametrize(
    ("asker", "how"),
    [
        (
            ("node_modules/other/index.js", "function f() { require('typescript') }"),
            "in a function",
        ),
        (("node_modules/other/index.js", "f = () => require('typescript')"), "in a function"),
        (("node_modules/other/index.js", "try { require('typescript') } catch {}"), "under try"),
        (
            (
                "node_modules/other/index.js",
                "try { x = require('typescript'); y = function () {} } catch (e) {}",
            ),
            "under try",
        ),
    ],
)
def test_what_code_may_do_without_is_only_told_of(asker: tuple[str, str], how: str) -> None:
    decision = decided(dict([asker]))
    assert dropped(decision, f"{TOOL}/lib/typescript.js")
    assert decision.rescues == ()
    [found] = decision.findings
    assert found.code == "dropped-dependency"
    assert found.message.startswith(f"typescript is dropped, yet {asker[0]} may call it")
    assert how in found.message
    assert f"--keep '/{TOOL}'" in found.message


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("node_modules/other/scripts/x.js", "require('typescript')"),
        ("node_modules/other/bin/x.js", "require('typescript')"),
        ("node_modules/other/index.ts", "import ts from 'typescript'"),
        ("types.d.ts", "import ts from 'typescript'"),
        ("src/app.ts", "import type ts from 'typescript'"),
        ("src/app.mts", "export type {\n  A, B as C,\n} from 'typescript'"),
        ("bin/deploy", "#!/bin/sh\n# require('typescript') is for node\n" + "#" * 40),
    ],
)
def test_what_node_never_runs_is_not_even_told_of(path: str, code: str) -> None:
    decision = decided({path: code})
    assert dropped(decision, f"{TOOL}/lib/typescript.js")
    assert decision.rescues == ()
    assert {f.code for f in decision.findings} <= {"own-kept"}  # of the types themselves


def test_what_a_command_asks_for_is_told_of() -> None:
    manifest = '{"bin": {"x": "./bin/x.js"}}'
    files = {"node_modules/other/package.json": manifest}
    decision = decided({**files, "node_modules/other/bin/x.js": "require('typescript')"})
    assert dropped(decision, f"{TOOL}/lib/typescript.js")
    [found] = decision.findings
    assert "node_modules/other/bin/x.js may call it (require)" in found.message


def test_a_dependency_that_is_named_is_meant_even_inside_a_function() -> None:
    manifest = {"name": "other", "dependencies": {"typescript": "5"}}
    decision = decided(
        {
            "node_modules/other/package.json": json.dumps(manifest),
            "node_modules/other/index.js": "function f() { require('typescript') }",
        }
    )
    assert kept(decision, f"{TOOL}/lib/typescript.js")


def test_the_builds_for_this_platform_come_back_with_the_tool_that_chooses_among_them() -> None:
    manifest = {"name": "esbuild", "optionalDependencies": {"@esbuild/linux-x64": "1"}}
    files = {
        "node_modules/esbuild/package.json": json.dumps(manifest),
        "node_modules/esbuild/index.js": "",
        "node_modules/@esbuild/linux-x64/package.json": '{"name": "@esbuild/linux-x64"}',
        "node_modules/@esbuild/linux-x64/bin/esbuild": "",
    }
    binary = "node_modules/@esbuild/linux-x64/bin/esbuild"
    assert dropped(decided(files), binary)
    assert kept(decided({**files, "app.js": "require('esbuild')"}), binary)


NATIVE = "node_modules/@img/sharp-linux-x64"
WASM = "node_modules/@img/sharp-wasm32"
SHARP = {
    "app.js": "require('sharp')",
    "node_modules/sharp/package.json": json.dumps(
        {"name": "sharp", "optionalDependencies": {"@img/sharp-linux-x64": "1"}}
    ),
    "node_modules/sharp/index.js": "try { require('@img/sharp-wasm32') } catch {}",
    f"{WASM}/package.json": json.dumps(
        {"name": "@img/sharp-wasm32", "dependencies": {"@emnapi/runtime": "1"}}
    ),
    f"{WASM}/index.js": "try { require('@emnapi/runtime') } catch {}",
    "node_modules/@emnapi/runtime/package.json": '{"name": "@emnapi/runtime"}',
    "node_modules/@emnapi/runtime/index.js": "",
    f"{NATIVE}/package.json": '{"os": ["linux"], "cpu": ["x64"]}',
    f"{NATIVE}/x.node": "",
}
FALLBACK = (f"{WASM}/index.js", "node_modules/@emnapi/runtime/index.js")


def test_a_fallback_goes_where_the_native_build_is_kept() -> None:
    decision = decided(SHARP, tier=Tier.AGGRESSIVE)
    assert dropped(decision, *FALLBACK)
    assert [f.message.partition(" is ")[0] for f in decision.findings] == ["@img/sharp-wasm32"]


@pytest.mark.parametrize(
    "change",
    [
        {f"{NATIVE}/package.json": '{"os": ["darwin"], "cpu": ["x64"]}'},
        {f"{NATIVE}/package.json": '{"os": ["linux"], "cpu": ["s390x"]}'},
        {f"{NATIVE}/package.json": "{"},
        {"node_modules/sharp/package.json": '{"name": "sharp"}'},
    ],
)
def test_a_fallback_stays_where_no_native_build_is_known(change: dict[str, str]) -> None:
    assert kept(decided({**SHARP, **change}, tier=Tier.AGGRESSIVE), *FALLBACK)


def test_a_fallback_stays_where_the_native_build_is_dropped() -> None:
    assert kept(decided(SHARP, tier=Tier.AGGRESSIVE, drop=f"{NATIVE}/x.node"), *FALLBACK)


def test_types_are_nobodys_dependency() -> None:
    files = {
        "node_modules/other/package.json": '{"dependencies": {"@types/node": "1"}}',
        "node_modules/@types/node/package.json": "{}",
    }
    assert decided(files).findings == ()


EXPORTS = {
    "main": {"main": "./test/helper.js"},
    "main without an ending": {"main": "test/helper"},
    "main that is a folder": {"main": "test"},
    "exports, a string": {"exports": "./test/helper.js"},
    "exports, a subpath": {"exports": {"./x": "./test/helper.js"}},
    "import": {"exports": {"import": "./test/helper.js", "require": "./index.js"}},
    "require": {"exports": {".": {"require": "./test/helper.js", "import": "./index.js"}}},
    "node": {"exports": {".": {"browser": "./index.js", "node": "./test/helper.js"}}},
    "module-sync": {"exports": {".": {"module-sync": "./test/helper.js", "default": "./index.js"}}},
    "older Node": {"exports": {".": {"module-sync": "./index.js", "default": "./test/helper.js"}}},
    "nested": {"exports": {".": {"node": {"types": "./x.d.ts", "default": "./test/helper.js"}}}},
    "a list": {"exports": [{"deno": "./index.js"}, "./test/helper.js"]},
}


@pytest.mark.parametrize("fields", EXPORTS.values(), ids=EXPORTS)
def test_an_entry_point_of_a_kept_package_comes_back(fields: dict[str, object]) -> None:
    decision = decided({f"{LIB}/package.json": json.dumps({"name": "lib", **fields})})
    is_folder = fields == {"main": "test"}
    assert kept(decision, f"{LIB}/test/index.js" if is_folder else HELPER)


@pytest.mark.parametrize(
    ("fields", "comes_back"),
    [
        ({"main": "src/index.ts"}, True),
        ({"exports": {".": {"import": "./src/index.ts"}}}, True),
        ({"exports": {".": {"browser": "./src/index.ts", "default": "./index.js"}}}, False),
        ({"main": "index.js", "types": "src/index.ts"}, False),
    ],
)
def test_typescript_stays_where_a_package_gives_it_to_node(
    fields: dict[str, object], comes_back: bool
) -> None:
    sources = [f"{LIB}/src/index.ts", f"{LIB}/src/more.ts"]
    files = {f"{LIB}/package.json": json.dumps(fields), **dict.fromkeys(sources, "")}
    decision = decided({**files, f"{LIB}/src/index.d.ts": ""})
    assert (kept if comes_back else dropped)(decision, *sources)
    assert dropped(decision, f"{LIB}/src/index.d.ts")


CLOSED = {
    "browser": {"browser": "./test/helper.js"},
    "module": {"main": "./index.js", "module": "./test/helper.js"},
    "another condition": {"exports": {"browser": "./test/helper.js", "default": "./index.js"}},
    "an earlier condition": {"exports": {"default": "./index.js", "import": "./test/helper.js"}},
    "a null": {"exports": {".": {"node": None, "default": "./test/helper.js"}}},
    "main behind exports": {"main": "./test/helper.js", "exports": "./index.js"},
    "a pattern": {"exports": {"./*": "./*"}},
    "bin": {"bin": "./test/helper.js"},
}


@pytest.mark.parametrize("fields", CLOSED.values(), ids=CLOSED)
def test_what_node_never_takes_from_a_package_does_not(fields: dict[str, object]) -> None:
    decision = decided({f"{LIB}/package.json": json.dumps({"name": "lib", **fields})})
    assert dropped(decision, HELPER)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"exports": {"./*": "./test/*.js"}}, "require('lib/helper')"),
        ({"exports": {"./x/*.js": "./test/*.js"}}, "import 'lib/x/helper.js'"),
        ({"exports": {"./*": "./*", "./y/*": "./test/*.js"}}, "import 'lib/y/helper'"),
        ({"exports": {"./x/": "./test/"}}, "require('lib/x/helper.js')"),
        ({}, "require('lib/test/helper')"),
    ],
)
def test_another_package_reaches_in_through_patterns(fields: dict[str, object], code: str) -> None:
    manifest = json.dumps({"name": "lib", **fields})
    assert kept(decided({f"{LIB}/package.json": manifest, "app.js": code}), HELPER)


def test_what_exports_close_cannot_be_asked_for() -> None:
    manifest = json.dumps({"name": "lib", "exports": {".": "./index.js", "./test/*": None}})
    decision = decided({f"{LIB}/package.json": manifest, "app.js": "require('lib/test/helper')"})
    assert dropped(decision, HELPER)


def test_a_package_may_ask_for_itself_and_by_its_own_names() -> None:
    manifest = {
        "name": "lib",
        "exports": {".": "./index.js", "./x/*": "./test/*.js"},
        "imports": {"#h": {"node": "./test/helper.js"}, "#t/*": "./test/*.js", "#ts": "typescript"},
    }
    for code in ("require('lib/x/helper')", "import '#h'", "import '#t/helper'"):
        files = {f"{LIB}/package.json": json.dumps(manifest), f"{LIB}/sub/user.js": code}
        assert kept(decided(files), HELPER), code
    files = {f"{LIB}/package.json": json.dumps(manifest), f"{LIB}/index.js": "import '#ts'"}
    assert kept(decided(files), f"{TOOL}/lib/typescript.js")


def test_the_nearest_package_of_a_name_is_meant() -> None:
    inner = "node_modules/other/node_modules/typescript"
    files = {
        f"{inner}/package.json": "{}",
        f"{inner}/index.js": "",
        "node_modules/other/index.js": "require('typescript')",
    }
    decision = decided(files)
    assert kept(decision, f"{inner}/index.js")
    assert dropped(decision, f"{TOOL}/lib/typescript.js")


def test_a_layers_packages_are_found_from_everywhere() -> None:
    files = {
        "nodejs/node_modules/webpack/package.json": "{}",
        "nodejs/node_modules/webpack/index.js": "",
        "opt/tool/x.js": "require('webpack')",
    }
    assert kept(decided(files), "nodejs/node_modules/webpack/index.js")


def test_links_are_followed_to_where_the_files_are() -> None:
    home = "node_modules/.pnpm/dep@1/node_modules/dep"
    files = {
        f"{home}/package.json": '{"name": "dep"}',
        f"{home}/index.js": "",
        f"{home}/test/x.js": "",
        "node_modules/.pnpm/dep@1/node_modules/eslint/index.js": "",
        f"{home}/user.js": "require('eslint')",
        "app.js": "require('dep/test/x')",
    }
    decision = decided(files, links={"node_modules/dep": ".pnpm/dep@1/node_modules/dep"})
    assert kept(decision, "node_modules/dep", f"{home}/test/x.js")
    assert kept(decision, "node_modules/.pnpm/dep@1/node_modules/eslint/index.js")


def test_a_rescued_file_keeps_the_package_json_that_says_what_kind_it_is() -> None:
    files = {
        f"{LIB}/index.js": "import './test/helper.js'",
        f"{LIB}/test/package.json": '{"type": "module"}',
    }
    assert kept(decided(files), f"{LIB}/test/package.json")


def test_a_module_of_node_itself_is_no_package() -> None:
    files = {
        "node_modules/util/package.json": "{}",
        "node_modules/util/index.js": "",
        "app.js": "require('util'); require('node:util')",
    }
    decision = decided(files, drop="node_modules/util/")
    assert dropped(decision, "node_modules/util/index.js")


def test_the_users_own_drop_is_held_against_what_is_asked_for() -> None:
    decision = decided({"app.js": "require('lib')"}, drop="node_modules/lib/")
    assert kept(decision, f"{LIB}/index.js", f"{LIB}/package.json")
    assert decision.rescues[0].component == "user/drop"


def licence_rescues(files: dict[str, str]) -> list[Rescue]:
    return [r for r in decided(files).rescues if r.path.endswith("README.md")]


def test_a_readme_stands_for_a_licence_that_is_not_there() -> None:
    files = {"node_modules/other/README.md": "# other\n\n## License\n\nMIT"}
    assert [r.path for r in licence_rescues(files)] == ["node_modules/other/README.md"]
    assert licence_rescues({**files, "node_modules/other/license": ""}) == []
    assert licence_rescues({"node_modules/other/README.md": "# other"}) == []


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "\0", '{"exports": {"./x": 1}}'])
def test_a_package_json_that_cannot_be_read_is_named_and_kept(text: str) -> None:
    decision = decided({"node_modules/other/package.json": text})
    assert kept(decision, "node_modules/other/package.json")
    names = [f.code for f in decision.findings if f.severity is Severity.WARN]
    assert names == ([] if "exports" in text else ["unreadable-metadata"])


def test_exports_without_end_are_given_up() -> None:
    deep = '{"exports":' + '{"node":' * 400 + '"./test/helper.js"' + "}" * 400 + "}"
    assert dropped(decided({f"{LIB}/package.json": deep}), HELPER)


def test_a_source_that_cannot_be_read_through_is_believed() -> None:
    decision = decided({f"{LIB}/index.js": "x = `; require('./test/helper')"})
    assert kept(decision, HELPER)
