"""``slim check`` as a user meets it: what it says of zips, what it writes, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.command import SLIM, Outcome, environment, picture, slim, with_small_files_only
from tests.support.planted import planted
from tests.support.zips import zipped

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "slimmer/report/check/check.schema.json").read_text("utf-8"))
PYTHON = {
    "python/numpy/core.so": bytes(range(256)) * 40,
    "python/numpy/__init__.py": b"import numpy.core\n" * 20,
    "python/numpy-1.26.4.dist-info/METADATA": b"Name: numpy\n",
    "python/six.py": b"import sys\n" * 30,
    "python/app.py": b"import numpy, six\n",
}


def pack(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip as Python's own writer makes it."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def check(work: Path, *args: str) -> Outcome:
    return slim("check", *args, cwd=work)


def report(work: Path, *args: str) -> dict[str, Any]:
    """Return the JSON of a check, which is as the schema has it."""
    outcome = check(work, *args, "--json", "-")
    assert outcome.code in (0, 1), outcome.text
    document: dict[str, Any] = json.loads(outcome.out)
    jsonschema.validate(document, SCHEMA)
    assert document["ok"] is (outcome.code == 0)
    return document


def failing(document: dict[str, Any]) -> list[str]:
    return [f["code"] for f in document["findings"] if f["severity"] == "fail"]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    pack(tmp_path / "layer.zip", PYTHON)
    return tmp_path


# Sizes and caps


def test_a_zip_within_its_caps_passes(work: Path) -> None:
    before = picture(work)
    outcome = check(work, "layer.zip")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("\npassed\n")
    assert picture(work) == before


def test_the_sums_are_those_of_the_zip_to_the_byte(work: Path) -> None:
    document = report(work, "layer.zip")
    with zipfile.ZipFile(work / "layer.zip") as archive:
        members = archive.infolist()
    zipped, size = sum(m.compress_size for m in members), (work / "layer.zip").stat().st_size
    assert document["total"] == {
        "zip_bytes": size,
        "files": len(members),
        "unzipped_bytes": sum(m.file_size for m in members),
        "compressed_bytes": zipped,
    }
    assert document["zips"][0]["headers_bytes"] == size - zipped
    parts = {row["name"]: row["compressed_bytes"] for row in document["components"]}
    assert parts.keys() == {"python/numpy", "python/six", "python/app"}
    assert sum(parts.values()) == zipped
    assert parts["python/numpy"] == sum(m.compress_size for m in members if "numpy" in m.filename)


def test_what_fails_does_so_too_where_nobody_reads_on(work: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    outcome = slim("check", "layer.zip", "--max", "1B", cwd=work, stdout=writer)
    os.close(writer)
    assert (outcome.code, outcome.err) == (1, "")


def test_function_and_layers_count_together(work: Path) -> None:
    pack(work / "function.zip", {"index.js": b"exports.handler = 1\n"})
    sizes = [(work / name).stat().st_size for name in ("layer.zip", "function.zip")]
    both = ("layer.zip", "--function", "function.zip")
    assert check(work, *both, "--max", str(sum(sizes))).code == 0
    outcome = check(work, *both, "--max", str(sum(sizes) - 1))
    assert outcome.code == 1
    assert f"2 zips, zipped (--max) {sum(sizes):,} B; --max allows {sum(sizes) - 1:,} B" in (
        outcome.out
    )
    roles = [(z["role"], z["name"]) for z in report(work, *both)["zips"]]
    assert roles == [("layer", "layer.zip"), ("function", "function.zip")]


def test_what_is_unzipped_has_a_cap_of_its_own(work: Path) -> None:
    size = sum(map(len, PYTHON.values()))
    assert report(work, "layer.zip", "--max-unzipped", str(size))["ok"]
    document = report(work, "layer.zip", "--max-unzipped", str(size - 1))
    assert failing(document) == ["over-max-unzipped"]


def test_the_targets_caps_hold_for_all_together(work: Path) -> None:
    for name in ("a.zip", "b.zip"):
        pack(work / name, {"zeros": bytes(131_072_000)})
    assert failing(report(work, "a.zip", "b.zip")) == ["over-unzipped"]
    assert failing(report(work, "a.zip", "b.zip", "--target", "lambda-image")) == []
    assert failing(report(work, "a.zip")) == []


def test_six_layers_are_one_too_many(work: Path) -> None:
    names = [pack(work / f"{n}.zip", {f"{n}": b""}).name for n in range(6)]
    assert failing(report(work, *names)) == ["over-layers"]
    assert failing(report(work, *names[:5], "--function", names[5])) == []


def test_the_settings_file_has_a_cap_too_and_the_command_line_wins(work: Path) -> None:
    (work / "slim.toml").write_text('max = "100B"\n')
    assert failing(report(work, "layer.zip")) == ["over-max"]
    assert failing(report(work, "layer.zip", "--max", "1MB")) == []


def test_the_gate_takes_a_builds_settings_and_no_others(work: Path) -> None:
    (work / "slim.toml").write_text('tier = "safe"\nlevel = 9\nprefix = "python"\n')
    assert check(work, "layer.zip").code == 0
    (work / "slim.toml").write_text('teir = "safe"\n')
    outcome = check(work, "layer.zip")
    assert outcome.code == 2
    assert "slim.toml:1: unknown key 'teir'" in outcome.err


def test_near_a_cap_there_is_a_warning(work: Path) -> None:
    size = (work / "layer.zip").stat().st_size
    near = ("layer.zip", "--max", str(round(size / 0.8)))
    assert [f["code"] for f in report(work, *near)["findings"]] == []
    found = report(work, *near, "--warn-at", "75%")["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("near-max", "warn")]


def test_a_zip_too_large_for_a_direct_upload_is_noted(work: Path) -> None:
    noise = b"".join(struct.pack("<Q", n) for n in range(6_600_000))
    pack(work / "large.zip", {"a": noise}, zipfile.ZIP_STORED)
    (found,) = report(work, "large.zip")["findings"]
    assert (found["code"], found["severity"]) == ("needs-s3", "note")


# What fails


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


# Zips that are wrong


def test_two_members_of_one_name_fail(work: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(work / "twice.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for data in ("1", "22"):
            archive.writestr("app.py", data)
    (found,) = report(work, "twice.zip")["findings"]
    assert (found["code"], found["severity"]) == ("duplicate-name", "fail")
    assert "1 member (app.py) is there more than once" in found["message"]


def test_an_encrypted_member_fails(work: Path) -> None:
    data = bytearray((work / "layer.zip").read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (work / "locked.zip").write_bytes(data)
    (found,) = report(work, "locked.zip")["findings"]
    assert (found["code"], found["severity"]) == ("encrypted", "fail")
    assert "python/numpy/core.so" in found["message"]


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/../../b", "python/six.py/below"])
def test_a_name_that_climbs_out_or_goes_through_a_file_fails(work: Path, name: str) -> None:
    pack(work / "unsafe.zip", {**PYTHON, name: b"x"})
    (found,) = report(work, "unsafe.zip")["findings"]
    assert (found["code"], found["severity"]) == ("unsafe-name", "fail")
    assert name in found["message"]


def test_a_member_below_a_link_fails(work: Path) -> None:
    with zipfile.ZipFile(work / "linked.zip", "w") as archive:
        link = zipfile.ZipInfo("lib")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc")
        archive.writestr("lib/passwd", "x")
    assert failing(report(work, "linked.zip")) == ["unsafe-name"]


def test_a_pipe_in_a_zip_fails(work: Path) -> None:
    with zipfile.ZipFile(work / "pipe.zip", "w") as archive:
        pipe = zipfile.ZipInfo("pipe")
        pipe.create_system, pipe.external_attr = 3, 0o010644 << 16
        archive.writestr(pipe, "")
    assert failing(report(work, "pipe.zip")) == ["unsafe-kind"]


def test_what_cannot_be_searched_is_warned_of_in_few_lines(work: Path) -> None:
    data = bytearray(pack(work / "x.zip", {f"{n}.txt": b"x" for n in range(30)}).read_bytes())
    for place in [m.start() for m in re.finditer(b"PK\x01\x02", data)]:
        data[place + 16 : place + 20] = b"\1\2\3\4"  # the checksum
    (work / "x.zip").write_bytes(data)
    warned = [f["message"] for f in report(work, "x.zip")["findings"]]
    assert len(warned) == 11
    assert warned[0].startswith("x.zip: 0.txt: not searched for secrets, ")
    assert warned[-1] == "x.zip: 20 more files not searched for secrets"


def test_a_zip_of_nothing_fails(work: Path) -> None:
    pack(work / "nothing.zip", {})
    assert failing(report(work, "nothing.zip")) == ["empty-zip"]


def test_bzip2_is_warned_of(work: Path) -> None:
    pack(work / "odd.zip", PYTHON, zipfile.ZIP_BZIP2)
    found = report(work, "odd.zip")["findings"]
    assert {f["severity"] for f in found} == {"warn"}
    assert {f["code"] for f in found} == {"unusual-method", "secret-unsearched"}


def test_zip64_is_warned_of(work: Path) -> None:
    data = zipped({"a": b"x"}, zipfile.ZIP_STORED)
    place = data.index(b"PK\x05\x06")
    start = data.index(b"PK\x01\x02")
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, place - start, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    wide = data[:place] + end + locator + last
    with zipfile.ZipFile(io.BytesIO(wide)) as archive:
        assert archive.namelist() == ["a"]
    (work / "wide.zip").write_bytes(wide)
    found = report(work, "wide.zip")["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("zip64", "warn")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.zip", b"This is no zip.", "it is no zip"),
        ("empty.zip", b"", "it is empty"),
        ("gone.zip", None, "no such file"),
    ],
)
def test_what_is_no_zip_is_one_line_and_3(
    work: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (work / name).write_bytes(content)
    outcome = check(work, "layer.zip", name)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"slim: {name}: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_name_longer_than_a_path_is_one_line_and_3(work: Path) -> None:
    pack(work / "deep.zip", {"a/" * 20_000 + "b": b""})
    outcome = check(work, "deep.zip")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)
    assert "longer than any path may be" in outcome.err


def test_a_deep_folder_is_no_trouble(work: Path) -> None:
    pack(work / "deep.zip", {"a/" * 2_000 + "b": b""})
    assert check(work, "deep.zip").code == 0


# Secrets


def with_a_key(work: Path) -> bytes:
    """Put a private key into function.zip, and return it."""
    key = planted("<pem RSA PRIVATE KEY>")
    pack(work / "function.zip", {"app.py": b"import os\n", "conf/server.key": key})
    return key


def test_a_secret_fails_whatever_is_to_fail_and_is_not_shown(work: Path) -> None:
    key = with_a_key(work).decode()
    (work / "size.json").write_text("old")
    args = ("layer.zip", "--function", "function.zip", "--fail-on", "none")
    files = ("--json", "out.json", "--markdown", "out.md")
    outcome = check(work, *args, *files, "--baseline", "size.json", "--update-baseline")
    assert outcome.code == 1
    assert "fail: function.zip: conf/server.key holds a private key" in outcome.out
    assert "--allow-secret /conf/server.key" in outcome.out
    assert (work / "size.json").read_text() == "old"
    shown = outcome.text + (work / "out.json").read_text() + (work / "out.md").read_text()
    secret = [line for line in key.splitlines() if not line.startswith("-----")]
    assert secret
    assert not [line for line in secret if line[:12] in shown]
    assert failing(report(work, *args)) == ["secret"]


def test_an_allowed_secret_passes_and_is_noted(work: Path) -> None:
    with_a_key(work)
    args = ("layer.zip", "--function", "function.zip")
    document = report(work, *args, "--allow-secret", "/conf/server.key")
    assert [(f["code"], f["severity"]) for f in document["findings"]] == [
        ("secret-allowed", "note")
    ]
    (work / "slim.toml").write_text('allow-secret = ["*.key"]\n')
    assert report(work, *args)["ok"]
    found = report(work, "layer.zip")["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("matches-nothing", "warn")]
    assert failing(report(work, "layer.zip", "--fail-on", "matches-nothing")) == ["matches-nothing"]


def test_an_allowed_pattern_that_is_none_is_one_line_and_2(work: Path) -> None:
    outcome = check(work, "layer.zip", "--allow-secret", "!x")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("slim: --allow-secret: ")


# Budgets


def budgets(work: Path, text: str) -> dict[str, Any]:
    (work / "slim.toml").write_text(f"[budgets]\n{text}\n")
    return report(work, "layer.zip")


def test_a_budget_for_components_is_held(work: Path) -> None:
    parts = {r["name"]: r["compressed_bytes"] for r in report(work, "layer.zip")["components"]}
    size = parts["python/numpy"]
    assert budgets(work, f'"python/numpy" = "{size}B"')["ok"]
    document = budgets(work, f'"python/num*" = {{ max = "{size - 1}B", message = "Ask #data." }}')
    (found,) = document["findings"]
    assert (found["code"], found["severity"]) == ("over-budget", "fail")
    assert found["message"].startswith("over the budget: python/num* zipped (slim.toml:2) ")
    assert found["message"].endswith("; 1 B too much; Ask #data.")
    assert document["budgets"][0]["actual"] == size


def test_a_budget_for_paths_is_held(work: Path) -> None:
    files = [data for name, data in PYTHON.items() if name.endswith(".py")]
    size = sum(map(len, files))
    assert budgets(work, f'"*.py" = {{ max-unzipped = "{size}B" }}')["ok"]
    document = budgets(work, f'"*.py" = {{ max-unzipped = "{size - 1}B" }}')
    assert failing(document) == ["over-budget"]
    below = sum(len(data) for name, data in PYTHON.items() if name.startswith("python/numpy/"))
    (row,) = budgets(work, '"/python/numpy" = { max-unzipped = "1MB" }')["budgets"]
    assert row["actual"] == below


def test_near_a_budget_there_is_a_warning(work: Path) -> None:
    size = budgets(work, '"*/six" = "1MB"')["budgets"][0]["actual"]
    found = budgets(work, f'"*/six" = "{size}B"')["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("near-budget", "warn")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"python/nunpy" = "1MB"', "slim.toml:2: the budget 'python/nunpy' names no component of"),
        ('"python/nunpy" = "1MB"', "; did you mean 'python/numpy'?"),
        ('"*.jar" = "1MB"', "slim.toml:2: the budget '*.jar' names no component or path of"),
        ('"*.py" = "1 stone"', "slim.toml:2: '1 stone' is no size"),
        ('"*.py" = 7', "slim.toml:2: *.py must be a table"),
        ('"*.py" = { most = "1MB" }', "slim.toml:2: unknown key 'most' in [budgets.*.py]"),
        ('"*.py" = { message = "x" }', "slim.toml:2: the budget '*.py' allows no size"),
        ('"!*.py" = "1MB"', "slim.toml:2: pattern '!*.py' starts with '!'"),
    ],
)
def test_a_budget_that_cannot_be_followed_is_one_line_and_2(
    work: Path, text: str, words: str
) -> None:
    (work / "slim.toml").write_text(f"[budgets]\n{text}\n")
    outcome = check(work, "layer.zip")
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


# Baselines


def updated(work: Path, *args: str) -> str:
    """Write size.json and return its text."""
    outcome = check(work, "layer.zip", *args, "--baseline", "size.json", "--update-baseline")
    assert outcome.code == 0, outcome.text
    assert outcome.out.endswith("baseline written: size.json\n")
    return (work / "size.json").read_text("utf-8")


GROWTH = ("layer.zip", "--baseline", "size.json", "--max-growth")


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
        (("{", "", 1), 3, "no JSON at line 2"),
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


# Usage


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "nothing to check"),
        (("layer.zip", "--max-growth", "2%"), "--max-growth needs to know the baseline"),
        (("layer.zip", "--update-baseline"), "--update-baseline needs to know the baseline"),
        (("layer.zip", "--max-growth", "2 stones"), "'2 stones' is no growth"),
        (("layer.zip", "--warn-at", "9"), "--warn-at '9' is no share"),
        (("layer.zip", "--warn-at", "0%"), "--warn-at '0%' is no share"),
        (("layer.zip", "--warn-at", "101%"), "--warn-at '101%' is no share"),
        (("layer.zip", "--target", "lambada"), "did you mean 'lambda'?"),
        (("layer.zip", "--json", "-", "--markdown", "-"), "cannot share standard output"),
        (("layer.zip", "--json", "layer.zip"), "layer 1 and --json name the same file"),
        (("layer.zip", "--markdown", "/dev/null"), "not a device or a pipe"),
        (("layer.zip", "--json", "no/such.json"), "the folder for --json does not exist"),
    ],
)
def test_wrong_usage_is_one_line_and_2(work: Path, args: tuple[str, ...], words: str) -> None:
    outcome = check(work, *args)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


# Faces


def test_names_break_out_of_no_face(work: Path) -> None:
    updated(work)
    names = ["a|b`c", "<img src=x>", "line\nbreak", "\x1b[31mred", "@someone", "caf\u00e9"]
    pack(work / "layer.zip", {**PYTHON, **{f"python/{name}": b"x" for name in names}})
    outcome = check(work, *GROWTH, "0", "--markdown", "out.md")
    assert outcome.code == 1
    assert "\x1b" not in outcome.out
    text = (work / "out.md").read_text("utf-8")
    assert "`python/<img src=x>`" in text
    assert text.count("<img") == text.count("`python/<img src=x>`")
    assert "\x1b" not in text
    assert "\nbreak" not in text
    for line in text.splitlines():
        if line.startswith("| added"):
            assert line.count("|") == 5


def test_quiet_prints_what_failed_and_warnings_only(work: Path) -> None:
    assert check(work, "layer.zip", "--quiet").out == ""
    outcome = check(work, "layer.zip", "--quiet", "--max", "100B")
    assert outcome.code == 1
    assert outcome.out.startswith("fail: over the cap: zipped (--max) ")
    assert outcome.out.count("\n") == 1


def test_verbose_cuts_no_table(work: Path) -> None:
    updated(work)
    pack(work / "layer.zip", {**PYTHON, **{f"python/m{n}.py": b"x" for n in range(40)}})
    short, whole = (check(work, *GROWTH, "0", *args).out for args in ((), ("--verbose",)))
    assert "and 28 more (see --verbose)" in short
    assert all(f"\npython/m{n}.py " in whole for n in range(40))
    assert "more (see" not in whole


def test_markdown_says_what_failed_and_fits_a_comment(work: Path) -> None:
    updated(work)
    many = {f"python/{'n' * 150}{n}/{'m' * 90}.py": b"x" for n in range(900)}
    pack(work / "layer.zip", {**PYTHON, **many})
    assert check(work, *GROWTH, "0", "--markdown", "out.md").code == 1
    text = (work / "out.md").read_text("utf-8")
    assert text.startswith("### slim check: failed, `layer.zip`")
    assert "- **fail**: grown too much: zipped since size.json" in text
    assert len(text.encode()) <= 65_536
    assert "`--json` has everything" in text


def test_a_zip_whose_names_are_not_utf8_can_have_a_baseline(work: Path) -> None:
    data = (work / "layer.zip").read_bytes().replace(b"python/six.py", b"python/s\xef\xbf.py")
    flagged = bytearray(data)
    place = flagged.index(b"PK\x01\x02")
    while place >= 0:
        flagged[place + 9] |= 0x08
        place = flagged.find(b"PK\x01\x02", place + 4)
    (work / "layer.zip").write_bytes(flagged)
    updated(work)
    assert report(work, *GROWTH, "0")["growth"]["files"] == []


def test_the_gate_section_works_word_for_word(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Gate\n")[2]
    script = section.partition("```\n")[2].partition("```")[0]
    *_, last = script.splitlines()
    assert last.startswith("slim check ")
    work, tools = tmp_path / "repository", tmp_path / "bin"
    work.mkdir()
    tools.mkdir()
    (tools / "slim").write_text(f'#!/bin/sh\nexec {" ".join(SLIM)} "$@"\n')
    (tools / "slim").chmod(0o755)
    env = environment({"PATH": f"{tools}:{os.environ['PATH']}"})

    def follow(lines: str) -> subprocess.CompletedProcess[str]:
        argv = ["sh", "-eux", "-c", lines]
        return subprocess.run(argv, cwd=work, env=env, capture_output=True, text=True, check=False)

    assert follow("git init --quiet .").returncode == 0
    done = follow(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("passed, 0 B zipped and 0 B unzipped since size.json\n")
    assert follow("git diff --cached --name-only").stdout == "size.json\n"
    compare_with_baseline = follow(
        f"echo 'more = 1' > layer/python/more.py; {script.splitlines()[1]}; {last}"
    )
    assert compare_with_baseline.returncode == 1
    assert "\npython/more.py  added " in compare_with_baseline.stdout


def test_the_budgets_of_the_readme_are_budgets(work: Path) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Gate\n")[2]
    example = section.partition("```toml\n")[2].partition("```")[0]
    (work / "slim.toml").write_text(example)
    pack(work / "layer.zip", {**PYTHON, "lib/erlang/lib/kernel-9.0/ebin/kernel.app": b"{}."})
    assert [row["budget"] for row in report(work, "layer.zip")["budgets"]] == ["erlang/*", "*.so"]
