"""Archives that must stay as they are, those that become smaller, and what is said of both."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from slimmer.formats import Refused
from slimmer.formats.zip.repack import repack, unpacked_bytes
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zipped

_DICE = random.Random(1)  # noqa: S311 - the same members every time, not secrets
_WORDS = [_DICE.randbytes(12) for _ in range(300)]  # what classes share: names and types
CLASSES = {f"com/x/C{n}.class": b"".join(_DICE.choices(_WORDS, k=60)) for n in range(60)}
MANIFEST = {"META-INF/": b"", "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n"}


def jar(members: dict[str, bytes], before: bytes = b"", after: bytes = b"") -> bytes:
    return before + zipped(members) + after


def stored(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (jar({**CLASSES, "META-INF/A.SF": b"", "META-INF/A.RSA": b""}), "it is signed"),
        (jar({**CLASSES, "META-INF/signer.ec": b""}), "it is signed"),
        (jar({**CLASSES, "META-INF/INDEX.LIST": b""}), "it has an index of its members"),
        (jar(CLASSES, b"#!/bin/sh\nexec java -jar $0\n"), "it has data before or behind"),
        (jar(CLASSES, after=b"payload"), "it has data before or behind"),
        (jar({"mimetype": b"application/epub+zip", **CLASSES}), "must stay first"),
        (jar({**CLASSES, "../../etc/passwd": b""}), "a member has an unsafe name"),
    ],
)
def test_what_must_stay_as_it_is_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        repack(data)


def test_the_manifest_stands_first() -> None:
    data = jar({"A": b"", "META-INF/A": b"", **MANIFEST})
    with zipfile.ZipFile(io.BytesIO(repack(data).data)) as archive:
        names = archive.namelist()
    assert names == ["META-INF/", "META-INF/MANIFEST.MF", "A", "META-INF/A"]


def test_nested_jars_stay_stored_and_in_the_order_of_the_class_path() -> None:
    nested = {f"BOOT-INF/lib/{name}.jar": jar({"x.txt": name.encode()}) for name in ("z", "b", "m")}
    members = {**MANIFEST, **CLASSES, **nested, "BOOT-INF/classpath.idx": b"- z.jar\n"}
    data = stored(members)
    done = repack(data).data
    assert len(done) <= unpacked_bytes(data)
    assert repack(done).data == done
    with zipfile.ZipFile(io.BytesIO(done)) as archive:
        infos = [info for info in archive.infolist() if info.filename in nested]
        assert [info.filename for info in infos] == list(nested)
        assert all(info.compress_type == zipfile.ZIP_STORED for info in infos)
        for name in nested:
            with zipfile.ZipFile(archive.open(name)) as inner:
                assert [i.compress_type for i in inner.infolist()] == [zipfile.ZIP_STORED]
                assert inner.read("x.txt") == Path(name).stem.encode()


@pytest.mark.parametrize(
    ("name", "inner", "beside"),
    [
        ("lib/a.jar", jar({**CLASSES, "META-INF/A.SF": b""}), "lib/b.txt"),
        ("lib/a.jar", jar(CLASSES), "lib/a.jar.sha1"),
        ("lib/a.jar", jar(CLASSES)[:-40], "lib/b.txt"),
        ("lib/a.zip", jar(CLASSES), "lib/b.txt"),
    ],
    ids=["signed", "checksum", "broken", "no jar"],
)
def test_nested_archives_that_stay_hold_the_same_bytes(
    name: str, inner: bytes, beside: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(repack(stored({name: inner, beside: b"x"})).data)) as archive:
        found = archive.read(name)
    assert found == inner


def test_what_lies_deeper_stays_packed() -> None:
    deepest = jar(CLASSES)
    members = {"lib/a.jar": stored({"x.jar": deepest})}
    with zipfile.ZipFile(io.BytesIO(repack(stored(members)).data)) as archive:
        nested = io.BytesIO(archive.read("lib/a.jar"))
    with zipfile.ZipFile(nested) as inner:
        assert inner.read("x.jar") == deepest


def test_members_keep_their_comments() -> None:
    marked = zipfile.ZipInfo("BOOT-INF/lib/jruby.jar")
    marked.comment = b"UNPACK:0123456789abcdef"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A.class", b"A" * 99)
        archive.writestr(marked, jar({"x": b"1"}))
    done = repack(file.getvalue()).data
    with zipfile.ZipFile(io.BytesIO(done)) as archive:
        assert archive.getinfo(marked.filename).comment == marked.comment
        assert archive.getinfo("A.class").comment == b""
    assert len(done) == unpacked_bytes(file.getvalue())


def built(tmp_path: Path, files: dict[str, bytes], *options: str) -> tuple[str, dict[str, bytes]]:
    write_tree(tmp_path / "tree", files)
    outcome = slim("build", "tree", *options, cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    with zipfile.ZipFile(tmp_path / "tree.zip") as archive:
        return outcome.out, {name: archive.read(name) for name in archive.namelist()}


def names(data: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return set(archive.namelist())


def test_a_jar_makes_a_smaller_zip_without_mavens_files(tmp_path: Path) -> None:
    pom = "META-INF/maven/org.x/x/pom.xml"
    members = {**MANIFEST, **CLASSES, pom: b"<project/>", "META-INF/LICENSE": b"free"}
    data = jar(members)
    said, shipped = built(tmp_path, {"lib/app.jar": data})
    small = (tmp_path / "tree.zip").stat().st_size
    assert names(shipped["lib/app.jar"]) == set(members) - {pom}
    assert "archive-repack" in said
    assert "inside: jars/maven" in said
    built(tmp_path, {"lib/app.jar": data}, "--no-transform", "archive-repack")
    assert small < (tmp_path / "tree.zip").stat().st_size * 0.8


def test_rules_for_files_do_not_reach_into_archives(tmp_path: Path) -> None:
    members = {**CLASSES, "share/doc/x.txt": b"read at run time" * 50, "a.o": b"1"}
    data = jar(members)
    _, shipped = built(tmp_path, {"x.jar": data}, "--drop", "C1.class", "--drop", "com/")
    assert names(shipped["x.jar"]) == set(members)


def test_a_component_that_is_kept_keeps_inside_too(tmp_path: Path) -> None:
    members = {**CLASSES, "META-INF/maven/org.x/x/pom.xml": b"<project/>"}
    _, shipped = built(tmp_path, {"x.jar": jar(members)}, "--keep", "jars/maven")
    assert names(shipped["x.jar"]) == set(members)


def test_a_jar_with_its_checksum_beside_it_stays(tmp_path: Path) -> None:
    data = jar(CLASSES)
    _, shipped = built(tmp_path, {"x.jar": data, "x.jar.sha1": b"0" * 40})
    assert shipped["x.jar"] == data


def test_a_broken_jar_is_kept_and_named(tmp_path: Path) -> None:
    data = jar(CLASSES)[:-40]
    said, shipped = built(tmp_path, {"x.jar": data})
    assert shipped["x.jar"] == data
    assert "x.jar: archive-repack cannot understand it" in said


def test_where_there_is_no_room_archives_stay_packed(tmp_path: Path) -> None:
    data = jar({f"{n}.bin": bytes(90_000_000) for n in range(3)})
    said, shipped = built(tmp_path, {"x.jar": data}, "--level", "1")
    assert shipped["x.jar"] == data
    assert "archives stay packed" in said
