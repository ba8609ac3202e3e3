"""Reports of real layers: what the schema says, what unzip lists, and what fits a comment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real.command import Build, build, tool
from tests.real.test_python_layer import PINNED
from tests.report.test_markdown import COMMENT, Page
from tests.support.schema import problems
from trees import wheels
from trees.otp import otp_layer

pytestmark = pytest.mark.real

ROW = re.compile(r" *(\d+) +\S+ +(\d+) +\S+ \S+ \S+ ([0-9a-f]{8})  (.+)")


def listed(archive: Path) -> dict[str, tuple[int, int, str]]:
    """Return each member's length, size and CRC-32, as ``unzip -lv`` shows them."""
    lines = tool("unzip", "-lv", archive).stdout.splitlines()
    rows = [found for line in lines if (found := ROW.fullmatch(line))]
    return {row[4].rstrip("/"): (int(row[1]), int(row[2]), row[3]) for row in rows}


def told(built: Build) -> dict[str, tuple[int, int, str]]:
    prefix = f"{built.report['prefix']}/" if built.report["prefix"] else ""
    return {
        prefix + row["path"]: (row["unzipped_bytes"], row["compressed_bytes"], row["crc32"])
        for row in built.report["entries"]
        if row["step"] != "drop"
    }


def test_the_otp_layers_report_is_what_unzip_lists(otp_build: Build) -> None:
    assert problems(otp_build.report) == []
    assert told(otp_build) == listed(otp_build.zip)
    units = {row["component"] for row in otp_build.report["entries"] if row["step"] == "keep"}
    assert {"erlang/stdlib", "erlang/erts", "elixir/elixir"} <= units


def test_a_python_layers_report_is_what_unzip_lists(tmp_path: Path) -> None:
    layer = wheels.layer(*PINNED) / "python"
    built = build(layer, tmp_path / "out", "--level", "1", "--prefix", "python")
    assert built.status == 0, built.said
    assert problems(built.report) == []
    assert told(built) == listed(built.zip)
    units = {row["component"] for row in built.report["entries"] if row["step"] == "keep"}
    assert {"python/numpy", "python/botocore"} <= units


def test_a_dry_run_over_the_cap_measures_all_of_otp_and_fits_a_comment(tmp_path: Path) -> None:
    options = ("--dry-run", "--measure-dropped", "--max", "5MB", "--markdown", "report.md")
    built = build(otp_layer(), tmp_path / "out", "--level", "1", *options)
    assert built.status == 1, built.said
    assert problems(built.report) == []
    total, *parts = (built.report[name] for name in ("total", "kept", "dropped", "linked"))
    assert total["zip_bytes"] == sum(part["zip_bytes"] for part in parts)
    assert total["size_bytes"] > total["zip_bytes"] > built.report["artifacts"][0]["zip_bytes"]
    dropped = {row["name"]: row["zip_bytes"] for row in built.report["components"]}
    assert dropped["common/docs"] > dropped["erlang/gui"] > 0
    text = (built.folder / "report.md").read_text("utf-8")
    assert len(text) <= COMMENT
    page = Page(text)
    assert page.all("li")[0].startswith("fail: over the cap: zipped (--max) ")
    assert {row[0] for row in page.table("component")[1:]} == set(dropped)
    assert len(page.table("folder")) == len(built.report["groups"]) + 1
