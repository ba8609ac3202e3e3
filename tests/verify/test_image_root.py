"""`slim verify IMAGE`: the image is the root, and its entry point is what starts."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.archives import tar_of_files
from tests.support.command import Outcome, slim
from tests.support.engines import ASKED, LOADED, engine
from tests.support.functions import SPEAK
from tests.support.images import base, layer, layout_of, saved
from tests.support.trees import write_tree
from tests.support.zips import zip_of
from tests.verify.test_verify import failed

LOOK = (
    SPEAK
    + r"""while next; do
wrote=
for place in / /opt /var/task /etc /tmp; do
  : 2>/dev/null >"$place/x" && wrote="$wrote$place"
done
answer "[$(id -u),\"$wrote\",\"$PWD\",\"$MARK\",\"$*\",\"$(echo /*)\",\"$(cat /etc/own)\"]"
done
"""
)
TMP = "/tmp"  # noqa: S108 - the function's own
SEEN = "/app /bin /dev /etc /lib /lib64 /proc /sys /tmp /usr /var"
OF_SHELL = ("/lib", "/lib64", "/usr")
HOW: dict[str, object] = {
    "Entrypoint": ["/app/look"],
    "Cmd": ["a.handler"],
    "Env": ["MARK=m", "PATH=/bin", "AWS_REGION=nowhere"],
    "WorkingDir": "/var/task",
    "User": "app",
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    write_tree(tmp_path, {"a.json": b"{}"})
    (tmp_path / "temporary").mkdir()
    yield tmp_path
    assert list((tmp_path / "temporary").iterdir()) == []


def verify(work: Path, *args: str) -> Outcome:
    env = {"TMPDIR": str(work / "temporary")}
    return slim("verify", *args, "--event", "a.json", cwd=work, env=env)


def layers(look: str = LOOK) -> list[bytes]:
    return [base(), layer({"app/look": look, "etc/own": "the image's"})]


def in_save(work: Path) -> str:
    return saved(work / "image.tar", layers(), **HOW).name


def in_folder(work: Path) -> str:
    return write_tree(work / "layout", layout_of(layers(), ".tar.gz", HOW)).name


def in_layout_tar(work: Path) -> str:
    (work / "oci.tar").write_bytes(tar_of_files(layout_of(layers(), ".tar.zst", HOW)))
    return "oci.tar"


@pytest.mark.parametrize("form", [in_save, in_folder, in_layout_tar])
def test_an_image_runs_as_on_lambda(work: Path, form: Callable[[Path], str]) -> None:
    done = verify(work, form(work), "--json", "-")
    assert done.code == 0, done.text
    report = json.loads(done.out)
    answer = report["run"]["events"][0]["answer"]
    # where this machine's shell and its libraries lie, the image has them
    seen = [name for name in SEEN.split() if name not in OF_SHELL or name in answer[5].split()]
    assert answer == [993, TMP, "/var/task", "m", "a.handler", " ".join(seen), "the image's"]
    assert report["warnings"] == ["the image names the user app; Lambda runs it as its own, 993"]
    assert report["emulated"] is None


def test_an_image_of_an_engine_runs_and_is_asked_for_once(work: Path) -> None:
    env = engine(work / "bin", saved(work / "image.tar", layers(), **HOW).read_bytes())
    args = ("docker:app:slim", "--event", "a.json", "--starts", "2", "--json", "-")
    done = slim("verify", *args, cwd=work, env=env)
    assert done.code == 0, done.text
    report = json.loads(done.out)
    assert report["run"]["events"][0]["answer"][4] == "a.handler"
    assert (work / "bin" / ASKED).read_text() == "app:slim\n"
    against = slim("verify", *args[:3], "--against", "docker:app:1", cwd=work, env=env)
    assert "as by the original" in against.out, against.text


OUTPUTS = {
    "tar": ("-o", "out.tar"),
    "layout": ("-o", "out/", "--form", "layout"),
    "engine": ("-o", "docker:app:slim"),
}


@pytest.mark.parametrize("form", OUTPUTS)
def test_an_image_that_is_built_is_run_before_it_is_written(work: Path, form: str) -> None:
    env = engine(work / "bin", b"")
    args = (saved(work / "image.tar", layers(), **HOW).name, *OUTPUTS[form], "--verify", "a.json")
    done = slim("build", *args, "--against", "image.tar", cwd=work, env=env)
    assert done.code == 0, done.text
    assert "passed: 1 event answered, as by the original" in done.out
    made = {"tar": "out.tar", "layout": "out/index.json", "engine": f"bin/{LOADED}"}[form]
    assert (work / made).stat().st_size


@pytest.mark.parametrize("form", OUTPUTS)
def test_an_image_that_fails_is_not_written(work: Path, form: str) -> None:
    env = engine(work / "bin", b"")
    args = (saved(work / "image.tar", layers("#!/bin/sh\nexit 4\n"), **HOW).name, *OUTPUTS[form])
    before = sorted(path.name for path in work.rglob("*"))
    done = slim("build", *args, "--verify", "a.json", cwd=work, env=env)
    assert "exited with code 4" in failed(done)
    assert sorted(path.name for path in work.rglob("*")) == before


def test_a_handler_stands_in_the_place_of_the_cmd(work: Path) -> None:
    said = SPEAK + 'next; answer "[\\"$*\\",\\"$_HANDLER\\",\\"$AWS_REGION\\",\\"$X\\"]"; next\n'
    saved(work / "image.tar", layers(said), **HOW)
    done = verify(work, "image.tar", "--handler", "b.c", "--env", "X=1", "--json", "-")
    assert done.code == 0, done.text
    answer = json.loads(done.out)["run"]["events"][0]["answer"]
    assert answer == ["b.c", "b.c", "eu-central-1", "1"]


def test_extensions_of_an_image_start(work: Path) -> None:
    calls = SPEAK.replace("2018-06-01/runtime/", "2020-01-01/extension/")
    register = (
        calls.replace("Connection: close", "Connection: close\\r\\nLambda-Extension-Name: spy")
        + "call POST register '{\"events\":[]}'; echo spied; sleep 60\n"
    )
    spy = layer({"opt/extensions/spy": register})
    saved(work / "image.tar", [*layers(), spy], **HOW)
    done = verify(work, "image.tar", "--json", "-")
    assert "the extension spy" in done.text or done.code == 0, done.text
    assert "spied" in done.text


def test_a_program_alone_needs_no_shell_in_its_image(work: Path) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the program is for x86_64")
    code = bytes.fromhex("bf07000000b83c0000000f05")  # exit(7)
    head = struct.pack("<4s5B7x", b"\x7fELF", 2, 1, 1, 0, 0)
    head += struct.pack("<2HI3QI6H", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<2I6Q", 1, 5, 0, 0x400000, 0x400000, 120 + len(code), 132, 4096)
    saved(work / "image.tar", [layer({"main": head + segment + code})], Entrypoint=["/main"])
    assert failed(verify(work, "image.tar")).startswith("exited with code 7 before it asked")


CANNOT: dict[str, tuple[dict[str, object], str]] = {
    "nothing to start": ({"Entrypoint": None, "Cmd": []}, "the image has no Entrypoint and no Cmd"),
    "no program": ({"Entrypoint": ["nope"]}, "the entry point nope is not there"),
    "no folder": ({"WorkingDir": "/srv"}, "the image starts in /srv, which is not there"),
    "no program in it": ({"Entrypoint": ["/etc/own"]}, "the entry point /etc/own has no '#!'"),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_started_is_said(work: Path, case: str) -> None:
    how, line = CANNOT[case]
    saved(work / "image.tar", layers(), **HOW) if not how else None
    saved(work / "image.tar", layers(), **{**HOW, **how})
    assert failed(verify(work, "image.tar")).startswith(line)


def test_an_interpreter_that_the_image_lacks_is_said(work: Path) -> None:
    saved(work / "image.tar", layers("#!/usr/bin/none\n"), **HOW)
    line = "the entry point /app/look asks for the interpreter '/usr/bin/none', which is not there"
    assert failed(verify(work, "image.tar")) == line


REFUSED: dict[tuple[str, ...], str] = {
    ("image.tar", "layer.zip"): "image.tar: an image runs alone, as Lambda adds no layers to it",
    ("image.tar", "--runtime", "python3.13"): "--runtime: an image starts by its own entry point",
    ("image.tar", "--sandbox", "none"): "--sandbox none: an image is its own root",
    ("image.tar", "--sandbox", "docker", "--image", "x"): "--sandbox docker: an image is its own",
    ("files.tar",): "files.tar: files, and no image; name a tar of docker save or an OCI layout",
    ("cut.tar",): "cut.tar: cannot be read as a tar (it ends early); create it again",
}


@pytest.mark.parametrize("args", REFUSED, ids=" ".join)
def test_what_no_image_takes_is_refused(work: Path, args: tuple[str, ...]) -> None:
    data = saved(work / "image.tar", layers(), **HOW).read_bytes()
    (work / "cut.tar").write_bytes(data[: len(data) // 2])
    (work / "files.tar").write_bytes(tar_of_files({"a": b""}))
    zip_of(work / "layer.zip", {"a": "b"})
    done = verify(work, *args)
    assert (done.code != 0, done.out) == (True, ""), done.text
    assert done.err.startswith(f"slim: {REFUSED[args]}")
    assert done.err.count("\n") == 1


def test_images_are_compared_and_a_zip_with_its_image(work: Path) -> None:
    speak = SPEAK + "while next; do answer {}; done\n"
    for name, number in (("one.tar", 1), ("same.tar", 1), ("two.tar", 2)):
        saved(work / name, layers(speak.replace("{}", str(number))), **HOW)
    zip_of(work / "function.zip", {"bootstrap": speak.replace("{}", "1")})
    assert verify(work, "one.tar", "--against", "same.tar").code == 0
    assert verify(work, "--function", "function.zip", "--against", "one.tar").code == 0
    assert verify(work, "one.tar", "--against", "function.zip").code == 0
    assert "answers otherwise" in failed(verify(work, "one.tar", "--against", "two.tar"))


def test_an_emulator_that_is_not_there_is_said(work: Path) -> None:
    entry = LOOK.replace("#!/bin/bash\n", "#!/bin/bash\n# or /usr/bin/aws-lambda-rie\n", 1)
    saved(work / "image.tar", layers(entry), **{**HOW, "User": ""})
    done = verify(work, "image.tar", "--json", "-")
    line = (
        "without the Runtime API its entry script starts /usr/bin/aws-lambda-rie, which the image "
        "does not have; that way was not tried"
    )
    assert json.loads(done.out)["warnings"] == [line]


def test_starts_of_images_are_measured(work: Path) -> None:
    done = verify(work, in_save(work), "--starts", "2", "--json", "-")
    assert done.code == 0, done.text
    figures = json.loads(done.out)["starts"]["figures"]
    assert figures["init_s"]["artifact"]["median"] >= 0
    assert figures["opened_files"]["artifact"]["median"] >= 3
