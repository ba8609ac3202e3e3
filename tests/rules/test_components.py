from __future__ import annotations

import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest

from slimmer.inventory.inventory import Size
from slimmer.inventory.read import read_inventory
from slimmer.model.tree import Kind, tree_of
from slimmer.rules.components import component_finder, unit_of
from slimmer.rules.packs import load_packs
from tests.support.trees import write_tree

OTP = ["lib/erlang/erts-13.1.5/bin/beam.smp", "lib/erlang/releases/25/OTP_VERSION"]

NPM = [
    "node_modules/express/package.json",
    "node_modules/a/node_modules/b/package.json",
    "node_modules/.pnpm/@a+b@1.2.0/node_modules/@a/b/package.json",
    "node_modules/.pnpm/c@1.2.0/node_modules/c/package.json",
]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("stdlib-4.2", "stdlib"),
        ("erts-13.1.5", "erts"),
        ("my_app-0.1.0-rc1", "my_app"),
        ("numpy-1.26.4.dist-info", "numpy"),
        ("numpy.libs", "numpy"),
        ("six.py", "six"),
        ("_cffi_backend.cpython-311-x86_64-linux-gnu.so", "_cffi_backend"),
        ("_rust.abi3.so", "_rust"),
        ("clojure-1.11.1.jar", "clojure"),
        ("log4j-1.2-api-2.17.1.jar", "log4j-1.2-api"),
        ("guava-33.0.0-SNAPSHOT.jar", "guava"),
        ("my-2d-maps", "my-2d-maps"),
        ("express", "express"),
        ("-1", "-1"),
        (".py", ".py"),
    ],
)
def test_a_unit_has_neither_version_nor_ending(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize(
    ("others", "path", "component"),
    [
        (OTP, "lib/erlang/lib/stdlib-4.2/ebin/lists.beam", "erlang/stdlib"),
        (OTP, "lib/erlang/erts-13.1.5/bin/beam.smp", "erlang/erts"),
        (OTP, "lib/erlang/bin/start.boot", "erlang/bin"),
        (OTP, "lib/erlang/usr/include/erl_nif.h", "erlang/usr"),
        (OTP, "lib/erlang/Install", "erlang/root"),
        (OTP, "bootstrap", "other/root"),
        (NPM, "node_modules/express/lib/express.js", "node/express"),
        (NPM, "node_modules/@aws-sdk/core/index.js", "node/@aws-sdk/core"),
        (NPM, "node_modules/a/node_modules/@smithy/core/index.js", "node/a"),
        (NPM, "node_modules/.pnpm/@a+b@1.2.0/node_modules/@a/b/index.js", "node/@a/b"),
        (NPM, "node_modules/.pnpm/c@1.2.0/node_modules/c/index.js", "node/c"),
        (OTP, "priv/a/b.txt", "other/priv"),
        (
            ["lib/elixir-1.14.0/ebin/elixir.app", "releases/start_erl.data"],
            "lib/kernel-8.5/ebin/kernel.app",
            "erlang/kernel",
        ),
        (
            ["lib/elixir-1.14.0/ebin/elixir.app", "releases/start_erl.data"],
            "lib/elixir-1.14.0/ebin/elixir.app",
            "elixir/elixir",
        ),
        (["python/numpy-1.26.4.dist-info/METADATA"], "python/numpy/core/a.py", "python/numpy"),
        (["python/numpy-1.26.4.dist-info/METADATA"], "python/six.py", "python/six"),
        (["python/numpy-1.26.4.dist-info/METADATA"], "python/numpy.libs/x.so", "python/numpy"),
        (["jre/lib/server/libjvm.so"], "jre/lib/modules", "jvm/lib"),
        (["jre/lib/server/libjvm.so"], "app/clojure-1.11.jar", "jars/clojure"),
        ([], "src/app.js", "other/src"),
    ],
)
def test_the_component_of_a_path(others: list[str], path: str, component: str) -> None:
    tree = tree_of((name, Kind.FILE) for name in {*others, path})
    assert component_finder(tree, load_packs())(path) == component


def test_a_zip_and_the_tree_that_it_unpacks_to_have_the_same_items(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"python/x/__init__.py": "x = 1\n", "python/y.py": "", "a": "a"})
    (tmp_path / "tree/empty").mkdir()
    (tmp_path / "tree/link").symlink_to("python/y.py")
    subprocess.run(["zip", "-qry", "../t.zip", "."], cwd=tmp_path / "tree", check=True)
    packed = read_inventory(tmp_path / "t.zip", load_packs())
    found = read_inventory(tmp_path / "tree", load_packs())
    assert [item._replace(compressed_bytes=None) for item in packed.items] == list(found.items)
    assert packed.by_path["link"].crc32 == zlib.crc32(b"python/y.py")
    with zipfile.ZipFile(tmp_path / "t.zip") as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
    assert packed.size == Size(
        len(members), sum(i.file_size for i in members), sum(i.compress_size for i in members)
    )
    assert packed.zip_bytes == (tmp_path / "t.zip").stat().st_size
    assert sum(size.unzipped_bytes for size in packed.by_component.values()) == (
        packed.size.unzipped_bytes
    )
