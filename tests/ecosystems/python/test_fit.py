"""Python's extension modules: those for another Python fail."""

from __future__ import annotations

import pytest

from tests.support.installed import record
from tests.support.natives import LINUX, decided, said

CP311 = "cpython-311-x86_64-linux-gnu.so"


def test_modules_for_another_python_fail() -> None:
    files = {f"python/numpy/a.{CP311}": LINUX, f"python/numpy/b.{CP311}": LINUX}
    assert said(decided(files, target="python3.12")) == [
        (
            f"fail python-abi: python/numpy/a.{CP311} and 1 more are for Python 3.11; python3.12 "
            "has 3.12 and cannot import them; use python3.11 or install with "
            "pip install --target DIR --platform manylinux_2_28_x86_64 --platform "
            "manylinux2014_x86_64 --python-version 3.12 --only-binary=:all: numpy"
        )
    ]


def test_a_tree_for_two_pythons_is_not_sent_from_one_target_to_the_other() -> None:
    cp312 = CP311.replace("311", "312")
    files = {f"python/numpy/a.{CP311}": LINUX, f"python/pandas/b.{cp312}": LINUX}
    for target, package in (("python3.11", "pandas"), ("python3.12", "numpy")):
        (line,) = said(decided(files, target=target))
        assert "use python" not in line
        assert line.endswith(f"--only-binary=:all: {package}")


@pytest.mark.parametrize(
    "path",
    [
        f"python/x/a.{CP311}",
        "python/x/a.abi3.so",
        "python/x/a.so",
        "python/lib/python3.12/site-packages/x/a.cpython-312-x86_64-linux-gnu.so",
    ],
)
def test_modules_that_the_runtimes_python_imports_or_never_sees_do_not(path: str) -> None:
    assert said(decided({path: LINUX}, target="python3.11")) == []


def test_a_tree_with_a_python_of_its_own_only_warns() -> None:
    files = {f"x/a.{CP311}": LINUX, "bin/python3.11": LINUX}
    (warning,) = said(decided(files, target="python3.12"))
    assert warning.startswith("warn python-abi: ")


@pytest.mark.parametrize(
    ("target", "modern", "version"),
    [
        ("python3.12", "--platform manylinux_2_28_aarch64 ", "3.12"),
        ("python3.11", "", "3.11"),
        ("lambda", "", "3.11"),
    ],
)
def test_the_command_installs_all_in_the_versions_that_the_tree_has(
    target: str, modern: str, version: str
) -> None:
    """Others of the tree pin them: pydantic does not start with another pydantic-core."""
    module = f"cpython-{version.replace('.', '')}"
    files: dict[str, bytes] = {}
    for name, package, of_tree in (
        *(("pydantic_core", "pydantic_core", "2.5"), ("pillow", "PIL", "12.0")),
        ("torch", "torch", "2.9+cpu"),
    ):
        path = f"{package}/_x.{module}-x86_64-linux-gnu.so"
        info = f"{name}-{of_tree}.dist-info"
        files |= {path: LINUX, f"{package}/__init__.py": b"from . import _x\n"}
        files |= {f"{info}/METADATA": f"Name: {name}\n".encode(), f"{info}/RECORD": record([path])}
    (line,) = (each for each in said(decided(files, target=target, arch="arm64")) if "pip" in each)
    options = f"{modern}--platform manylinux2014_aarch64 --python-version {version}"
    command = f"pip install --target DIR {options} --only-binary=:all: "
    assert line.endswith(f"{command}pillow==12.0 pydantic-core==2.5 torch")
