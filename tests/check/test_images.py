"""`slim check IMAGE`: what Lambda refuses of an image, and what cannot start, has a code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from slimmer.inputs.open import open_source
from tests.support.archives import (
    LAYER,
    MANIFEST,
    PACKED,
    blob,
    docker_save,
    image_config,
    manifest_of,
    member,
    tar_of,
    tar_of_files,
    with_index,
)
from tests.support.command import SLIM, Outcome, slim
from tests.support.elves import program
from tests.support.engines import ASKED, engine
from tests.support.images import config_of, layer, layout_of
from tests.support.planted import planted
from tests.support.trees import write_tree
from tests.support.zips import zip_of

SCRIPT = "#!/bin/sh\n"
ROOT = layer({"entry.sh": SCRIPT, "bin/sh": "#!/bin/sh\n", "srv/app.py": "a = 1\n"})
HOW = {"Entrypoint": ["/entry.sh"], "WorkingDir": "/srv"}
ABOUT = {
    "platform": {"architecture": "unknown", "os": "unknown"},
    "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
}


def check(work: Path, *args: str) -> Outcome:
    return slim("check", *args, cwd=work)


def codes(work: Path, *args: str) -> list[str]:
    """Return the codes of what fails or warns, each once."""
    done = check(work, *args, "--json", "-")
    rows = json.loads(done.out)["findings"]
    return sorted({row["code"] for row in rows if row["severity"] != "note"})


def put(work: Path, files: Mapping[str, bytes], name: str = "layout") -> str:
    write_tree(work / name, files)
    return name


def of_layers(layers: list[bytes], end: str = ".tar.gz", **how: object) -> dict[str, bytes]:
    return layout_of(layers, end, {**HOW, **how})


def with_documents(layers: list[bytes], change: Mapping[str, object]) -> dict[str, bytes]:
    """Return a layout whose manifest says something else, or whose layers do."""
    made: dict[str, bytes] = {}
    config = blob(made, json.dumps(config_of(layers, **HOW)).encode(), "")
    config["mediaType"] = "application/vnd.oci.image.config.v1+json"
    rows = [blob(made, PACKED[".tar.gz"](each), LAYER + "+gzip") for each in layers]
    rows = [row | {k: v for k, v in change.items() if k != "manifest"} for row in rows]
    kind = change.get("manifest", MANIFEST)
    document = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": rows}
    return with_index(made, blob(made, json.dumps(document).encode(), MANIFEST))


def attested() -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    row = manifest_of(made, [ROOT], ".tar.gz")
    return with_index(made, row, row | ABOUT | {"digest": "sha256:" + "0" * 64})


def of_two() -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    return with_index(made, *(manifest_of(made, [ROOT], ".tar.gz", a) for a in ("amd64", "arm64")))


def nested() -> dict[str, bytes]:
    made = of_two()
    index = "application/vnd.oci.image.index.v1+json"
    return with_index(made, blob(made, made["index.json"], index))


REFUSED: dict[str, tuple[dict[str, bytes], list[str]]] = {
    "attestations": (attested(), ["image-index"]),
    "two platforms": (of_two(), ["image-index"]),
    "an index in the index": (nested(), ["image-index"]),
    "not compressed": (of_layers([ROOT], ".tar"), ["image-packing"]),
    "zstd": (of_layers([ROOT], ".tar.zst"), ["image-packing"]),
    "a layer of a foreign type": (
        with_documents([ROOT], {"mediaType": f"{LAYER}+gzip+encrypted"}),
        ["image-media-type"],
    ),
    "a manifest of another type": (
        with_documents([ROOT], {"manifest": "application/vnd.oci.artifact.manifest.v1+json"}),
        ["image-media-type"],
    ),
    "a layer that is not what it says": (
        with_documents([ROOT], {"mediaType": LAYER}),
        ["image-packing"],
    ),
    "nothing to start": (of_layers([ROOT], Entrypoint=None), ["image-entry"]),
    "no entry point": (of_layers([ROOT], Entrypoint=["/none"]), ["image-entry"]),
    "no folder": (of_layers([ROOT], WorkingDir="/none"), ["image-entry"]),
    "an entry point for another": (
        of_layers([ROOT, layer({"run": program(machine=183)})], Entrypoint=["/run"]),
        ["image-processor"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_lambda_refuses_has_a_code(tmp_path: Path, case: str) -> None:
    files, wanted = REFUSED[case]
    assert codes(tmp_path, put(tmp_path, files)) == wanted


def test_a_good_image_passes_in_any_form(tmp_path: Path) -> None:
    (tmp_path / "oci.tar").write_bytes(tar_of_files(of_layers([ROOT])))
    for name in (put(tmp_path, of_layers([ROOT])), "oci.tar"):
        done = check(tmp_path, name)
        assert (done.code, done.out.splitlines()[-1]) == (0, "passed"), done.text


def test_an_image_of_an_engine_is_checked_and_asked_for_once(tmp_path: Path) -> None:
    env = engine(tmp_path / "bin", docker_save([ROOT]), "podman")
    (tmp_path / "slim.toml").write_text('[artifact.api]\ntree = "api"\noutput = "api.zip"\n')
    done = slim("check", "podman:app:1", "--json", "r.json", cwd=tmp_path, env=env)
    assert (done.code, done.out.splitlines()[-1]) == (0, "passed"), done.text
    assert (tmp_path / "bin" / ASKED).read_text() == "app:1\n"
    (zip_,) = json.loads((tmp_path / "r.json").read_bytes())["zips"]
    assert zip_["name"] == "podman:app:1"
    other = slim("check", "docker:app:1", cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert (other.code, other.err.count("\n")) == (3, 1)
    assert "docker does not give it (docker is not on PATH)" in other.err


def test_an_image_on_standard_input_is_checked(tmp_path: Path) -> None:
    args, data = [*SLIM, "check", "-"], docker_save([ROOT])
    done = subprocess.run(args, input=data, capture_output=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (0, "passed"), done.stderr


def test_docker_compresses_what_it_saved(tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_bytes(docker_save([ROOT]))
    assert codes(tmp_path, "saved.tar") == []


def test_another_processor_is_said(tmp_path: Path) -> None:
    made: dict[str, bytes] = {}
    name = put(tmp_path, with_index(made, manifest_of(made, [ROOT], ".tar.gz", "riscv64")))
    assert codes(tmp_path, name) == ["image-processor"]
    assert codes(tmp_path, name, "--arch", "arm64") == ["image-unreadable"]


def test_a_wrong_digest_and_a_cut_tar_are_said(tmp_path: Path) -> None:
    files = of_layers([ROOT])
    largest = max((name for name in files if "blobs" in name), key=lambda name: len(files[name]))
    wrong = files | {largest: files[largest][:-1] + b"x"}
    assert codes(tmp_path, put(tmp_path, wrong)) == ["image-unreadable"]
    assert "image-unreadable" in codes(tmp_path, put(tmp_path, {**files, largest: b""}, "short"))
    (tmp_path / "cut.tar").write_bytes(tar_of_files(files)[:2000])
    done = check(tmp_path, "cut.tar")
    assert done.code == 3
    assert done.err == "slim: cut.tar: cannot be read as a tar (it ends early); create it again\n"


def test_secrets_are_found_wherever_an_image_has_them(tmp_path: Path) -> None:
    text, token = planted("<pem RSA PRIVATE KEY>"), planted("ghp_<checked 36>").decode()
    gone = tar_of([member("root/.wh.credentials")])
    below = layer({"root/credentials": text})
    files = of_layers([ROOT, below, gone], Env=[f"KEY={token}"])
    done = check(tmp_path, put(tmp_path, files))
    said = [line for line in done.out.splitlines() if line.startswith("fail:")]
    assert [line.split(" holds ")[0] for line in said] == [
        "fail: layout, layer 2, gone from the tree: root/credentials",
        "fail: layout, configuration: Env KEY",
    ]
    allowed = ("--allow-secret", "/root/credentials", "--allow-secret", "Env KEY")
    assert check(tmp_path, "layout", *allowed).code == 0


def test_budgets_hold_the_components_of_an_image(tmp_path: Path) -> None:
    put(tmp_path, of_layers([ROOT]))
    toml = '[budgets]\n"/srv" = { max-unzipped = "1B" }\n'
    (tmp_path / "slim.toml").write_text(toml)
    assert codes(tmp_path, "layout") == ["over-budget"]


def test_what_was_deleted_again_is_told(tmp_path: Path) -> None:
    large = layer({"tmp/large": b"\0" * 2_000_000})
    put(tmp_path, of_layers([ROOT, large, tar_of([member(".wh.tmp")])]))
    assert "1 file of 2.0 MB in its layers are taken away" in check(tmp_path, "layout").out


@pytest.mark.parametrize(
    "case", ["attestations", "not compressed", "zstd", "a manifest of another type"]
)
def test_fix_writes_what_lambda_takes(tmp_path: Path, case: str) -> None:
    name = put(tmp_path, REFUSED[case][0])
    done = check(tmp_path, name, "--fix", "fixed.tar")
    assert done.code == 0, done.text
    assert codes(tmp_path, "fixed.tar") == []
    old, new = open_source(tmp_path / name, "x86_64"), open_source(tmp_path / "fixed.tar")
    assert old.tree == new.tree
    second = check(tmp_path, name, "--fix", "again.tar")
    assert second.code == 0
    assert (tmp_path / "again.tar").read_bytes() == (tmp_path / "fixed.tar").read_bytes()


def test_fix_keeps_the_layers_that_are_fine(tmp_path: Path) -> None:
    made: dict[str, bytes] = {}
    manifest = manifest_of(made, [ROOT], ".tar.gz")
    packed = PACKED[".tar.gz"](ROOT)
    put(tmp_path, with_index(made, manifest, manifest | ABOUT | {"digest": "sha256:" + "1" * 64}))
    done = check(tmp_path, "layout", "--fix", "fixed.tar")
    assert "1 layer as before, 0 layers gzipped" in done.out
    assert packed in (tmp_path / "fixed.tar").read_bytes()


def test_fix_takes_the_image_for_a_processor_or_nothing(tmp_path: Path) -> None:
    put(tmp_path, of_two())
    done = check(tmp_path, "layout", "--fix", "fixed.tar")
    assert done.code == 3
    assert "2 images are in it (amd64, arm64); name one with --arch" in done.err
    assert not (tmp_path / "fixed.tar").exists()
    assert check(tmp_path, "layout", "--arch", "arm64", "--fix", "fixed.tar").code == 0
    assert json.loads(image_config([ROOT], "arm64"))["architecture"] == "arm64"
    assert codes(tmp_path, "fixed.tar", "--arch", "arm64") == []


BESIDE = {
    ("layout", "layer.zip"): "layout: an image is deployed alone; name nothing beside it",
    ("layer.zip", "--fix", "x.tar"): "--fix writes an image; name one, or leave it out",
    ("files.tar",): "files.tar: a tar of files, and no image; name a zip, or an image",
    ("layout", "--fix", "layout"): "layout: --fix must name a file",
}


@pytest.mark.parametrize("args", BESIDE, ids=" ".join)
def test_what_goes_with_no_image_is_refused(tmp_path: Path, args: tuple[str, ...]) -> None:
    put(tmp_path, of_layers([ROOT]))
    zip_of(tmp_path / "layer.zip", {"a": "b"})
    (tmp_path / "files.tar").write_bytes(tar_of_files({"a": b""}))
    done = check(tmp_path, *args)
    assert done.code in (2, 3)
    assert done.err.startswith(f"slim: {BESIDE[args]}")
    assert done.err.count("\n") == 1
