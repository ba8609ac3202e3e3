"""What a zip, or several together, may weigh."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

from tests.cli.check.gate import PYTHON, check, failing, report
from tests.support.command import picture, slim
from tests.support.zips import pack


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
