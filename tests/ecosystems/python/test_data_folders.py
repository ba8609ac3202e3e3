"""A package's folder called tests is a test suite where something in it is a test."""

from __future__ import annotations

import pytest

from tests.support.decide import decide, dropped
from tests.support.installed import record


@pytest.mark.parametrize(
    ("names", "is_suite"),
    [
        (["rules.yaml", "more.yaml"], False),
        (["__init__.py", "data.json"], False),
        (["latest.py", "data.json"], False),
        (["helper.py"], True),
        (["__init__.py", "test_rules.py"], True),
        (["rules_test.py", "data.json"], True),
        (["deep/down/test_rules.py", "data.json"], True),
        (["conftest.py", "data.json"], True),
        (["tests.py", "data.json"], True),
        (["testing.py", "data.json"], True),
    ],
)
@pytest.mark.parametrize("guards", [("python",), ("otp",)])
def test_a_suite_has_tests(names: list[str], is_suite: bool, guards: tuple[str, ...]) -> None:
    inside = {f"acme/tests/{name}" for name in names}
    files = {"acme/__init__.py": b"", "acme-1.dist-info/METADATA": b"Name: acme\n"}
    files |= dict.fromkeys(inside, b"x = 1\n")
    files["acme-1.dist-info/RECORD"] = record(files)
    expected = inside if is_suite or "python" not in guards else set()
    assert dropped(decide(files, guards=guards)) & inside == expected
