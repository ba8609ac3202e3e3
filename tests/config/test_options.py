"""The table of options: every row is whole, and every setting has one."""

import dataclasses

import click
import pytest

from slimmer.cli import COMMANDS, cli
from slimmer.cli.options import PathType
from slimmer.config.options import BY_FLAG, SETTINGS, TABLE
from slimmer.config.run_table import SANDBOXES
from slimmer.config.settings import Settings, parse_settings
from slimmer.errors import UsageError
from slimmer.model.forms import ENGINES
from slimmer.verify import sandboxes


def test_every_field_of_the_settings_has_its_row() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert fields - {"project", "budgets", "accepted"} == set(SETTINGS)


@pytest.mark.parametrize(
    ("said", "means"),
    [("amd64", "x86_64"), ("x64", "x86_64"), ("x86-64", "x86_64"), ("aarch64", "arm64")],
)
def test_a_processor_is_known_by_what_others_call_it(said: str, means: str) -> None:
    value = BY_FLAG["--arch"].value
    assert value.given("--arch", said) == means == value.given("--arch", means)
    assert parse_settings(f'arch = "{said}"', "slim.toml").arch == means


@pytest.mark.parametrize(("said", "near"), [("arm46", "arm64"), ("ppc64le", "")])
def test_only_what_is_near_is_offered(said: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        BY_FLAG["--arch"].value.given("--arch", said)
    assert ("did you mean" in str(error.value)) == bool(near)
    assert near in str(error.value)


def test_no_two_rows_share_a_flag_or_a_key() -> None:
    flags = [option.flag for option in TABLE]  # -o is the output of whichever command
    keys = [option.key for option in TABLE if option.key]
    assert len(flags) == len(set(flags))
    assert len(keys) == len(set(keys))


def test_every_row_is_taken_by_a_command() -> None:
    taken = set()
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        taken |= {opt for param in command.params for opt in param.opts}
    assert {option.flag for option in TABLE} - taken == set()


def test_every_path_of_a_command_has_a_role() -> None:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        paths = [param for param in command.params if isinstance(param.type, click.Path)]
        assert [param.name for param in paths if not isinstance(param.type, PathType)] == []


def test_the_sandboxes_are_those_that_there_are() -> None:
    assert {*sandboxes.SANDBOXES, *ENGINES} == set(SANDBOXES)
