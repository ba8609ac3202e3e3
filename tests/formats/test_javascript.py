"""The look at JavaScript finds what asks, says where it stands, and ends on any bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.javascript.requires import Asked, asked, without_types
from slimmer.formats.javascript.scopes import Place, places


def place_of(code: str) -> Place | None:
    """Return where ``require('x')`` stands in some code."""
    [found] = [a for a in asked(code.encode()) if a.specifier == "x"]
    return places(code.encode(), [found.offset]).get(found.offset)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("require('a')", [("require", "a")]),
        ("import('a'); import b from \"c\"", [("import", "a"), ("import", "c")]),
        ("join(__dirname, '..', 'a.md')", [("path", "../a.md")]),
        ("require(/** @type {A} */ ('a'))", [("require", "a")]),
        ("require(`./a/${b}`)", [("prefix", "./a/")]),
        ("require('./a/' + b)", [("prefix", "./a/")]),
        ("new URL('a', import.meta.url)", [("path", "a")]),
        ("require(a); import a; from(b); ''", []),
    ],
)
def test_what_is_asked_for(code: str, found: list[tuple[str, str]]) -> None:
    assert [(a.how, a.specifier) for a in asked(code.encode())] == found
    assert all(isinstance(a, Asked) for a in asked(code.encode()))


TOP = [
    "require('x')",
    "if (a) { for (const b of c) { while (d) require('x') } }",
    "(function () { require('x') })()",
    "!function () { require('x') }()",
    "((function () { require('x') })())",
    "(async function f() { require('x') })()",
    "!async function () { require('x') }()",
    "(() => { require('x') })()",
    "(async (a) => { if (a) { require('x') } })()",
    "(() => require('x'))()",
    "((a) / b / c); '/'; require('x')",
    "function f() {} require('x')",
    "const f = () => { a }; require('x')",
    "const f = () => a, g = require('x')",
    "const f = [() => a, require('x')]",
    "class A { b() { return {} } } require('x')",
    "const o = { a: require('x') }",
    "switch (a) { case /'/: require('x') }",
    "a = b / c / d; require('x')",
    "a = b++ / c; '/'; require('x')",
    "a = (b) / c; '/'; require('x')",
    "a = `${`${b}`}`; require('x')",
    "a = `\\`${'`'}`; require('x')",
    "a = /[/'\"]/g; require('x')",
    "return /'/.test(a) && require('x')",
    "a = 'it\\'s'; require('x')",
    "a = 'two \\\n lines'; require('x')",
    "try {} catch { require('x') }",
    "try { a } catch {} require('x')",
    "try { require('x') } finally {}",
    "#!/usr/bin/env node '\nrequire('x')",
]
FUNCTION = [
    "function f() { require('x') }",
    "async function* f(a = {}) { if (b) { require('x') } }",
    "a.b = function c(d) { require('x') }",
    "each(function () { require('x') })",
    "each(() => { require('x') })",
    "each(async () => { require('x') })",
    "(() => { a })(); each(b => require('x'))",
    "(() => { a })(); f = b => { require('x') }",
    "(() => { (a, () => { require('x') })(b) })()",
    "const f = () => require('x')",
    "const f = async (a, b) => a && require('x')",
    "class A { get b() { return require('x') } }",
    "const o = { a() { require('x') } }",
    "try { f = function () { require('x') } } catch {}",
]
CAUGHT = [
    "try { require('x') } catch (e) {}",
    "try { require('x') }\n// why\ncatch {}",
    "try { if (a) { require('x') } } catch {}",
    "try { try { require('x') } finally {} } catch {}",
    "try { require('x'); f = function () {} } catch {}",
]


@pytest.mark.parametrize("code", TOP)
def test_what_runs_when_the_file_is_loaded(code: str) -> None:
    assert place_of(code) == Place(in_function=False, caught=False)


@pytest.mark.parametrize("code", FUNCTION)
def test_what_runs_when_a_function_is_called(code: str) -> None:
    assert place_of(code) == Place(in_function=True, caught=False)


@pytest.mark.parametrize("code", CAUGHT)
def test_what_is_caught_when_it_fails(code: str) -> None:
    assert place_of(code) == Place(in_function=False, caught=True)


@pytest.mark.parametrize(
    "code",
    [
        "// require('x')",
        "/* '\n require('x') */",
        "'require(\"x\")'",
        "`require('x')`",
        "`${a} require('x')`",
        "/require('x')/",
    ],
)
def test_what_is_no_code(code: str) -> None:
    assert place_of(code) is None


@pytest.mark.parametrize("code", ["`", "`${", "f(", "}", "(}", "if (a) {", "`${a)}`"])
def test_what_does_not_end_is_refused(code: str) -> None:
    source = f"{code} ".encode()
    with pytest.raises(FormatError):
        places(source, [len(source)])


def test_brackets_without_end_are_refused() -> None:
    with pytest.raises(FormatError, match="10,000"):
        places(b"(" * 20_000 + b"x", [20_000])


@given(st.one_of(st.binary(max_size=300), st.text("(){}[]`'\"/\\\n*$=>, try catch x", max_size=80)))
def test_any_bytes_are_read_or_refused(source: bytes | str) -> None:
    data = source.encode() if isinstance(source, str) else source
    asked(data)
    with contextlib.suppress(FormatError):
        assert set(places(data, range(len(data)))) <= set(range(len(data)))


PIECES = [
    "/*",
    "/",
    "/[",
    "'",
    '\\"',
    "`",
    "`${",
    "${",
    "(",
    "try{",
    "import ",
    "import type ",
    "try{}",
    "from/*",
    "require(",
    "=>",
]


@pytest.mark.parametrize("piece", PIECES)
def test_repetition_takes_no_longer_than_its_length(piece: str) -> None:
    data = (piece * 60_000).encode()
    assert all(len(a.specifier) <= 300 for a in asked(data))
    assert len(without_types(data)) == len(data)
    with contextlib.suppress(FormatError):
        places(data, [len(data) - 1])


def test_folders_that_are_each_others_parent_end() -> None:
    code = b"var a=dirname(__filename),b=dirname(a);a=dirname(b);join(b,'x.md');join(a,'y.md')"
    found = {each.specifier for each in asked(code)}
    assert {"y.md", "../x.md"} <= found
