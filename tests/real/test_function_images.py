"""Images of functions in Python, Node.js and Java: slimmed, and run beside the original."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real.need import absent
from tests.support.command import slim
from trees import Unavailable
from trees.function_images import IMAGES, function_image
from trees.jre25 import jdk

pytestmark = [pytest.mark.real, pytest.mark.heavy]


@pytest.mark.parametrize("options", [(), ("--tree-shake",)], ids=["default", "tree-shake"])
@pytest.mark.parametrize("language", IMAGES)
def test_every_feature_answers_as_before(
    tmp_path: Path, language: str, options: tuple[str, ...]
) -> None:
    proved(tmp_path, language, *options)


def test_a_linked_runtime_answers_in_its_image(tmp_path: Path) -> None:
    try:
        home = jdk()
    except Unavailable as error:
        absent(str(error))
    said = proved(tmp_path, "java", "--jlink", "reached", "--jdk", str(home))
    assert "linked with" in said


def proved(tmp_path: Path, language: str, *options: str) -> str:
    """Build an image, and have each feature answer as in the original; return what was said."""
    try:
        image = function_image(language)
    except Unavailable as error:
        absent(str(error))
    events = []
    for feature in IMAGES[language].features:
        (tmp_path / f"{feature}.json").write_text(json.dumps({"feature": feature}), "utf-8")
        events += ["--event", f"{feature}.json"]
    report = ("--json", "built.json")
    built = slim("build", str(image), "-o", "slim.tar", *options, *report, cwd=tmp_path)
    assert built.code == 0, built.text
    done = slim("verify", "slim.tar", "--against", str(image), *events, cwd=tmp_path, timeout_s=600)
    assert done.code == 0, done.text
    assert f"{len(IMAGES[language].features)} events answered, as by the original" in done.text
    return built.text
