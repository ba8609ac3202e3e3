"""The manuals against the command line: each option, choice, exit code and link is true."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from conformance import table
from scripts import sizes_chart
from scripts.evidence_table import PAGE, with_table
from scripts.option_tables import DOCS, options_of, pages, tables_of, with_tables
from slimmer import errors
from slimmer.cli import COMMANDS, cli
from slimmer.config.options import SETTINGS
from tests.test_structure import RANK

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples/README.md",
]


def params(command: str) -> Iterator[click.Option]:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    yield from (param for param in found.params if isinstance(param, click.Option))


def rows() -> list[tuple[str, str]]:
    """Return first cell and whole line of each row of each page's tables."""
    lines = [line for page in PAGES for line in page.read_text("utf-8").splitlines()]
    found = [line.replace(r"\|", "¦") for line in lines if line.startswith("| ")]
    return [(row.split("|")[1].replace("¦", "|"), row.replace("¦", "|")) for row in found]


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def documented() -> set[str]:
    return options_in(" ".join(first for first, _ in rows()))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_tables_of_options_are_those_of_the_commands(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == with_tables(text), "run make docs"
    assert text.count("| option | meaning |") == len(list(tables_of(text)))


def test_the_table_of_conformance_is_that_of_the_shapes() -> None:
    text = table.PAGE.read_text("utf-8")
    assert text == table.with_table(text), "run python -m conformance --docs"


@pytest.mark.parametrize("command", ["build", "check", "diff", "verify"])
def test_every_option_of_a_command_stands_once_on_its_page(command: str) -> None:
    page = DOCS / f"{'inspect' if command == 'diff' else command}.md"
    tables = [table for table in tables_of(page.read_text("utf-8")) if table[0] == command]
    listed = [param.name for table in tables for param in options_of(*table)]
    assert sorted(map(str, listed)) == sorted(str(param.name) for param in params(command))


def test_the_chart_of_sizes_is_that_of_its_data() -> None:
    chart = sizes_chart.chart(sizes_chart.trees())
    assert sizes_chart.CHART.read_text("utf-8") == chart, "run make docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_stands_in_a_table(command: str) -> None:
    names = {name for param in params(command) for name in param.opts if name.startswith("--")}
    assert names - documented() == set()


def test_every_option_in_a_table_exists() -> None:
    known = {name for command in COMMANDS for param in params(command) for name in param.opts}
    assert documented() - known == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_choices_of_an_option_are_all_named(command: str) -> None:
    for param in params(command):
        choices = re.fullmatch(r"[a-z0-9_-]+(\|[a-z0-9_-]+)+", param.metavar or "")
        for first, row in rows() if choices else []:
            if param.opts[0] in options_in(first):
                missing = set(str(param.metavar).split("|")) - set(re.findall(r"[\w-]+", row))
                assert missing == set(), param.opts[0]


def test_the_reference_has_every_exit_code() -> None:
    section = (ROOT / "docs/reference.md").read_text("utf-8").partition("## Exit codes")[2]
    named = re.findall(r"^\| (\d+) \|", section.partition("\n## ")[0], re.MULTILINE)
    codes = [code for name, code in vars(errors).items() if name.startswith("EXIT_")]
    assert [int(code) for code in named] == sorted(codes)


def test_the_manual_has_every_key_of_the_settings() -> None:
    section = (ROOT / "docs/build.md").read_text("utf-8").partition("\n| key | value |\n")[2]
    cells = [line.split("|")[1] for line in section.partition("\n\n")[0].splitlines()]
    named = re.findall(r"`([a-z-]+)`", " ".join(cells))
    keys = {option.key for option in SETTINGS.values()}
    assert sorted(named) == sorted(keys | {"accept", "artifact", "budgets", "component"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {title.lower().replace(" ", "-") for title in titles}, link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_installs_is_this_distribution(page: Path) -> None:
    installs = re.findall(r"(?:pip|pipx|uv tool) install '?([a-z]+)", page.read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(installs) <= {project["name"]}
    assert installs or page.name != "README.md"


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_for_contributors_names_exists(name: str) -> None:
    spans = re.findall(r"`([^`\s]+)`", (ROOT / name).read_text("utf-8"))
    files = [s for s in spans if s.startswith(("slimmer/", "tests/", "rules/")) and "NAME" not in s]
    assert len(files) > 10
    assert [file for file in files if not list(ROOT.glob(file.rstrip("/")))] == []


def test_the_architecture_lists_the_rooms_as_they_lie() -> None:
    section = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Rooms")[2]
    lines = [re.split(r"  {3,}", line)[0] for line in section.split("```")[1].splitlines()]
    rooms = [room for room in RANK if room != "__main__"]
    assert " ".join(lines).split() == rooms


def test_the_words_of_evidence_are_listed_as_they_are() -> None:
    text = PAGE.read_text("utf-8")
    assert with_table(text) == text, "run make docs"
    assert "| `tests` |" in text
