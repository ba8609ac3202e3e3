"""`slim build IMAGE --target provided.*` makes a zip for a function, or says what is in the way."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slimmer.build.function_scripts import commands
from tests.support.command import Outcome, slim
from tests.support.elves import program
from tests.support.functions import SPEAK
from tests.support.images import base, layer, saved
from tests.support.trees import write_tree

ANSWERS = SPEAK + 'while next; do answer "[\\"$MARK\\",\\"$PWD\\",\\"$1\\"]"; done\n'
MUSL = program("libc.musl-x86_64.so.1", interpreter="/lib/ld-musl-x86_64.so.1")
OWN = program("libown.so.1", "libc.so.6", interpreter="/lib64/ld-linux-x86-64.so.2")


def build(work: Path, layers: list[bytes], how: dict[str, object], *args: str) -> Outcome:
    saved(work / "image.tar", layers, **how)
    given = ("-o", "function.zip", "--target", "provided.al2023", "--fail-on", "none", *args)
    return slim("build", "image.tar", *given, cwd=work)


def members(work: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(work / "function.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_lies_in_var_task_starts_as_in_the_image(tmp_path: Path) -> None:
    how: dict[str, object] = {
        "Entrypoint": ["/var/task/run.sh"],
        "Cmd": ["a.b"],
        "Env": ["MARK=it's m", "PATH=/bin"],
        "WorkingDir": "/var/task",
    }
    write_tree(tmp_path, {"a.json": b"{}"})
    done = build(tmp_path, [base(), layer({"var/task/run.sh": ANSWERS})], how)
    assert done.code == 0, done.text
    assert set(members(tmp_path)) == {"bootstrap", "run.sh"}
    assert "of the image outside of /var/task are not in the zip" in done.out
    args = ("--function", "function.zip", "--event", "a.json", "--against", "image.tar")
    proven = slim("verify", *args, cwd=tmp_path)
    assert proven.code == 0, proven.text


def test_a_program_elsewhere_comes_with_the_libraries_that_the_target_lacks(
    tmp_path: Path,
) -> None:
    files: dict[str, str | bytes] = {
        "app/main": OWN,
        "usr/lib/x86_64-linux-gnu/libown.so.1": program("libdeep.so"),
        "usr/lib/x86_64-linux-gnu/libdeep.so": program(),
        "usr/lib/x86_64-linux-gnu/libc.so.6": program(),
        "usr/lib/x86_64-linux-gnu/libother.so": program(),
    }
    how: dict[str, object] = {"Entrypoint": ["./main"], "WorkingDir": "/app"}
    done = build(tmp_path, [layer(files)], how)
    assert done.code == 0, done.text
    found = members(tmp_path)
    assert set(found) == {"bootstrap", "bin/main", "lib/libown.so.1", "lib/libdeep.so"}
    assert found["bootstrap"].endswith(b"cd /var/task\nexec /var/task/bin/main\n")


def test_a_program_for_musl_comes_with_its_loader(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"main": MUSL, "lib/ld-musl-x86_64.so.1": program()}
    files["lib/libc.musl-x86_64.so.1"] = program()
    done = build(tmp_path, [layer(files)], {"Entrypoint": ["/main"]}, "--foreign", "keep")
    assert done.code == 0, done.text
    found = members(tmp_path)
    assert {"lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1"} <= found.keys()
    start = b"exec /var/task/lib/ld-musl-x86_64.so.1 --library-path /var/task/lib"
    assert start in found["bootstrap"]


def test_a_bootstrap_of_its_own_stays(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"var/task/bootstrap": ANSWERS, "etc/x": "1"}
    done = build(tmp_path, [layer(files)], {"Entrypoint": ["/var/task/bootstrap"]})
    assert done.code == 0, done.text
    assert members(tmp_path) == {"bootstrap": ANSWERS.encode()}


TALKS = '#!/bin/sh\n[ -n "$AWS_LAMBDA_RUNTIME_API" ] || exec /rie/aws-lambda-rie "$0"\n'
IN_THE_WAY: dict[str, tuple[dict[str, str | bytes], dict[str, object], str]] = {
    "nothing": ({"a": "1"}, {}, "it has no Entrypoint and no Cmd"),
    "not there": ({"a": "1"}, {"Entrypoint": ["/b"]}, "its entry point /b is not there"),
    "a program": (
        {
            "entry.sh": f"{TALKS}exec elixir -e x\n",
            "usr/bin/elixir": "#!/bin/sh\n",
            "rie/aws-lambda-rie": "#!/bin/sh\n",
        },
        {"Entrypoint": ["/entry.sh"]},
        "/entry.sh starts elixir, which lies in /usr/bin/elixir and not in /var/task",
    ),
    "an interpreter": (
        {"main.py": "#!/usr/bin/python3\n"},
        {"Entrypoint": ["/main.py"]},
        "/main.py is run by /usr/bin/python3, which the target lacks",
    ),
    "an argument": (
        {"bin/run": OWN, "srv/app.bin": "x"},
        {"Entrypoint": ["/bin/run", "/srv/app.bin"]},
        "/srv/app.bin lies outside of /var/task",
    ),
    "a folder": (
        {"main": OWN, "app/page.html": "x"},
        {"Entrypoint": ["/main"], "WorkingDir": "/app"},
        "it starts in /app, where 1 file lie, such as app/page.html",
    ),
    "a path in it": (
        {"main": OWN + b"\0/data/words\0", "data/words": "x"},
        {"Entrypoint": ["/main"]},
        "/main names /data/, where data/words lies",
    ),
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_stands_in_the_way_is_one_line(tmp_path: Path, case: str) -> None:
    files, how, line = IN_THE_WAY[case]
    done = build(tmp_path, [layer(files)], how)
    assert (done.code, done.out) == (2, ""), done.text
    assert done.err.startswith(f"slim: no zip for a function can be made of the image: {line}")
    assert done.err.count("\n") == 1
    assert not (tmp_path / "function.zip").exists()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("exec elixir -pa x", ["elixir"]),
        ("set -eu\nA=1 B=2 exec node app.js", ["node"]),
        ("cd /srv && python3 a.py | tee log; rm -f x", ["python3"]),
        ("# perl a\necho ruby", []),
        ("if [ -z x ]; then exec /opt/run; fi", ["/opt/run"]),
        ("x=$(uuidgen)", ["uuidgen"]),
    ],
)
def test_the_programs_of_a_script_are_told(text: str, wanted: list[str]) -> None:
    assert list(commands(f"#!/bin/sh\n{text}\n")) == wanted
