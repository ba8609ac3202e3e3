"""What Lambda can never load goes, with its reason; a tree for another machine is an error."""

from __future__ import annotations

import json

import pytest

from slimmer.ecosystems.native.platforms import (
    NpmPlatform,
    extension,
    family,
    npm_package,
    npm_platform,
)
from slimmer.formats.native import Native, identify
from tests.support.elves import program
from tests.support.installed import record
from tests.support.natives import (
    AARCH64,
    ARM,
    BPF,
    LINUX,
    LINUX_ARM64,
    MACOS,
    MACOS_FAT,
    MUSL,
    WINDOWS,
    X86,
    decided,
    dropped,
    said,
)

HERE = {"bin/tool": LINUX}


@pytest.mark.parametrize(
    ("data", "native"),
    [
        (LINUX, Native("linux", ("x86_64",))),
        (LINUX_ARM64, Native("linux", ("arm64",))),
        (MACOS, Native("macos", ("arm64",))),
        (MACOS_FAT, Native("macos", ("x86_64", "arm64"))),
        (WINDOWS, Native("windows", ("x86_64",))),
        (program(system=9), Native("freebsd", ("x86_64",))),
        (b"\xca\xfe\xba\xbe\0\0\0\x3d" + bytes(200), None),  # a Java class
        (b"MZ is how this text begins" + bytes(100), None),
        (b"\xcf\xfa\xed\xfe" + bytes(100), None),
        (b"#!/bin/sh\n", None),
        (b"\x7fELF", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_system_and_processor(data: bytes, native: Native | None) -> None:
    assert identify(data[:4096]) == native


@pytest.mark.parametrize(
    ("data", "arch", "component"),
    [
        (MACOS, "", "foreign/system"),
        (MACOS_FAT, "x86_64", "foreign/system"),
        (WINDOWS, "", "foreign/system"),
        (program(system=9), "", "foreign/system"),
        (MUSL, "", "foreign/libc"),
        (program("libc.so", interpreter="/lib/ld-musl-x86_64.so.1"), "", "foreign/libc"),
        (program("libc.so", "liblog.so"), "", "foreign/libc"),
        (program("libc.so.6", machine=22), "", "foreign/processor"),
        (program("libc.so.6", machine=X86), "x86_64", "foreign/processor"),
        (LINUX_ARM64, "x86_64", "foreign/processor"),
    ],
)
def test_what_lambda_cannot_load_is_dropped(data: bytes, arch: str, component: str) -> None:
    files = HERE | {"lib/x-other.node": data, "lib/x-linux.node": LINUX}
    assert dropped(decided(files, arch=arch)) == {"lib/x-other.node": component}


@pytest.mark.parametrize(
    ("data", "arch"),
    [
        (LINUX_ARM64, ""),  # without --arch both processors stay
        (program(machine=BPF), "x86_64"),  # no program, but what one gives to the kernel
        (program(machine=X86), "x86_64"),  # a static program, which the kernel may well run
        (program(machine=ARM), "arm64"),
        (b"\x7fELF" + bytes(200), "x86_64"),  # broken: not known to be foreign
        (b"\xfe\xed\xfa\xce data" + bytes(100), ""),
    ],
)
def test_what_might_be_loaded_stays(data: bytes, arch: str) -> None:
    files = {"bin/tool": LINUX if arch != "arm64" else LINUX_ARM64, "lib/other": data}
    assert dropped(decided(files, arch=arch)) == {}


def test_a_tree_that_brings_its_own_musl_is_not_foreign() -> None:
    files = HERE | {"lib/ld-musl-x86_64.so.1": program(soname="x"), "bin/x": MUSL}
    assert dropped(decided(files)) == {}


def test_a_word_of_the_users_keeps_it() -> None:
    files = HERE | {"a/x-darwin": MACOS, "b/x-darwin": MACOS}
    assert set(dropped(decided(files, keep="/a/"))) == {"b/x-darwin"}
    assert dropped(decided(files, foreign="keep")) == {}


def test_files_of_names_that_only_text_has_are_not_looked_at() -> None:
    assert dropped(decided(HERE | {"data.json": MACOS, "notes.md": WINDOWS})) == {}


def test_both_processors_are_named_where_nobody_said_which() -> None:
    decision = decided(HERE | {"bin/other": LINUX_ARM64})
    (note,) = said(decision)
    assert note.startswith(
        "note two-processors: native files for both processors are kept (x86_64: "
    )
    assert "--arch" in note


def test_a_tree_that_is_all_for_another_machine_is_kept_and_fails() -> None:
    files = {"node_modules/@img/sharp-darwin-arm64/lib/sharp.node": MACOS, "index.js": b""}
    decision = decided(files)
    assert dropped(decision) == {}
    (failure,) = said(decision)
    assert failure == (
        "fail foreign-tree: node_modules/@img/sharp-darwin-arm64/lib/sharp.node: all that is "
        "native in this tree is for macOS, arm64, and Lambda is Linux with glibc, x86_64 or "
        "arm64; install it with npm install --os=linux --cpu=x64 --libc=glibc"
    )


def test_advice_names_the_package_unless_another_brings_it() -> None:
    files = {"node_modules/@acme/hash/build/hash.node": MACOS, "index.js": b""}
    (failure,) = said(decided(files))
    assert failure.endswith("--os=linux --cpu=x64 --libc=glibc @acme/hash")


def test_launchers_for_windows_are_not_missed() -> None:
    files = {"pip/distlib/t64.exe": WINDOWS, "pip/distlib/__init__.py": b""}
    files |= {"pip-1.dist-info/METADATA": b"Name: pip\n", "pip-1.dist-info/RECORD": record(files)}
    decision = decided(files, keep="/pip/ /pip-1.dist-info/")
    assert dropped(decision) == {}
    decision = decided(files, keep="python/installers")
    assert dropped(decision) == {"pip/distlib/t64.exe": "foreign/system"}
    assert said(decision) == []


def test_a_package_for_one_system_alone_is_not_missed_and_goes_as_a_whole() -> None:
    files = {
        "node_modules/fsevents/package.json": json.dumps({"os": ["darwin"]}).encode(),
        "node_modules/fsevents/fsevents.js": b"",
        "node_modules/fsevents/fsevents.node": MACOS_FAT,
        "node_modules/chokidar/index.js": b"",
    }
    decision = decided(files)
    kept = {path for path in files if path not in dropped(decision)}
    assert kept == {"node_modules/chokidar/index.js"}
    assert said(decision) == []


def test_a_package_that_does_not_say_where_it_is_for_keeps_the_rest() -> None:
    files = {
        "node_modules/ws/package.json": b"{}",
        "node_modules/ws/prebuilds/darwin-x64/ws.node": MACOS,
        "node_modules/ws/prebuilds/linux-x64/ws.node": LINUX,
    }
    assert set(dropped(decided(files))) == {"node_modules/ws/prebuilds/darwin-x64/ws.node"}


def test_what_is_there_for_other_machines_only_is_named() -> None:
    files = HERE | {
        "node_modules/@img/sharp-darwin-arm64/lib/sharp.node": MACOS,
        "node_modules/@img/sharp-win32-x64/lib/sharp.node": WINDOWS,
    }
    (warning,) = said(decided(files))
    assert warning.startswith(
        "warn foreign-only: node_modules/@img/sharp-darwin-arm64/lib/sharp.node"
    )
    assert "macOS, arm64; Windows, x86_64" in warning


def test_a_python_module_for_another_machine_only_stays_and_fails() -> None:
    files = HERE | {"python/pandas/algos.cpython-312-darwin.so": MACOS}
    decision = decided(files)
    assert dropped(decision) == {}
    (failure,) = said(decision)
    assert failure.startswith(
        "fail foreign-module: python/pandas/algos.cpython-312-darwin.so: for "
    )


SSH = "node_modules/ssh2"
BUILDS = json.dumps({"scripts": {"install": "node install.js"}}).encode()


def npm(code: bytes, file: str = "util/pagent.exe", said: bytes = BUILDS) -> dict[str, bytes]:
    """Return the files of a package that has one foreign file."""
    data = WINDOWS if file.endswith((".exe", ".dll")) else MACOS
    return {f"{SSH}/package.json": said, f"{SSH}/lib/a.js": code, f"{SSH}/{file}": data}


def wheel(
    tag: str, source: bytes, file: str = "shop/_fast.cp311-win_amd64.pyd"
) -> dict[str, bytes]:
    """Return the files of an installed wheel that has one foreign file."""
    info = "python/shop-1.dist-info"
    return {
        f"{info}/METADATA": b"Name: shop\nVersion: 1\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nTag: {tag}\n".encode(),
        f"{info}/RECORD": f"shop/__init__.py,,\n{file},,\n".encode(),
        "python/shop/__init__.py": source,
        f"python/{file}": WINDOWS,
    }


@pytest.mark.parametrize(
    "files",
    [
        npm(b"resolve(__dirname, '..', 'util/pagent.exe')"),
        npm(b"", said=b"{}"),
        npm(b"spawn('vendor/mac/notify')", "vendor/mac/notify", b"{}"),
        wheel("py3-none-any", b"try:\n    from ._fast import f\nexcept ImportError:\n    f = 1\n"),
        wheel("py3-none-any", b"if W:\n    from . import _fast\n"),
        wheel("py2-none-any\nTag: py3-none-any", b"", "shop/bin/x.dll"),
    ],
)
def test_a_helper_that_comes_to_every_machine_goes_with_a_warning(files: dict[str, bytes]) -> None:
    (foreign,) = (path for path, data in files.items() if data in (WINDOWS, MACOS))
    for tree in (files, HERE | files):
        decision = decided(tree)
        assert dropped(decision)[foreign] == "foreign/system"
        (warning,) = said(decision)
        assert warning.startswith(f"warn foreign-only: {foreign}: dropped, as it is for ")
        assert f"--keep '/{foreign}'" in warning


@pytest.mark.parametrize(
    "files",
    [
        npm(b"spawn(win ? 'ngrok.exe' : 'ngrok')", "ngrok.exe"),  # its installation fetched it
        npm(b"spawn('ff' + '.exe')", "ff.exe"),
        npm(b"spawn('tool')", "bin/tool", b"{}"),
        npm(b"require('./build/x.node')", "build/x.node", b"{}"),
        npm(b"'x.exe'", "x.exe", b"{") | {f"{SSH}/lib/b.js": b"'x'"},
        {path.replace("ssh2", "ssh-win32"): data for path, data in npm(b"", said=b"{}").items()},
        wheel("py3-none-any", b"from ._fast import f\n"),
        wheel("cp311-cp311-win_amd64", b""),
        wheel("py3-none-any\nTag: py3-none-win_amd64", b""),
        {"lib/x.dll": WINDOWS, "app.py": b"ctypes.CDLL('lib/x.dll')\n"},
        {"x.dylib": MACOS, "app.js": b"koffi.load(__dirname + '/x.dylib')\n"},
    ],
)
def test_what_a_tree_needs_fails_where_it_is_foreign(files: dict[str, bytes]) -> None:
    decision = decided(files)
    assert [line.split()[:2] for line in said(decision)] == [["fail", "foreign-tree:"]]
    assert not {"foreign/system"} & set(dropped(decision).values())


def test_another_pythons_module_goes_where_the_right_one_lies_beside_it() -> None:
    other = "python/x/a.cpython-311-x86_64-linux-gnu.so"
    files = {
        other: LINUX,
        "python/x/a.cpython-312-x86_64-linux-gnu.so": LINUX,
        "python/x/b.cpython-311-x86_64-linux-gnu.so": LINUX,
        "python/x/b.abi3.so": LINUX,
    }
    decision = decided(files, target="python3.12", arch="x86_64")
    assert set(dropped(decision)) == {other, "python/x/b.cpython-311-x86_64-linux-gnu.so"}
    assert dropped(decided(files)) == {}


@pytest.mark.parametrize(
    ("path", "version", "triple"),
    [
        ("a/b.cpython-311-x86_64-linux-gnu.so", "3.11", "x86_64-linux-gnu"),
        ("a/b.cpython-313t-x86_64-linux-gnu.so", "3.13t", "x86_64-linux-gnu"),
        ("a/b.cp312-win_amd64.pyd", "3.12", "win_amd64"),
        ("a/b.pypy39-pp73-x86_64-linux-gnu.so", "pypy39-pp73-x86_64-linux-gnu", ""),
        ("a/b.abi3.so", "", ""),
        ("a/b.so", "", ""),
    ],
)
def test_the_tag_of_an_extension_module_is_read(path: str, version: str, triple: str) -> None:
    module = extension(path)
    assert module is not None
    assert (module.module, module.version, module.triple) == ("a/b", version, triple)


@pytest.mark.parametrize("path", ["a/b.py", "lib/libx.so.1", "numpy.libs/libx-1.so.0.2"])
def test_what_is_no_extension_module_is_none(path: str) -> None:
    assert extension(path) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("m/@img/sharp-darwin-arm64/lib/s.node", "m/@img/sharp-linux-x64/lib/t.node"),
        ("m/ws/prebuilds/win32-ia32/ws.node", "m/ws/prebuilds/linux-arm64/ws.node"),
        ("m/@esbuild/win32-x64/esbuild.exe", "m/@esbuild/linux-x64/bin/esbuild"),
        ("p/x.cpython-311-darwin.so", "p/x.cpython-311-x86_64-linux-gnu.so"),
        ("lib/libx.dylib", "lib/libx.so"),
    ],
)
def test_the_same_thing_for_another_platform_is_of_one_family(one: str, other: str) -> None:
    assert family(one) == family(other)


def test_things_of_other_names_are_of_other_families() -> None:
    paths = ["@img/sharp-linux-x64/a", "@img/sharp-libvips-linux-x64/a", "lib/a.so", "lib/b.so"]
    assert len({family(path) for path in paths}) == 4


@pytest.mark.parametrize(
    ("says", "accepted"),
    [
        ({}, True),
        ({"os": ["darwin"]}, False),
        ({"os": "linux"}, True),
        ({"os": ["!win32"]}, True),
        ({"os": ["!linux"]}, False),
        ({"os": ["linux"], "cpu": ["arm64"]}, False),
        ({"cpu": ["x64", "arm64"]}, True),
        ({"libc": ["musl"]}, False),
        ({"libc": ["glibc"]}, True),
        ({"os": 7}, True),
    ],
)
def test_npms_fields_say_what_npm_would_install(says: dict[str, object], accepted: bool) -> None:
    assert npm_platform(json.dumps(says).encode()).accepts(["x86_64"]) is accepted


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_package_json_that_cannot_be_read_says_nothing(text: bytes) -> None:
    assert npm_platform(text) == NpmPlatform()


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("node_modules/@img/x/lib/a.node", "node_modules/@img/x"),
        ("a/node_modules/b/node_modules/c/d.js", "a/node_modules/b/node_modules/c"),
        ("node_modules/.bin/x", ""),
        ("lib/x.node", ""),
    ],
)
def test_the_package_of_a_path_is_found(path: str, package: str) -> None:
    assert npm_package(path) == package


def test_the_processor_of_the_target_is_what_counts() -> None:
    files = {"a.so": program("libc.so.6", machine=AARCH64), "b/a.so": LINUX}
    assert dropped(decided(files, arch="arm64")) == {"b/a.so": "foreign/processor"}


@pytest.mark.parametrize(
    "code",
    [
        b"",
        b"print('x.dll.txt')\n",
        b"lib = 'lib/x.dll' if sys.platform == 'win32' else 'lib/x.so'\n",
    ],
)
@pytest.mark.parametrize("beside", [{}, HERE, {"lib/x.jar": b"PK"}])
def test_files_of_the_users_for_other_systems_stay_and_are_told(
    code: bytes, beside: dict[str, bytes]
) -> None:
    decision = decided({"lib/x.dll": WINDOWS, "setup.exe": WINDOWS, "app.py": code} | beside)
    assert dropped(decision) == {}
    (line,) = [each for each in said(decision) if "foreign" in each]
    assert line.startswith("warn foreign-own: lib/x.dll and 1 more: of your own, for Windows, ")
    assert line.endswith("drop it with --drop '/lib/x.dll'")
