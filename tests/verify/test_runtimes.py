"""What stands between a managed runtime and its start is one line that names the remedy."""

from __future__ import annotations

import ast
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from slimmer.verify.runtimes import ask_python
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zip_of

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a folder with a function, and with programs that say that they are old."""
    zip_of(tmp_path / "x.zip", {"app.py": ""})
    write_tree(tmp_path, {"a.json": "1", "empty/x": "", "plain": "", "home/x": ""})
    for name, said in (("node", "v12.1.0"), ("java", "openjdk 11.0.1 2018-10-16"), ("mute", "")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def said(work: Path, runtime: str, *args: str) -> str:
    """Return why a function is not run, which is said on one line before anything starts."""
    handler = ("--runtime", runtime, "--handler", "app.handler")
    given = ("--function", "x.zip", "--event", "a.json", *handler)
    env = {"HOME": str(work / "home"), "TMPDIR": str(work / "empty")}
    outcome = slim("verify", *given, *args, cwd=work, env=env, process=False)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), outcome.text
    return outcome.err.removeprefix("slim: ").rstrip()


def stand_in(program: Path, version: str, *, is_managed: bool) -> None:
    """Write a program that answers as a Python without AWS's client does."""
    empty = dict.fromkeys(("libraries", "packages", "files"), ())
    owned = {"version": version, "program": "/usr/bin/python3", "stdlib": "/usr/lib", **empty}
    answer = {**owned, "suffix": ".so", "has_pip": True, "is_managed": is_managed}
    write_tree(program.parent, {program.name: f"#!/bin/sh\ncat <<'END'\n{answer!a}\nEND\n"})
    program.chmod(0o755)


@pytest.mark.parametrize("runtime", [PYTHON, "nodejs22.x", "java21"])
def test_an_interpreter_is_a_program(work: Path, runtime: str) -> None:
    for name in ("plain", "gone"):
        line = f"--interpreter {name}: no program; name one that is there"
        assert said(work, runtime, "--interpreter", name) == line


@pytest.mark.parametrize(
    ("runtime", "program", "problem"),
    [
        (PYTHON, "./mute", "is no Python that runs; name one of Python 3."),
        ("python3.99", sys.executable, f"is Python {PYTHON[6:]}; name one of Python 3.99, or the"),
        ("nodejs22.x", "./node", "is version 12; name one of Node.js 22, or the --runtime that"),
        ("nodejs22.x", "./mute", "is no Node.js that runs; name one of Node.js 22, or the"),
        ("java21", "./java", "is Java 11; name one of Java 21, or the --runtime that it is for"),
        ("java21", "./mute", "is no Java that runs; name one of Java 21, or the --runtime"),
    ],
)
def test_an_interpreter_is_of_the_runtimes_version(
    work: Path, runtime: str, program: str, problem: str
) -> None:
    line = said(work, runtime, "--interpreter", program)
    assert line.startswith(f"--interpreter {work / program}: {problem}")


def test_a_shim_on_path_that_runs_nothing_is_named(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = work / "shims/python3.99"
    write_tree(work, {"shims/python3.99": "#!/bin/sh\necho 'pyenv: not set' >&2\nexit 127\n"})
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent), prepend=":")
    line = said(work, "python3.99")
    assert f"{shim} is on PATH and does not run" in line
    assert line.endswith("; name one that does with --interpreter")
    stand_in(work / "behind/python3.99", "3.99", is_managed=False)
    monkeypatch.setenv("PATH", str(work / "behind"), prepend=":")
    monkeypatch.setenv("PATH", str(shim.parent), prepend=":")
    assert f"{work}/behind/python3.99 has no awslambdaric" in said(work, "python3.99")


def test_a_client_is_a_folder_that_holds_it(work: Path) -> None:
    assert said(work, PYTHON, "--client", "gone").startswith("--client gone: no folder; name the")
    line = said(work, PYTHON, "--client", "empty")
    assert line.startswith("--client empty: there is no awslambdaric in it; bring it with ")
    assert line.endswith(" -m pip install --target empty awslambdaric")


def test_a_client_for_another_python_is_refused(work: Path) -> None:
    native = "runtime_client.cpython-27-x86_64-linux-gnu.so"
    write_tree(work / "other", {"awslambdaric/__main__.py": "", native: ""})
    line = said(work, PYTHON, "--client", "other")
    assert f"its awslambdaric is for another Python than {PYTHON[6:]}; bring it with" in line
    folder = f"other-{PYTHON[6:]}"  # pip puts nothing into a folder that has it
    assert line.endswith(f"--target {folder} awslambdaric, and name it with --client {folder}")


def test_the_client_is_brought_as_the_interpreter_lets_it(work: Path) -> None:
    """A bare environment, as uv makes it, has no pip; Debian's own Python refuses what pip brings.

    The second is a stand-in, which answers as Debian's does.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", work / "venv"], check=True)
    line = said(work, PYTHON, "--interpreter", "venv/bin/python")
    program = work / "venv/bin/python"
    assert line.endswith(f"bring it with uv pip install --python {program} awslambdaric")
    stand_in(work / "managed", PYTHON[6:], is_managed=True)
    line = said(work, PYTHON, "--interpreter", "managed")
    folder = f"awslambdaric-{PYTHON[6:]}"
    rest = f" -m pip install --target {folder} awslambdaric, and name it with --client {folder}"
    assert line.endswith(rest)


def test_nodes_client_is_whole(work: Path) -> None:
    (work / "node").write_text("#!/bin/sh\necho v22.1.0\n")
    given = ("--interpreter", "./node", "--client", "empty")
    line = said(work, "nodejs22.x", *given)
    assert line.endswith(
        "no aws-lambda-ric in it; bring it with npm install --prefix empty aws-lambda-ric"
    )
    manifest = '{"name": "aws-lambda-ric", "version": "3.3.0"}'
    write_tree(work / "empty/node_modules/aws-lambda-ric", {"package.json": manifest})
    line = said(work, "nodejs22.x", *given)
    assert line.endswith("build it with npm rebuild --prefix empty aws-lambda-ric")


def test_javas_client_is_whole(work: Path) -> None:
    (work / "java").write_text("#!/bin/sh\necho openjdk 21.0.1 2023-10-17\n")
    given = ("--interpreter", "./java")
    bring = (
        "bring it with mvn dependency:get -Dartifact=com.amazonaws:aws-lambda-java-runtime-"
        "interface-client:LATEST"
    )
    line = said(work, "java21", *given)
    assert "aws-lambda-java-runtime-interface-client, is not in ~/.m2/repository; bring" in line
    assert line.endswith(bring)
    line = said(work, "java21", *given, "--client", "empty")
    assert "there is no aws-lambda-java-runtime-interface-client in it; bring" in line
    name = "aws-lambda-java-runtime-interface-client-2.10.1.jar"
    manifest = (
        "Class-Path: aws-lambda-java-core-1.4.0.jar aws-lambda-java-serializati\r\n on-1.2.jar"
    )
    zip_of(work / "empty" / name, {"META-INF/MANIFEST.MF": f"{manifest}\r\n"})
    zip_of(work / "empty" / "aws-lambda-java-core-1.3.0.jar", {})
    line = said(work, "java21", *given, "--client", "empty")
    assert "there is no aws-lambda-java-serialization-1.2.jar in it; bring it with" in line
    (work / "empty" / name).write_bytes(b"no jar")
    line = said(work, "java21", *given, "--client", "empty")
    assert line == f"empty/{name}: is no jar; remove it, and bring it again"


def test_a_python_says_what_its_client_is_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole packages are told apart from files, and what an extra needs is not asked for."""
    about = "awslambdaric-4.0.dist-info"
    needs = ["Odd.Name_x (>=1); python_version > '3'", 'pytest; extra == "dev"', "gone"]
    rows = ["awslambdaric/__init__.py", '"shared/a ""b"", c.py"', "../../bin/run", "six.py"]
    write_tree(
        tmp_path,
        {
            f"{about}/METADATA": "\n".join([*(f"Requires-Dist: {n}" for n in needs), "", "text"]),
            f"{about}/RECORD": "\n".join(f"{row},sha256=x,1" for row in rows),
            "odd_name_x-1.dist-info/RECORD": "odd/__init__.py,,\nodd/__pycache__/x.pyc,,\n",
            "pytest-1.dist-info/RECORD": "pytest/__init__.py,,\n",
        },
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), str(tmp_path)])
    ask_python.main()
    answer = ast.literal_eval(capsys.readouterr().out)
    assert [name for _, name in answer["packages"]] == [
        *("awslambdaric", about, "odd", "odd_name_x-1.dist-info"),
    ]
    assert answer["files"] == [
        (f"{tmp_path}/{name}", name) for name in ('shared/a "b", c.py', "six.py")
    ]
