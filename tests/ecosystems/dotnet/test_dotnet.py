"""What .NET publishes: whose files they are, what is dropped, and that assemblies run anywhere."""

from __future__ import annotations

import json
import struct

import pytest

from slimmer.formats.native import identify
from tests.support.decide import decide, kept

DEPENDENCIES = json.dumps(
    {
        "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0"},
        "targets": {
            ".NETCoreApp,Version=v8.0": {
                "App/1.0.0": {"runtime": {"App.dll": {}}},
                "Lib/2.0.0": {
                    "runtime": {"lib/net8.0/Lib.dll": {}},
                    "native": {"runtimes/linux-x64/native/System.Native.a": {}},
                    "resources": {"lib/net8.0/de/Lib.resources.dll": {"locale": "de"}},
                },
            }
        },
        "libraries": {"App/1.0.0": {"type": "project"}, "Lib/2.0.0": {"type": "package"}},
    }
).encode()
COMMENTS = b'\xef\xbb\xbf<?xml version="1.0"?>\n<doc>\n    <assembly>\n        <name>Lib</name>\n'


def assembly(machine: int, *, cli: bool = True, wide: bool = False) -> bytes:
    """The head of a PE file, with or without a CLI header, by hand from ECMA-335."""
    directories = [(0, 0)] * 16
    directories[14] = (0x2008, 72) if cli else (0, 0)
    start = 112 if wide else 96
    optional = struct.pack("<H", 0x20B if wide else 0x10B).ljust(start - 4, b"\0")
    optional += struct.pack("<I", 16) + b"".join(struct.pack("<2I", *each) for each in directories)
    return b"MZ".ljust(60, b"\0") + struct.pack("<I4sH18x", 64, b"PE\0\0", machine) + optional


TREE = {
    "App.deps.json": DEPENDENCIES,
    "Amazon.Lambda.Core.dll": assembly(0x14C),
    "App.dll": assembly(0x14C),
    "App.pdb": b"BSJB",
    "App.xml": COMMENTS,
    "Lib.dll": assembly(0x8664 ^ 0x7B79, wide=True),
    "Lib.pdb": b"BSJB",
    "Lib.xml": COMMENTS,
    "de/Lib.resources.dll": assembly(0x14C),
}


def test_symbols_and_comments_of_packages_are_dropped_and_the_users_own_stay() -> None:
    assert set(TREE) - kept(decide(TREE)) == {"Lib.pdb", "Lib.xml"}


def test_an_xml_that_is_no_documentation_comment_stays() -> None:
    assert "Lib.xml" in kept(decide({**TREE, "Lib.xml": b"<configuration/>"}))


@pytest.mark.parametrize("machine", [0x14C, 0x8664, 0x8664 ^ 0x7B79, 0xAA64 ^ 0x7B79])
@pytest.mark.parametrize("wide", [False, True])
def test_an_assembly_is_for_every_system(machine: int, *, wide: bool) -> None:
    assert identify(assembly(machine, wide=wide)) is None
    native = identify(assembly(machine, cli=False, wide=wide))
    assert native is not None
    assert native.system == "windows"


def test_what_the_list_names_stays_since_the_host_looks_for_it() -> None:
    files = {**TREE, "System.Native.a": b"!<arch>\n"}
    found = decide(files, guards=("dotnet",))
    assert "System.Native.a" in kept(found)
    assert any(r.chain == "App.deps.json needs System.Native.a" for r in found.rescues)
    assert "System.Native.a" not in kept(decide(files, guards=()))
