"""Kept JavaScript that names a folder keeps all below it."""

import pytest

from tests.support.decide import decide, dropped
from tests.support.installed import npm_lock

DATA = "node_modules/x/prompts/system.md"
FORMS = {
    "put together": "path.join(__dirname, 'prompts', n + '.md')",
    "a constant": "const DIR = path.join(__dirname, 'prompts');",
    "a URL": "new URL('./prompts/', import.meta.url)",
    "listed": "readdirSync(join(__dirname, 'prompts'))",
    "a template": "read(`${__dirname}/prompts/${n}.md`)",
    "a sum": "read(__dirname + '/prompts/' + n)",
    "a folder of its own": (
        "const here = dirname(fileURLToPath(import.meta.url));\nread(join(here, 'prompts', n));"
    ),
    "resolved": "const here = path.resolve(__dirname); x = path.join(here, 'prompts')",
    "compiled": (
        "const here = (0, node_path_1.dirname)(__filename);"
        "const P = (0, node_path_1.join)(here, 'prompts');"
    ),
    "a folder above": (
        "const top = path.join(__dirname, '..');\n"
        "const lib = path.join(top, 'x');\nread(path.join(lib, 'prompts'))"
    ),
    "a variable in a template": "const here = __dirname; read(`${here}/prompts/${n}.md`)",
    "a variable in a sum": "var here = __dirname; read(here + '/prompts/' + n)",
    "a folder by its URL": (
        "const here = fileURLToPath(new URL('.', import.meta.url)); read(join(here, 'prompts'))"
    ),
    "import.meta": "const here = import.meta.dirname; read(join(here, 'prompts', n))",
}
NOTHING = {
    "itself": "path.join(__dirname, '.')",
    "above": "path.join(__dirname, '..')",
    "another's folder": "const here = process.cwd(); read(join(here, 'prompts'))",
    "another word": "const here = __dirname; read(join(there, 'prompts'))",
    "a comment": "// path.join(__dirname, 'prompts')",
}


def lost(code: str) -> bool:
    files = {
        "index.js": b"require('x')",
        "node_modules/x/package.json": b'{"name": "x", "version": "1.0.0"}',
        "node_modules/x/LICENSE": b"",
        "node_modules/x/index.js": code.encode(),
        DATA: b"",
    }
    return DATA in dropped(decide(files | npm_lock(files)))


@pytest.mark.parametrize("code", FORMS.values(), ids=list(FORMS))
def test_a_folder_that_is_named_keeps_all_below_it(code: str) -> None:
    assert not lost(code)


@pytest.mark.parametrize("code", NOTHING.values(), ids=list(NOTHING))
def test_what_names_no_folder_keeps_nothing(code: str) -> None:
    assert lost(code)


SERVED = {
    "served": "for (const v of ['lodash', 'x']) app.use(express.static(path.join(nm, v)))",
    "sent": "res.sendFile(path.join(nm, 'x/prompts', n))",
    "a path": "fs.readFileSync('./node_modules/x/prompts/' + n)",
}
UNSERVED = {
    "required": "require('x'); res.sendFile(path.join(nm, 'lodash', n))",
    "not read": "console.log(nm, 'x')",
    "another": "app.use(express.static(path.join(nm, 'lodash')))",
}


def not_served(code: str) -> bool:
    files = {
        "index.js": b"const nm = path.join(__dirname, 'node_modules');\n" + code.encode(),
        "node_modules/x/package.json": b'{"name": "x", "version": "1.0.0"}',
        "node_modules/x/LICENSE": b"",
        "node_modules/x/index.js": b"",
        DATA: b"",
    }
    return DATA in dropped(decide(files | npm_lock(files)))


@pytest.mark.parametrize("code", SERVED.values(), ids=list(SERVED))
def test_what_own_code_serves_of_a_package_stays(code: str) -> None:
    assert not not_served(code)


@pytest.mark.parametrize("code", UNSERVED.values(), ids=list(UNSERVED))
def test_what_own_code_does_not_serve_goes(code: str) -> None:
    assert not_served(code)


def test_types_that_own_code_lists_stay() -> None:
    files = {
        "index.js": b"const nm = path.join(__dirname, 'node_modules');\n"
        b"for (const p of ['express']) fs.readdirSync(path.join(nm, '@types', p));",
    }
    for name in ("express", "@types/express"):
        files[f"node_modules/{name}/package.json"] = b'{"name": "%s"}' % name.encode()
        files[f"node_modules/{name}/index.{'d.ts' if '@' in name else 'js'}"] = b""
    gone = dropped(decide(files | npm_lock(files)))
    assert "node_modules/@types/express/index.d.ts" not in gone


@pytest.mark.parametrize(
    ("reader", "is_kept"),
    [("@red/registry", True), ("@other/registry", False), ("red", True), ("redux", False)],
)
def test_a_folder_that_a_host_names_in_its_plugins_stays(reader: str, *, is_kept: bool) -> None:
    data = "node_modules/@red/nodes/examples/flow.js"
    files = {
        "index.js": b"",
        f"node_modules/{reader}/package.json": b'{"name": "%s"}' % reader.encode(),
        f"node_modules/{reader}/index.js": b'path.join(settings.nodesDir, "examples")',
        "node_modules/@red/nodes/package.json": b'{"name": "@red/nodes"}',
        "node_modules/@red/nodes/LICENSE": b"",
        data: b"",
    }
    assert (data not in dropped(decide(files | npm_lock(files)))) is is_kept
