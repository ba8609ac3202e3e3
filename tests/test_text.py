"""Names near to a mistyped one."""

from slimmer.model.forms import DeployedAs
from slimmer.text import did_you_mean, nearest


def test_another_version_is_not_near() -> None:
    known = ["python3.13", "python3.14", "nodejs22.x"]
    assert nearest("python3.15", known) is None
    assert nearest("nodejs21.x", known) is None
    assert nearest("pyton3.14", known) == "python3.14"
    assert did_you_mean("python3.15", known).startswith("; known are ")


def test_a_name_is_not_near_for_its_folder_alone() -> None:
    known = ["erlang/interop", "erlang/network", "python/tests"]
    assert nearest("erlang/nope", known) is None
    assert did_you_mean("erlang/nope", known) == "; known are erlang/interop, erlang/network"
    assert nearest("erlang/netwrk", known) == "erlang/network"
    assert nearest("elang/network", known) == "erlang/network"


def test_a_near_name_is_said_as_people_write_it() -> None:
    assert did_you_mean("functoin", DeployedAs) == "; did you mean 'function'?"
