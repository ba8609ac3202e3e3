"""Records of packages that are wrong, or of no known format: nothing is dropped on a guess."""

from __future__ import annotations

import pytest

from tests.ecosystems.distribution.test_orphans import ORPHAN, image, stanza
from tests.support.decide import decide, dropped, kept

STATUS, STATES = "var/lib/dpkg/status", "var/lib/apt/extended_states"
LIST = "var/lib/dpkg/info/libdraw.list"
COLOURS = "usr/share/draw/colours"
EDITOR = "/usr/bin/editor"


def test_files_that_are_not_there_change_nothing() -> None:
    files = image()
    more = {LIST: files[LIST] + b"/usr/lib/libgone.so.9\n/\n\n../out\n"}
    before, after = (decide({**files, **each}, drop=EDITOR) for each in ({}, more))
    assert dropped(after) == dropped(before) > {ORPHAN}
    assert after.gone_packages == before.gone_packages
    assert kept(decide({**files, **more})) >= {ORPHAN, COLOURS}


def test_a_package_of_which_nothing_is_there_takes_nothing_along() -> None:
    files = image()
    files[STATUS] += stanza("ghost", "libdraw").encode()
    assert kept(decide(files, drop=EDITOR)) >= {ORPHAN, COLOURS}


@pytest.mark.parametrize(
    "status",
    [
        b"",
        b"\0\1\2" * 900,
        b"SQLite format 3\0" + bytes(4080),
        b"Package editor\nStatus install\n\n" * 9,
        b"{}\n",
        "Package: é\ud800\n".encode("utf-8", "surrogatepass"),
    ],
    ids=["empty", "noise", "another database", "no colons", "JSON", "no UTF-8"],
)
def test_a_database_of_no_known_format_drops_nothing(status: bytes) -> None:
    assert kept(decide({**image(), STATUS: status}, drop=EDITOR)) >= {ORPHAN, COLOURS}
    states = {**image(), STATES: status}
    assert kept(decide(states, drop=EDITOR)) >= {ORPHAN, COLOURS}
    of_apk = {"lib/apk/db/installed": status, EDITOR[1:]: b"e", ORPHAN: b"d", "app/main.py": b""}
    assert kept(decide(of_apk, drop=EDITOR)) >= {ORPHAN}


def test_a_database_that_is_cut_off_drops_nothing_that_it_does_not_tell_of() -> None:
    files = image()
    whole = files[STATUS]
    parts = [at for at in range(len(whole)) if whole[:at].endswith(b"\n\n")]
    for end in (*parts, *range(len(whole) - 60, len(whole), 7)):
        decision = decide({**files, STATUS: whole[:end]}, drop=EDITOR)
        assert kept(decision) >= {ORPHAN, COLOURS}, end
        (said,) = (each for each in decision.findings if each.code == "package-records")
        assert said.message.startswith(STATUS)


def test_two_databases_drop_nothing() -> None:
    both = {**image(), "lib/apk/db/installed": b"P:musl\nF:usr/lib\nR:libdraw.so.1\n\n"}
    decision = decide(both, drop=EDITOR)
    assert kept(decision) >= {ORPHAN, COLOURS}
    assert "package-records" in {each.code for each in decision.findings}


def test_a_package_that_none_depends_on_stays_where_a_file_needs_it() -> None:
    files = image(automatic="libdraw drawdata shell")
    files[STATUS] += stanza("shell").encode()
    files["var/lib/dpkg/info/shell.list"] = b"/usr/bin/drawsh\n"
    files["usr/bin/drawsh"] = b"\x7fELF"
    script = {**files, "app/run.sh": b"#!/usr/bin/drawsh\n"}
    assert kept(decide(script, drop=EDITOR)) >= {"usr/bin/drawsh"}
