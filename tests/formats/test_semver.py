"""Ranges of versions in package.json."""

from __future__ import annotations

import pytest

from slimmer.formats.javascript.semver import allows_major


@pytest.mark.parametrize(
    ("wanted", "majors"),
    [
        (">=18", {18, 20, 22}),
        ("^18.17.0 || >=20.9", {18, 20, 22}),
        (">=18 <22", {18, 20}),
        ("20", {20}),
        ("20.x || 22.x", {20, 22}),
        ("~20.1", {20}),
        (">20", {22}),
        (">20.5", {20, 22}),
        ("<=20", {18, 20}),
        ("<20.0.0", {18}),
        ("18 - 20", {18, 20}),
        ("*", {18, 20, 22}),
        ("", {18, 20, 22}),
        ("^0.10 || ^8", set()),
        ("lts/iron", {18, 20, 22}),
        (">= 18.0.0-rc.1", {18, 20, 22}),
    ],
)
def test_ranges_of_versions_are_read_as_npm_does(wanted: str, majors: set[int]) -> None:
    assert {major for major in (18, 20, 22) if allows_major(wanted, major)} == majors
