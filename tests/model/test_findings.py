"""The registry of codes, how a finding is made of it, and what ``--fail-on`` makes of findings."""

from __future__ import annotations

from fractions import Fraction

import pytest

from slimmer import caps
from slimmer.config.budgets import Limits
from slimmer.errors import UsageError
from slimmer.model.artifact import DeployedZip
from slimmer.model.codes import CODES, GROUPS, Severity, codes_of
from slimmer.model.fail_on import parse_fail_on, weighed
from slimmer.model.findings import Finding, finding
from slimmer.targets import load_targets

LAMBDA = load_targets()["lambda"]
FOUND = [
    finding("needs-s3", "a"),
    finding("python-abi", "b"),
    finding("python-abi", "c", severity=Severity.WARN),
    finding("dangling-link", "d"),
    finding("secret", "e"),
]


def failing(words: list[str]) -> str:
    """Return the messages of what fails by ``--fail-on`` with these words."""
    fail_on = parse_fail_on(words, codes_of("build"))
    return "".join(f.message for f in weighed(FOUND, fail_on) if f.severity is Severity.FAIL)


def test_a_finding_weighs_what_its_row_says() -> None:
    assert finding("secret", "x") == Finding("secret", Severity.FAIL, "x")
    assert finding("zip64", "x").severity is Severity.WARN
    assert finding("needs-s3", "x").severity is Severity.NOTE


def test_a_finding_weighs_otherwise_only_where_its_row_allows() -> None:
    assert finding("python-abi", "x", severity=Severity.WARN).severity is Severity.WARN
    assert finding("python-abi", "x", severity=Severity.FAIL).severity is Severity.FAIL
    with pytest.raises(ValueError, match="'python-abi' cannot be"):
        finding("python-abi", "x", severity=Severity.NOTE)
    with pytest.raises(ValueError, match="'secret' cannot be"):
        finding("secret", "x", severity=Severity.WARN)


def test_a_code_without_a_row_is_no_code() -> None:
    with pytest.raises(KeyError):
        finding("secrets", "x")


def test_a_code_stands_in_one_group() -> None:
    assert sum(map(len, GROUPS.values())) == len(CODES)


def test_every_code_has_commands_and_one_sentence() -> None:
    for code, row in CODES.items():
        assert row.commands, code
        assert set(row.commands) <= {"build", "check", "inspect"}, code
        assert row.severity not in row.others, code
        assert row.meaning[0].isupper() or row.meaning.startswith("slim "), code
        assert row.meaning.endswith("."), code
        assert ". " not in row.meaning, code
        assert "|" not in row.meaning, code


def test_a_command_has_its_own_codes() -> None:
    assert "zip64" in codes_of("check")
    assert "zip64" not in codes_of("build")
    assert "python-abi" in codes_of("inspect")
    assert codes_of("diff") == ()


def test_every_cap_has_its_codes() -> None:
    small = LAMBDA._replace(zip_bytes=100)
    full = Limits(max_bytes=100, max_unzipped_bytes=LAMBDA.unzipped_below_bytes)
    sizes = [DeployedZip("a.zip", 101, LAMBDA.unzipped_below_bytes + 1)]
    usages = caps.deployed(sizes, LAMBDA.layers + 1, small, full)
    usages += caps.zip_format("a.zip", LAMBDA.members + 1, LAMBDA.archive_bytes + 1, LAMBDA)
    over = [f.code for f in caps.findings(usages)]
    names = ["unzipped", "zipped", "layers", "max", "max-unzipped", "members", "archive"]
    assert over == [f"over-{name}" for name in names]
    usages = caps.deployed([DeployedZip("a.zip", 99, 262_143_999)], LAMBDA.layers, small, full)
    near = [f.code for f in caps.near(usages, Fraction(9, 10))]
    assert near == [f"near-{name}" for name in names[:5]]


# --fail-on


def test_without_the_option_nothing_changes() -> None:
    assert parse_fail_on([], codes_of("build")) is None
    assert weighed(FOUND, None) == FOUND
    assert failing([]) == "be"


def test_default_stands_for_what_fails_without_the_option() -> None:
    assert weighed(FOUND, parse_fail_on(["default"], codes_of("build"))) == FOUND


def test_what_is_named_fails_and_all_else_warns() -> None:
    assert failing(["dangling-link"]) == "de"
    assert failing(["default,dangling-link"]) == "bde"
    assert failing(["needs-s3, dangling-link", "default"]) == "abde"
    rest = weighed(FOUND, parse_fail_on(["dangling-link"], codes_of("build")))
    assert [f.severity.value for f in rest] == ["note", "warn", "warn", "fail", "fail"]


def test_a_code_that_is_named_fails_where_it_is_uncertain_too() -> None:
    assert failing(["python-abi"]) == "bce"


def test_a_secret_fails_even_where_nothing_is_to() -> None:
    assert failing(["none"]) == "e"


def test_the_findings_keep_their_order_and_words() -> None:
    changed = weighed(FOUND, frozenset({"needs-s3"}))
    assert [(f.code, f.message) for f in changed] == [(f.code, f.message) for f in FOUND]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("zip-64", "there is no code 'zip-64'"),
        ("over-growth", "there is no code 'over-growth'"),  # of slim check
        ("needs-s4", "did you mean 'needs-s3'?"),
        ("defalt", "did you mean 'default'?"),
        ("needs-s3,", "there is no code ''"),
        ("none,secret", "--fail-on none goes with no other code"),
    ],
)
def test_only_codes_of_the_command_are_taken(word: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_fail_on([word], codes_of("build"))
    assert message in str(error.value)
