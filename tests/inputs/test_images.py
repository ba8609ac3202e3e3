"""Images are trees: their layers over one another, whatever form they come in."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.errors import InputError
from slimmer.inputs.base import Source
from slimmer.inputs.image import ImageTree
from slimmer.inputs.open import open_source
from slimmer.inputs.overlay import Layered, Overlay
from slimmer.model.tree import Kind
from tests.support.archives import (
    PACKED,
    docker_save,
    manifest_of,
    member,
    oci_layout,
    tar_of,
    tar_of_files,
    with_index,
)
from tests.support.command import slim
from tests.support.trees import write_tree

LINK, HARD, FOLDER = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
BASE = tar_of(
    [
        member("./", FOLDER),
        member("lib", LINK, "usr/lib"),
        (member("usr/lib/libc.so"), b"libc"),
        member("etc/mtab", LINK, "/proc/mounts"),
        member("etc/alternatives/vi", LINK, "/usr/bin/vi"),
        (member("usr/bin/vi"), b"vi"),
        member("usr/bin/view", HARD, "usr/bin/vi"),
        (member("cache/a"), b"a"),
        (member("cache/b/c"), b"c"),
        (member("gone/x"), b"x"),
        (member("kept/x"), b"x"),
        (member("file"), b"file"),
    ]
)
TOP = tar_of(
    [
        (member("lib/libx.so"), b"x over the link"),
        (member("cache/new"), b"new"),
        member("cache/.wh..wh..opq"),
        (member("gone/y"), b"y of this layer"),
        member(".wh.gone"),
        member("kept/.wh.none"),  # of nothing, as for containers
        member(".wh..wh.plnk"),
        (member("usr/bin/vi"), b"vim"),
        member("file", FOLDER),
        member("usr/lib/libc2.so", HARD, "lib/libc.so"),
        member("up", LINK, "../../etc/mtab"),
        member("top", LINK, "/"),
    ]
)
WANTED = {
    "lib": "usr/lib",
    "usr/lib/libc.so": b"libc",
    "usr/lib/libc2.so": b"libc",
    "usr/lib/libx.so": b"x over the link",
    "etc/mtab": "../proc/mounts",
    "etc/alternatives/vi": "../../usr/bin/vi",
    "usr/bin/vi": b"vim",
    "usr/bin/view": b"vi",
    "cache/new": b"new",
    "gone/y": b"y of this layer",
    "kept/x": b"x",
    "up": "etc/mtab",
    "top": ".",
}


def in_folder(tmp_path: Path, end: str = ".tar.gz") -> Source:
    return open_source(write_tree(tmp_path / "layout", oci_layout([BASE, TOP], end)))


def in_tar(tmp_path: Path) -> Source:
    (tmp_path / "oci.tar").write_bytes(tar_of_files(oci_layout([BASE, TOP])))
    return open_source(tmp_path / "oci.tar")


def saved(tmp_path: Path) -> Source:
    (tmp_path / "image.tar.gz").write_bytes(PACKED[".tar.gz"](docker_save([BASE, TOP, TOP])))
    return open_source(tmp_path / "image.tar.gz")


FORMS = [
    in_folder,
    in_tar,
    saved,
    lambda tmp_path: in_folder(tmp_path, ".tar"),
    lambda tmp_path: in_folder(tmp_path, ".tar.zst"),
]


@pytest.mark.parametrize("form", FORMS)
def test_layers_make_one_tree(tmp_path: Path, form: Callable[[Path], Source]) -> None:
    source = form(tmp_path)
    found: dict[str, bytes | str] = {}
    for entry in source.tree.entries:
        if entry.kind is Kind.FILE:
            found[entry.path] = source.read(entry.path)
        elif entry.kind is Kind.LINK:
            found[entry.path] = entry.target
    assert found == WANTED
    assert source.tree.by_path["file"].kind is Kind.DIRECTORY
    assert isinstance(source, ImageTree)
    assert (source.config.entrypoint, source.config.working_folder) == (("/entry.sh",), "/srv")


def test_the_image_of_the_wanted_processor_is_taken(tmp_path: Path) -> None:
    layout: dict[str, bytes] = {}
    rows = [
        manifest_of(layout, [tar_of_files({"arch": arch.encode()})], ".tar.gz", arch)
        for arch in ("amd64", "arm64")
    ]
    about = {"vnd.docker.reference.type": "attestation-manifest"}
    other = {"platform": {"architecture": "unknown", "os": "unknown"}, "annotations": about}
    path = write_tree(tmp_path / "layout", with_index(layout, *rows, rows[0] | other))
    assert open_source(path, "arm64").read("arch") == b"arm64"
    assert open_source(path, "x86_64").read("arch") == b"amd64"
    with pytest.raises(InputError, match=r"2 images are in it \(amd64, arm64\); name one with --a"):
        open_source(path)


def test_both_forms_of_an_image_build_the_same_zip(tmp_path: Path) -> None:
    layers = [tar_of_files({"var/task/a.py": b"a = 1\n"}), tar_of_files({"var/task/b.py": b""})]
    write_tree(tmp_path / "layout", oci_layout(layers))
    (tmp_path / "saved.tar").write_bytes(docker_save(layers))
    for tree in ("layout", "saved.tar"):
        done = slim("build", tree, "-o", f"{tree}.zip", cwd=tmp_path)
        assert done.code == 0, done.text
        assert "a zip does not say how its image is started: /entry.sh, in /srv" in done.out
    assert (tmp_path / "layout.zip").read_bytes() == (tmp_path / "saved.tar.zip").read_bytes()


def test_a_manifest_json_of_an_app_makes_no_image(tmp_path: Path) -> None:
    for at, data in enumerate((b"{}", b"[{}]", b"[1]", b"x", b"[]")):
        (tmp_path / f"{at}.tar").write_bytes(tar_of_files({"manifest.json": data}))
        assert not isinstance(open_source(tmp_path / f"{at}.tar"), ImageTree)


def test_what_takes_the_place_of_a_folder_keeps_owners_and_modes(tmp_path: Path) -> None:
    """As for --jlink: what was there keeps all that is said of it, what is new is the folder's."""
    owner = (7, 8)
    layer = tar_of(
        [
            owned(member("jre", FOLDER), 0o750, owner),
            (owned(member("jre/java"), 0o4755, (0, 9)), b"old"),
            (owned(member("jre/lib/gone"), 0o644, owner), b"gone"),
            (owned(member("jre/conf/net"), 0o600, owner), b"own"),
            (owned(member("app"), 0o640, (1, 1)), b"app"),
        ]
    )
    image = open_source(write_tree(tmp_path / "layout", oci_layout([layer])))
    assert isinstance(image, ImageTree)
    files = {
        "jre/java": b"new",
        "jre/lib/x": b"x",
        "jre/new/modules": b"all",
        "jre/conf/net": b"plain",
    }
    made = open_source(write_tree(tmp_path / "made", files))
    own = Layered("image", image, "jre", ("jre/conf",), is_own=True)
    overlay = Overlay([Layered("made", made), own])
    assert [each.code for each in overlay.findings()] == ["left-out", "trees-meet"]
    found = image.replaced("jre", overlay)
    at = {entry.path: found.attributes(entry.path) for entry in found.tree.entries}
    assert {path: (each.mode, each.owner) for path, each in at.items()} == {
        "app": (0o640, (1, 1)),
        "jre": (0o750, owner),
        "jre/conf": (0o755, (0, 0)),  # no layer names it
        "jre/conf/net": (0o600, owner),
        "jre/java": (0o4755, (0, 9)),
        "jre/lib": (0o755, (0, 0)),
        "jre/lib/x": (0o644, owner),
        "jre/new": (0o755, owner),
        "jre/new/modules": (0o644, owner),
    }
    texts = {e.path: found.read(e.path) for e in found.tree.entries if e.kind is Kind.FILE}
    assert texts == {
        "app": b"app",
        "jre/conf/net": b"own",
        "jre/java": b"new",
        "jre/lib/x": b"x",
        "jre/new/modules": b"all",
    }
    assert len({each.number for each in at.values()}) == len(at)
    assert found.config == image.config


def owned(member: tarfile.TarInfo, mode: int, owner: tuple[int, int]) -> tarfile.TarInfo:
    member.mode, (member.uid, member.gid) = mode, owner
    return member
