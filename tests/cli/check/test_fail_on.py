"""Which findings fail, and what is wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.check.gate import check, failing, report


def test_what_fails_can_be_chosen(work: Path) -> None:
    over = ("layer.zip", "--max", "100B", "--max-unzipped", "200B")
    assert failing(report(work, *over)) == ["over-max", "over-max-unzipped"]
    assert failing(report(work, *over, "--fail-on", "over-max")) == ["over-max"]
    assert failing(report(work, *over, "--fail-on", "over-max,over-unzipped")) == ["over-max"]
    assert failing(report(work, *over, "--fail-on", "none")) == []
    near = ("layer.zip", "--max", "1MB", "--warn-at", "0.001%")
    assert failing(report(work, *near, "--fail-on", "default,near-max")) == ["near-max"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("over-mix", "--fail-on: there is no code 'over-mix'; did you mean 'over-max'?"),
        ("", "there is no code ''"),
        ("none,over-max", "--fail-on none goes with no other code"),
    ],
)
def test_a_wrong_code_is_told_the_right_one(work: Path, value: str, words: str) -> None:
    outcome = check(work, "layer.zip", "--fail-on", value)
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "nothing to check"),
        (("layer.zip", "--max-growth", "2%"), "--max-growth needs to know the baseline"),
        (("layer.zip", "--update-baseline"), "--update-baseline needs to know the baseline"),
        (("layer.zip", "--max-growth", "2 stones"), "'2 stones' is not a growth limit"),
        (("layer.zip", "--warn-at", "9"), "--warn-at '9' is not a share"),
        (("layer.zip", "--warn-at", "0%"), "--warn-at '0%' is not a share"),
        (("layer.zip", "--warn-at", "101%"), "--warn-at '101%' is not a share"),
        (("layer.zip", "--target", "lambada"), "did you mean 'lambda'?"),
        (("layer.zip", "--json", "-", "--markdown", "-"), "cannot share standard output"),
        (("layer.zip", "--json", "layer.zip"), "LAYER and --json name the same file"),
        (("layer.zip", "--markdown", "/dev/null"), "not a device or a pipe"),
        (("layer.zip", "--json", "no/such.json"), "the folder for --json does not exist"),
    ],
)
def test_wrong_usage_is_one_line_and_2(work: Path, args: tuple[str, ...], words: str) -> None:
    outcome = check(work, *args)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
