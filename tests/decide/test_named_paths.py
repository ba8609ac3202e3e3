"""What the user's own files name by its path stays, in whatever language they are written."""

import pytest

from slimmer.model.rules import Tier
from tests.support.classes import class_file, jar
from tests.support.decide import decide, dropped

MANUAL = "share/doc/x/manual.html"
INSTALLED = {
    MANUAL: b"<html>",
    "share/doc/x/README": b"x",
    "share/man/man1/x.1": b".TH X",
    "lib/libx.a": b"!<arch>\n",
    "lib/libx.so.1": b"",
    "include/x.h": b"",
}
LIST = "".join(f"/{path}\n" for path in INSTALLED).encode()
FILES = INSTALLED | {
    "var/lib/dpkg/status": b"Package: x\nStatus: install ok installed\nVersion: 1\n\n",
    "var/lib/dpkg/info/x.list": LIST,
}
RARELY = {"share/man/man1/x.1", "lib/libx.a", "share/doc/x/README"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bootstrap", b"#!/bin/sh\ncat $LAMBDA_TASK_ROOT/share/doc/x/manual.html\n"),
        ("bin/run.sh", b'cat "$(dirname $0)"/../share/doc/x/manual.html\n'),
        ("app.rb", b'File.read(File.join(__dir__, "share/doc/x/manual.html"))\n'),
        ("app.py", b'open("/opt/share/doc/x/manual.html")\n'),
        ("app.yaml", b"page: ./share/doc/x/manual.html\n"),
        ("web/index.html", b'<a href="../share/doc/x/manual.html">'),
        ("App.class", class_file("App", "/share/doc/x/manual.html")),
    ],
)
def test_a_file_that_is_named_by_its_path_stays(name: str, text: bytes) -> None:
    files = FILES | {name: text}
    gone = dropped(decide(files))
    assert gone >= RARELY
    assert MANUAL not in gone
    assert MANUAL in dropped(decide(files, guards=()))
    assert MANUAL in dropped(decide(files, drop="manual.html"))


@pytest.mark.parametrize(
    "text",
    [
        b"# see share/doc/x/manual.html\n",
        b"cat manual.html\n",
        b"cat doc/x/manual.html.gz\n",
        b"cat doc/x/manual.html\n",
    ],
)
def test_what_is_no_path_of_the_tree_keeps_nothing(text: bytes) -> None:
    assert MANUAL in dropped(decide(FILES | {"bootstrap": b"#!/bin/sh\n" + text}))


def test_a_folder_that_is_named_stays_where_all_of_it_was_dropped() -> None:
    named = b"#!/bin/sh\nexport LD_LIBRARY_PATH=/opt/a/lib\nls /opt/share/doc/x; ls /opt/a/lib\n"
    files = {f"a/{p}" if p.startswith("lib/") else p: data for p, data in FILES.items()}
    files["var/lib/dpkg/info/x.list"] = LIST.replace(b"/lib/libx", b"/a/lib/libx")
    gone = dropped(decide(files | {"bootstrap": named}))
    assert not {MANUAL, "share/doc/x/README"} & gone
    assert "a/lib/libx.a" in gone


def test_the_line_that_names_it_is_told() -> None:
    files = FILES | {"bootstrap": b"#!/bin/sh\n\ncat share/doc/x/manual.html\n"}
    assert [rescue.chain for rescue in decide(files).rescues] == [f"bootstrap:3 needs {MANUAL}"]


def test_own_data_that_a_script_names_stays_at_every_tier() -> None:
    files = {"test/test_x.py": b"", "test/words.txt": b"a", "test/more.txt": b"b"}
    script = {"bootstrap": b"#!/bin/sh\nexec sort /var/task/test/words.txt\n"}
    assert "test/words.txt" in dropped(decide(files, tier=Tier.AGGRESSIVE))
    gone = dropped(decide(files | script, tier=Tier.AGGRESSIVE))
    assert "test/words.txt" not in gone
    assert "test/more.txt" in gone


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("App.class", class_file("App", "lib", "-sources.jar")),
        ("bootstrap", b"#!/bin/sh\nls /opt/lib/*-sources.jar | sort\n"),
        ("handler.py", b"jars = [p for p in os.listdir('lib') if p.endswith('-sources.jar')]\n"),
        ("index.mjs", b'const jars = globSync("lib/*-sources.jar");\n'),
    ],
)
def test_what_has_an_ending_that_a_file_lists_stays(name: str, text: bytes) -> None:
    written = jar(("org/x/A", "")), jar(x_dot_java="class A {}"), jar(index_dot_html="<html>")
    jars = dict(
        zip(("lib/x-1.jar", "lib/x-1-sources.jar", "lib/x-1-javadoc.jar"), written, strict=True)
    )
    assert dropped(decide(jars)) == {"lib/x-1-sources.jar", "lib/x-1-javadoc.jar"}
    assert dropped(decide(jars | {name: text})) == {"lib/x-1-javadoc.jar"}
