"""The records of packages say what ships."""

from __future__ import annotations

from slimmer.formats.package_records import corrected, is_record


def test_lists_keep_what_ships_over_merged_folders() -> None:
    listed = b"/.\n/usr\n/bin/sh\n/usr/share/man/man1/sh.1.gz\n"
    shipped = {"usr", "usr/bin/sh"}
    path = "var/lib/dpkg/info/dash.list"
    assert corrected(path, listed, (), shipped) == b"/.\n/usr\n/bin/sh\n"
    digest = b"0" * 32
    sums = digest + b"  bin/sh\n" + digest + b"  usr/share/man/man1/sh.1.gz\n"
    assert corrected("var/lib/dpkg/info/dash.md5sums", sums, (), shipped) == sums[:41]
    assert not is_record("var/lib/dpkg/info/dash.postinst")


def test_apks_database_loses_packages_and_files() -> None:
    data = (
        b"P:musl\nF:lib\nR:libc.so\na:0:0:755\nZ:Q1x=\nR:gone.so\na:0:0:755\nZ:Q1y=\n\n"
        b"P:old\nF:bin\nR:old\n\n"
    )
    path = "lib/apk/db/installed"
    assert is_record(path)
    expected = b"P:musl\nF:lib\nR:libc.so\na:0:0:755\nZ:Q1x=\n\n"
    assert corrected(path, data, {"old"}, {"lib/libc.so"}) == expected
