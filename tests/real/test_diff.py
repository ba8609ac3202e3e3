"""What is said of a real pair agrees to the byte with what unzip lists."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.command import slim
from tests.real import artifacts, wheels

pytestmark = pytest.mark.real

REST = ("certifi==2026.10.18", "charset-normalizer==3.5.2", "idna==3.20", "urllib3==2.8.0")


class Listed(NamedTuple):
    """The sums of ``unzip -lv`` over the members that a pattern matches."""

    files: int
    unzipped_bytes: int
    compressed_bytes: int


def listed(archive: Path, pattern: str = "") -> Listed:
    argv = ["unzip", "-lv", str(archive)]
    done = subprocess.run(argv, env=artifacts.tools(), capture_output=True, text=True, check=True)
    row = re.compile(r"\s*(\d+)\s+\S+\s+(\d+)\s+\S+ \S+ \S+ [0-9a-f]{8}\s+(.+)")
    rows = [found for line in done.stdout.splitlines() if (found := row.fullmatch(line))]
    mine = [(int(r[1]), int(r[2])) for r in rows if re.match(pattern, r[3]) and r[3][-1] != "/"]
    return Listed(len(mine), sum(r[0] for r in mine), sum(r[1] for r in mine))


def built(tree: Path, folder: Path, name: str, *args: str) -> Path:
    report = ("--json", f"{name.removesuffix('.zip')}.json")
    outcome = slim("build", str(tree), "-o", name, *report, *args, "--level", "6", cwd=folder)
    assert outcome.code == 0, outcome.text
    return folder / name


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


def test_an_application_that_was_added_to_the_otp_layer_is_named(tmp_path: Path) -> None:
    ssh = "lib/erlang/lib/ssh-"
    old = built(artifacts.otp_layer(), tmp_path, "old.zip")
    new = built(artifacts.otp_layer(), tmp_path, "new.zip", "--keep", f"/{ssh}*/ebin/")
    document = compared(tmp_path, "old.zip", "new.zip")
    assert listed(old, ssh).files == 0
    assert [c["name"] for c in document["components"]] == ["erlang/ssh"]
    grown = Listed(*document["components"][0]["new"].values())
    assert grown == listed(new, ssh)
    assert {d["what"] for d in document["differences"]} == {"added"}
    assert all(d["new"]["path"].startswith(ssh) for d in document["differences"])
    assert len(document["differences"]) == grown.files
    found = differences(tmp_path, "old.json", "new.zip")
    assert found == {key: document[key] for key in found}


def test_a_library_that_was_updated_in_a_python_layer_is_named(tmp_path: Path) -> None:
    for name, version in (("old.zip", "2.32.5"), ("new.zip", "2.34.2")):
        built(wheels.layer(f"requests=={version}", *REST), tmp_path, name)
    document = compared(tmp_path, "old.zip", "new.zip")
    assert [c["name"] for c in document["components"]] == ["python/requests"]
    for side in ("old", "new"):
        sums = Listed(*document["components"][0][side].values())
        assert sums == listed(tmp_path / f"{side}.zip", "python/requests[-/]")
    assert {d["component"] for d in document["differences"]} == {"python/requests"}
    moved = [d for d in document["differences"] if d["what"] in {"moved", "changed"}]
    for old, new in (("old.json", "new.zip"), ("old.zip", "new.json")):
        found = differences(tmp_path, old, new)
        assert found == {key: document[key] for key in found}
    assert len(moved) > 10  # matched with their old selves, whatever the version in the path
