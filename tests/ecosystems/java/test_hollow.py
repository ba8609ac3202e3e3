"""Modules of a Java runtime that a shrink leaves hollow: those that say so when they are missed."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.java.hollow import hollowable, loaded_packages
from slimmer.ecosystems.java.module_facts import load_module_facts
from slimmer.ecosystems.java_stubs import java_lines, java_named
from slimmer.ecosystems.stubs import LIST, asked_for, stubs
from tests.support.jimages import descriptor, jimage

MODULES = {
    "java.base/java/lang/Object.class": b"1",
    "java.base/module-info.class": descriptor("java.base"),
    "java.xml/org/xml/sax/Parser.class": b"12345",
    "java.xml/org/xml/sax/words.properties": b"123",
    "java.xml/module-info.class": descriptor("java.xml"),
    "java.sql/java/sql/Timestamp.class": b"12",
    "java.sql/module-info.class": descriptor("java.sql"),
    "jdk.ec/sun/ec/Ec.class": b"1",
    "jdk.ec/module-info.class": descriptor("jdk.ec", provides=("java.security.Provider",)),
    "java.empty/module-info.class": descriptor("java.empty"),
}
FACTS = load_module_facts()


def test_a_module_stays_whole_where_java_would_say_nothing() -> None:
    found = hollowable(jimage(MODULES), FACTS)
    assert list(found) == ["java.xml", "java.sql"]
    assert found["java.xml"].size_bytes == len(b"12345") + len(b"123")
    assert found["java.xml"].packages == {"org/xml/sax"}


def test_one_that_is_compressed_stays_whole() -> None:
    data = jimage(MODULES, packed="java.sql/java/sql/Timestamp.class")
    assert list(hollowable(data, FACTS)) == ["java.xml"]


def test_another_release_of_a_module_has_another_digest() -> None:
    before = hollowable(jimage(MODULES), FACTS)["java.xml"]
    after = hollowable(jimage({**MODULES, "java.xml/org/xml/New.class": b"1"}), FACTS)["java.xml"]
    assert before.digest != after.digest


def test_a_jvms_log_says_which_packages_it_loaded() -> None:
    log = (
        b"[0.023s][info][class,load] java.lang.Object source: jrt:/java.base\n"
        b"[0.024s][info][class,load] java.util.Map source: shared objects file\n"
        b"[0.9s][info][class,load] fn.core$f$$Lambda/0x01 source: fn.core$f\n"
        b"[0.9s][info][class,load] Main source: file:/var/task/app.jar\n"
        b"something else\n"
    )
    assert loaded_packages(log) == {"java/lang", "java/util", "fn", ""}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (
            "java.lang.ClassFormatError: Incompatible magic value 0 in class file org/xml/sax/P",
            True,
        ),
        ("java.lang.NoClassDefFoundError: Could not initialize class org.xml.sax.P", True),
        ("it parses by org.xml.sax.P", False),
        ("java.lang.ClassFormatError: Truncated class file org/xml/P", False),
    ],
)
def test_an_error_names_what_a_shrink_dropped(said: str, named: bool) -> None:
    made = stubs({}, [], packages={"org/xml/sax": "slim.shrink.toml:7"})
    assert asked_for(made[LIST], said) == ({"org.xml.sax.P": "slim.shrink.toml:7"} if named else {})


def test_lines_of_java_are_of_java_alone() -> None:
    [line] = java_lines({"a/b": "x:1"})
    name, place = line.split()
    assert java_named({name: place}, "ClassNotFoundException: a.b.C") == {"a.b.C": "x:1"}
    assert java_named({"a.b": "x:1"}, "ClassNotFoundException: a.b.C") == {}
