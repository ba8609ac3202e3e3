"""Libraries that programs need: in the artifact, in a zip beside it, or on the target."""

from __future__ import annotations

import pytest

from tests.support.elves import program
from tests.support.natives import LINUX, Zip, decided, said


def test_a_library_that_is_nowhere_is_named() -> None:
    assert said(decided({"priv/crypto.so": program("libcrypto.so.3")}, target="provided.al2")) == [
        (
            "warn library-missing: priv/crypto.so needs libcrypto.so.3, which is neither in this "
            "artifact nor beside it, nor known to be in provided.al2; use provided.al2023 or put "
            "libcrypto.so.3 into lib/"
        )
    ]


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"priv/crypto.so": program("libcrypto.so.3")}, "provided.al2023"),
        ({"a/x.so": program("libq.so"), "a/libq.so": LINUX}, "provided.al2"),
        ({"a/x.so": program("libq.so"), "b/libq.so": LINUX}, "provided.al2"),
        ({"a/x.so": program("libpython3.11.so.1.0")}, "python3.11"),
    ],
)
def test_a_library_that_is_there_is_not(files: dict[str, bytes], target: str) -> None:
    assert said(decided(files, target=target)) == []


def test_a_library_in_a_zip_beside_is_there() -> None:
    layer = Zip("layer.zip", {"lib/libq.so": LINUX})
    assert said(decided({"a": program("libq.so")}, target="provided.al2", beside=(layer,))) == []


def test_a_program_whose_library_lies_where_no_loader_looks_is_named() -> None:
    run = program("libq.so", interpreter="/lib64/ld-linux-x86-64.so.2")
    (warning,) = said(decided({"bin/run": run, "x/libq.so": LINUX}, target="provided.al2"))
    assert "bin/run needs libq.so, which lies in x/libq.so, where the loader does not" in warning
    assert said(decided({"bin/run": run, "lib/libq.so": LINUX}, target="provided.al2")) == []
    own = program("libq.so", interpreter="/lib64/ld-linux-x86-64.so.2", runpath="/opt/x")
    assert said(decided({"bin/run": own, "x/libq.so": LINUX}, target="provided.al2")) == []


def test_a_library_of_the_image_that_may_be_missing_says_so() -> None:
    (warning,) = said(decided({"a": program("libgcrypt.so.20")}, target="provided.al2023"))
    assert "which AWS's image of provided.al2023 has, but was found missing" in warning
