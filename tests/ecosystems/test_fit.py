"""Fit: what certainly cannot load on a target fails, and what is not known for sure warns."""

from __future__ import annotations

import json
import struct

import pytest

from slimmer.errors import UsageError
from slimmer.formats.javascript.semver import allows_major
from slimmer.targets import parse_targets
from tests.support.elves import program
from tests.support.natives import LINUX, TARGETS, Zip, decided, said
from tests.support.zips import zipped

NEW = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.2.5", "GLIBC_2.34")})
CP311 = "cpython-311-x86_64-linux-gnu.so"


def cxx(version: str, **more: str) -> bytes:
    return program("libstdc++.so.6", versions={"libstdc++.so.6": (version,)}, **more)  # type: ignore[arg-type]


def java(version: int) -> bytes:
    return b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, version) + bytes(20)


def test_a_newer_glibc_than_the_targets_fails_and_names_what_would_help() -> None:
    assert said(decided({"bin/beam.smp": NEW}, target="provided.al2")) == [
        (
            "fail glibc-too-old: bin/beam.smp needs GLIBC_2.34; provided.al2 has 2.26; "
            "use provided.al2023 or build on Amazon Linux 2"
        )
    ]


@pytest.mark.parametrize("target", ["provided.al2023", "lambda", "lambda-image", "python3.12"])
def test_where_it_is_there_or_nothing_is_known_nothing_is_said(target: str) -> None:
    assert said(decided({"bin/beam.smp": NEW}, target=target)) == []


def test_where_no_target_has_it_only_a_build_helps() -> None:
    newest = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.38",)})
    (failure,) = said(decided({"a": newest, "b": NEW}, target="provided.al2023"))
    assert failure.endswith(
        "a needs GLIBC_2.38; provided.al2023 has 2.34; build on Amazon Linux 2023"
    )


def test_many_programs_are_one_line_that_names_the_worst() -> None:
    newer = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.36",)})
    files = {"a": NEW, "b": newer, "c": NEW}
    (failure,) = said(decided(files, target="nodejs18.x"))
    assert "b and 2 more need up to GLIBC_2.36; nodejs18.x has 2.26; build on" in failure


@pytest.mark.parametrize(
    "versions",
    [("GLIBC_PRIVATE",), ("GLIBC_2.26",), ("GLIBC_2.9",), ("OPENSSL_3.0.0",), ("GLIBC_x",)],
)
def test_versions_that_are_there_or_are_none_are_no_matter(versions: tuple[str, ...]) -> None:
    data = program("libc.so.6", versions={"libc.so.6": versions})
    assert said(decided({"a": data}, target="provided.al2")) == []


def test_a_version_that_is_not_insisted_on_is_no_matter() -> None:
    data = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.34",)}, weak=True)
    assert said(decided({"a": data}, target="provided.al2")) == []


def test_a_way_of_relocating_counts_as_the_version_that_brought_it() -> None:
    data = program("libc.so.6", versions={"libc.so.6": ("GLIBC_ABI_DT_RELR",)})
    (failure,) = said(decided({"a": data}, target="provided.al2023"))
    assert "a needs GLIBC_ABI_DT_RELR; provided.al2023 has 2.34" in failure


def test_what_only_later_releases_have_warns() -> None:
    (warning,) = said(decided({"a": cxx("GLIBCXX_3.4.30")}, target="provided.al2023"))
    assert warning.startswith(
        "warn glibcxx-too-old: a needs GLIBCXX_3.4.30; provided.al2023 has 3.4.29"
    )
    assert "its later releases 3.4.33" in warning
    (failure,) = said(decided({"a": cxx("GLIBCXX_3.4.34")}, target="provided.al2023"))
    assert failure.startswith("fail glibcxx-too-old: ")
    (failure,) = said(decided({"a": cxx("CXXABI_1.3.12")}, target="provided.al2"))
    assert failure.startswith("fail cxxabi-too-old: a needs CXXABI_1.3.12; provided.al2 has 1.3.11")


def test_a_libstdcxx_of_its_own_is_found_first_by_rpath_only() -> None:
    own = {"lib/libstdc++.so.6": program("libc.so.6", defines=("GLIBCXX_3.4.30",))}
    by_rpath = {"bin/a": cxx("GLIBCXX_3.4.30", rpath="$ORIGIN/../lib")}
    assert said(decided(own | by_rpath, target="provided.al2")) == []
    by_runpath = {"bin/a": cxx("GLIBCXX_3.4.30", runpath="$ORIGIN/../lib")}
    (warning,) = said(decided(own | by_runpath, target="provided.al2"))
    assert warning.startswith("warn glibcxx-too-old: bin/a needs GLIBCXX_3.4.30; provided.al2 has ")
    assert "lib/libstdc++.so.6" in warning


def test_a_library_that_is_nowhere_is_named() -> None:
    assert said(decided({"priv/crypto.so": program("libcrypto.so.3")}, target="provided.al2")) == [
        (
            "warn library-missing: priv/crypto.so needs libcrypto.so.3, which is neither in this "
            "artifact nor beside it, nor known to be in provided.al2; use provided.al2023 or put "
            "libcrypto.so.3 into lib/"
        )
    ]


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"priv/crypto.so": program("libcrypto.so.3")}, "provided.al2023"),
        ({"a/x.so": program("libq.so"), "a/libq.so": LINUX}, "provided.al2"),
        ({"a/x.so": program("libq.so"), "b/libq.so": LINUX}, "provided.al2"),
        ({"a/x.so": program("libpython3.11.so.1.0")}, "python3.11"),
    ],
)
def test_a_library_that_is_there_is_not(files: dict[str, bytes], target: str) -> None:
    assert said(decided(files, target=target)) == []


def test_a_library_in_a_zip_beside_is_there() -> None:
    layer = Zip("layer.zip", {"lib/libq.so": LINUX})
    assert said(decided({"a": program("libq.so")}, target="provided.al2", beside=(layer,))) == []


def test_a_program_whose_library_lies_where_no_loader_looks_is_named() -> None:
    run = program("libq.so", interpreter="/lib64/ld-linux-x86-64.so.2")
    (warning,) = said(decided({"bin/run": run, "x/libq.so": LINUX}, target="provided.al2"))
    assert "bin/run needs libq.so, which lies in x/libq.so, where the loader does not" in warning
    assert said(decided({"bin/run": run, "lib/libq.so": LINUX}, target="provided.al2")) == []
    own = program("libq.so", interpreter="/lib64/ld-linux-x86-64.so.2", runpath="/opt/x")
    assert said(decided({"bin/run": own, "x/libq.so": LINUX}, target="provided.al2")) == []


def test_a_library_of_the_image_that_may_be_missing_says_so() -> None:
    (warning,) = said(decided({"a": program("libgcrypt.so.20")}, target="provided.al2023"))
    assert "which AWS's image of provided.al2023 has, but was found missing" in warning


def test_modules_for_another_python_fail() -> None:
    files = {f"python/numpy/a.{CP311}": LINUX, f"python/numpy/b.{CP311}": LINUX}
    assert said(decided(files, target="python3.12")) == [
        (
            f"fail python-abi: python/numpy/a.{CP311} and 1 more are for Python 3.11; python3.12 "
            "has 3.12 and cannot import them; use python3.11 or install with "
            "pip --python-version 3.12 --only-binary=:all:"
        )
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"python/x/a.{CP311}",
        "python/x/a.abi3.so",
        "python/x/a.so",
        "python/lib/python3.12/site-packages/x/a.cpython-312-x86_64-linux-gnu.so",
    ],
)
def test_modules_that_the_runtimes_python_imports_or_never_sees_do_not(path: str) -> None:
    assert said(decided({path: LINUX}, target="python3.11")) == []


def test_a_tree_with_a_python_of_its_own_only_warns() -> None:
    files = {f"x/a.{CP311}": LINUX, "bin/python3.11": LINUX}
    (warning,) = said(decided(files, target="python3.12"))
    assert warning.startswith("warn python-abi: ")


def test_classes_for_a_newer_java_fail() -> None:
    files = {
        "a/New.class": java(65),
        "a/Old.class": java(61),
        "b.jar": zipped({"x/N.class": java(65)}),
    }
    assert said(decided(files, target="java17")) == [
        (
            "fail class-version: b.jar and 1 more: compiled for Java 21; java17 runs up to 17; "
            "use java21 or compile with --release 17"
        )
    ]
    assert said(decided(files, target="java21")) == []


def test_classes_for_newer_javas_only_are_meant_to_be_so() -> None:
    files = {
        "META-INF/versions/21/a/New.class": java(65),
        "module-info.class": java(65),
        "m.jar": zipped({"META-INF/versions/21/N.class": java(65), "a/O.class": java(52)}),
        "broken.jar": b"PK\x03\x04",
    }
    assert said(decided(files, target="java17")) == []


def test_a_package_that_wants_another_node_is_named() -> None:
    wants = {"engines": {"node": ">=20.9.0"}}
    files = {"node_modules/x/package.json": json.dumps(wants).encode(), "index.js": b""}
    assert said(decided(files, target="nodejs18.x")) == [
        "warn node-engines: node_modules/x wants Node >=20.9.0; nodejs18.x has 18"
    ]
    assert said(decided(files, target="nodejs20.x")) == []


def test_addons_for_other_nodes_are_named() -> None:
    folder = "node_modules/x/prebuilds/linux-x64/"
    files = {folder + "node.abi108.node": LINUX, "index.js": b""}
    (warning,) = said(decided(files, target="nodejs22.x"))
    assert warning.startswith(
        f"warn node-abi: {folder}node.abi108.node: for other Nodes; nodejs22.x"
    )
    assert said(decided(files, target="nodejs18.x")) == []
    assert said(decided(files | {folder + "node.napi.node": LINUX}, target="nodejs22.x")) == []


@pytest.mark.parametrize(
    ("wanted", "majors"),
    [
        (">=18", {18, 20, 22}),
        ("^18.17.0 || >=20.9", {18, 20, 22}),
        (">=18 <22", {18, 20}),
        ("20", {20}),
        ("20.x || 22.x", {20, 22}),
        ("~20.1", {20}),
        (">20", {22}),
        (">20.5", {20, 22}),
        ("<=20", {18, 20}),
        ("<20.0.0", {18}),
        ("18 - 20", {18, 20}),
        ("*", {18, 20, 22}),
        ("", {18, 20, 22}),
        ("^0.10 || ^8", set()),
        ("lts/iron", {18, 20, 22}),
        (">= 18.0.0-rc.1", {18, 20, 22}),
    ],
)
def test_ranges_of_versions_are_read_as_npm_does(wanted: str, majors: set[int]) -> None:
    assert {major for major in (18, 20, 22) if allows_major(wanted, major)} == majors


META = "requests-2.34.dist-info/METADATA"


@pytest.mark.parametrize(
    ("files", "target", "prefix"),
    [
        ([f"python/{META}"], "python3.12", ""),
        ([META], "python3.12", "python"),
        ([META, "app.py"], "python3.12", ""),
        ([f"python/lib/python3.12/site-packages/{META}"], "python3.12", ""),
        (["nodejs/node_modules/x/package.json"], "nodejs22.x", ""),
        (["node_modules/x/package.json", "index.mjs"], "nodejs22.x", ""),
        (["node_modules/x/node_modules/y/package.json", "index.mjs"], "nodejs22.x", ""),
        (["bootstrap", "lib/bootstrap"], "provided.al2023", ""),
        (["node_modules/bootstrap"], "nodejs22.x", ""),
    ],
)
def test_what_lies_where_the_runtime_looks_is_right(
    files: list[str], target: str, prefix: str
) -> None:
    found = decided(dict.fromkeys(files, b"{}"), target=target, prefix=prefix)
    assert said(found) == []


@pytest.mark.parametrize(
    ("files", "target", "words"),
    [
        ([META], "python3.12", "requests lies at the root of the zip; python3.12 looks there only"),
        ([f"lib/{META}"], "python3.12", "requests lies in lib/; python3.12 does not look there"),
        (
            [f"python/lib/python3.11/site-packages/{META}"],
            "python3.12",
            "in python/lib/python3.11/site-packages/; python3.12 does not look there",
        ),
        (["node_modules/x/package.json"], "nodejs22.x", "(--prefix nodejs)"),
        (["nodejs/node20/node_modules/x/package.json"], "nodejs22.x", "searched by Node 20 only"),
    ],
)
def test_what_lies_elsewhere_is_named(files: list[str], target: str, words: str) -> None:
    (warning,) = said(decided(dict.fromkeys(files, b"{}"), target=target))
    assert warning.startswith("warn ")
    assert words in warning


def test_every_runtime_knows_its_system_and_holds_lambdas_limits() -> None:
    for name, target in TARGETS.items():
        if not name.startswith("lambda"):
            assert target.system is not None, name
            assert target.system.glibc in ("2.26", "2.34"), name
            assert target.unzipped_below_bytes == TARGETS["lambda"].unzipped_below_bytes
            assert {"libc.so.6", "libstdc++.so.6", "libgcc_s.so.1"} <= target.libraries, name
            assert not target.system.doubtful & target.libraries, name


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"a": 'extends = "b"'}, "a.toml:1: there is no target 'b'"),
        ({"a": 'extends = "a"'}, "a.toml:1: 'a' extends itself by way of 'a'"),
        ({"a": 'extends = "b"', "b": 'extends = "a"'}, "extends itself by way of"),
        ({"a": 'title = "A"\nsource = "S"'}, "a.toml:1: unzipped_below_bytes is missing"),
    ],
)
def test_a_target_that_cannot_be_followed_names_its_line(texts: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_targets({name: (text, f"{name}.toml") for name, text in texts.items()})
    assert words in str(caught.value)
