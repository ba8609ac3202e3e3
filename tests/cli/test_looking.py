"""What people look at: pages of inspect, diff and check, versions, and accepted warnings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zip_of


def dist(name: str, version: str, module: bytes = b"x = 1\n") -> dict[str, bytes]:
    info = f"{name}-{version}.dist-info"
    record = f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/RECORD,,\n"
    return {
        f"{name}/__init__.py": module,
        f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n".encode(),
        f"{info}/RECORD": record.encode(),
        f"{info}/INSTALLER": b"pip\n",
    }


def test_a_diff_names_versions(tmp_path: Path) -> None:
    write_tree(tmp_path / "old", dist("pandas", "2.3.3"))
    write_tree(tmp_path / "new", dist("pandas", "3.1.1", b"x = 22\n"))
    outcome = slim("diff", "old", "new", "--html", "d.html", "--markdown", "-", cwd=tmp_path)
    assert "2.3.3 -> 3.1.1" in outcome.out
    assert "2.3.3 -&gt; 3.1.1" in (tmp_path / "d.html").read_text()


def npm(version: str, module: str) -> dict[str, str]:
    manifest = json.dumps({"name": "@acme/shop", "version": version})
    return {
        "index.js": "require('@acme/shop')\n",
        "package.json": '{"name": "app", "version": "9.9.9"}',
        "node_modules/@acme/shop/package.json": manifest,
        "node_modules/@acme/shop/index.js": module,
        "node_modules/broken/package.json": "{",
        "node_modules/odd/package.json": '{"version": ["1"]}',
    }


def test_a_diff_names_versions_of_npm_packages(tmp_path: Path) -> None:
    write_tree(tmp_path / "old", npm("1.9.0", "exports.x = 1\n"))
    zip_of(
        tmp_path / "new.zip", {k: v.encode() for k, v in npm("2.0.1", "exports.y = 2222").items()}
    )
    outcome = slim("diff", "old", "new.zip", cwd=tmp_path)
    assert (outcome.code, "1.9.0 -> 2.0.1" in outcome.out) == (0, True), outcome.text
    assert "9.9.9" not in outcome.out


def test_two_versions_of_one_distribution_are_named(tmp_path: Path) -> None:
    tree = {**dist("pandas", "2.3.3"), **dist("pandas", "3.1.1")}
    write_tree(tmp_path / "tree", tree)
    zip_of(tmp_path / "a.zip", tree)
    line = "pandas has metadata of 2 versions (2.3.3, 3.1.1) in the root; install into an empty"
    for command in (("inspect", "tree"), ("check", "a.zip")):
        assert line in slim(*command, cwd=tmp_path).out


@pytest.mark.parametrize("command", [("inspect",), ("check",), ("diff", "a.zip")])
def test_a_page_loads_nothing_and_names_what_is_there(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    zip_of(tmp_path / "a.zip", {"one.py": "1"})
    zip_of(tmp_path / "b<i>.zip", {"two<b>.py": "2"})
    assert slim(*command, "b<i>.zip", "--html", "p.html", cwd=tmp_path).code == 0
    page = (tmp_path / "p.html").read_text()
    assert "<b>.py" not in page
    assert "b&lt;i&gt;.zip" in page
    assert not any(word in page for word in ("<script", "http://", "https://", "src="))
    again = slim(*command, "b<i>.zip", "--html", "q.html", cwd=tmp_path)
    assert again.code == 0
    assert (tmp_path / "q.html").read_text() == page


def test_inspect_says_first_what_to_do(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", dist("pandas", "2.3.3"))
    lines = slim("inspect", "tree", cwd=tmp_path).out.splitlines()
    assert lines[0].startswith("next: slim build drops ")
    assert lines[2].startswith("would drop")


def test_inspect_says_what_shaking_is_worth_the_most_first(tmp_path: Path) -> None:
    unused = dist("unused", "1.0", b"# " + b"x" * 90_000)
    write_tree(tmp_path / "tree", {"app.py": "import used\n", **dist("used", "1.0"), **unused})
    lines = slim("inspect", "tree", cwd=tmp_path).out.splitlines()
    assert lines[0].startswith("next: slim build --tree-shake drops ")
    assert "(100%)" in lines[0]


def test_a_warning_is_accepted_with_a_reason(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {**dist("pandas", "2.3.3"), **dist("pandas", "3.1.1")})
    (tmp_path / "slim.toml").write_text('[accept]\ntwo-versions = "the older is only read"\n')
    outcome = slim("check", "a.zip", "--json", "r.json", cwd=tmp_path)
    assert "note: 1 warning two-versions accepted: the older is only read" in outcome.out
    codes = [f["code"] for f in json.loads((tmp_path / "r.json").read_text())["findings"]]
    assert "accepted" in codes
    assert "two-versions" not in codes


def test_a_failure_is_never_accepted(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {"a": "1"})
    (tmp_path / "slim.toml").write_text('[accept]\nover-max = "never mind"\n')
    assert slim("check", "a.zip", "--max", "1B", cwd=tmp_path).code == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[accept]\ntwo-version = "x"', "slim.toml:2: there is no code 'two-version'"),
        ('[accept]\ntwo-versions = " "', "slim.toml:2: two-versions must be a non-empty string"),
    ],
)
def test_what_is_accepted_is_checked(tmp_path: Path, text: str, line: str) -> None:
    zip_of(tmp_path / "a.zip", {"a": "1"})
    (tmp_path / "slim.toml").write_text(text)
    outcome = slim("check", "a.zip", cwd=tmp_path)
    assert outcome.code == 2
    assert line in outcome.err


def test_the_page_of_a_diff_says_what_the_figures_beside_it_differ_by(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {"a.txt": b"a" * 5_000})
    zip_of(tmp_path / "b.zip", {"a.txt": b"a" * 9_000})
    grown = (tmp_path / "b.zip").stat().st_size - (tmp_path / "a.zip").stat().st_size
    assert slim("diff", "a.zip", "b.zip", "--html", "p.html", cwd=tmp_path).code == 0
    page = (tmp_path / "p.html").read_text()
    assert f"<span>Difference</span><b>+{grown:,} B</b>" in page
    assert "<span>+4,000 B unzipped</span>" in page
