"""The whole of Debian's Erlang/OTP and Elixir: small enough, sound, explained, and it runs."""

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real import beam, raw_zip, sandbox
from tests.real.command import PLAIN, Build, build, tool, unpack
from tests.real.need import only_of_otp
from trees.otp import otp_layer

pytestmark = pytest.mark.real

MAX_ZIP_BYTES = 22_000_000
MAX_STRIPPED_ZIP_BYTES = 6_605_000
MAX_AGGRESSIVE_ZIP_BYTES = 5_800_000
BELOW_UNZIPPED_BYTES = 30_000_000
EVENT = b'{"name":"caf\xc3\xa9","list":[1,2.5,null]}'
HAVE_MOD = {"elixir", "inets", "kernel", "logger", "os_mon", "sasl", "ssl"}
STARTED = "started {"  # an application that has a `mod`


@pytest.fixture(scope="module")
def unpacked(otp_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("unpacked")
    yield unpack(otp_build.zip, folder / "layer")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def unpacked_plain(otp_plain: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("unpacked-plain")
    yield unpack(otp_plain.zip, folder / "layer")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def aggressive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Give the layer at the aggressive tier, unpacked in layer/."""
    folder = tmp_path_factory.mktemp("aggressive")
    built = build(otp_layer(), folder, "--tier", "aggressive")
    assert built.status == 0, built.said
    unpack(built.zip, folder / "layer")
    yield built
    shutil.rmtree(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for builds of some 50 MB, which need not outlive their test."""
    yield tmp_path / "out"
    shutil.rmtree(tmp_path / "out", ignore_errors=True)


def census(tree: Path) -> dict[str, int]:
    """Count what is not a folder, with its bytes; a link has none of its own."""
    found = {}
    for place, folders, files in os.walk(tree):
        for name in [*files, *(f for f in folders if Path(place, f).is_symlink())]:
            path = Path(place, name)
            size_bytes = 0 if path.is_symlink() else path.lstat().st_size
            found[path.relative_to(tree).as_posix()] = size_bytes
    return found


def entries(report: dict[str, Any], *steps: str) -> list[dict[str, Any]]:
    return [entry for entry in report["entries"] if entry["step"] in steps]


def total(rows: Sequence[dict[str, Any]]) -> dict[str, int | None]:
    files = [row for row in rows if row["kind"] != "directory"]
    return counted(len(files), sum(row["size_bytes"] for row in files))


def counted(files: int, size_bytes: int) -> dict[str, int | None]:
    """Give a sum of the tree as a report has it where nothing was measured."""
    return {"files": files, "size_bytes": size_bytes, "zip_bytes": None}


def names_in_order(names: Sequence[str], text: str) -> bool:
    places = [text.find(name) for name in names]
    return -1 not in places and places == sorted(places)


def is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def assert_answers(layer: Path) -> None:
    outcome = sandbox.invoke(layer, [EVENT])
    assert [answer.kind for answer in outcome.answers] == ["response"], outcome.output
    answer = json.loads(outcome.answers[0].body)
    assert answer["event"] == json.loads(EVENT)
    assert answer["root_dir"] == "/opt/lib/erlang"


# --- small enough ---


def test_it_is_built(otp_build: Build) -> None:
    assert otp_build.status == 0, otp_build.said
    assert otp_build.error == ""
    assert otp_build.report["ok"]
    assert otp_build.report["written"]
    assert sorted(path.name for path in otp_build.folder.iterdir()) == ["layer.zip", "report.json"]


def test_the_zip_is_small(otp_build: Build, otp_plain: Build, aggressive: Build) -> None:
    only_of_otp("25")
    for built, most in (
        (otp_plain, MAX_ZIP_BYTES),
        (otp_build, MAX_STRIPPED_ZIP_BYTES),
        (aggressive, MAX_AGGRESSIVE_ZIP_BYTES),
    ):
        size_bytes = built.zip.stat().st_size
        assert size_bytes <= most
        assert built.report["artifacts"][0]["zip_bytes"] == size_bytes
        assert f"{size_bytes:,} B" in built.output


def test_unzipped_it_is_small(otp_plain: Build, unpacked_plain: Path) -> None:
    only_of_otp("25")
    with zipfile.ZipFile(otp_plain.zip) as archive:
        size_bytes = sum(info.file_size for info in archive.infolist())
    assert size_bytes < BELOW_UNZIPPED_BYTES
    assert otp_plain.report["artifacts"][0]["unzipped_bytes"] == size_bytes
    on_disk = [path.lstat().st_size for path in unpacked_plain.rglob("*") if not path.is_dir()]
    links_to_folders = [p for p in unpacked_plain.rglob("*") if p.is_symlink() and p.is_dir()]
    assert sum(on_disk) + sum(p.lstat().st_size for p in links_to_folders) == size_bytes


def test_the_digests_are_those_of_the_file(otp_build: Build) -> None:
    digest = hashlib.sha256(otp_build.zip.read_bytes())
    artifact = otp_build.report["artifacts"][0]
    assert artifact["sha256"] == digest.hexdigest()
    assert artifact["code_sha256"] == base64.b64encode(digest.digest()).decode()
    assert digest.hexdigest() in otp_build.output
    assert artifact["code_sha256"] in otp_build.output


# --- sound ---


def test_unzip_finds_no_fault(otp_build: Build) -> None:
    done = tool("unzip", "-tq", otp_build.zip)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "No errors detected" in done.stdout


def test_python_finds_no_fault(otp_build: Build) -> None:
    argv = [sys.executable, "-m", "zipfile", "-t", str(otp_build.zip)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Done testing\n"), done.stderr


def test_bsdtar_and_zipinfo_list_what_python_does(otp_build: Build) -> None:
    with zipfile.ZipFile(otp_build.zip) as archive:
        names = archive.namelist()
    for argv in (["bsdtar", "-tf"], ["zipinfo", "-1"]):
        done = tool(*argv, otp_build.zip)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == names


def test_zipinfo_shows_plain_modes_and_no_time(otp_build: Build) -> None:
    lines = tool("zipinfo", otp_build.zip).stdout.splitlines()[2:-1]
    shown = [line.split(maxsplit=8) for line in lines]
    assert len(shown) == otp_build.report["artifacts"][0]["members"]
    assert {row[0] for row in shown} <= {"-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "drwxr-xr-x"}
    assert {(row[2], row[6], row[7]) for row in shown} == {("unx", "80-Jan-01", "00:00")}


def test_every_header_is_plain(otp_build: Build) -> None:
    archive = raw_zip.read(otp_build.zip)
    assert archive.comment == b""
    for member in archive.members:
        assert member.central == member.local
        assert member.local.extra == b""
        assert (member.local.time, member.local.date) == (0, 1 << 5 | 1)  # 1980-01-01 00:00:00
        assert member.local.method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        assert member.local.flags == (0 if member.local.name.isascii() else 1 << 11)
        assert (member.made_by >> 8, member.comment, member.disk, member.internal) == (3, b"", 0, 0)


def test_nothing_lies_between_the_members(otp_build: Build) -> None:
    archive = raw_zip.read(otp_build.zip)
    begins = [member.begin for member in archive.members]
    assert [0, *(member.end for member in archive.members)] == [*begins, archive.directory]


def test_the_names_are_sorted_and_differ(otp_build: Build) -> None:
    names = [member.central.name for member in raw_zip.read(otp_build.zip).members]
    assert names == sorted(set(names))


def test_programs_are_executable_and_the_rest_is_not(otp_build: Build) -> None:
    tree = otp_layer()
    with zipfile.ZipFile(otp_build.zip) as archive:
        files = [info for info in archive.infolist() if not info.is_dir() and not is_link(info)]
        heads = {info.filename: archive.open(info).read(4) for info in files}
    modes = {info.filename: info.external_attr >> 16 for info in files}
    programs = {
        name
        for name, head in heads.items()
        if head[:2] == b"#!" or head == b"\x7fELF" or (tree / name).stat().st_mode & stat.S_IXUSR
    }
    assert "bootstrap" in programs
    assert modes == {name: stat.S_IFREG | (0o755 if name in programs else 0o644) for name in modes}


def test_unpacked_it_holds_what_the_tree_holds(otp_plain: Build, unpacked_plain: Path) -> None:
    tree = otp_layer()
    kept = [entry for entry in entries(otp_plain.report, "keep", "link") if entry["kind"] == "file"]
    assert len(kept) > 500
    for entry in kept:
        assert (unpacked_plain / entry["path"]).read_bytes() == (tree / entry["path"]).read_bytes()


def test_links_come_out_as_links_that_lead_somewhere(otp_build: Build, unpacked: Path) -> None:
    tree = otp_layer()
    with zipfile.ZipFile(otp_build.zip) as archive:
        links = {i.filename: archive.read(i).decode() for i in archive.infolist() if is_link(i)}
    own = [e["path"] for e in entries(otp_build.report, "keep") if e["kind"] == "link"]
    made = [e["path"] for e in entries(otp_build.report, "link")]
    assert "bin/erl" in own
    assert made
    assert sorted(links) == sorted([*own, *made])
    assert all(links[path] == str((tree / path).readlink()) for path in own)
    found = {p.relative_to(unpacked).as_posix(): p for p in unpacked.rglob("*") if p.is_symlink()}
    assert sorted(found) == sorted(links)
    for name, path in found.items():
        assert str(path.readlink()) == links[name]
        assert path.exists(), f"{name} leads nowhere"
        assert path.resolve().is_relative_to(unpacked.resolve())


# --- explained ---


def test_the_report_accounts_for_every_file_of_the_tree(otp_build: Build) -> None:
    found = census(otp_layer())
    rows = [entry for entry in otp_build.report["entries"] if entry["kind"] != "directory"]
    assert {row["path"]: row["size_bytes"] for row in rows} == found
    whole = counted(len(found), sum(found.values()))
    assert otp_build.report["total"] == total(rows) == whole
    for step, part in (("keep", "kept"), ("drop", "dropped"), ("link", "linked")):
        assert otp_build.report[part] == total(entries(otp_build.report, step))


LOCAL_HEADER, CENTRAL_HEADER, END = 30, 46, 22  # bytes, APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16


def test_the_report_accounts_for_every_member_of_the_zip(otp_build: Build) -> None:
    with zipfile.ZipFile(otp_build.zip) as archive:
        infos = {info.filename.rstrip("/"): info for info in archive.infolist()}
    packed = [entry for entry in otp_build.report["entries"] if "zip_bytes" in entry]
    assert {e["path"]: e["zip_bytes"] for e in packed} == {
        name: info.compress_size + LOCAL_HEADER + CENTRAL_HEADER + 2 * len(info.filename.encode())
        for name, info in infos.items()
    }
    assert sum(e["zip_bytes"] for e in packed) + END == otp_build.zip.stat().st_size
    assert {e["path"] for e in entries(otp_build.report, "drop")}.isdisjoint(infos)
    files = [e for e in entries(otp_build.report, "keep") if e["kind"] == "file"]
    assert all(entry["unzipped_bytes"] == infos[entry["path"]].file_size for entry in files)
    changed = [entry for entry in files if entry["unzipped_bytes"] != entry["size_bytes"]]
    assert {entry["transform"] for entry in changed} == {"beam-strip", "elf-strip"}
    saved = sum(entry["size_bytes"] - entry["unzipped_bytes"] for entry in changed)
    assert saved == sum(row["saved_bytes"] for row in otp_build.report["transforms"])
    assert otp_build.report["artifacts"][0]["members"] == len(infos)


def test_components_and_groups_add_up(otp_build: Build) -> None:
    report = otp_build.report
    for rows, parts in (("components", ["dropped"]), ("groups", ["kept", "linked"])):
        files = sum(row["files"] for row in report[rows])
        assert files == sum(report[part]["files"] for part in parts)
    sizes = sum(row["size_bytes"] for row in report["components"])
    assert sizes == report["dropped"]["size_bytes"]
    assert sum(row["size_bytes"] for row in report["groups"]) == report["kept"]["size_bytes"]


def test_every_dropped_file_names_its_rule(otp_build: Build) -> None:
    components = {row["name"]: row for row in otp_build.report["components"]}
    dropped = entries(otp_build.report, "drop")
    assert len(dropped) > 5_000
    for entry in dropped:
        assert entry["pattern"]
        assert components[entry["rule"]]["why"].endswith(".")


# --- and it runs ---


def test_it_answers_from_opt(unpacked: Path, unpacked_plain: Path) -> None:
    assert_answers(unpacked)
    assert_answers(unpacked_plain)


@pytest.mark.parametrize("which", ["unpacked", "unpacked_plain"])
def test_every_kept_application_starts(which: str, request: pytest.FixtureRequest) -> None:
    outputs = beam.start_each(request.getfixturevalue(which))
    assert {app: said for app, said in outputs.items() if not said.startswith("started")} == {}
    assert {app for app, said in outputs.items() if said.startswith(STARTED)} >= HAVE_MOD


# --- what else one may ask for ---


def test_over_the_cap_there_is_no_zip_and_the_older_one_stands(folder: Path) -> None:
    folder.mkdir()
    (folder / "layer.zip").write_bytes(b"older")
    over = build(otp_layer(), folder, "--max", "5MB", "--level", "1", *PLAIN)
    assert over.status == 1, over.said
    assert over.zip.read_bytes() == b"older"
    assert sorted(path.name for path in folder.iterdir()) == ["layer.zip", "report.json"]
    assert not over.report["ok"]
    assert not over.report["written"]
    assert "5,000,000 B" in over.said
    largest = sorted(over.report["groups"], key=lambda group: -group["size_bytes"])[:5]
    for group in largest:
        inside = [e for e in entries(over.report, "keep") if e["path"].startswith(group["path"])]
        assert sum(entry["size_bytes"] for entry in inside) == group["size_bytes"]
    assert names_in_order([group["path"] for group in largest], over.output)
    assert "--tier aggressive would save a further" in over.output


def test_over_the_cap_each_further_tier_says_what_it_saves(otp_plain: Build, folder: Path) -> None:
    options = ["--tier", "safe", "--max", "5MB", "--level", "1", "--drop", "common/docs", *PLAIN]
    safe = build(otp_layer(), folder, *options)
    assert safe.status == 1, safe.said
    savings = {row["option"]: row["size_bytes"] for row in safe.report["savings"]}
    begin = safe.report["artifacts"][0]["unzipped_bytes"]
    assert savings["--tier default"] == begin - otp_plain.report["artifacts"][0]["unzipped_bytes"]
    assert savings["--tier aggressive"] > savings["--tier default"]
    assert "--tier default would save a further" in safe.output
    assert "--tier aggressive would save a further" in safe.output


def test_documentation_and_all_it_is_over_what_lambda_unpacks(folder: Path) -> None:
    only_of_otp("25")
    over = build(otp_layer(), folder, "--tier", "safe", "--level", "1")
    assert over.status == 1, over.said
    assert [path.name for path in folder.iterdir()] == ["report.json"]
    assert "262,144,000 B" in over.output
    assert over.output.index("share ") < over.output.index("lib/erlang/lib/")


def test_at_the_safe_tier_it_answers(folder: Path) -> None:
    options = ["--tier", "safe", "--drop", "common/docs", "--level", "1"]
    built = build(otp_layer(), folder, *options)
    assert built.status == 0, built.said
    assert_answers(unpack(built.zip, folder / "layer"))


def test_at_the_aggressive_tier_it_answers(aggressive: Build) -> None:
    assert_answers(aggressive.folder / "layer")


def test_at_the_aggressive_tier_every_kept_application_starts(aggressive: Build) -> None:
    outputs = beam.start_each(aggressive.folder / "layer")
    assert {app: said for app, said in outputs.items() if not said.startswith("started")} == {}


def test_what_os_mon_needs_is_rescued(folder: Path) -> None:
    built = build(otp_layer(), folder, "--drop", "lib/erlang/lib/sasl-*/", "--level", "1")
    assert built.status == 0, built.said
    rescue = next(r for r in built.report["rescues"] if "/sasl-" in r["path"])
    assert rescue["chain"] == "os_mon needs sasl"
    assert rescue["component"] == "user/drop"
    assert rescue["files"] > 0
    assert "os_mon needs sasl" in built.output
    assert beam.start(unpack(built.zip, folder / "layer"), "os_mon").startswith(STARTED)


def test_without_the_guard_os_mon_does_not_start(folder: Path) -> None:
    drop = ["--drop", "lib/erlang/lib/sasl-*/", "--no-guard", "otp"]
    built = build(otp_layer(), folder, *drop, "--level", "1")
    assert built.status == 0, built.said
    assert built.report["rescues"] == []
    started = beam.start(unpack(built.zip, folder / "layer"), "os_mon")
    assert started.startswith("failed")
    assert "sasl" in started


def test_gzipped_modules_run_as_plain_ones_do(folder: Path) -> None:
    built = build(otp_layer(), folder, "--beams", "gzip", "--level", "1")
    assert built.status == 0, built.said
    assert_answers(unpack(built.zip, folder / "layer"))
