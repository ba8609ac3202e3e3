"""Stubs of dropped code: one where it is asked for first, and never over a kept file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.ecosystems.stubs import LIST, asked_for, files_in, stubs
from tests.support.trees import write_tree
from trees import node

PATHS = st.lists(
    st.sampled_from(
        [
            *("a/__init__.py", "a/b.py", "a/c/__init__.py", "a/c/d.py", "e.py", "a/f.abi3.so"),
            *("node_modules/x/package.json", "node_modules/x/index.js", "node_modules/x/y.cjs"),
            *("node_modules/@s/x/package.json", "node_modules/@s/x/lib/z.mjs", "data.json"),
        ]
    ),
    unique=True,
)


@given(PATHS, PATHS)
def test_a_stub_never_takes_the_place_of_a_kept_file(dropped: list[str], kept: list[str]) -> None:
    made = stubs(dict.fromkeys(dropped, "slim.shrink.toml:1"), kept)
    assert made.keys().isdisjoint(kept)
    made.pop(LIST, None)
    assert all(
        "slim shrink dropped" in text or "main" in text for text in map(bytes.decode, made.values())
    )


@pytest.mark.parametrize(
    ("dropped", "where"),
    [
        (["a/__init__.py", "a/b.py", "a/c/__init__.py", "a/c/d.py"], ["a/__init__.py"]),
        (["a/b.py"], ["a/b.py"]),
        (["a/f.cpython-311-x86_64-linux-gnu.so"], ["a/f.py"]),
        (["python/a/__init__.py"], ["python/a/__init__.py"]),
        (["a-1.0.dist-info/METADATA", "bin/tool", "a/data.json"], []),
        (
            ["node_modules/x/package.json", "node_modules/x/lib/y.js"],
            ["node_modules/x/index.js", "node_modules/x/package.json"],
        ),
        (["node_modules/x/lib/y.js"], ["node_modules/x/lib/y.js"]),
        (["node_modules/x/tool.py"], []),
    ],
)
def test_a_stub_stands_where_it_is_asked_for_first(dropped: list[str], where: list[str]) -> None:
    made = stubs(dict.fromkeys(dropped, "slim.shrink.toml:1"), [])
    assert sorted(made.keys() - {LIST}) == where


def test_python_raises_what_it_raises_for_a_missing_module(tmp_path: Path) -> None:
    write_tree(tmp_path, stubs({"a/b/__init__.py": "slim.shrink.toml:7"}, []))
    code = (
        "try:\n    import a.b\nexcept ModuleNotFoundError as error:\n    print(error, error.name)"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "slim shrink dropped a.b: slim.shrink.toml:7" in done.stdout
    assert done.stdout.endswith(" a.b\n")


@pytest.mark.real
def test_node_throws_what_it_throws_for_a_missing_package(tmp_path: Path) -> None:
    write_tree(tmp_path, stubs({"node_modules/x/package.json": "slim.shrink.toml:7"}, []))
    code = "try { require('x') } catch (error) { console.log(error.code, error.message) }"
    run = [str(node.home() / "bin/node"), "-e", code]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MODULE_NOT_FOUND slim shrink dropped x: slim.shrink.toml:7")


ERLANG = {
    "lib/ssl-10/ebin/ssl.app": "slim.shrink.toml:7",
    "lib/ssl-10/ebin/ssl.beam": "slim.shrink.toml:7",
    "lib/x/ebin/Elixir.X.Tea.beam": "slim.shrink.toml:9",
    "lib/x/priv/data.json": "slim.shrink.toml:9",
}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ('{"init terminating in do_boot",{undef,[{ssl,start,[],[]},{init,start_it,1,[]}]}}', "ssl"),
        ('{error,{ssl,{"no such file or directory","ssl.app"}}}', "ssl"),
        ("function X.Tea.pour/1 is undefined (module X.Tea is not available)", "X.Tea"),
        ("{undef,[{'Elixir.X.Tea',pour,[1],[]}]}", "X.Tea"),
        ("ssl is fine, and so is X.Tea", ""),
        ("{undef,[{tls,start,[],[]}]}", ""),
    ],
)
def test_a_list_tells_of_which_module_an_error_is(said: str, names: str) -> None:
    made = stubs(ERLANG, [])
    assert made.keys() == {LIST}
    places = {"ssl": "slim.shrink.toml:7", "X.Tea": "slim.shrink.toml:9"}
    assert asked_for(made[LIST], said) == {name: places[name] for name in names.split()}


OF_IMAGE = {
    "usr/bin/uname": "slim.shrink.toml:3",
    "usr/lib/erlang/lib/ssl-10/ebin/ssl.beam": "slim.shrink.toml:7",
    "usr/lib/python3/dist-packages/a/data/x.bin": "slim.shrink.toml:9",
}


def test_the_list_of_an_image_has_every_file_and_no_folder_of_the_system() -> None:
    listed = stubs(OF_IMAGE, [], of_image=True)[LIST]
    found = files_in(listed)
    assert {path: found.place(path) for path in OF_IMAGE} == OF_IMAGE
    assert found.place("opt/ebin/ssl.beam") == "slim.shrink.toml:7"
    assert found.place("usr/bin/ssl") == ""
    assert asked_for(listed, "No such file or directory: /usr/bin/cat") == {}
    assert asked_for(listed, "OSError in /usr/lib/python3/dist-packages/a/load.py").keys() == {
        "usr/lib/python3/dist-packages/a/"
    }
    assert not any(line.startswith(b"/") for line in stubs(OF_IMAGE, [])[LIST].splitlines())


def test_a_stub_of_the_standard_library_has_its_modules_name() -> None:
    stub = stubs({"usr/lib/python3.11/json/__init__.py": "slim.shrink.toml:3"}, [], of_image=True)
    assert b'name="json"' in stub["usr/lib/python3.11/json/__init__.py"]


PACKAGES = {
    "python/a/data/x.json": "slim.shrink.toml:7",
    "python/a-1.0.dist-info/RECORD": "slim.shrink.toml:7",
    "node_modules/@s/x/data.json": "slim.shrink.toml:9",
}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("JSONDecodeError: Expecting value; File /opt/python/a/load.py, line 7", "python/a/"),
        ("ENOENT: no such file; at /var/task/node_modules/@s/x/index.js:1", "node_modules/@s/x/"),
        ("ValueError: no; File /opt/python/a/load.py, line 7", ""),
        ("JSONDecodeError: Expecting value; File /var/task/app.py, line 7", ""),
    ],
)
def test_a_list_tells_through_which_package_an_error_went(said: str, names: str) -> None:
    made = stubs(PACKAGES, [], {"python/a/data/x.json"})
    assert made.keys() == {LIST, "python/a/data/x.json"}
    places = {"python/a/": "slim.shrink.toml:7", "node_modules/@s/x/": "slim.shrink.toml:9"}
    assert asked_for(made[LIST], said) == {name: places[name] for name in names.split()}


def test_a_package_does_not_go_on_without_its_own_library(tmp_path: Path) -> None:
    dropped = {"a/_quick.cpython-311-x86_64-linux-gnu.so": "slim.shrink.toml:7"}
    files = {"a/__init__.py": b"try:\n    import a._quick\nexcept ImportError:\n    pass\n"}
    write_tree(tmp_path, files | stubs(dropped, files))
    run = [sys.executable, "-c", "import a"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "RuntimeError: slim shrink dropped a._quick: slim.shrink.toml:7" in done.stderr


def test_a_stub_tells_the_log_where_its_error_is_caught(tmp_path: Path) -> None:
    write_tree(tmp_path, stubs({"a.py": "slim.shrink.toml:7"}, []))
    code = "try:\n    import a\nexcept ImportError:\n    print('without')"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "without\n"
    assert done.stderr.startswith("slim shrink dropped a: slim.shrink.toml:7")
