"""What --tree-shake leaves out of a jar that many were merged into, and what it never does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from slimmer.formats import Refused
from slimmer.formats.zip.repack import repack
from tests.ecosystems.java.test_uses import EC2, SDK
from tests.formats.test_repack import built, names
from tests.support.classes import class_file
from tests.support.zips import zipped

MAIN = {
    "META-INF/MANIFEST.MF": b"Main-Class: acme.Main\n",
    "acme/Main.class": class_file("acme/Main", "com.amazonaws.services.s3.S3"),
}
BOOTSTRAP = b"#!/bin/sh\nexec java -jar app.jar\n"


def shaken(tmp_path: Path, members: dict[str, bytes], *options: str) -> tuple[str, set[str]]:
    files = {"bootstrap": BOOTSTRAP, "app.jar": zipped(members)}
    said, shipped = built(tmp_path, files, "--target", "provided.al2023", *options)
    return said, names(shipped["app.jar"])


def test_unreached_artefacts_are_told_and_go_only_with_tree_shake(tmp_path: Path) -> None:
    members = {**MAIN, **SDK}
    said, left = shaken(tmp_path, members)
    assert left == set(members)
    assert "java/app:com.amazonaws.services.ec2 (" in said
    said, left = shaken(tmp_path, members, "--tree-shake")
    assert left == set(members) - EC2
    assert "inside: unreached/app" in said


def test_what_is_signed_stays(tmp_path: Path) -> None:
    signed = "".join(f"\nName: {name}\nSHA-256-Digest: x\n" for name in sorted(EC2)).encode()
    members = {**MAIN, **SDK}
    members["META-INF/MANIFEST.MF"] += signed
    assert shaken(tmp_path, members, "--tree-shake")[1] == set(members)


def test_a_jar_that_the_user_keeps_stays_whole(tmp_path: Path) -> None:
    members = {**MAIN, **SDK}
    assert shaken(tmp_path, members, "--tree-shake", "--keep", "app.jar")[1] == set(members)


def test_a_zip64_is_repacked_where_what_stays_needs_none() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1 << 16):
            archive.writestr(f"{number:x}", b"")
    data = file.getvalue()
    with pytest.raises(Refused, match="it is a zip64"):
        repack(data, lambda _archive: {"0": "some/rule"})
    found = repack(data, lambda _archive: {"0": "some/rule", "1": "some/rule"})
    assert names(found.data) == {f"{number:x}" for number in range(2, 1 << 16)}
    assert len(found.left_out) == 2
