"""`slim build IMAGE --target provided.*` makes a zip for a function, or says what is in the way."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tarfile import SYMTYPE

import pytest

from slimmer.build.function_loader import loader_of, patched
from slimmer.build.function_scripts import commands
from slimmer.formats.elf.dynamic import parse_dynamic
from tests.support.archives import member, tar_of
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
    assert set(found) == {"bootstrap", "app/main", "lib/libown.so.1", "lib/libdeep.so"}
    assert found["bootstrap"].endswith(b"cd /var/task/app\nexec /var/task/app/main\n")


def test_a_program_for_musl_comes_with_its_loader(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"main": MUSL, "lib/ld-musl-x86_64.so.1": program()}
    files["lib/libc.musl-x86_64.so.1"] = program()
    done = build(tmp_path, [layer(files)], {"Entrypoint": ["/main"]}, "--foreign", "keep")
    assert done.code == 0, done.text
    found = members(tmp_path)
    assert {"lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1", "lib/ld.so"} <= found.keys()
    assert found["etc/ld-musl-x86_64.path"] == b"/var/task/lib\n"
    assert b"\nunset LD_LIBRARY_PATH" in found["bootstrap"]
    assert len(found["main"]) == len(MUSL)
    assert parse_dynamic(found["main"]).interpreter == "/var/task/lib/ld.so"


READS_MAPS = "maps=$(</proc/$$/maps)\ncase $maps in */var/task/lib/libc.so.6*) own=yes ;; esac\n"


def test_a_program_for_a_newer_glibc_runs_by_the_loader_of_the_image(tmp_path: Path) -> None:
    script = SPEAK + READS_MAPS + 'while next; do answer "\\"$own,$LD_LIBRARY_PATH\\""; done\n'
    how: dict[str, object] = {"Entrypoint": ["/bin/bash", "/var/task/run.sh"]}
    write_tree(tmp_path, {"a.json": b"{}"})
    layers = [base(), layer({"var/task/run.sh": script})]
    done = build(tmp_path, layers, how, "--target", "provided.al2")
    assert done.code == 0, done.text
    assert "glibc-too-old" not in done.text
    args = ("--function", "function.zip", "--event", "a.json", "--expect", '"yes,"')
    proven = slim("verify", *args, cwd=tmp_path)
    assert proven.code == 0, proven.text


def test_a_loader_is_patched_in_place() -> None:
    folders = b"\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0"
    data = b"ELF\0/etc/ld.so.cache\0" + folders
    loader = loader_of("ld-linux-x86-64.so.2", data)
    assert loader is not None
    for cut in range(len(data)):
        parts = (data[:cut], data[cut:])
        new = b"".join(
            patched(loader.patches, lambda at, size: data[at : at + size], at, len(part))
            for at, part in zip((0, cut), parts, strict=True)
        )
        own = b"\0/var/task/lib/////////\0/var/task/lib/////////////\0/lib/\0"
        assert new == b"ELF\0/var/task/-cache\0" + own
    assert loader_of("ld-linux-x86-64.so.2", b"\0/etc/ld.so.cache\0/lib64/\0") is None


ENTRY = """#!/bin/sh
if [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then exec /usr/local/bin/aws-lambda-rie "$0" "$@"; fi
. /app/settings
exec "/app/bin/run" "$HOME"/app "${x}/app" /app.old /app/data
"""


def test_folders_that_a_bootstrap_of_its_own_names_come_along(tmp_path: Path) -> None:
    start = "#!/bin/sh\nexec /app/run\n"
    files: dict[str, str | bytes] = {"var/task/bootstrap": start, "app/run": "#!/bin/sh\n"}
    done = build(tmp_path, [layer({**files, "srv/a/b": "1"})], {"Entrypoint": ["/srv/a/b"]})
    assert done.code == 0, done.text
    moved = start.replace("/app", "/var/task/app").encode()
    assert members(tmp_path) == {"bootstrap": moved, "app/run": b"#!/bin/sh\n"}


def test_folders_of_your_own_come_along_and_scripts_find_them(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "entry.sh": ENTRY,
        "app/bin/run": "#!/bin/sh\ncat /app/data/words\n",
        "app/bin/tool": "#!/app/bin/lang -x\nopen('/app/data/words')\n",
        "app/bin/lang": "#!/bin/sh\n",
        "app/data/words": "x",
        "app/settings": "A=/srv/two/b\n",
        "opt/tool/x": "1",
        "srv/one/a": "1",
        "srv/two/b": "1",
        "usr/local/bin/aws-lambda-rie": "#!/bin/sh\n",
        "usr/local/share/other": "1",
    }
    how: dict[str, object] = {
        "Entrypoint": ["/entry.sh"],
        "Cmd": ["/srv/one/a"],
        "Env": ["TOOL=/opt/tool", "PATH=/app/bin:/usr/local/bin:/bin"],
        "WorkingDir": "/app",
    }
    done = build(tmp_path, [layer(files)], how)
    assert done.code == 0, done.text
    found = members(tmp_path)
    assert found.keys() == {
        *("bootstrap", "entry.sh", "opt/tool/x", "srv/one/a", "app/settings", "app/data/words"),
        *("app/bin/run", "app/bin/tool", "app/bin/lang", "srv/two/b"),
    }
    entry = ENTRY.replace(". /app", ". /var/task/app").replace('"/app/bin', '"/var/task/app/bin')
    assert found["entry.sh"].decode() == entry.replace(" /app/data", " /var/task/app/data")
    assert found["app/bin/run"] == b"#!/bin/sh\ncat /var/task/app/data/words\n"
    assert found["app/bin/tool"].startswith(b"#!/var/task/app/bin/lang -x\nopen('/app/data/words')")
    start = found["bootstrap"].decode()
    assert "export PATH=/var/task/app/bin:/usr/local/bin:/bin:$PATH\n" in start
    assert "export TOOL=/var/task/opt/tool\n" in start
    assert start.endswith("cd /var/task/app\nexec /var/task/entry.sh /var/task/srv/one/a\n")
    assert "2 files of the zip name paths of the image, such as app/bin/tool /app/data/words" in (
        done.out
    )


def test_links_lead_to_the_same_files_in_the_zip(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"app/run": "#!/bin/sh\n", "var/task/own": "1"}
    links = {"var/task/run": "/app/run", "app/back": "../var/task/own", "app/same": "run"}
    linked = tar_of([(member(name, SYMTYPE, to), b"") for name, to in links.items()])
    how: dict[str, object] = {"Entrypoint": ["/app/run"]}
    done = build(tmp_path, [layer(files), linked], how)
    assert done.code == 0, done.text
    found = members(tmp_path)
    assert (found["run"], found["app/back"], found["app/same"]) == (b"app/run", b"../own", b"run")


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
        "/entry.sh starts elixir, which lies in /usr/bin/elixir and in no folder of your own",
    ),
    "an interpreter": (
        {"main.py": "#!/usr/bin/python3\n"},
        {"Entrypoint": ["/main.py"]},
        "/main.py is run by /usr/bin/python3, which the target lacks",
    ),
    "an argument": (
        {"bin/run": OWN, "etc/app.conf": "x"},
        {"Entrypoint": ["/bin/run", "/etc/app.conf"]},
        "/etc/app.conf lies in no folder of your own",
    ),
    "one place": (
        {"app/x": "#!/bin/sh\n", "var/task/app/x": "1"},
        {"Entrypoint": ["/app/x"]},
        "/app/x and /var/task/app/x would be one file of a zip",
    ),
    "two loaders": (
        {
            "app/run": "#!/bin/sh\n",
            "app/one": MUSL,
            "app/two": OWN,
            "lib/ld-musl-x86_64.so.1": program(),
        },
        {"Entrypoint": ["/app/run"]},
        "its programs need several loaders, /lib/ld-musl-x86_64.so.1 and /lib64/ld-linux-x86-64",
    ),
    "no loader": (
        {"main": MUSL},
        {"Entrypoint": ["/main"]},
        "/main needs another /lib/ld-musl-x86_64.so.1 than the target's, and the image's is not",
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
