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
}
NOTHING = {
    "itself": "path.join(__dirname, '.')",
    "above": "path.join(__dirname, '..')",
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
