"""The HTML report as bytes: one file, the same for the same build, and nothing in it gets out."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from slimmer.report.build.files import Outcome, Reason, Row
from slimmer.report.build.html_data import columns_json
from tests.support.command import slim
from tests.support.trees import write_tree

TREE = {
    "lib/<b>.txt": "kept too\n" * 30,
    "lib/<": "kept too\n",
    "doc/index.html": "<p>Read me</p>\n" * 20,
    "lib/kept.txt": "kept\n",
}


class Parts(HTMLParser):
    """Collects what a browser would run or load, and the policy that says what it may."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in self.inside:
            self.inside[self.tags[-1][0]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", TREE)
    return tmp_path


def page(work: Path, *args: str, **env: str) -> str:
    outcome = slim("build", "tree", "--html", "report.html", *args, cwd=work, env=env)
    assert outcome.code == 0, outcome.text
    return (work / "report.html").read_text("utf-8")


def data_of(text: str) -> dict[str, Any]:
    scripts = Parts(text).inside["script"]
    loaded: dict[str, Any] = json.loads(scripts[0])
    return loaded


def test_the_same_build_gives_the_same_page(work: Path) -> None:
    first = page(work, PYTHONHASHSEED="1", TZ="UTC")
    assert page(work, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C") == first
    assert page(work, "--drop", "lib/kept.txt") != first


def test_it_loads_nothing_and_its_policy_says_so(work: Path) -> None:
    parts = Parts(page(work))
    attributes = {name for _, attrs in parts.tags for name in attrs}
    assert attributes.isdisjoint({"src", "href", "srcset", "action", "style", "onload", "onclick"})
    assert {tag for tag, _ in parts.tags}.isdisjoint({"link", "img", "iframe", "base", "object"})
    policy = next(a["content"] for _, a in parts.tags if "http-equiv" in a) or ""
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    data, script = parts.inside["script"]
    assert data.startswith("{")
    for kind, texts in (("script-src", [script]), ("style-src", parts.inside["style"])):
        digests = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in texts]
        assert rules[kind].split() == [f"'sha256-{digest}'" for digest in digests]


def test_no_address_is_in_it(work: Path) -> None:
    assert re.findall(r"https?://|//[a-z]+\.|@import|url\(", page(work)) == []


def test_a_dry_run_writes_the_page_and_no_zip(work: Path) -> None:
    assert "not written: a dry run" in page(work, "--dry-run", "-o", "x.zip")
    assert sorted(path.name for path in work.iterdir()) == ["report.html", "tree"]


def test_it_is_printed_where_asked_and_the_table_goes_to_stderr(work: Path) -> None:
    outcome = slim("build", "tree", "--html", "-", cwd=work)
    assert outcome.code == 0
    assert outcome.out.startswith("<!doctype html>")
    assert outcome.out.endswith("</html>\n")
    assert "CodeSha256" in outcome.err


def test_over_a_cap_it_is_written_without_zipped_bytes(work: Path) -> None:
    outcome = slim("build", "tree", "--html", "r.html", "--max", "1B", cwd=work)
    assert outcome.code == 1
    text = (work / "r.html").read_text("utf-8")
    assert "failed: see what was found" in text
    assert sorted(path.name for path in work.iterdir()) == ["r.html", "tree"]


def test_every_name_survives_the_way_into_the_page(work: Path) -> None:
    data = data_of(page(work))
    assert sorted(data["files"]["name"]) == ["<", "<b>.txt", "index.html", "kept.txt"]


def test_each_file_has_the_bytes_that_the_json_report_has(work: Path) -> None:
    for option in ([], ["--measure-dropped"]):
        data = data_of(page(work, "--drop", "*.html", "--json", "report.json", *option))
        entries = json.loads((work / "report.json").read_text("utf-8"))["entries"]
        files = data["files"]
        names = [name.rstrip("/") for name in files["name"]]
        columns = (names, files["unzipped"], files["zipped"], files["compressed"])
        assert sorted(zip(*columns, strict=True)) == sorted(
            (
                entry["path"].rpartition("/")[2],
                entry.get("unzipped_bytes", entry["size_bytes"]),
                entry.get("zip_bytes", -1),
                entry.get("compressed_bytes", -1),
            )
            for entry in entries
        )
        assert data["measured"] is bool(option)
        dropped = files["name"].index("index.html")
        assert (0 < files["compressed"][dropped] < files["unzipped"][dropped]) is bool(option)


def row(path: str, **changes: Any) -> Row:
    plain = Row(path, Outcome.KEPT, 1, 1, 1, 1, "other/root", Reason("Why."))
    return plain._replace(**changes)


def test_the_data_can_stand_inside_a_script() -> None:
    evil = ["</script>", "<!--", "]]>", "\u2028", "&lt;", "\x00", "\U0001f600", "é"]
    text = columns_json([row("x", note=words) for words in evil], packed=True, unmeasured="")
    assert text.isascii()
    assert not set(text) & set("<>&\n\x00")
    assert list(json.loads(text)["notes"].values()) == evil


def test_folders_come_before_what_is_in_them() -> None:
    rows = [row("a/b/c/d"), row("a/b/e"), row("empty/folder/"), row("f")]
    data = json.loads(columns_json(rows, packed=True, unmeasured=""))
    names, parents = data["folders"]["name"], data["folders"]["parent"]
    assert all(parent < place for place, parent in enumerate(parents) if place)

    def path(folder: int) -> str:
        return path(parents[folder]) + names[folder] + "/" if folder else ""

    files = data["files"]
    joined = [path(f) + n for f, n in zip(files["folder"], files["name"], strict=True)]
    assert joined == [row.path for row in rows]


def test_what_was_not_measured_is_told_apart_from_nothing() -> None:
    rows = [row("a", zipped_bytes=0), row("b", zipped_bytes=None)]
    data = json.loads(columns_json(rows, packed=True, unmeasured="not there"))
    assert data["files"]["zipped"] == [0, -1]
    assert (data["measured"], data["unmeasured"]) == (False, "not there")
    rows = rows[:1]
    assert json.loads(columns_json(rows, packed=True, unmeasured=""))["measured"] is True
