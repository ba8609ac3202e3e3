"""Two identical extension modules keep a state each: through links they would share one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.real.need import absent

pytestmark = pytest.mark.real

SOURCE = """
#include <Python.h>
static long count = 0;
static PyObject *add(PyObject *self, PyObject *none) { return PyLong_FromLong(++count); }
static PyMethodDef methods[] = {{"add", add, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_count", "", -1, methods};
PyMODINIT_FUNC PyInit__count(void) { return PyModule_Create(&module); }
"""
ASK = """
import sys; sys.path.insert(0, sys.argv[1])
import one._count, two._count
print(one._count.add(), one._count.add(), two._count.add())
"""


def answer(tree: Path) -> str:
    argv = [sys.executable, "-I", "-B", "-c", ASK, str(tree)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_each_counts_for_itself(tmp_path: Path) -> None:
    headers = sysconfig.get_paths()["include"]
    if shutil.which("gcc") is None or not (Path(headers) / "Python.h").is_file():
        absent("gcc, or Python.h, is not here")
    (tmp_path / "count.c").write_text(SOURCE, "utf-8")
    name = "_count" + str(sysconfig.get_config_var("EXT_SUFFIX"))
    for package in ("one", "two"):
        (tmp_path / "tree" / package).mkdir(parents=True)
        (tmp_path / "tree" / package / "__init__.py").touch()
        argv = ["gcc", "-shared", "-fPIC", f"-I{headers}", "count.c", "-o"]
        subprocess.run([*argv, f"tree/{package}/{name}"], cwd=tmp_path, check=True)
    built = build(tmp_path / "tree", tmp_path / "out", "--level", "1")
    assert answer(tmp_path / "tree") == "1 2 1"
    assert answer(unpack(built.zip, tmp_path / "layer")) == "1 2 1"
