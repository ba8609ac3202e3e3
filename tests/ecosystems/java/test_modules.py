"""Which modules of a Java runtime the code beside it reaches."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.java.runtimes import find_reach
from tests.support.classes import class_file, jar
from tests.support.jimages import descriptor, jimage
from tests.support.natives import Zip
from tests.support.trees import MemorySource

SERVICE = "java.nio.file.spi.FileSystemProvider"
MODULES = {
    "java.base/java/lang/Object.class": b"1",
    "java.base/module-info.class": descriptor("java.base", uses=(SERVICE, "java.x.Tool")),
    "java.desktop/java/beans/Bean.class": b"1",
    "java.desktop/module-info.class": descriptor("java.desktop", ("java.base", "java.xml")),
    "java.sql/java/sql/Timestamp.class": b"1",
    "java.sql/module-info.class": descriptor("java.sql", ("java.base", "java.xml")),
    "java.xml/javax/xml/parsers/Parser.class": b"1",
    "java.xml/module-info.class": descriptor("java.xml", ("java.base",)),
    "jdk.localedata/sun/text/De.class": b"1",
    "jdk.localedata/module-info.class": descriptor("jdk.localedata", ("java.base",)),
    "jdk.fs/jdk/fs/Fs.class": b"1",
    "jdk.fs/module-info.class": descriptor("jdk.fs", ("java.base",), provides=(SERVICE,)),
    "jdk.tool/jdk/tool/Tool.class": b"1",
    "jdk.tool/module-info.class": descriptor("jdk.tool", ("java.base",), provides=("java.x.Tool",)),
}
ALWAYS = {"java.base", "jdk.fs"}
JRE = {"jre/release": b'JAVA_VERSION="25"\n', "jre/lib/modules": jimage(MODULES)}


def reached(files: dict[str, bytes], *beside: Zip) -> set[str] | None:
    """Return the modules that are reached; None where nothing is known."""
    source = MemorySource({**JRE, **files})
    found = find_reach(source.tree, source.read, beside, lambda _: True)
    return set(found[0].modules) if found else None


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("x", set()),
        ("java/sql/Timestamp", {"java.sql", "java.xml"}),
        ("(Ljava/sql/Timestamp;)V", {"java.sql", "java.xml"}),
        ("javax.xml.parsers.Parser", {"java.xml"}),
        ("java.x.Tool", set()),
        ("forLanguageTag", {"jdk.localedata"}),
        ("notforLanguageTagged", set()),
    ],
)
def test_a_module_is_reached_by_name_and_by_what_needs_it(text: str, more: set[str]) -> None:
    assert reached({"app/Fn.class": class_file("app/Fn", text)}) == ALWAYS | more
    assert reached({"app.jar": jar(("app/Fn", text))}) == ALWAYS | more
    assert reached({"app.jar": jar(("a/A",)), "start.clj": text.encode()}) == ALWAYS | more
    assert reached({}, Zip("fn.zip", {"app/Fn.class": class_file("app/Fn", text)})) == ALWAYS | more


@pytest.mark.parametrize(
    ("text", "more"),
    [("", set()), ("(bean x)", {"java.desktop", "java.xml"}), ("(beans x)", set())],
)
def test_clojures_core_reaches_the_desktop_where_own_code_asks_for_it(
    text: str, more: set[str]
) -> None:
    core = jar(("clojure/core$bean", "java/beans/Bean", "bean"), ("clojure/core__init", "bean"))
    assert reached({"app.jar": core, "fn.clj": text.encode()}) == ALWAYS | more


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"notes.txt": b"java.sql"},
        {"app.jar": b"no jar"},
        {"app.jar": jar(("a/A",)), "bootstrap": b"exec java --add-modules ALL-SYSTEM -jar app.jar"},
        {"app.jar": jar(("a/A",)), "jre/lib/modules": b"of another format"},
    ],
)
def test_nothing_is_said_where_what_runs_is_not_known(files: dict[str, bytes]) -> None:
    assert reached(files) is None


def test_what_makes_a_locale_reaches_those_of_other_languages() -> None:
    made = (
        b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x08\x01\0\x10java/util/Locale\x07\0\x01\x01\0\x06<init>"
        b"\x01\0\x03()V\x0c\0\x03\0\x04\x0a\0\x02\0\x05\x01\0\x01A\0\x21\0\x02\0\0\0\0\0\0\0\0\0\0"
    )
    assert reached({"app/A.class": made}) == ALWAYS | {"jdk.localedata"}
    named = class_file("app/A", "java/util/Locale", "<init>")
    assert reached({"app/A.class": named}) == ALWAYS
