"""apk's records: what they say is read, and what they no longer say is taken out."""

import random

from slimmer.formats.apk import parse_installed, parse_world, without_stanzas

INSTALLED = b"""\
C:Q1aa=
P:musl
V:1.2.5-r0
A:x86_64
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
R:libc.musl-x86_64.so.1

P:zlib
V:1.3.1-r1
o:zlib
D:so:libc.musl-x86_64.so.1 !zlib-ng busybox>=1.36
F:
R:top
F:lib
R:libz.so.1
"""


def test_the_database_says_files_needs_and_names() -> None:
    musl, zlib = parse_installed(INSTALLED)
    assert musl.files == ("lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1")
    assert musl.gives == ("so:libc.musl-x86_64.so.1",)
    assert zlib.needs == (("so:libc.musl-x86_64.so.1",), ("busybox",))
    assert zlib.files == ("top", "lib/libz.so.1")


def test_the_world_names_what_a_person_installed() -> None:
    assert parse_world(b"alpine-base\nzlib>1.3\nx@edge\n!y\n") == {"alpine-base", "zlib", "x"}


def test_a_stanza_that_goes_leaves_the_others_as_they_were() -> None:
    less = without_stanzas(INSTALLED, lambda name: name == "musl")
    assert less == INSTALLED[INSTALLED.index(b"P:zlib") :] + b"\n"


def test_no_bytes_break_a_reader() -> None:
    chance = random.Random(7)  # noqa: S311 - the same bytes every time
    for _ in range(2000):
        data = bytearray(INSTALLED)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        parse_installed(bytes(data))
        parse_world(bytes(data))
        without_stanzas(bytes(data), lambda name: len(name) % 2 == 0)
