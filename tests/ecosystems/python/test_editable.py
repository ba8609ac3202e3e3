"""An editable install leaves its code outside the zip, and fails with a line that says so."""

from __future__ import annotations

import json

import pytest

from tests.support.natives import Zip, decided, said

URL = json.dumps({"url": "file:///home/me/my%20acme", "dir_info": {"editable": True}}).encode()
INFO = "python/acme-1.0.dist-info"
EDITABLE = {
    "python/boto/__init__.py": b"",
    f"{INFO}/METADATA": b"Name: acme\nVersion: 1.0\n",
    f"{INFO}/direct_url.json": URL,
    "python/__editable__.acme-1.0.pth": b"/home/me/my acme/src\n",
}


def test_it_fails_once_with_what_to_do() -> None:
    (failure,) = said(decided(EDITABLE))
    assert failure == (
        "fail editable-install: python/acme-1.0.dist-info: acme is installed editable, and its "
        "code, in /home/me/my acme, is not in the tree; install it with pip install --target DIR "
        "'/home/me/my acme', without -e"
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("python/__editable__.acme-1.0.pth", b"/home/me/acme\n"),
        ("python/_editable_impl_acme.pth", b"/home/me/acme"),
        ("easy-install.pth", b"# a comment\n\n/home/me/acme\n"),
        ("python/__editable__.acme-1.0.pth", b"../../acme\n"),
        ("python/__editable__.acme-1.0.pth", b"/opt/src\n"),
    ],
)
def test_a_path_file_that_leads_out_fails_too(path: str, text: bytes) -> None:
    (failure,) = said(decided({path: text, "app.py": b"", "python/boto/__init__.py": b""}))
    assert failure.startswith(
        f"fail editable-install: {path}: acme " if b"acme" in text else "fail"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"acme/__init__.py": b""},
        {"python/acme.py": b""},
        {f"{INFO}/top_level.txt": b"_acme\nrules\n", "python/rules/__init__.py": b""},
        {f"{INFO}/direct_url.json": URL.replace(b"true", b"false"), "acme/__init__.py": b""},
    ],
)
def test_code_that_is_in_the_tree_passes(more: dict[str, bytes]) -> None:
    assert said(decided(EDITABLE | more)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("distutils-precedence.pth", b"import os\n"),
        ("x.pth", b"/usr/lib/python3/dist-packages\n"),
        ("python/__editable__.acme-1.0.pth", b"src\n"),
        ("python/__editable__.acme-1.0.pth", b"/opt/python/src\n"),
        (f"{INFO}/direct_url.json", b"{"),
        (f"{INFO}/direct_url.json", b'{"url": "file:///x", "dir_info": {}}'),
        (f"{INFO}/direct_url.json", b'[{"dir_info": {"editable": true}}]'),
        (f"{INFO}/direct_url.json", URL),  # without METADATA it is no distribution
    ],
)
def test_what_is_not_editable_passes(path: str, text: bytes) -> None:
    assert said(decided({path: text, "app.py": b"", "python/src/x.py": b""})) == []


def test_code_in_another_zip_passes() -> None:
    function = Zip("function.zip", {"acme/__init__.py": b""})
    assert said(decided(EDITABLE, beside=(function,))) == []


def test_what_the_user_drops_passes() -> None:
    assert said(decided(EDITABLE, drop="/python/acme-*.dist-info/ *.pth")) == []
