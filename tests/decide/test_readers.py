"""Where a reader ships, what it reads ships, too."""

import pytest

from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped
from tests.support.installed import npm_lock, record

NODE = {
    "index.js": b"require('typescript')",
    "node_modules/typescript/package.json": b'{"name": "typescript", "version": "5.9.3"}',
    "node_modules/typescript/index.js": b"",
    "node_modules/@types/node/package.json": b'{"name": "@types/node", "version": "22.0.0"}',
    "node_modules/@types/node/index.d.ts": b"",
    "node_modules/x/package.json": b'{"name": "x", "version": "1.0.0"}',
    "node_modules/x/index.js": b"",
    "node_modules/x/index.d.ts": b"",
}
TYPES = {"node_modules/@types/node/index.d.ts", "node_modules/x/index.d.ts"}


def test_types_ship_with_the_compiler_that_reads_them() -> None:
    files = NODE | npm_lock(NODE)
    assert not TYPES & dropped(decide(files))
    assert dropped(decide(files | {"index.js": b""})) >= TYPES
    assert dropped(decide(files, guards=("node",))) >= TYPES
    assert "node_modules/x/index.d.ts" in dropped(decide(files, drop="node_modules/x/*.d.ts"))


@pytest.mark.parametrize("home", ["node_modules/ts5", "node_modules/x/node_modules/typescript"])
def test_types_ship_with_a_compiler_by_another_name_or_deeper(home: str) -> None:
    manifest = b'{"name": "typescript", "version": "5.9.3", "main": "./lib/typescript.js"}'
    compiler = {f"{home}/package.json": manifest}
    compiler |= dict.fromkeys((f"{home}/lib/typescript.js", f"{home}/lib/lib.es5.d.ts"), b"")
    files = NODE | compiler | {"index.js": b"require('ts5'); require('x')"}
    files["node_modules/x/index.js"] = b"require('typescript')"
    gone = dropped(decide(files | npm_lock(files)))
    assert not {*TYPES, *compiler} & gone


@pytest.mark.parametrize(("modules", "goes"), [("java.base jdk.compiler", False), ("x", True)])
def test_older_versions_of_java_ship_with_the_compiler(modules: str, goes: bool) -> None:
    files = {
        "jre/release": f'JAVA_VERSION="17"\nMODULES="{modules}"\n'.encode(),
        "jre/lib/server/libjvm.so": b"",
        "jre/lib/jvm.cfg": b"",
        "jre/lib/modules": b"",
        "jre/lib/ct.sym": b"PK\x03\x04",
    }
    assert ("jre/lib/ct.sym" in dropped(decide(files))) == goes


def test_headers_of_cffi_ship_with_what_writes_sources() -> None:
    files = {
        "cffi/recompiler.py": b"",
        "cffi/_cffi_include.h": b"",
        "x/x.h": b"",
        "x/_x.abi3.so": b"",
    }
    files["cffi-2.0.dist-info/METADATA"] = b"Name: cffi\n"
    files["cffi-2.0.dist-info/RECORD"] = record(files)
    gone = dropped(decide(files, tier=Tier.AGGRESSIVE))
    assert "x/x.h" in gone
    assert "cffi/_cffi_include.h" not in gone


def test_headers_ship_with_code_of_the_users_own_that_asks_for_them() -> None:
    files = {
        "numpy/__init__.py": b"def get_include(): pass\n",
        "numpy/_core/x.cpython-312-x86_64-linux-gnu.so": b"\x7fELF",
        "numpy/_core/include/numpy/arrayobject.h": b"",
    }
    header = "numpy/_core/include/numpy/arrayobject.h"
    files["numpy-2.0.dist-info/METADATA"] = b"Name: numpy\n"
    files["numpy-2.0.dist-info/RECORD"] = record(files)
    assert header in dropped(decide(files | {"app.py": b"import numpy\n"}))
    found = decide(files | {"app.py": b"import numpy\nnumpy.get_include()\n"})
    assert header not in dropped(found)
    assert found.rescues[0].chain.startswith("app.py needs /numpy/*/include/")
    calls = {"app.py": b"import numpy.f2py\n"}
    assert header not in dropped(decide(files | calls))
    assert header in dropped(decide(files | calls, drop="numpy/_core/include/"))


@pytest.mark.parametrize("reader", ["griffe/__init__.py", "ty/__main__.py", "pdoc/doc_pyi.py"])
def test_types_ship_with_what_checks_or_documents_code(reader: str) -> None:
    files = {"x/__init__.py": b"", "x/__init__.pyi": b"", "x/py.typed": b""}
    files["x-1.0.dist-info/METADATA"] = b"Name: x\n"
    files["x-1.0.dist-info/RECORD"] = record(files)
    assert {"x/__init__.pyi", "x/py.typed"} <= dropped(decide(files))
    assert not {"x/__init__.pyi", "x/py.typed"} & dropped(decide(files | {reader: b""}))


def test_the_header_that_sysconfig_reads_ships_with_it() -> None:
    header = "python/include/python3.13/pyconfig.h"
    files = {header: b"", "python/include/python3.13/Python.h": b"", "python/lib/libx.so": b""}
    sysconfig = {"python/lib/python3.13/sysconfig/__init__.py": b"def get_config_h_filename(): ..."}
    assert header in dropped(decide(files, tier=Tier.AGGRESSIVE))
    assert header not in dropped(decide(files | sysconfig, tier=Tier.AGGRESSIVE))
    assert files.keys() - {header} & dropped(decide(files | sysconfig, tier=Tier.AGGRESSIVE))


def test_headers_of_any_package_ship_with_own_code_that_asks_for_them() -> None:
    files = {"pysam/__init__.py": b"", "pysam/x.abi3.so": b"", "pysam/include/a.h": b""}
    files["pysam-1.0.dist-info/METADATA"] = b"Name: pysam\n"
    files["pysam-1.0.dist-info/RECORD"] = record(files)
    calls = {"app.py": b"import pysam\npysam.get_include()\n"}
    assert "pysam/include/a.h" in dropped(decide(files, tier=Tier.AGGRESSIVE))
    assert "pysam/include/a.h" not in dropped(decide(files | calls, tier=Tier.AGGRESSIVE))


@pytest.mark.parametrize(
    "compiler", ["bin/tcc", "usr/bin/tcc", "usr/lib/gcc/x86_64-linux-gnu/12/cc1"]
)
def test_a_compiler_ships_with_what_it_compiles_and_links_against(compiler: str) -> None:
    files = {
        "usr/include/stdio.h": b"",
        "usr/lib/libm.a": b"!<arch>\n",
        "usr/lib/libm.so": b"",
        "var/lib/dpkg/status": b"Package: x\nStatus: install ok installed\nVersion: 1\n",
    }
    paths = "".join(f"/{path}\n" for path in (*files, compiler))
    files["var/lib/dpkg/info/x.list"] = paths.encode()
    assert dropped(decide(files)) == {"usr/lib/libm.a"}
    assert "usr/include/stdio.h" in dropped(decide(files, tier=Tier.AGGRESSIVE))
    assert not dropped(decide(files | {compiler: b""}))
    assert not dropped(decide(files | {compiler: b""}, tier=Tier.AGGRESSIVE))
