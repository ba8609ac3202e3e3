"""Quoted text ends where its language says, however long it is."""

from __future__ import annotations

import pytest

from slimmer.formats.javascript.requires import asked
from slimmer.formats.javascript.scopes import places
from slimmer.formats.python.imports import imports


@pytest.mark.parametrize(
    "before",
    [
        "f(`a-${b}-$c`)",
        "f(`\\`${`inner ${1}`}`)",
        "f('it\\'s', \"a\\\\\")",
        "f('goes \\\r\n on')",
        "f(/[/`]\\/'/g)",
        "f(a / b, '`')",
    ],
)
def test_what_follows_quotes_in_javascript_is_code(before: str) -> None:
    source = f"{before}; require('found')\n".encode()
    [find] = [find for find in asked(source) if find.specifier == "found"]
    assert find.offset in places(source, [find.offset])


@pytest.mark.parametrize(
    "before",
    ['"""a "quoted" word\\""""', "'''it's'''", '"\\""', "'\\\r\n'", "r'\\'", '""', "b''''''"],
)
def test_what_follows_quotes_in_python_is_code(before: str) -> None:
    assert "found" in {name.module for name in imports(f"x = {before}\nimport found\n".encode())}


def test_what_is_inside_quotes_is_no_code() -> None:
    source = b'x = """\nimport lost "\nimport lost\n"""\nimport found\n'
    assert {name.module for name in imports(source) if name.certain} == {"found"}


def test_megabytes_of_escapes_are_read() -> None:
    text = b"\\'" * 1_000_000
    source = b"f('" + text + b"'); require('found')"
    offsets = [find.offset for find in asked(source)]
    assert places(source, offsets).keys() == {source.rfind(b"equire")}
