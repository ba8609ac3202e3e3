"""Growth since a baseline, and baselines of no use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.check.gate import GROWTH, PYTHON, check, failing, report, updated
from tests.support.command import slim, with_small_files_only
from tests.support.zips import pack


def test_what_did_not_grow_passes(work: Path) -> None:
    updated(work)
    document = report(work, *GROWTH, "0")
    assert document["ok"]
    assert (document["growth"]["components"], document["growth"]["files"]) == ([], [])


def test_what_grew_too_much_is_named_by_component_and_by_file(work: Path) -> None:
    updated(work)
    noise = bytes(n * n * 31 % 251 for n in range(3000))
    files = {**PYTHON, "python/yaml/cyaml.py": noise, "python/app.py": noise[:500]}
    del files["python/six.py"]
    pack(work / "layer.zip", files)
    outcome = check(work, *GROWTH, "2%")
    assert outcome.code == 1
    assert re.search(
        r"grown too much: zipped since size.json .* most grew python/yaml \+", outcome.out
    )
    growth = report(work, *GROWTH, "2%")["growth"]
    assert [(f["what"], f["path"]) for f in growth["files"]] == [
        ("added", "python/yaml/cyaml.py"),
        ("changed", "python/app.py"),
        ("removed", "python/six.py"),
    ]
    components = {row["name"]: row for row in growth["components"]}
    assert components.keys() == {"python/yaml", "python/app", "python/six"}
    assert components["python/yaml"]["unzipped_bytes"] == 3000
    assert components["python/six"]["unzipped_bytes"] == -330
    parts = sum(row["compressed_bytes"] for row in growth["components"])
    assert parts + growth["headers_bytes"] == growth["zipped_bytes"]


def test_growth_is_allowed_to_the_byte(work: Path) -> None:
    updated(work)
    pack(work / "layer.zip", {**PYTHON, "python/more.py": b"x" * 100})
    grew = report(work, *GROWTH, "1MB")["growth"]
    most = max(grew["zipped_bytes"], grew["unzipped_bytes"])
    assert failing(report(work, *GROWTH, f"{most}B")) == []
    assert failing(report(work, *GROWTH, f"{most - 1}B")) == ["over-growth"]


def test_a_new_version_of_a_library_is_the_same_component(work: Path) -> None:
    updated(work)
    files = {name.replace("1.26.4", "2.0.1"): data for name, data in PYTHON.items()}
    files["python/numpy-2.0.1.dist-info/METADATA"] += b"Version: 2.0.1\n"
    pack(work / "layer.zip", files)
    growth = report(work, *GROWTH, "1%")["growth"]
    assert [row["name"] for row in growth["components"]] == ["python/numpy"]
    assert [(f["what"], f["old_path"]) for f in growth["files"]] == [
        ("changed", "python/numpy-1.26.4.dist-info/METADATA")
    ]


def test_a_baseline_has_a_line_for_each_component_and_each_file(work: Path) -> None:
    before = updated(work).splitlines()
    assert sum('"files":' in line for line in before) == 3
    for name in PYTHON:
        assert sum(f'"{name}"' in line for line in before) == 1
    pack(work / "layer.zip", {**PYTHON, "python/six.py": b"import os\n" * 30})
    after = updated(work).splitlines()
    changed = {line.split(":")[0].strip() for line in set(before) ^ set(after)}
    assert changed <= {
        '"zip_bytes"',
        '"unzipped_bytes"',
        '"compressed_bytes"',
        '"python/six"',
        '"python/six.py"',
    }


def test_a_baseline_is_the_same_for_the_same_zip(work: Path) -> None:
    first = updated(work)
    pack(work / "layer.zip", dict(reversed(PYTHON.items())))
    assert updated(work) == first


def test_of_very_many_files_the_largest_are_listed(work: Path) -> None:
    many = {f"python/many/m{n}.py": b"#" * (n % 50) for n in range(2500)}
    pack(work / "layer.zip", {**PYTHON, **many})
    assert updated(work).count(".py") == 2000 - 2  # core.so and METADATA
    assert report(work, *GROWTH, "0")["growth"]["files"] == []
    del many["python/many/m49.py"]
    many["python/many/m3.py"] += b"+"
    noise = bytes(n * n * 31 % 251 for n in range(3000))
    pack(work / "layer.zip", {**PYTHON, **many, "python/new/a.py": noise})
    growth = report(work, *GROWTH, "0")["growth"]
    assert ("added", "python/new/a.py") in [(f["what"], f["path"]) for f in growth["files"]]
    assert {row["name"] for row in growth["components"]} == {"python/many", "python/new"}
    assert (
        sum(f["compressed_bytes"] for f in growth["files"]) + growth["headers_bytes"]
        == (growth["zipped_bytes"])
    )


def test_an_update_accepts_growth_but_nothing_else(work: Path) -> None:
    first = updated(work)
    pack(work / "layer.zip", {**PYTHON, "more": bytes(5000)})
    update = (*GROWTH, "0", "--update-baseline")
    refused = check(work, *update, "--max", "100B")
    assert refused.code == 1
    assert refused.out.endswith("baseline not written: size.json\n")
    assert (work / "size.json").read_text("utf-8") == first
    assert check(work, *update).code == 0
    assert check(work, *GROWTH, "0").code == 0


def test_a_baseline_that_cannot_be_written_whole_leaves_the_old_one(work: Path) -> None:
    many = {f"python/many/m{n}.py": b"#" * n for n in range(300)}
    first = updated(work)
    pack(work / "layer.zip", many)
    args = ("check", "layer.zip", "--baseline", "size.json", "--update-baseline")
    outcome = slim(*args, cwd=work, through=with_small_files_only(4))
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert (work / "size.json").read_text("utf-8") == first
    assert sorted(path.name for path in work.iterdir()) == ["layer.zip", "size.json"]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (None, 3, "no such baseline; write it with --update-baseline"),
        (("{", "", 1), 3, "not JSON at line 2"),
        (('"version": 1', '"version": 2', 1), 3, "a baseline of version 2, and this slim reads 1"),
        (('"zip_bytes"', '"zip_size"', 1), 3, "zip_bytes is missing or of another kind"),
        (('"listed"', '"list"', 1), 3, "listed is missing or of another kind"),
        (('"files": 1,', '"files": 0,', 1), 3, "do not add up"),
        (("[330, ", "[331, ", 1), 3, "the files of python/six do not add up"),
        (("[330, ", "[-330, ", 1), 3, "a size is missing or of another kind"),
        (("[330, ", '["330", ', 1), 3, "a size is missing or of another kind"),
        (("[330, ", f"[{'9' * 400}, ", 1), 3, "a size is missing or of another kind"),
        (('"layer.zip"', '"\\ud800.zip"', 1), 2, "the baseline of layer \\ud800.zip, not of"),
        (('"layer.zip"', '"other.zip"', 1), 2, "it is the baseline of layer other.zip, not of"),
        (('"role": "layer"', '"role": "function"', 1), 2, "the baseline of function layer.zip"),
    ],
)
def test_a_baseline_of_no_use_is_one_line(
    work: Path, change: tuple[str, str, int] | None, code: int, words: str
) -> None:
    if change:
        text = updated(work)
        assert change[0] in text
        (work / "size.json").write_text(text.replace(*change))
    outcome = check(work, *GROWTH, "2%")
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("slim: size.json: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 10_000, '{"version": 1}', "[]", "\udcff", '{"version": true}']
)
def test_a_hostile_baseline_is_one_line_and_3(work: Path, text: str) -> None:
    (work / "size.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    outcome = check(work, *GROWTH, "2%")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)


def test_a_zip_whose_names_are_not_utf8_can_have_a_baseline(work: Path) -> None:
    data = (work / "layer.zip").read_bytes().replace(b"python/six.py", b"python/s\xef\xbf.py")
    flagged = bytearray(data)
    place = flagged.index(b"PK\x01\x02")
    while place >= 0:
        flagged[place + 9] |= 0x08
        place = flagged.find(b"PK\x01\x02", place + 4)
    (work / "layer.zip").write_bytes(flagged)
    updated(work, "--fail-on", "none")
    found = report(work, *GROWTH, "0")
    assert found["growth"]["files"] == []
    assert failing(found) == ["unsafe-name"]
