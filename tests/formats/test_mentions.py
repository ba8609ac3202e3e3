"""Names are found where they could start something, and as whole words only."""

from __future__ import annotations

import pytest

from slimmer.formats.mentions import Writing, line_of, names


def found(text: str, writing: Writing) -> set[str]:
    return {name for name, _ in names(text.encode(), writing)}


@pytest.mark.parametrize(
    "text",
    [
        "require('acme')",
        'x = ["acme"]',
        "`acme`",
        '"acme/register"',
        "'acme@3'",
        "import 'npm:acme@^3'",
        "import 'npm:/acme/x'",
        "spawn('node_modules/.bin/acme')",
        "path.join(root, 'node_modules/acme/cli.js')",
        "exec('npx acme --write .')",
        "exec('acme --write .')",
        "NODE_OPTIONS = '--import acme'",
        "run(`node --require=acme x.js`)",
    ],
)
def test_a_string_in_code_names_it(text: str) -> None:
    assert "acme" in found(text, Writing.QUOTED)


@pytest.mark.parametrize(
    "text",
    [
        "acme(1)",
        "'acme.config.js'",
        "'acme-more'",
        "'my-acme'",
        "'./acme'",
        "'@x/acme'",
        "  // require('acme')",
        "/* 'acme' */",
        " * @type {import('acme')}",
        "# 'acme'",
        '"acme": true',
    ],
)
def test_what_is_no_string_of_the_name_does_not(text: str) -> None:
    assert "acme" not in found(text, Writing.QUOTED)


@pytest.mark.parametrize(
    "text",
    [
        "exec node -r acme/register x.js",
        "node --import acme x",
        "node --loader=acme x",
        "./node_modules/.bin/acme x",
        "acme",
        "preset: acme",
        "- acme",
        "[acme]",
        "main=acme",
        "<tool>acme</tool>",
    ],
)
def test_a_word_in_a_script_or_in_settings_names_it(text: str) -> None:
    assert "acme" in found(text, Writing.WORDS)


@pytest.mark.parametrize(
    "text", ["# acme", "x # acme", "./acme", "/usr/bin/acme", "acme.js", "$acme", "acme: false"]
)
def test_what_is_no_word_of_the_name_does_not(text: str) -> None:
    assert "acme" not in found(text, Writing.WORDS)


def test_a_dockerfile_names_what_it_starts_not_what_builds_it() -> None:
    text = 'FROM acme\nRUN npm i \\\n  acme-tool && \\\n  acme\nCMD ["node", "-r", "acme-run"]'
    assert {"acme-run", "node"} <= found(text, Writing.IMAGE)
    assert not {"acme", "acme-tool"} & found(text, Writing.IMAGE)


def test_a_file_of_a_package_names_the_package() -> None:
    assert {"@x/y", "@x/y/z.js"} <= found("'@x/y/z.js'", Writing.QUOTED)


def test_the_line_of_a_name_is_told() -> None:
    text = b"a\nb\nnode -r acme\n"
    [offset] = [offset for name, offset in names(text, Writing.WORDS) if name == "acme"]
    assert line_of(text, offset) == 3
