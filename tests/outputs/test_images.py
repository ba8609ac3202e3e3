"""Images that are written: what is in them, whose it is, and what is said of it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from slimmer.formats.streams import plain_pieces
from slimmer.inputs.image import ImageTree
from slimmer.inputs.open import open_source
from tests.support.archives import PACKED, docker_save, member, oci_layout, tar_of, tar_of_files
from tests.support.command import Outcome, slim
from tests.support.trees import write_tree

LINK, HARD, FOLDER, DEVICE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE
LONG = "srv/" + "/".join(["d" * 60] * 4) + "/ü"


def owned(
    name: str, mode: int, owner: tuple[int, int], kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tarfile.TarInfo:
    info = member(name, kind, target)
    info.mode, (info.uid, info.gid) = mode, owner
    return info


def capable(name: str) -> tarfile.TarInfo:
    info = owned(name, 0o755, (0, 0))
    info.pax_headers = {"SCHILY.xattr.security.capability": "\x01\x02"}
    return info


def device(name: str, major: int, minor: int) -> tarfile.TarInfo:
    info = owned(name, 0o666, (0, 0), DEVICE)
    info.devmajor, info.devminor = major, minor
    return info


BASE = tar_of(
    [
        owned("tmp/", 0o1777, (0, 0), FOLDER),
        owned("lib", 0o777, (0, 0), LINK, "/usr/lib"),
        (owned("usr/lib/libx.so", 0o644, (0, 0)), b"x" * 600),
        (owned("usr/bin/su", 0o4755, (0, 0)), b"su"),
        owned("usr/bin/su2", 0o4755, (0, 0), HARD, "usr/bin/su"),
        (capable("usr/bin/ping"), b"ping"),
        (owned("old/gone", 0o644, (0, 0)), b"gone"),
        (owned("old/here", 0o644, (0, 0)), b"here"),
        (owned("etc/shadow", 0o640, (0, 42)), b"secret of none"),
        device("dev/null", 1, 3),
    ]
)
TOP = tar_of(
    [
        owned("app/", 0o750, (1000, 3_000_000), FOLDER),
        (owned("app/run.sh", 0o700, (1000, 1000)), b"#!/bin/sh\n"),
        (owned(LONG, 0o600, (1000, 1000)), b"long"),
        owned("old/.wh.gone", 0, (0, 0)),
        (owned("etc/shadow", 0o600, (0, 42)), b"other"),
    ]
)


def build(work: Path, tree: str, *args: str, output: str = "out.tar") -> Outcome:
    done = slim("build", tree, "-o", output, *args, cwd=work)
    assert done.code == 0, done.text
    return done


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "layout", oci_layout([BASE, TOP]))
    (tmp_path / "saved.tar").write_bytes(docker_save([BASE, TOP]))
    return tmp_path


def blobs(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]


def documents(path: Path) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    """Return the manifest, the configuration and the layers, each held to its digest."""
    found = blobs(path)
    for name, data in found.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"

    def blob(row: dict[str, Any]) -> bytes:
        data = found["blobs/" + row["digest"].replace(":", "/")]
        assert len(data) == row["size"]
        return data

    index = json.loads(found["index.json"])
    manifest = json.loads(blob(index["manifests"][0]))
    return manifest, json.loads(blob(manifest["config"])), [blob(r) for r in manifest["layers"]]


def members(layer: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as tar:
        return {info.name: info for info in tar}


def test_both_forms_of_an_image_make_the_same_bytes(work: Path) -> None:
    made = set()
    for tree in ("layout", "saved.tar"):
        build(work, tree, "--tag", "app:slim")
        made.add((work / "out.tar").read_bytes())
    assert len(made) == 1


def test_an_image_of_an_image_is_the_same(work: Path) -> None:
    build(work, "layout", "--tag", "app:slim")
    build(work, "out.tar", "--tag", "app:slim", output="again.tar")
    assert (work / "again.tar").read_bytes() == (work / "out.tar").read_bytes()


def test_a_layer_has_the_owners_modes_links_and_devices_of_the_source(work: Path) -> None:
    build(work, "saved.tar")
    _, _, (layer,) = documents(work / "out.tar")
    found = members(layer)
    assert list(found) == sorted(found, key=str.encode)
    rows = {name: (f"{i.mode:o}", i.uid, i.gid, i.linkname) for name, i in found.items()}
    assert rows["tmp"] == ("1777", 0, 0, "")
    assert rows["lib"] == ("777", 0, 0, "/usr/lib")
    assert rows["usr/bin/su"] == ("4755", 0, 0, "")
    assert rows["usr/bin/su2"] == ("4755", 0, 0, "usr/bin/su")
    assert rows["app"] == ("750", 1000, 3_000_000, "")
    assert rows["etc/shadow"] == ("600", 0, 42, "")
    assert rows[LONG] == ("600", 1000, 1000, "")
    assert found["usr/bin/su2"].islnk()
    null = found["dev/null"]
    assert (null.ischr(), null.devmajor, null.devminor) == (True, 1, 3)
    assert found["usr/bin/ping"].pax_headers == {"SCHILY.xattr.security.capability": "\x01\x02"}
    assert {info.mtime for info in found.values()} == {315_532_800}
    assert "old/gone" not in found


def test_explain_and_inspect_ask_about_an_image_as_an_image(work: Path) -> None:
    done = slim("explain", "saved.tar", "dev/null", "app/run.sh", cwd=work)
    assert (done.code, done.err) == (0, ""), done.text
    assert done.out.startswith("keep  dev/null\n")
    assert slim("inspect", "saved.tar", cwd=work).code == 0
    base = slim("explain", "saved.tar", "usr/bin/ping", "--base-layers", "1", cwd=work)
    assert "base" in base.out, base.text
    as_zip = slim("explain", "saved.tar", "dev/null", "--form", "zip", cwd=work)
    assert (as_zip.code, as_zip.out) == (3, "")
    assert as_zip.err.startswith("slim: dev/null: ")


def test_identical_files_become_hard_links_only_where_all_is_the_same(tmp_path: Path) -> None:
    same = b"x" * 5000
    files = ((0o644, 0), (0o644, 0), (0o600, 0), (0o644, 7))
    tar = tar_of(
        (owned(f"usr/lib/python3/dist-packages/p/{at}.py", mode, (uid, 0)), same)
        for at, (mode, uid) in enumerate(files)
    )
    write_tree(tmp_path / "layout", oci_layout([tar]))
    build(tmp_path, "layout", output="out.tar")
    _, _, (layer,) = documents(tmp_path / "out.tar")
    found = [info for info in members(layer).values() if not info.isdir()]
    assert all(info.isreg() or info.islnk() for info in found)
    assert [info.mode for info in found if info.isreg()].count(0o600) == 1
    assert {info.uid for info in found if info.isreg()} == {0, 7}


def test_the_configuration_stays_and_is_that_of_the_new_layer(work: Path) -> None:
    build(work, "layout")
    manifest, config, (layer,) = documents(work / "out.tar")
    assert config["config"] == {"Entrypoint": ["/entry.sh"], "Env": ["A=b"], "WorkingDir": "/srv"}
    digest = hashlib.sha256(gzip.decompress(layer)).hexdigest()
    assert config["rootfs"] == {"type": "layers", "diff_ids": [f"sha256:{digest}"]}
    assert config["history"] == [{"created_by": "slim build"}]
    assert manifest["layers"][0]["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip"
    assert gzip.decompress(layer)[-1024:] == bytes(1024)


def test_an_image_is_called_as_its_source_with_slim(work: Path) -> None:
    def names() -> list[str]:
        return json.loads(blobs(work / "out.tar")["manifest.json"])[0]["RepoTags"]  # type: ignore[no-any-return]

    build(work, "saved.tar")
    assert names() == ["app:1-slim"]
    (work / "saved.tar").write_bytes(docker_save([BASE], tags=["r.io:5000/a/app:latest"]))
    build(work, "saved.tar")
    assert names() == ["r.io:5000/a/app:slim"]
    build(work, "saved.tar", "--tag", "mine")
    assert names() == ["mine:latest"]
    build(work, "layout")
    assert names() is None


@pytest.mark.parametrize("end", PACKED)
def test_base_layers_stay_byte_for_byte(tmp_path: Path, end: str) -> None:
    layout = oci_layout([BASE, TOP], end)
    write_tree(tmp_path / "layout", layout)
    done = build(tmp_path, "layout", "--base-layers", "1", "--drop", "/usr/bin/ping")
    _, config, (first, second) = documents(tmp_path / "out.tar")
    assert config["rootfs"]["diff_ids"][0] == f"sha256:{hashlib.sha256(BASE).hexdigest()}"
    if end == ".tar":
        assert gzip.decompress(first) == BASE
    else:
        assert first in layout.values()
        assert b"".join(plain_pieces([first], 10**6)) == BASE
    found = members(second)
    assert [name for name, info in found.items() if not info.isdir()] == [
        "app/run.sh",
        "etc/shadow",
        "old/.wh.gone",
        LONG,
    ]
    assert "note: 1 file of 4 B would be dropped and stay, as they lie in the lowest 1" in done.out
    assert len(config["history"]) == 2
    source = open_source(tmp_path / "out.tar")
    wanted = open_source(tmp_path / "layout")
    assert source.tree == wanted.tree
    assert isinstance(source, ImageTree)
    assert isinstance(wanted, ImageTree)
    for entry in wanted.tree.entries:
        one, other = source.attributes(entry.path), wanted.attributes(entry.path)
        assert one._replace(number=other.number) == other, entry.path


def test_what_a_layer_above_changed_in_a_base_does_not_come_back(tmp_path: Path) -> None:
    below = tar_of_files({"etc/a": b"old", "d/x": b"x", "f": b"f"})
    above = tar_of([(member("etc/a"), b"new"), member(".wh.d"), (member("f/in"), b"in")])
    top = tar_of([member(".wh.f"), (member("f/in"), b"in")])
    write_tree(tmp_path / "layout", oci_layout([below, tar_of([member(".wh.f")]), above, top]))
    build(tmp_path, "layout", "--base-layers", "1", "--drop", "/etc/a")
    source = open_source(tmp_path / "out.tar")
    assert source.read("etc/a") == b"new"
    assert source.read("f/in") == b"in"
    assert "d" not in source.tree.by_path


def test_a_layout_is_a_folder_with_the_same_image(work: Path) -> None:
    build(work, "layout", "--tag", "app:slim")
    for output in ("new/", "newer"):
        done = slim(
            "build", "layout", "-o", output, "--form", "layout", "--tag", "app:slim", cwd=work
        )
        assert done.code == 0, done.text
        wanted = {k: v for k, v in blobs(work / "out.tar").items() if k != "manifest.json"}
        root = work / output
        assert {
            str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()
        } == wanted


def test_the_report_names_form_and_digest(work: Path) -> None:
    done = build(work, "layout", "--json", "r.json", "--markdown", "r.md", "--html", "r.html")
    (artifact,) = json.loads((work / "r.json").read_bytes())["artifacts"]
    found = blobs(work / "out.tar")
    digest = json.loads(found["index.json"])["manifests"][0]["digest"]
    assert (artifact["form"], artifact["digest"]) == ("image", digest)
    assert artifact["zip_bytes"] == (work / "out.tar").stat().st_size
    assert artifact["sha256"] == hashlib.sha256((work / "out.tar").read_bytes()).hexdigest()
    for text in (done.out, (work / "r.md").read_text(), (work / "r.html").read_text()):
        assert digest in text
        assert "CodeSha256" not in text
    assert "image-config" not in (work / "r.json").read_text()


def test_max_holds_the_compressed_image(work: Path) -> None:
    done = slim("build", "layout", "-o", "out.tar", "--max", "100B", cwd=work)
    assert done.code == 1
    assert "over the cap: zipped" in done.out
    assert not (work / "out.tar").exists()


def test_what_the_build_left_behind_goes_and_what_was_said_stays(tmp_path: Path) -> None:
    layout = oci_layout([BASE])
    files = dict(layout)
    index = json.loads(files["index.json"])
    row = index["manifests"][0]

    def change(row: dict[str, Any], **more: Any) -> None:
        name = "blobs/" + row["digest"].replace(":", "/")
        data = json.dumps(json.loads(files[name]) | more).encode()
        row |= {"digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}
        files["blobs/" + row["digest"].replace(":", "/")] = data

    manifest = json.loads(files["blobs/" + row["digest"].replace(":", "/")])
    said = {"User": "1000", "Labels": {"a": "b"}, "Healthcheck": {"Test": ["NONE"]}, "Cmd": ["x"]}
    of_container = {"Hostname": "4f1b", "Image": "sha256:0", "AttachStdin": False, "Volumes": None}
    times = {"created": "2024-01-02T03:04:05Z", "container": "4f", "docker_version": "20.10"}
    change(manifest["config"], config=said | of_container, variant="v8", **times)
    own = {"org.opencontainers.image.source": "https://example.org", "mine": "1"}
    of_tools = {
        "org.opencontainers.image.base.name": "debian",
        "org.opencontainers.image.created": "",
    }
    change(row, config=manifest["config"], annotations=own | of_tools)
    write_tree(tmp_path / "layout", files | {"index.json": json.dumps(index).encode()})
    build(tmp_path, "layout")
    manifest, config, _ = documents(tmp_path / "out.tar")
    assert manifest["annotations"] == own
    assert config["config"] == said
    assert config["history"] == [{"created": times["created"], "created_by": "slim build"}]
    assert {key: config[key] for key in ("architecture", "os", "variant", "created")} == {
        "architecture": "amd64",
        "os": "linux",
        "variant": "v8",
        "created": times["created"],
    }
    assert config.keys().isdisjoint({"container", "docker_version"})
