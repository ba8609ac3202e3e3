"""`slim inspect` and `slim diff` of images: packages, layers, and what is gone again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.formats.test_rpm import BASH, database, header
from tests.support.archives import member, tar_of
from tests.support.command import slim
from tests.support.images import layer, saved
from tests.support.trees import write_tree

INFO = "var/lib/dpkg/info"


def stanza(name: str, version: str) -> str:
    return f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n"


def debian(*packages: tuple[str, str]) -> bytes:
    """Return a layer with these packages, a program of each."""
    files: dict[str, str | bytes] = {}
    for name, version in packages:
        files[f"usr/bin/{name}"] = "#!/bin/sh\n" * len(version)
        files[f"{INFO}/{name}.list"] = f"/.\n/usr\n/usr/bin\n/usr/bin/{name}\n"
    files["var/lib/dpkg/status"] = "".join(stanza(*each) for each in packages)
    return layer(files)


@pytest.fixture(name="work")
def _work(tmp_path: Path) -> Path:
    below = debian(("curl", "7.88"), ("tar", "1.34"))
    cache = layer({"var/cache/x.bin": b"x" * 5000, "app/main": "a\n"})
    saved(
        tmp_path / "old.tar",
        [below, cache, tar_of([member("var/cache/.wh.x.bin"), (member("app/main"), b"b\n")])],
        Entrypoint=["/app/main"],
    )
    saved(tmp_path / "new.tar", [debian(("curl", "8.0"), ("jq", "1.6"))], Entrypoint=["/x"])
    return tmp_path


def said(work: Path, *args: str) -> dict[str, Any]:
    done = slim(*args, "--json", "-", cwd=work)
    assert done.code == 0, done.text
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_inspect_lists_packages(work: Path) -> None:
    rows = said(work, "inspect", "old.tar")["packages"]
    assert [(r["name"], r["version"], r["files"]) for r in rows] == [
        ("curl", "7.88", 2),
        ("tar", "1.34", 2),
    ]
    assert "all 2" in slim("inspect", "old.tar", cwd=work).out


def test_inspect_says_what_each_layer_brought_and_lost(work: Path) -> None:
    first, second, third = said(work, "inspect", "old.tar")["layers"]
    assert {row["name"] for row in first["brought"]} == {
        "debian/curl",
        "debian/tar",
        "debian/records",
    }
    assert (second["files"], second["unzipped_bytes"], second["wasted_bytes"]) == (2, 5002, 5002)
    assert second["gone"] == [
        {"path": "var/cache/x.bin", "unzipped_bytes": 5000, "by_layer": 3},
        {"path": "app/main", "unzipped_bytes": 2, "by_layer": 3},
    ]
    assert (third["files"], third["wasted_bytes"]) == (1, 0)
    text = slim("inspect", "old.tar", cwd=work).out
    assert "var/cache/x.bin    5.0 kB         2         3" in text


def test_diff_says_which_packages_came_and_went(work: Path) -> None:
    found = said(work, "diff", "old.tar", "new.tar")
    assert found["packages"] == [
        {"name": "curl", "old": "7.88", "new": "8.0"},
        {"name": "jq", "old": "", "new": "1.6"},
        {"name": "tar", "old": "1.34", "new": ""},
    ]
    assert (found["old"]["image"]["layers"], found["new"]["image"]["wasted_bytes"]) == (3, 0)
    text = slim("diff", "old.tar", "new.tar", cwd=work).out
    assert "packages: 1 come, 1 gone, 1 of another version" in text
    assert "layers: 3 -> 1, stored " in text
    assert "Packages: 1 come" in slim("diff", "old.tar", "new.tar", "--markdown", "-", cwd=work).out


def test_packages_of_a_folder_with_rpms_are_listed(tmp_path: Path) -> None:
    place = "usr/lib/sysimage/rpm/rpmdb.sqlite"
    write_tree(tmp_path / "tree", {place: database([header(BASH)]), "usr/bin/bash": "#!/bin/sh\n"})
    (row,) = said(tmp_path, "inspect", "tree")["packages"]
    assert (row["name"], row["version"], row["files"]) == ("bash", "5.2.15-1.amzn2023.0.2", 1)


def test_two_managers_records_list_nothing(tmp_path: Path) -> None:
    apk = {"lib/apk/db/installed": "P:musl\nV:1\n\n"}
    write_tree(tmp_path / "tree", {**apk, "var/lib/dpkg/status": stanza("curl", "1")})
    assert said(tmp_path, "inspect", "tree")["packages"] == []
