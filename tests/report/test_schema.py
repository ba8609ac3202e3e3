"""The JSON report is what its published schema says, whatever was built, and nothing else."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from slimmer.inventory.read import read_inventory
from slimmer.rules.packs import load_packs
from tests.formats.test_repack import CLASSES, MANIFEST, jar
from tests.support.command import slim, without_privileges
from tests.support.elves import library
from tests.support.schema import FILE, is_valid, objects, problems
from tests.support.trees import write_tree

_NEEDS_Y = b"<dependency><groupId>x</groupId><artifactId>y</artifactId></dependency>"
POM = {
    "META-INF/maven/x/y/pom.xml": b"<project/>\n" * 40,
    "META-INF/maven/x/y/pom.properties": b"version=1\n",
    "META-INF/maven/x/a/pom.xml": _NEEDS_Y,
}
FIRST = {"mimetype": b"application/epub+zip"}
TREE: dict[str, bytes | str] = {
    "LICENSE": "Do as you like.\n",
    "app/notes|`@you`.txt": "Kept, whatever it is called.\n",
    "lib/kernel-1/doc/index.html": "<p>Read me</p>\n" * 20,
    "java/lib/a.jar": jar({**MANIFEST, **POM, **CLASSES}),
    "java/lib/first.jar": jar({**FIRST, **CLASSES}),
    "lib/kernel-1/ebin/kernel.app": "{application, kernel, []}.\n",
    "lib/mnesia-1/ebin/mnesia.app": "{application, mnesia, []}.\n",
    "lib/shop-1/ebin/shop.app": "{application, shop, [{applications, [kernel, mnesia]}]}.\n",
    "lib/shop-1/priv/libshop.so": b"\x7fELF" + b"shop" * 200,
    "lib/shop-1/priv/libshop.so.1": b"\x7fELF" + b"shop" * 200,
    "python/lib-1.dist-info/INSTALLER": "pip\n",
    "python/lib-1.dist-info/METADATA": "Name: lib\n",
    "python/lib/__init__.py": "VALUE = 1\n",
    "python/lib/__pycache__/gone.cpython-311.pyc": b"stale",
}
# What may be left out of an object without making it wrong, since an entry may well lack it.
OPTIONAL = {
    "$.entries[](keep).transform",
    "$.entries[](keep).left_out",
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a tree that has something of everything."""
    folder = tmp_path_factory.mktemp("work")
    tree = write_tree(folder / "tree", TREE)
    (tree / "app" / "link").symlink_to("../LICENSE")
    (tree / "lib/kernel-1/doc" / "link").symlink_to("index.html")
    (tree / "app" / "empty").mkdir()
    (tree / "lib/kernel-1/doc" / os.fsdecode(b"caf\xe9.html")).write_text("not UTF-8")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tree / "lib/kernel-1/doc" / "socket"))
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("index.js", "x" * 1000)
    return folder


def report(work: Path, *args: str, code: int = 0) -> dict[str, Any]:
    outcome = slim("build", "tree", "-o", "out.zip", "--json", "report.json", *args, cwd=work)
    assert outcome.code == code, outcome.text
    read: dict[str, Any] = json.loads((work / "report.json").read_text("utf-8"))
    return read


PYC = ("--pyc", "compile", "--python", sys.executable)


@pytest.fixture(scope="module")
def reports(work: Path) -> dict[str, dict[str, Any]]:
    """Give a report of each way that a build can go."""
    return {
        "built": report(work),
        "measured": report(work, *PYC, "--measure-dropped", "--prefix", "opt/x"),
        "dry": report(work, "--dry-run", "--with", "other.zip"),
        "over": report(work, "--max", "1kB", "--tier", "safe", "--drop", "doc/", code=1),
        "unpacked": report(work, *(6 * ("--with", "other.zip")), code=1),
    }


def test_every_report_is_what_the_schema_says(reports: dict[str, dict[str, Any]]) -> None:
    assert [(name, p) for name, made in reports.items() for p in problems(made)] == []
    assert reports["over"]["ok"] is False
    assert reports["unpacked"]["artifacts"] == []


def test_nothing_can_be_added_to_a_report(reports: dict[str, dict[str, Any]]) -> None:
    allowed = []
    for made in reports.values():
        for place, found in _one_of_each(made):
            found["surprise"] = 1
            allowed += [place] if is_valid(made) else []
            del found["surprise"]
    assert allowed == []


def test_nothing_can_be_left_out_of_a_report(reports: dict[str, dict[str, Any]]) -> None:
    allowed = set()
    for made in reports.values():
        for place, found in _one_of_each(made):
            for key in list(found):
                value = found.pop(key)
                allowed |= {f"{place}.{key}"} if is_valid(made) else set()
                found[key] = value
    assert allowed == OPTIONAL


def test_no_value_can_be_of_another_type(reports: dict[str, dict[str, Any]]) -> None:
    allowed = []
    for place, found in _one_of_each(reports["measured"]):
        for key, value in found.items():
            found[key] = [[]] if isinstance(value, list) else {"not": "this"}
            allowed += [f"{place}.{key}"] if is_valid(reports["measured"]) else []
            found[key] = value
    assert allowed == []


def test_the_schema_speaks_of_nothing_that_no_report_has(
    reports: dict[str, dict[str, Any]],
) -> None:
    had = {key for made in reports.values() for _, found in objects(made) for key in found}
    schema = json.loads(FILE.read_text("utf-8"))
    told = {
        key
        for _, found in objects(schema)
        if isinstance(found.get("properties"), dict)
        for key in found["properties"]
    }
    assert told == had


def test_a_report_names_its_schema(reports: dict[str, dict[str, Any]]) -> None:
    schema = json.loads(FILE.read_text("utf-8"))
    for made in reports.values():
        assert made["$schema"] == schema["$id"]
        assert made["$schema"].endswith(f":{made['version']}")


def _one_of_each(made: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return one object of each place and of each set of fields that it can have there."""
    found = {(place, *item): (place, item) for place, item in objects(made)}
    return list(found.values())


# What an entry says


@pytest.mark.parametrize("prefix", ["", "opt/x"])
def test_the_entries_are_the_inventory_of_the_zip(work: Path, prefix: str) -> None:
    made = report(work, *PYC, *(("--prefix", prefix) if prefix else ()))
    items = read_inventory(work / "out.zip", load_packs()).items
    start = prefix + "/" if prefix else ""
    told = {start + row["path"]: row for row in made["entries"] if row["step"] != "drop"}
    assert set(told) == {item.path for item in items}
    for item in items:
        row = told[item.path]
        size = (row["unzipped_bytes"], row["compressed_bytes"])
        assert (row["component"], *size) == (item.component, *item[3:5])
        assert int(row["crc32"], 16) == (item.crc32 or 0)


def test_every_entry_says_who_installed_it(work: Path) -> None:
    rows = report(work, *PYC)["entries"]
    owners = {row["path"]: row["owner"] for row in rows}
    assert {owner.partition("/")[0] for owner in owners.values()} >= {"own", "python"}
    made = [row for row in rows if row["step"] == "generated"]
    assert made
    assert all(row["owner"] == owners[row["source"]] for row in made)


def test_the_crc_is_that_of_the_content_and_of_a_links_target(work: Path) -> None:
    rows = {row["path"]: row for row in report(work)["entries"]}
    with zipfile.ZipFile(work / "out.zip") as archive:
        for info in archive.infolist():
            row = rows[info.filename.rstrip("/")]
            assert row["crc32"] == f"{zlib.crc32(archive.read(info)):08x}"
            assert row["compressed_bytes"] == info.compress_size
            headers = 30 + 46 + 2 * len(info.filename.encode())
            assert row["zip_bytes"] == info.compress_size + headers
        link = archive.getinfo("lib/shop-1/priv/libshop.so")
        assert stat.S_ISLNK(link.external_attr >> 16)
    assert rows["lib/shop-1/priv/libshop.so"]["crc32"] == f"{zlib.crc32(b'libshop.so.1'):08x}"


def test_what_is_dropped_belongs_to_the_component_of_its_rule(work: Path) -> None:
    rows = {row["path"]: row for row in report(work)["entries"]}
    assert rows["lib/kernel-1/doc/index.html"]["component"] == "erlang/docs"
    assert rows["lib/shop-1/ebin/shop.app"]["component"] == "erlang/shop"
    assert rows["python/lib/__init__.py"]["component"] == "python/lib"


def test_where_bytecode_is_made_in_the_place_of_another_both_have_their_own_row(
    tmp_path: Path,
) -> None:
    tag = sys.implementation.cache_tag
    cached = f"lib/__pycache__/__init__.{tag}.pyc"
    stale: dict[str, bytes | str] = {
        "lib/__init__.py": "VALUE = 1\n",
        cached: b"stale",
        "a.dist-info/METADATA": "",
    }
    write_tree(tmp_path / "tree" / "python", stale)
    made = report(tmp_path, *PYC)
    rows = {row["step"]: row for row in made["entries"] if row["path"] == f"python/{cached}"}
    assert set(rows) == {"drop", "generated"}
    assert "zip_bytes" not in rows["drop"]
    assert rows["generated"]["unzipped_bytes"] > 0


# What was dropped, measured


def test_measuring_changes_no_byte_of_the_zip_and_adds_up(work: Path) -> None:
    plain = report(work)
    measured = report(work, "--measure-dropped")
    assert measured["artifacts"] == plain["artifacts"]
    names = ("total", "kept", "dropped", "linked")
    total, *parts = (measured[name]["zip_bytes"] for name in names)
    assert total == sum(parts)
    dropped = [row for row in measured["entries"] if row["step"] == "drop"]
    assert parts[1] == sum(row.get("zip_bytes", 0) for row in dropped)
    assert parts[1] == sum(row["zip_bytes"] for row in measured["components"])
    assert plain["dropped"]["zip_bytes"] is None
    assert {row["zip_bytes"] for row in plain["components"]} == {None}


def test_what_is_measured_is_what_the_whole_tree_would_take(tmp_path: Path) -> None:
    """A build that drops and changes nothing is the oracle."""
    write_tree(tmp_path / "tree", TREE)
    (tmp_path / "tree" / "lib/shop-1/priv/libelf.so").write_bytes(library().build())
    measured = report(tmp_path, "--measure-dropped")
    everything = ("--keep", "*", "--keep-bytes", "*", "--no-dedupe")
    whole = report(tmp_path, *everything)
    assert measured["dropped"]["files"] > 0
    assert measured["linked"]["files"] == 1
    assert [t["files"] for t in measured["transforms"]] == [1, 1]
    assert whole["dropped"]["files"] + whole["linked"]["files"] == 0
    told = {row["path"]: row["zip_bytes"] for row in whole["entries"]}
    for row in measured["entries"]:
        if row["step"] == "drop":
            assert row["zip_bytes"] == told[row["path"]]
    assert measured["total"]["zip_bytes"] == sum(told.values())
    saved = sum(t["saved_zip_bytes"] for t in measured["transforms"])
    new = [r for r in measured["entries"] if r["step"] == "link" or r["kind"] == "directory"]
    assert measured["artifacts"][0]["zip_bytes"] == (
        whole["artifacts"][0]["zip_bytes"]
        - saved
        - measured["dropped"]["zip_bytes"]
        - measured["linked"]["zip_bytes"]
        + sum(row["zip_bytes"] for row in new)
    )


def test_what_is_dropped_and_cannot_be_read_stops_only_who_measures(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"a": "x", "doc/b.html": "y"})
    (tree / "doc" / "b.html").chmod(0)
    through = without_privileges()
    build = ("build", "tree", "--drop", "doc/")
    assert slim(*build, cwd=tmp_path, through=through).code == 0
    (tmp_path / "tree.zip").unlink()
    outcome = slim(*build, "--measure-dropped", cwd=tmp_path, through=through)
    assert outcome.code == 3
    assert outcome.err.startswith("slim: doc/b.html: no permission to read it")
    assert "--measure-dropped" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "tree.zip").exists()
