"""Names near to a mistyped one."""

from slimmer.text import did_you_mean, nearest


def test_another_version_is_not_near() -> None:
    known = ["python3.13", "python3.14", "nodejs22.x"]
    assert nearest("python3.15", known) is None
    assert nearest("nodejs21.x", known) is None
    assert nearest("pyton3.14", known) == "python3.14"
    assert did_you_mean("python3.15", known).startswith("; known are ")
