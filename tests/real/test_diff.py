"""What is said of a real pair agrees to the byte with what unzip lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.real.listing import Listed, listed
from tests.support.command import slim

pytestmark = pytest.mark.real


def compared(folder: Path, old: str, new: str) -> dict[str, Any]:
    outcome = slim("diff", old, new, "--json", "-", cwd=folder)
    assert outcome.code == 0, outcome.text
    document: dict[str, Any] = json.loads(outcome.out)
    for side, name in (("old", old), ("new", new)):
        if name.endswith(".zip"):
            row = document[side]
            sums = Listed(row["files"], row["unzipped_bytes"], row["compressed_bytes"])
            assert sums == listed(folder / name)
            assert row["zip_bytes"] == (folder / name).stat().st_size
    return document


def differences(folder: Path, old: str, new: str) -> dict[str, Any]:
    """Return what differs, without the names of the two."""
    document = compared(folder, old, new)
    return {key: document[key] for key in ("components", "differences")}


def test_an_application_that_was_added_to_the_otp_layer_is_named(otp_pair: Path) -> None:
    ssh = "lib/erlang/lib/ssh-"
    document = compared(otp_pair, "old.zip", "new.zip")
    assert listed(otp_pair / "old.zip", ssh).files == 0
    assert [c["name"] for c in document["components"]] == ["erlang/ssh"]
    grown = Listed(*document["components"][0]["new"].values())
    assert grown == listed(otp_pair / "new.zip", ssh)
    assert {d["what"] for d in document["differences"]} == {"added"}
    assert all(d["new"]["path"].startswith(ssh) for d in document["differences"])
    assert len(document["differences"]) == grown.files
    found = differences(otp_pair, "old.json", "new.zip")
    assert found == {key: document[key] for key in found}


def test_a_library_that_was_updated_in_a_python_layer_is_named(python_pair: Path) -> None:
    document = compared(python_pair, "old.zip", "new.zip")
    assert [c["name"] for c in document["components"]] == ["python/requests"]
    for side in ("old", "new"):
        sums = Listed(*document["components"][0][side].values())
        assert sums == listed(python_pair / f"{side}.zip", "python/requests[-/]")
    assert {d["component"] for d in document["differences"]} == {"python/requests"}
    moved = [d for d in document["differences"] if d["what"] in {"moved", "changed"}]
    for old, new in (("old.json", "new.zip"), ("old.zip", "new.json")):
        found = differences(python_pair, old, new)
        assert found == {key: document[key] for key in found}
    assert len(moved) > 10  # matched with their old selves, whatever the version in the path
