"""dpkg's and APT's records: what they say is read, and what they no longer say is taken out."""

import random

from slimmer.formats.dpkg import (
    groups,
    parse_alternative,
    parse_automatic,
    parse_diversions,
    parse_list,
    parse_status,
    without_stanzas,
)

STATUS = b"""\
Package: libssl3
Status: install ok installed
Priority: optional
Architecture: amd64
Source: openssl (3.0.17-1)
Version: 3.0.17-1~deb12u2
Provides: libssl3-abi (= 3)
Depends: libc6 (>= 2.34), debconf (>= 0.5) | debconf-2.0
Recommends: ca-certificates:any
Conffiles:
 /etc/ssl/openssl.cnf 0123456789abcdef0123456789abcdef
 /etc/ssl/old.cnf fedcba9876543210fedcba9876543210 obsolete
Description: Secure Sockets Layer toolkit
 A line.
 .
 Depends: nothing

Package: gone
Status: deinstall ok config-files
Version: 1

Package: bash
Essential: yes
Status: install ok installed
Version: 5.2
"""


def test_status_says_what_is_installed_and_what_it_needs() -> None:
    ssl, bash = parse_status(STATUS)
    assert (ssl.name, ssl.version, ssl.origin) == ("libssl3", "3.0.17-1~deb12u2", "openssl")
    assert ssl.needs == (("libc6",), ("debconf", "debconf-2.0"))
    assert ssl.likes == (("ca-certificates",),)
    assert ssl.gives == ("libssl3-abi",)
    assert [path for path, _ in ssl.settings] == ["etc/ssl/openssl.cnf", "etc/ssl/old.cnf"]
    assert not ssl.is_required
    assert bash.is_required


def test_a_stanza_that_goes_leaves_the_others_as_they_were() -> None:
    less = without_stanzas(STATUS, lambda name, _: name == "libssl3")
    assert less == STATUS[STATUS.index(b"Package: gone") :] + b"\n"
    assert without_stanzas(STATUS, lambda *_: False) == STATUS


def test_what_a_person_installed_for_one_processor_is_not_automatic() -> None:
    rows = (("zlib1g", "amd64", 1), ("zlib1g", "i386", 0), ("libx", "amd64", 1))
    text = "".join(f"Package: {n}\nArchitecture: {a}\nAuto-Installed: {i}\n\n" for n, a, i in rows)
    assert parse_automatic(text.encode()) == {"libx"}


def test_lists_diversions_and_alternatives() -> None:
    assert parse_list(b"/.\n/usr\n/usr/bin/a b\n/../x\n") == ("usr", "usr/bin/a b")
    assert parse_diversions(b"/bin/sh\n/bin/sh.distrib\ndash\n/half\n") == {
        "bin/sh": ("bin/sh.distrib", "dash")
    }
    awk = b"auto\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\n\n/usr/bin/mawk\n5\n"
    found = parse_alternative(awk + b"/usr/share/man/man1/mawk.1.gz\n/usr/bin/gawk\n10\n\n\n")
    assert found is not None
    assert found.link == "usr/bin/awk"
    assert found.choices == ("usr/bin/mawk", "usr/bin/gawk")
    assert parse_alternative(b"no") is None


def test_relations() -> None:
    assert groups("a (>= 1:2) [amd64] | b:any, , c") == (("a", "b"), ("c",))


def test_no_bytes_break_a_reader() -> None:
    chance = random.Random(7)  # noqa: S311 - the same bytes every time
    for _ in range(2000):
        data = bytearray(STATUS)
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for read in (parse_status, parse_automatic, parse_list, parse_diversions):
            read(bytes(data))
        parse_alternative(bytes(data[: chance.randrange(len(data))]))
        without_stanzas(bytes(data), lambda name, _: len(name) % 2 == 0)
