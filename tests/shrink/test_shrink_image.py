"""`slim shrink` of an image, whose packages are units, and the image that is built of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from slimmer.inputs.image import ImageTree
from slimmer.inputs.open import open_source
from tests.support.command import Outcome, slim
from tests.support.functions import SPEAK
from tests.support.images import base, layer, saved
from tests.support.trees import write_tree

FUNCTION = (
    SPEAK
    + r"""while next; do
case $event in
  *rare*) if said=$(rare); then answer "\"$said\""; else fail Rare "is missing"; fi ;;
  *half*) answer "\"$(half-rare 2>&1 || cat /usr/share/used/rarely)\"" ;;
  *) answer "\"$(used)\"" ;;
esac
done
"""
)
SAYS = "#!/bin/bash\nread -r said <{file} && echo $said\n"
PACKAGES: dict[str, dict[str, str]] = {
    "used": {
        "usr/bin/used": SAYS.format(file="/usr/share/used/often"),
        "usr/bin/half-rare": "#!/bin/bash\necho half\n",
        "usr/share/used/often": "often\n",
        "usr/share/used/rarely": "seldom\n",
        "usr/share/doc/used/copyright": "All may use it.\n",
        "etc/used.conf": "loud = no\n",
    },
    "rare": {
        "usr/bin/rare": SAYS.format(file="/usr/share/rare/word"),
        "usr/share/rare/word": "rare\n",
        "usr/share/doc/rare/copyright": "All may use it rarely.\n",
    },
    "tzdata": {"usr/share/zoneinfo/Europe/Berlin": "TZif2", "usr/share/zoneinfo/UTC": "TZif2"},
}
HOW: dict[str, object] = {"Entrypoint": ["/app/function"], "Env": ["PATH=/usr/bin:/bin"]}
EVENTS = {"often.json": b"{}", "rare.json": b'"rare"', "half.json": b'"half"'}


def image(work: Path, packages: Mapping[str, Mapping[str, str]] = PACKAGES) -> Path:
    status = [f"Package: {name}\nStatus: install ok installed\n" for name in packages]
    files = {path: text for each in packages.values() for path, text in each.items()}
    for name, each in packages.items():
        files[f"var/lib/dpkg/info/{name}.list"] = "".join(f"/{path}\n" for path in each)
    files["var/lib/dpkg/status"] = "".join(f"{each}\n" for each in status)
    return saved(work / "app.tar", [base(), layer({"app/function": FUNCTION, **files})], **HOW)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    image(tmp_path)
    write_tree(tmp_path, EVENTS)
    return tmp_path


def shrink(work: Path, *args: str) -> Outcome:
    own = ("shrink", "app.tar", "--event", "often.json", "--repeat", "1")
    return slim(*own, *args, cwd=work, process=True)


def built(work: Path) -> tuple[Outcome, ImageTree]:
    done = slim("build", "app.tar", "-o", "out.tar", "--shrink", "slim.shrink.toml", cwd=work)
    source = open_source(work / "out.tar")
    assert isinstance(source, ImageTree)
    return done, source


def verify(work: Path, event: str) -> Outcome:
    return slim("verify", "out.tar", "--event", event, cwd=work, process=True)


def paths(source: ImageTree) -> set[str]:
    return {entry.path for entry in source.tree.entries}


def test_a_package_of_which_nothing_was_used_goes_with_its_records(work: Path) -> None:
    assert shrink(work).code == 0
    done, source = built(work)
    assert done.code == 0, done.text
    assert paths(source).isdisjoint({*PACKAGES["rare"], "var/lib/dpkg/info/rare.list"})
    assert re.findall("Package: (.*)", source.read("var/lib/dpkg/status").decode()) == [
        "used",
        "tzdata",
    ]
    assert verify(work, "often.json").code == 0


def test_data_that_any_program_may_read_and_settings_and_licences_stay(work: Path) -> None:
    assert shrink(work, "--within-units").code == 0
    stays = {*PACKAGES["tzdata"], "usr/share/doc/used/copyright", "etc/used.conf"}
    assert paths(built(work)[1]) >= stays
    assert "tzdata" not in (work / "slim.shrink.toml").read_text()


def test_what_is_asked_for_in_vain_names_its_row(work: Path) -> None:
    assert shrink(work, "--guard-drops").code == 0
    built(work)
    text = (work / "slim.shrink.toml").read_text()
    line = text.count("\n", 0, text.index('"debian/rare"')) + 1
    done = verify(work, "rare.json")
    assert done.code == 5, done.text
    assert f"slim shrink dropped usr/bin/rare: slim.shrink.toml:{line}" in done.text
    assert "Rare: is missing" in done.text


def test_what_a_program_does_without_is_said_though_it_answers(work: Path) -> None:
    assert shrink(work, "--guard-drops").code == 0
    source = built(work)[1]
    assert "usr/bin/half-rare" not in paths(source)
    done = verify(work, "half.json")
    assert "slim shrink dropped usr/bin/half-rare: slim.shrink.toml:" in done.text
    assert verify(work, "often.json").text.count("slim shrink dropped") == 0


def test_the_same_inputs_give_the_same_file(work: Path) -> None:
    texts = set()
    for _ in range(2):
        assert shrink(work).code == 0
        texts.add((work / "slim.shrink.toml").read_bytes())
    assert len(texts) == 1


def test_another_version_of_a_package_is_said(work: Path) -> None:
    assert shrink(work).code == 0
    more = {"usr/share/rare/other": "of another version\n"}
    image(work, PACKAGES | {"rare": PACKAGES["rare"] | more})
    done, source = built(work)
    assert "debian/rare has changed since slim shrink saw it, and is dropped as before" in done.text
    assert paths(source).isdisjoint(more)


def test_an_image_in_a_layout_is_taken_too(work: Path) -> None:
    assert shrink(work).code == 0
    text = (work / "slim.shrink.toml").read_bytes()
    made = slim("build", "app.tar", "--form", "layout", "-o", "app", "--tier", "safe", cwd=work)
    assert made.code == 0, made.text
    done = slim("shrink", "app", "--event", "often.json", "--repeat", "1", cwd=work, process=True)
    assert done.code == 0, done.text
    assert b'name = "debian/rare"' in text
    assert b'name = "debian/rare"' in (work / "slim.shrink.toml").read_bytes()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--as-function",), "an image runs alone, as Lambda adds no layers to it"),
        (("--as-layer",), "an image runs alone, as Lambda adds no layers to it"),
        (("--runtime", "python3.11"), "--runtime: an image starts by its own entry point"),
        (("--sandbox", "none"), "--sandbox none: an image is its own root"),
        (("--target", "provided.al2023"), "an image brings its own system"),
        (("--event", '{"a'), "not JSON"),
    ],
)
def test_what_an_image_does_not_take_is_one_line(
    work: Path, args: tuple[str, ...], said: str
) -> None:
    done = shrink(work, *args)
    assert done.code == 2 or (done.code == 3 and "--event" in args), done.text
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not (work / "slim.shrink.toml").exists()


def test_an_image_that_does_not_answer_is_refused(work: Path) -> None:
    saved(work / "app.tar", [base(), layer({"app/function": "#!/bin/sh\nexit 7\n"})], **HOW)
    done = shrink(work)
    assert done.code == 3, done.text
    assert "the artifact as it is exited with code 7" in done.err
    assert json.dumps(sorted(p.name for p in work.iterdir())) == json.dumps(
        ["app.tar", *sorted(EVENTS)]
    )
