"""Archives that must stay as they are, those that become smaller, and what is said of both."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.formats import Refused
from slimmer.formats.zip.repack import repack, unpacked_bytes
from tests.support.command import slim
from tests.support.elves import program
from tests.support.natives import AIX, LINUX, LINUX_ARM64, MACOS, MUSL, WINDOWS
from tests.support.trees import write_tree
from tests.support.zips import zipped

_DICE = random.Random(1)  # noqa: S311 - the same members every time, not secrets
_WORDS = [_DICE.randbytes(12) for _ in range(300)]  # what classes share: names and types
CLASSES = {f"com/x/C{n}.class": b"".join(_DICE.choices(_WORDS, k=60)) for n in range(60)}
MANIFEST = {"META-INF/": b"", "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n"}


def jar(members: dict[str, bytes], before: bytes = b"", after: bytes = b"") -> bytes:
    return before + zipped(members) + after


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def digested(*names: str) -> bytes:
    """Give a manifest that lists members with a digest, a long name on two lines."""
    sections = [f"Name: {name[:60]}\r\n {name[60:]}\r\nSHA-256-Digest: eA==\r\n" for name in names]
    return "\r\n".join(["Manifest-Version: 1.0\r\n", *sections, ""]).encode()


def stored(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (jar(CLASSES, b"#!/bin/sh\nexec java -jar $0\n"), "it has data before or behind"),
        (jar(CLASSES, after=b"payload"), "it has data before or behind"),
        (jar({"mimetype": b"application/epub+zip", **CLASSES}), "must stay first"),
        (jar({**CLASSES, "../../etc/passwd": b""}), "a member has an unsafe name"),
    ],
)
def test_what_must_stay_as_it_is_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        repack(data)


def test_members_stay_in_their_order_with_their_times() -> None:
    info = zipfile.ZipInfo("02-z.txt", (2024, 1, 2, 3, 4, 6))
    info.extra = struct.pack("<2HBl", 0x5455, 5, 1, 1_704_164_647) + struct.pack("<2HQ", 1, 8, 9)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(info, b"z")
        archive.writestr("01-a.txt", b"a")
    done = repack(file.getvalue()).data
    assert len(done) <= unpacked_bytes(file.getvalue())
    with zipfile.ZipFile(io.BytesIO(done)) as archive:
        assert archive.namelist() == ["02-z.txt", "01-a.txt"]
        assert archive.infolist()[0].extra == info.extra[:9]
    name = done.index(b"02-z.txt")
    assert done[name + 8 : name + 17] == info.extra[:9]


def test_what_a_signature_covers_is_never_left_out() -> None:
    long = f"{'folder/' * 12}x.txt"
    members = {"META-INF/MANIFEST.MF": digested("a.txt", long), "META-INF/A.SF": b""}
    data = jar({**members, "a.txt": b"1", long: b"2", "b.txt": b"3"})
    done = repack(data, lambda archive: {m.name: "x" for m in archive.members if "txt" in m.name})
    assert done.left_out == (("b.txt", "x"),)
    assert names(done.data) == {*members, "a.txt", long}


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
        ("lib/a.jar", jar(CLASSES), {"META-INF/MANIFEST.MF": digested("lib/a.jar")}),
        ("lib/a.jar", jar(CLASSES), {"lib/a.jar.sha1": b"x"}),
        ("lib/a.jar", jar(CLASSES), {"bom.json": b'{"a.jar": "%s"}' % sha256(jar(CLASSES))}),
        ("lib/a.jar", jar(CLASSES)[:-40], {}),
        ("lib/a.zip", jar(CLASSES), {}),
    ],
    ids=["signed", "checksum", "list", "broken", "no jar"],
)
def test_nested_archives_that_stay_hold_the_same_bytes(
    name: str, inner: bytes, beside: dict[str, bytes]
) -> None:
    with zipfile.ZipFile(io.BytesIO(repack(stored({name: inner, **beside})).data)) as archive:
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
    members = {**MANIFEST, **CLASSES, **pom("app", "x"), **pom("x"), "META-INF/LICENSE": b"free"}
    data = jar(members)
    said, shipped = built(tmp_path, {"lib/app.jar": data})
    small = (tmp_path / "tree.zip").stat().st_size
    assert names(shipped["lib/app.jar"]) == set(members) - {"META-INF/maven/org.x/x/pom.xml"}
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
    members = {**CLASSES, **pom("app", "x"), **pom("x")}
    _, shipped = built(tmp_path, {"x.jar": jar(members)}, "--keep", "jars/maven")
    assert names(shipped["x.jar"]) == set(members)


def test_a_jar_with_its_checksum_beside_it_stays(tmp_path: Path) -> None:
    data = jar(CLASSES)
    _, shipped = built(tmp_path, {"x.jar": data, "x.jar.sha1": b"0" * 40})
    assert shipped["x.jar"] == data


@pytest.mark.parametrize("form", [bytes.hex, lambda raw: base64.b64encode(raw).decode()])
@pytest.mark.parametrize("path", ["checksums.txt", "META-INF/bom.cdx.json", "SHA256SUMS"])
def test_a_jar_whose_checksum_a_list_states_stays(
    tmp_path: Path, path: str, form: Callable[[bytes], str]
) -> None:
    data = jar(CLASSES)
    stated = f"lib/x.jar {form(hashlib.sha256(data).digest())}\n".encode()
    said, shipped = built(tmp_path, {"lib/x.jar": data, "lib/y.jar": data, path: stated})
    assert shipped["lib/x.jar"] == data != shipped["lib/y.jar"]
    assert f"lib/x.jar: kept byte for byte, as {path} states the checksum" in said


def test_a_list_that_only_names_a_jar_keeps_nothing(tmp_path: Path) -> None:
    data = jar(CLASSES)
    stated = f"x.jar {'0' * 64}\n".encode()
    _, shipped = built(tmp_path, {"lib/x.jar": data, "classpath.idx": stated})
    assert shipped["lib/x.jar"] != data


def test_a_jar_that_stays_is_told_with_its_reason(tmp_path: Path) -> None:
    data = jar({"mimetype": b"application/epub+zip", **CLASSES})
    said, _ = built(tmp_path, {"lib/x.jar": data, "lib/y.jar": data})
    [line] = [line for line in said.splitlines() if "skipped: " in line]
    assert " ".join(line.split()).endswith(
        "lib/x.jar and 1 more 2 its first member tells its kind and must stay first"
    )


INDEX = b"""JarIndex-Version: 1.0

x.jar
a
b/c
d.txt

lib/y.jar
e
"""


def test_an_index_lists_the_packages_that_are_left() -> None:
    members = {"META-INF/INDEX.LIST": INDEX, "a/A.class": b"", "b/c/C.class": b"", "d.txt": b""}
    shipped = repack(jar(members), lambda _: {"b/c/C.class": "gone"}, "app/x.jar").data
    with zipfile.ZipFile(io.BytesIO(shipped)) as archive:
        assert archive.read("META-INF/INDEX.LIST") == INDEX.replace(b"b/c\n", b"")
    shipped = repack(jar(members), path="app/x.jar").data
    with zipfile.ZipFile(io.BytesIO(shipped)) as archive:
        assert archive.read("META-INF/INDEX.LIST") == INDEX


@pytest.mark.parametrize(
    "more",
    [{"META-INF/INDEX.LIST": b"what?"}, {"META-INF/MANIFEST.MF": digested("META-INF/INDEX.LIST")}],
)
def test_an_index_that_must_stay_keeps_its_jar(more: dict[str, bytes]) -> None:
    data = jar({"META-INF/INDEX.LIST": INDEX, **CLASSES, **more})
    with pytest.raises(Refused, match="an index of its members"):
        repack(data, lambda _: dict.fromkeys(CLASSES, "gone"), "x.jar")


def pom(artifact: str, *needs: str) -> dict[str, bytes]:
    text = "".join(
        f"<dependency><groupId>org.x</groupId><artifactId>{name}</artifactId></dependency>"
        for name in needs
    )
    folder = f"META-INF/maven/org.x/{artifact}"
    return {
        f"{folder}/pom.xml": f"<project>{text}</project>".encode(),
        f"{folder}/pom.properties": b"version=1\n",
    }


def test_the_project_file_of_the_application_stays(tmp_path: Path) -> None:
    members = {**MANIFEST, **CLASSES, **pom("app", "lib"), **pom("lib")}
    _, shipped = built(tmp_path, {"app.jar": jar(members)})
    assert names(shipped["app.jar"]) == {*members} - {"META-INF/maven/org.x/lib/pom.xml"}


def test_the_project_files_that_a_class_reads_stay(tmp_path: Path) -> None:
    asks = {"com/x/Reads.class": b"\1/META-INF/maven/\1/\1/pom.xml"}
    members = {**MANIFEST, **CLASSES, **asks, **pom("app", "lib"), **pom("lib")}
    _, shipped = built(tmp_path, {"app.jar": jar(members)})
    assert names(shipped["app.jar"]) == set(members)


NATIVES = {
    "x/linux/amd64/libx-1.2.so": LINUX,
    "x/linux/aarch64/libx-1.2.so": LINUX_ARM64,
    "x/linux/musl/libx-1.2.so": MUSL,
    "x/windows/amd64/x-1.2.dll": WINDOWS,
    "x/darwin/libx-1.2.dylib": MACOS,
    "x/freebsd/libx-1.2.so": program("libc.so.7"),
    "x/aix/ppc64/libx-1.2.a": AIX,
}
OURS = {"x/linux/amd64/libx-1.2.so", "x/linux/aarch64/libx-1.2.so"}


def test_libraries_for_other_platforms_are_dropped_inside(tmp_path: Path) -> None:
    data = jar({**CLASSES, **NATIVES})
    said, shipped = built(tmp_path, {"a.jar": data, "b.jar": stored({"lib/a.jar": data})})
    assert names(shipped["a.jar"]) == {*CLASSES, *OURS}
    with zipfile.ZipFile(io.BytesIO(shipped["b.jar"])) as archive:
        assert names(archive.read("lib/a.jar")) == {*CLASSES, *OURS}
    assert "inside: foreign/system" in said


@pytest.mark.parametrize(
    ("members", "options"),
    [
        ({n: d for n, d in NATIVES.items() if n not in OURS}, ()),
        ({**NATIVES, "META-INF/MANIFEST.MF": digested(*NATIVES)}, ()),
        ({"linux/amd64/liby.so": LINUX, "windows/z.dll": WINDOWS}, ()),
        ({"linux/agent": LINUX, "windows/agent.exe": WINDOWS, "darwin/agent": MACOS}, ()),
        (NATIVES, ("--foreign", "keep")),
        (NATIVES, ("--keep", "/lib/a.jar")),
    ],
    ids=["no other", "signed", "another library", "programs", "foreign", "kept"],
)
def test_libraries_inside_that_stay(
    tmp_path: Path, members: dict[str, bytes], options: tuple[str, ...]
) -> None:
    _, shipped = built(tmp_path, {"lib/a.jar": jar({**CLASSES, **members})}, *options)
    assert names(shipped["lib/a.jar"]) == {*CLASSES, *members}


def test_with_little_room_what_saves_most_is_repacked_first(tmp_path: Path) -> None:
    """There is room for one of two; that one gains more by the same growth."""
    much = jar(CLASSES)
    little = jar({n: d[:60] + bytes(_DICE.choices(b"0123", k=660)) for n, d in CLASSES.items()})
    grows = len(repack(much).data) - len(much)
    rest = 262_144_000 - len(much) - len(little) - grows - 1000
    files = {"a.jar": little, "b.jar": much, "rest.bin": bytes(rest)}
    said, shipped = built(tmp_path, files, "--level", "1")
    assert shipped["b.jar"] == repack(much).data
    assert shipped["a.jar"] == little
    files["rest.bin"] = bytes(rest + 2000)
    said, shipped = built(tmp_path, files, "--level", "1")
    assert shipped["b.jar"] == much
    assert "b.jar: archives stay packed" in said


def test_a_broken_jar_is_kept_and_named(tmp_path: Path) -> None:
    data = jar(CLASSES)[:-40]
    said, shipped = built(tmp_path, {"x.jar": data})
    assert shipped["x.jar"] == data
    assert "x.jar: archive-repack cannot understand it" in said
