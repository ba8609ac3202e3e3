"""Versions of glibc and libstdc++: what is certainly missing fails, what may be there warns."""

from __future__ import annotations

import pytest

from tests.support.elves import program
from tests.support.natives import decided, said

NEW = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.2.5", "GLIBC_2.34")})


def cxx(version: str, **more: str) -> bytes:
    return program("libstdc++.so.6", versions={"libstdc++.so.6": (version,)}, **more)  # type: ignore[arg-type]


def test_a_newer_glibc_than_the_targets_fails_and_names_what_would_help() -> None:
    assert said(decided({"bin/beam.smp": NEW}, target="provided.al2")) == [
        (
            "fail glibc-too-old: bin/beam.smp needs GLIBC_2.34; provided.al2 has 2.26; "
            "use provided.al2023 or build on Amazon Linux 2"
        )
    ]


@pytest.mark.parametrize("target", ["provided.al2023", "lambda", "lambda-image", "python3.12"])
def test_where_it_is_there_or_nothing_is_known_nothing_is_said(target: str) -> None:
    assert said(decided({"bin/beam.smp": NEW}, target=target)) == []


def test_where_no_target_has_it_only_a_build_helps() -> None:
    newest = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.38",)})
    (failure,) = said(decided({"a": newest, "b": NEW}, target="provided.al2023"))
    assert failure.endswith(
        "a needs GLIBC_2.38; provided.al2023 has 2.34; build on Amazon Linux 2023"
    )


def test_many_programs_are_one_line_that_names_the_worst() -> None:
    newer = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.36",)})
    files = {"a": NEW, "b": newer, "c": NEW}
    (failure,) = said(decided(files, target="nodejs18.x"))
    assert "b and 2 more need up to GLIBC_2.36; nodejs18.x has 2.26; build on" in failure


@pytest.mark.parametrize(
    "versions",
    [("GLIBC_PRIVATE",), ("GLIBC_2.26",), ("GLIBC_2.9",), ("OPENSSL_3.0.0",), ("GLIBC_x",)],
)
def test_versions_that_are_there_or_are_none_are_no_matter(versions: tuple[str, ...]) -> None:
    data = program("libc.so.6", versions={"libc.so.6": versions})
    assert said(decided({"a": data}, target="provided.al2")) == []


def test_a_version_that_is_not_insisted_on_is_no_matter() -> None:
    data = program("libc.so.6", versions={"libc.so.6": ("GLIBC_2.34",)}, weak=True)
    assert said(decided({"a": data}, target="provided.al2")) == []


def test_a_way_of_relocating_counts_as_the_version_that_brought_it() -> None:
    data = program("libc.so.6", versions={"libc.so.6": ("GLIBC_ABI_DT_RELR",)})
    (failure,) = said(decided({"a": data}, target="provided.al2023"))
    assert "a needs GLIBC_ABI_DT_RELR; provided.al2023 has 2.34" in failure


def test_what_only_later_releases_have_warns() -> None:
    (warning,) = said(decided({"a": cxx("GLIBCXX_3.4.30")}, target="provided.al2023"))
    assert warning.startswith(
        "warn glibcxx-too-old: a needs GLIBCXX_3.4.30; provided.al2023 has 3.4.29"
    )
    assert "its later releases 3.4.33" in warning
    (failure,) = said(decided({"a": cxx("GLIBCXX_3.4.34")}, target="provided.al2023"))
    assert failure.startswith("fail glibcxx-too-old: ")
    (failure,) = said(decided({"a": cxx("CXXABI_1.3.12")}, target="provided.al2"))
    assert failure.startswith("fail cxxabi-too-old: a needs CXXABI_1.3.12; provided.al2 has 1.3.11")


def test_a_libstdcxx_of_its_own_is_found_first_by_rpath_only() -> None:
    own = {"lib/libstdc++.so.6": program("libc.so.6", defines=("GLIBCXX_3.4.30",))}
    by_rpath = {"bin/a": cxx("GLIBCXX_3.4.30", rpath="$ORIGIN/../lib")}
    assert said(decided(own | by_rpath, target="provided.al2")) == []
    by_runpath = {"bin/a": cxx("GLIBCXX_3.4.30", runpath="$ORIGIN/../lib")}
    (warning,) = said(decided(own | by_runpath, target="provided.al2"))
    assert warning.startswith("warn glibcxx-too-old: bin/a needs GLIBCXX_3.4.30; provided.al2 has ")
    assert "lib/libstdc++.so.6" in warning
