"""Images of real runtimes, in as both forms, and out as an image and as a function's zip.

A Mix release on Debian, and Node for musl beside busybox, as Alpine's images have it. Each has an
entry script that starts AWS's emulator where Lambda's variable is not set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.inputs.image import ImageTree
from slimmer.inputs.open import open_source
from tests.real.need import absent
from tests.support.command import Outcome, slim
from trees import Unavailable
from trees.debian_image import saved
from trees.musl_image import musl_image
from trees.release_image import release_image

pytestmark = [pytest.mark.real, pytest.mark.heavy]

IMAGES: dict[str, Callable[[], Path]] = {"release": release_image, "musl": musl_image}
#: What an answer has that is another in a zip: where Erlang lies.
OTHERWISE = {"release": ("--ignore", ".root_dir"), "musl": ()}
MOST_BYTES = {"release": 7_500_000, "musl": 57_000_000}


def run(work: Path, *args: str) -> Outcome:
    done = slim(*args, cwd=work, process=True, timeout_s=900)
    assert done.code == 0, done.text
    return done


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module", params=IMAGES)
def forms(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Path]]:
    """Give the name of an image, and its two forms."""
    name: str = request.param
    try:
        layout = IMAGES[name]()
    except Unavailable as error:
        absent(str(error))
    work = tmp_path_factory.mktemp(name)
    (work / "event.json").write_text('{"a": 1}')
    return name, {"layout": layout, "saved": saved(layout, work / "saved.tar", "app:1")}


def test_an_image_answers_both_ways(forms: tuple[str, dict[str, Path]]) -> None:
    _, found = forms
    work = found["saved"].parent
    for form, image in found.items():
        run(work, "build", str(image), "-o", f"{form}-slim.tar", "--tag", "a:b", "--tree-shake")
        args = ("--event", "event.json", "--json", "-")
        report = json.loads(run(work, "verify", f"{form}-slim.tar", *args).out)
        for way in (report["run"], report["emulated"]):
            assert way["events"][0]["answer"]["event"] == {"a": 1}
        (work / f"{form}-slim.tar").rename(work / f"{form}-done.tar")
    assert digest(work / "layout-done.tar") == digest(work / "saved-done.tar")


def test_the_layers_of_the_base_stay(forms: tuple[str, dict[str, Path]]) -> None:
    _, found = forms
    work = found["saved"].parent
    run(work, "build", str(found["layout"]), "-o", "based.tar", "--base-layers", "1")
    before, after = open_source(found["layout"]), open_source(work / "based.tar")
    assert isinstance(before, ImageTree)
    assert isinstance(after, ImageTree)
    assert after.layers[0].diff_id == before.layers[0].diff_id
    assert len(after.layers) == 2
    run(work, "verify", "based.tar", "--event", "event.json")


def test_an_image_becomes_a_function_that_answers(forms: tuple[str, dict[str, Path]]) -> None:
    name, found = forms
    work = found["saved"].parent
    for form, image in found.items():
        made = ("-o", f"{form}.zip", "--target", "provided.al2023")
        run(work, "build", str(image), *made)
    assert digest(work / "layout.zip") == digest(work / "saved.zip")
    assert (work / "saved.zip").stat().st_size <= MOST_BYTES[name]
    against = ("--against", str(found["saved"]), *OTHERWISE[name])
    run(work, "verify", "--function", "saved.zip", *against, "--event", "event.json")


def test_a_release_runs_by_the_loader_of_its_image_where_glibc_is_older(
    forms: tuple[str, dict[str, Path]],
) -> None:
    name, found = forms
    if name != "release":
        pytest.skip("another C library brings its loader to every target")
    work = found["saved"].parent
    run(work, "build", str(found["layout"]), "-o", "older.zip", "--target", "provided.al2")
    against = ("--against", str(found["layout"]), *OTHERWISE[name])
    run(work, "verify", "--function", "older.zip", *against, "--event", "event.json")
