"""A dropped package leaves nothing behind, and a kept part keeps its manifest."""

from __future__ import annotations

from slimmer.paths import parents
from tests.laws.test_husks import TREE, package, wheel
from tests.support.decide import decide, kept
from tests.support.installed import npm_lock

GONE = ("pytest-1.0.dist-info", "_pytest", "mypy", "node_modules/@types")


def test_a_dropped_package_leaves_no_licence_and_no_folder() -> None:
    ships = kept(decide(TREE, drop="node/compilers"))
    above = {folder for path in ships for folder in parents(path)}
    assert not [each for each in GONE if each in ships | above]
    assert {"requests/LICENSE", "requests-1.0.dist-info/licenses/LICENSE"} <= ships
    inner = {path for path in TREE if path.startswith("node_modules/webpack/node_modules/ms/")}
    assert not {p for p in ships if p.startswith("node_modules/webpack/")} - inner


def test_the_licence_goes_by_the_component_that_drops_the_rest() -> None:
    verdicts = decide(TREE).verdicts
    licences = ("pytest-1.0.dist-info/licenses/LICENSE", "mypy/typeshed/LICENSE")
    for path in licences:
        rule = verdicts[path].rule
        assert rule is not None
        assert rule.component == "python/test-runners"


def test_a_part_that_stays_keeps_the_manifest_and_the_licence() -> None:
    files = {
        "app.py": b"",
        **wheel("pytest_x", "pytest_x/__init__.py"),
        **package("node_modules/webpack", "webpack"),
    }
    files |= npm_lock(files)
    decision = decide(files, keep="/pytest_x/__init__.py /node_modules/webpack/lib/")
    ships = kept(decision)
    assert {"pytest_x-1.0.dist-info/METADATA", "pytest_x-1.0.dist-info/licenses/LICENSE"} <= ships
    assert {"node_modules/webpack/package.json", "node_modules/webpack/LICENSE"} <= ships
    assert "pytest_x-1.0.dist-info/WHEEL" not in ships
    reasons = {rescue.path: rescue.chain for rescue in decision.rescues}
    assert reasons["node_modules/webpack/package.json"].startswith(
        "node_modules/webpack/lib/index.js needs "
    )


def test_a_manifest_that_the_user_drops_by_name_stays_out() -> None:
    ships = kept(decide(TREE, drop="/requests-1.0.dist-info/METADATA"))
    assert "requests-1.0.dist-info/METADATA" not in ships
    assert "requests/LICENSE" in ships
