"""Java's classes: those for a newer Java fail."""

from __future__ import annotations

import struct

from tests.support.natives import decided, said
from tests.support.zips import zipped


def java(version: int) -> bytes:
    return b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, version) + bytes(20)


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
