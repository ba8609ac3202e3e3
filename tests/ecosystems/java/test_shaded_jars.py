"""A jar whose members a larger one beside it holds is dropped where that is asked for."""

from __future__ import annotations

import pytest

from slimmer.model.rules import Tier
from tests.support.natives import decided, dropped, said
from tests.support.zips import zipped

A = {"a/A.class": b"\xca\xfe\xba\xbeA", "a/data.txt": b"of a"}
UBER = {**A, "b/B.class": b"\xca\xfe\xba\xbeB", "META-INF/MANIFEST.MF": b"Main-Class: b.B\n"}


def gone(files: dict[str, bytes], keep: str = "") -> list[str]:
    decision = decided(files, keep=keep, tier=Tier.AGGRESSIVE)
    return [path for path, by in dropped(decision).items() if by == "shaded/jars"]


def test_it_is_dropped_at_the_aggressive_tier() -> None:
    assert gone({"lib/a.jar": zipped(A), "lib/uber.jar": zipped(UBER)}) == ["lib/a.jar"]


def test_the_default_tier_names_it_and_keeps_it() -> None:
    decision = decided({"lib/a.jar": zipped(A), "lib/uber.jar": zipped(UBER)})
    assert not dropped(decision)
    [line] = [line for line in said(decision) if "shaded-jars" in line]
    assert "lib/uber.jar holds all of lib/a.jar" in line


@pytest.mark.parametrize(
    "small",
    [
        {**A, "a/A.class": b"another version"},
        {**A, "a/C.class": b"not in the larger one"},
        {**A, "META-INF/services/x.Y": b"a.A\n"},
        {**A, "META-INF/versions/11/a/A.class": b"for newer Javas"},
        {**A, "META-INF/LICENSE": b"Whoever ships this ships these words."},
        {**A, "META-INF/X.SF": b"signed"},
        {**A, "META-INF/MANIFEST.MF": b"Class-Path: c.jar\n"},
        {**A, "META-INF/MANIFEST.MF": b"Premain-Class: a.A\n"},
        {**A, "META-INF/MANIFEST.MF": b"Implementation-Version: 4.3\n"},
        {**A, "META-INF/spring.factories": b"x.Y=a.A\n"},
        {**A, "META-INF/spring.handlers": b"http\\://x=a.A\n"},
        {**A, "META-INF/org/apache/logging/log4j/core/config/plugins/Log4j2Plugins.dat": b"1"},
        {"META-INF/MANIFEST.MF": b"Main-Class: b.B\n"},
    ],
    ids=[
        *("changed", "more", "provider", "versioned", "licence", "signed", "extends"),
        *("agent", "version", "spring", "handlers", "log4j", "nothing"),
    ],
)
def test_what_would_be_missed_stays(small: dict[str, bytes]) -> None:
    assert gone({"lib/a.jar": zipped(small), "lib/uber.jar": zipped(UBER)}) == []


@pytest.mark.parametrize(
    "files",
    [
        {"bootstrap": b"#!/bin/sh\nexec java -cp lib/a.jar a.A\n"},
        {"conf/run.args": b"-cp\nlib/a.jar\n"},
        {
            "lib/main.jar": zipped(
                {"m": b"", "META-INF/MANIFEST.MF": b"Class-Path: x.jar\n  a.jar\n"}
            )
        },
    ],
    ids=["bootstrap", "argfile", "manifest"],
)
def test_what_another_file_names_stays(files: dict[str, bytes]) -> None:
    assert gone({"lib/a.jar": zipped(A), "lib/uber.jar": zipped(UBER), **files}) == []


def test_a_jar_of_another_folder_stays() -> None:
    assert gone({"lib/a.jar": zipped(A), "uber.jar": zipped(UBER)}) == []


def test_what_the_user_keeps_stays() -> None:
    assert gone({"lib/a.jar": zipped(A), "lib/uber.jar": zipped(UBER)}, keep="lib/a.jar") == []


def test_of_two_equal_jars_both_stay() -> None:
    assert gone({"lib/a.jar": zipped(A), "lib/copy.jar": zipped(A)}) == []


def test_merged_providers_and_licences_under_another_name_count() -> None:
    small = {**A, "META-INF/services/x.Y": b"a.A # first\n", "META-INF/LICENSE": b"Words."}
    large = {**UBER, "META-INF/services/x.Y": b"b.B\na.A\n", "META-INF/a-LICENSE.txt": b"Words."}
    large["META-INF/LICENSE-a"] = b"Words."
    assert gone({"lib/a.jar": zipped(small), "lib/uber.jar": zipped(large)}) == ["lib/a.jar"]


def test_what_only_newer_javas_load_must_be_loaded_from_the_larger_one_too() -> None:
    versioned = {**A, "META-INF/versions/11/a/A.class": b"for newer Javas"}
    small = {**versioned, "META-INF/MANIFEST.MF": b"Multi-Release: true\r\n"}
    large = {**UBER, **versioned}
    assert gone({"lib/a.jar": zipped(small), "lib/uber.jar": zipped(large)}) == []
    large["META-INF/MANIFEST.MF"] = b"Main-Class: b.B\nmulti-release: TRUE\n"
    assert gone({"lib/a.jar": zipped(small), "lib/uber.jar": zipped(large)}) == ["lib/a.jar"]


def test_what_nothing_reads_and_merged_lists_may_differ() -> None:
    small = {**A, "META-INF/maven/x/a/pom.properties": b"1", "META-INF/spring.schemas": b"s=a\n"}
    large = {
        **UBER,
        "META-INF/maven/x/a/pom.properties": b"2",
        "META-INF/spring.schemas": b"s=a\nt=b",
    }
    assert gone({"lib/a.jar": zipped(small), "lib/uber.jar": zipped(large)}) == ["lib/a.jar"]


def test_a_broken_jar_stays() -> None:
    files = {"lib/a.jar": zipped(A)[:-30], "lib/b.jar": b"PK\x05\x06", "lib/uber.jar": zipped(UBER)}
    assert gone(files) == []
