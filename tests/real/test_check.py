"""A gate that fails on a real pair names what changed, to the byte as unzip lists it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real.listing import Listed, listed, members
from tests.support.command import slim

pytestmark = pytest.mark.real

GATE = ("check", "layer.zip", "--baseline", "size.json")


def failed(pair: Path, work: Path) -> tuple[dict[str, Any], str]:
    """Hold new.zip to the baseline of old.zip, and return what the failing gate says."""
    shutil.copy(pair / "old.zip", work / "layer.zip")
    assert slim(*GATE, "--update-baseline", cwd=work).code == 0
    assert slim(*GATE, "--max-growth", "0", cwd=work).code == 0
    shutil.copy(pair / "new.zip", work / "layer.zip")
    said = slim(*GATE, "--max-growth", "0", "--json", "size.now.json", cwd=work)
    assert said.code == 1
    document: dict[str, Any] = json.loads((work / "size.now.json").read_text("utf-8"))
    return document, said.out


def grew(row: dict[str, Any]) -> Listed:
    return Listed(*(row["new"][key] - row["old"][key] for key in row["new"]))


def less(new: Listed, old: Listed) -> Listed:
    return Listed(*(a - b for a, b in zip(new, old, strict=True)))


def check_sums(document: dict[str, Any], pair: Path) -> None:
    """Check every sum of a report against the two zips."""
    old, new = pair / "old.zip", pair / "new.zip"
    total, growth = document["total"], document["growth"]
    sums = Listed(total["files"], total["unzipped_bytes"], total["compressed_bytes"])
    assert sums == listed(new)
    assert total["zip_bytes"] == new.stat().st_size
    by_hand = less(listed(new), listed(old))
    assert growth["zipped_bytes"] == new.stat().st_size - old.stat().st_size
    assert growth["unzipped_bytes"] == by_hand.unzipped_bytes
    for rows in (growth["components"], growth["files"]):
        assert sum(row["unzipped_bytes"] for row in rows) == by_hand.unzipped_bytes
        assert sum(row["compressed_bytes"] for row in rows) == by_hand.compressed_bytes
    headers = growth["zipped_bytes"] - by_hand.compressed_bytes
    assert growth["headers_bytes"] == headers


def check_files(files: Sequence[dict[str, Any]], pair: Path) -> None:
    """Check that every file whose line in ``unzip -lv`` is another is there, and no other."""
    old, new = members(pair / "old.zip"), members(pair / "new.zip")
    touched = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    named = {row["path"]: row for row in files}
    assert len(named) == len(files)
    assert touched <= named.keys() | {row["old_path"] for row in files}
    for path, row in named.items():
        before = old.get(row["old_path"] or "", Listed(0, 0, 0))
        grown = less(new.get(path, Listed(0, 0, 0)), before)
        assert (row["unzipped_bytes"], row["compressed_bytes"]) == grown[1:]


def test_an_application_that_was_added_to_the_otp_layer_fails_the_gate(
    otp_pair: Path, tmp_path: Path
) -> None:
    document, said = failed(otp_pair, tmp_path)
    ssh = listed(otp_pair / "new.zip", "lib/erlang/lib/ssh-")
    assert [f["code"] for f in document["findings"]] == ["over-growth", "over-growth"]
    assert f"; most grew erlang/ssh +{ssh.compressed_bytes:,} B\n" in said
    assert f"; most grew erlang/ssh +{ssh.unzipped_bytes:,} B\n" in said
    growth = document["growth"]
    assert [row["name"] for row in growth["components"]] == ["erlang/ssh"]
    assert grew(growth["components"][0]) == ssh
    assert {row["what"] for row in growth["files"]} == {"added"}
    assert len(growth["files"]) == ssh.files
    check_files(growth["files"], otp_pair)
    check_sums(document, otp_pair)
    for row in growth["files"][:5]:
        sizes = (f"+{row[key]:,} B" for key in ("unzipped_bytes", "compressed_bytes"))
        line = r"\s+".join(map(re.escape, (row["path"], "added", *sizes)))
        assert re.search(f"^{line}$", said, re.MULTILINE)


def test_a_library_that_was_updated_in_a_python_layer_fails_the_gate(
    python_pair: Path, tmp_path: Path
) -> None:
    document, said = failed(python_pair, tmp_path)
    old, new = (listed(python_pair / f"{n}.zip", "python/requests[-/]") for n in ("old", "new"))
    assert "over-growth" in [f["code"] for f in document["findings"]]
    growth = document["growth"]
    assert [row["name"] for row in growth["components"]] == ["python/requests"]
    assert "\npython/requests " in said
    assert Listed(*growth["components"][0]["old"].values()) == old
    assert Listed(*growth["components"][0]["new"].values()) == new
    assert {row["component"] for row in growth["files"]} == {"python/requests"}
    check_files(growth["files"], python_pair)
    check_sums(document, python_pair)
