"""Images that cannot be built: one line says why, and nothing is written."""

import json
import tarfile
from pathlib import Path

import pytest

from tests.cli.bad_input.cases import Bad, Make, assert_refused, build
from tests.support.archives import (
    LAYER,
    PACKED,
    blob,
    docker_save,
    manifest_of,
    member,
    oci_layout,
    tar_of,
    tar_of_files,
    with_index,
)
from tests.support.trees import write_tree

GOOD = tar_of_files({"app.py": b"app", "var/task/x": b"x"})
LAYOUT = oci_layout([GOOD])
LINK, HARD, DEVICE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE


def layout(files: dict[str, bytes]) -> Make:
    return lambda work: write_tree(work / "image", files)


def bad(name: str, files: dict[str, bytes], *words: str, args: tuple[str, ...] = ()) -> Bad:
    return Bad(name, ("image: ", *words), layout(files), build("image", *args), code=3)


def layer(name: str, *members: tarfile.TarInfo, word: str) -> Bad:
    return bad(name, oci_layout([GOOD, tar_of(members)]), "the layer sha256:", word)


def saved(name: str, data: bytes, *words: str) -> Bad:
    make: Make = lambda work: (work / "image.tar").write_bytes(data)  # noqa: E731
    return Bad(name, ("image.tar: ", *words), make, build("image.tar"), code=3)


def with_layer(change: dict[str, object], packed: bytes = GOOD) -> dict[str, bytes]:
    """Return a layout whose manifest says something else of its layer."""
    files: dict[str, bytes] = {}
    row = manifest_of(files, [GOOD], ".tar")
    document = json.loads(files[f"blobs/sha256/{str(row['digest']).partition(':')[2]}"])
    document["layers"] = [blob(files, packed, LAYER) | change]
    return with_index(files, blob(files, json.dumps(document).encode(), str(row["mediaType"])))


def packed_layer(files: dict[str, bytes]) -> str:
    return next(name for name, data in files.items() if data.startswith(b"\x1f\x8b"))


def two_images() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    rows = [manifest_of(files, [GOOD], ".tar", arch) for arch in ("amd64", "ppc64le")]
    return with_index(files, *rows)


def indexes_in_one_another() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    row = manifest_of(files, [GOOD], ".tar")
    for _ in range(9):
        index = json.dumps({"manifests": [row]}).encode()
        row = blob(files, index, "application/vnd.oci.image.index.v1+json")
    return with_index(files, row)


AT = packed_layer(LAYOUT)
CHANGED = {**LAYOUT, AT: LAYOUT[AT][:-1] + b"x"}
MISSING = {name: data for name, data in LAYOUT.items() if name != AT}
CIRCLE = (member("a", LINK, "b"), member("b", LINK, "a"), member("a/x"))
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
ARM = ("--arch", "arm64")
BAD = [
    bad("a layer whose digest is wrong", CHANGED, "has another digest"),
    bad("a blob of another size", with_layer({"size": 5}), "another size"),
    bad("a blob that is missing", MISSING, "is missing in it"),
    bad("an encrypted layer", with_layer({"mediaType": f"{LAYER}+gzip+encrypted"}), "encrypted"),
    bad("a foreign layer", with_layer({"mediaType": FOREIGN}), "is foreign"),
    bad("a layer of another kind", with_layer({"mediaType": "application/wasm"}), "media type"),
    bad("a zstd layer cut off", with_layer({}, PACKED[".tar.zst"](GOOD)[:-9]), "ends early"),
    bad(
        "an index without the processor",
        two_images(),
        "no image for arm64",
        "build one for it, or take another processor",
        args=ARM,
    ),
    bad("an index of several images", two_images(), "amd64, ppc64le", "--arch"),
    bad("an image for another processor", LAYOUT, "only for amd64", args=ARM),
    bad("an index of nothing", with_index({}), "names no image"),
    bad("indexes in one another", indexes_in_one_another(), "name one another"),
    bad("an index that is no JSON", {**LAYOUT, "index.json": b"{"}, "no JSON"),
    bad("an index that is deep", {**LAYOUT, "index.json": b"[" * 99_999}, "no JSON"),
    bad("a digest that climbs out", with_index({}, {"digest": "sha256:../x", "size": 1}), "digest"),
    bad("a layer that ends early", oci_layout([GOOD[:700]]), "the layer sha256:", "ends early"),
    bad("an image of nothing", oci_layout([tar_of([])]), "is empty"),
    layer("a layer that climbs out", member("../x"), word="leads outside"),
    layer("a hard link out", member("x", HARD, "../../etc/passwd"), word="leads outside"),
    layer("a hard link to nothing", member("x", HARD, "none"), word="hard link"),
    layer("a whiteout that names nothing", member("var/.wh."), word="names nothing"),
    layer("a member below a file", member("app.py/x"), word="no folder"),
    layer("a circle of links", *CIRCLE, word="circle"),
    saved("a truncated image", docker_save([GOOD])[:-13000], "ends early"),
    saved("several saved images", docker_save([GOOD], ("a:1", "b:2")), "2 images", "a:1, b:2"),
    saved(
        "a saved layer of another digest",
        docker_save([GOOD]).replace(b"app" + b"\0" * 509, b"bad" + b"\0" * 509),
        "another digest",
    ),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_an_image_that_cannot_be_built_is_named_in_a_line(tmp_path: Path, case: Bad) -> None:
    assert_refused(tmp_path, case)


def test_a_device_in_an_image_is_named(tmp_path: Path) -> None:
    files = oci_layout([GOOD, tar_of([member("dev/sda", DEVICE)])])
    case = Bad("a device", ("dev/sda: ", "device"), layout(files), build("image"), code=3)
    assert_refused(tmp_path, case)


def test_a_blob_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "image", LAYOUT)
    (root / AT).rename(tmp_path / "elsewhere")
    (root / AT).symlink_to(tmp_path / "elsewhere")
    assert_refused(tmp_path, Bad("a link", ("image: ", "missing"), args=build("image"), code=3))
