"""slim check says what one zip needs and neither another nor the target has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slimmer.check.needs import need_findings
from slimmer.ecosystems.python.standard_library import standard_library
from slimmer.model.codes import Severity
from slimmer.targets import load_targets
from tests.ecosystems.erlang.test_calls import module
from tests.support.classes import class_naming, jar
from tests.support.command import slim
from tests.support.natives import LINUX, Zip
from tests.support.zips import zip_of

TARGETS = load_targets()
KERNEL = {
    "lib/kernel-8/ebin/kernel.app": b"{application,kernel,[{applications,[]}]}.",
    "lib/kernel-8/ebin/file.beam": b"",
}
HANDLER = b"\n\ndef handler(event, context):\n    return 1\n"
FAIL, WARN = Severity.FAIL, Severity.WARN


def said(
    function: dict[str, bytes], layer: dict[str, bytes], target: str = "lambda"
) -> list[tuple[Severity, str]]:
    """Say what is missing: how much it weighs, and what it is."""
    found = need_findings((Zip("layer.zip", layer),), Zip("fn.zip", function), TARGETS[target])
    return [
        (f.severity, f.message.partition(" the ")[2].partition(", which")[0])
        for f in found
        if f.code == "missing-need"
    ]


def app(*needs: str, more: str = "") -> bytes:
    return f"{{application,fn,[{{applications,[{','.join(needs)}]}}{more}]}}.".encode()


def python(source: str, layer: dict[str, bytes], target: str = "lambda") -> list[object]:
    return list(said({"app.py": source.encode() + HANDLER}, layer, target))


def test_an_application_that_no_zip_has_fails() -> None:
    fn = {"fn/ebin/fn.app": app("kernel", "ssh")}
    assert said(fn, KERNEL) == [(FAIL, "application ssh")]
    ssh = {"lib/ssh-5/ebin/ssh.app": b"{application,ssh,[{applications,[crypto]}]}."}
    assert said(fn, KERNEL | ssh) == [(FAIL, "application crypto")]
    assert said(fn, {}) == [], "OTP itself is not in the zips"


def test_an_optional_application_is_not_missed() -> None:
    fn = {"fn/ebin/fn.app": app("kernel", "ssh", more=",{optional_applications,[ssh]}")}
    assert said(fn, KERNEL) == []


def test_a_loose_module_needs_what_it_calls() -> None:
    calls = module(("mnesia", "start", 0), ("erlang", "halt", 0), ("file", "consult", 1))
    assert said({"bare.beam": calls}, KERNEL) == [(FAIL, "module mnesia")]
    assert said({"x/ebin/x.app": app(), "x/ebin/x.beam": calls}, KERNEL) == []
    assert said({"run.exs": b":mnesia.start()"}, KERNEL) == [(WARN, "application mnesia")]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import gone\nexcept ImportError:\n    gone = None",
        "import sys\nif sys.version_info < (3, 8):\n    import gone",
        "def later():\n    import gone",
        '"""\nimport gone\n"""',
        "import os.path, boto3, botocore.config, six.moves.urllib",
        "import lib\nfrom lib import made, sub",
        "import google.cloud.one",
        "import hacked.parts",
        "import lib.sub",
    ],
)
def test_what_python_can_do_without_is_not_missed(source: str) -> None:
    layer = {
        "python/lib/__init__.py": b"made = 1\n",
        "python/lib/sub.py": b"",
        "python/google/cloud/one/__init__.py": b"",
        "python/hacked/__init__.py": b"import sys\nsys.modules['hacked.parts'] = 1\n",
    }
    assert python(source, layer) == []


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("import gone", "gone"),
        ("import json; from gone.deep import (\n    a,\n    b)", "gone"),
        ("import lib.gone", "lib.gone"),
        ("from lib import gone", "lib.gone"),
        ("import lib.deep", "other"),
    ],
)
def test_a_module_that_is_imported_at_the_top_is_missed(source: str, missing: str) -> None:
    layer = {"python/lib/__init__.py": b'x = ["gone"]\n', "python/lib/deep.py": b"import other\n"}
    assert python(source, layer) == [(FAIL, f"Python module {missing}")]


def test_metadata_that_is_asked_for_at_the_top_is_missed() -> None:
    source = "from importlib.metadata import version\n__version__ = version('Some_Lib')"
    found = python(source, {"python/a.py": b""})
    assert found == [(FAIL, "metadata of the distribution some-lib")]
    assert python(source, {"python/some_lib-1.dist-info/METADATA": b""}) == []


def test_what_only_some_runtimes_have_is_certain_once_the_target_is_known() -> None:
    layer = {"python/a.py": b""}
    missing = "Python module pkg_resources"
    assert python("import pkg_resources", layer) == [(WARN, missing)]
    assert python("import pkg_resources", layer, "python3.13") == [(FAIL, missing)]
    assert python("import imp", layer, "python3.11") == []
    assert python("import imp", layer, "python3.13") == [(FAIL, "Python module imp")]
    assert python("import gone", layer, "nodejs22.x") == []


def test_what_lies_elsewhere_on_the_path_is_not_missed() -> None:
    vendored = {"app.py": b"import sys\nsys.path.insert(0, 'v')\nimport gone" + HANDLER}
    inside = {"python/pkg/__init__.py": b"", "python/pkg/_vendor/gone.py": b""}
    assert said(vendored, inside) == []
    assert said({"app.py": b"import gone" + HANDLER}, inside) == [(FAIL, "Python module gone")]
    assert said({"app.py": b"import gone" + HANDLER, "vendor/gone.py": b""}, {}) == []
    archive = {"app.py": b"import unzip_requirements\nimport gone" + HANDLER, "r.zip": b""}
    assert said(archive, {}) == []


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("const x = require('gone');", "gone"),
        ("import x from '@scope/gone/deep'", "@scope/gone"),
        ("const a = require('express'), fs = require('node:fs');", ""),
        ("const {S3} = require('@aws-sdk/client-s3'); require('./own');", ""),
        ("try { require('gone') } catch {}", ""),
        ("const later = () => require('gone')", ""),
        ("const x = process.env.X ? require('gone') : 1;", ""),
        ("// require('gone')", ""),
    ],
)
def test_a_package_that_own_code_requires_is_missed(source: str, missing: str) -> None:
    files = {"index.js": f"{source}\nexports.handler = async (event) => 1;\n".encode()}
    layer = {"nodejs/node_modules/express/package.json": b"{}"}
    assert said(files, layer) == ([(FAIL, f"npm package {missing}")] if missing else [])


def test_a_library_is_missed_where_the_target_is_known() -> None:
    tool = LINUX.replace(b"libc.so.6", b"libx.so.6")
    assert said({"bin/tool": tool}, {}, "provided.al2023") == [(WARN, "library libx.so.6")]
    assert said({"bin/tool": tool}, {"lib/libx.so.6": tool}, "provided.al2023") == []
    assert said({"bin/tool": tool}, {}) == []


def test_a_function_alone_only_warns(tmp_path: Path) -> None:
    zip_of(tmp_path / "fn.zip", {"app.py": b"import gone" + HANDLER})
    zip_of(tmp_path / "layer.zip", {"python/a.py": b""})
    alone = slim("check", "--function", "fn.zip", cwd=tmp_path)
    assert (alone.code, "warn: fn.zip: app.py needs the Python module gone" in alone.out) == (
        0,
        True,
    )
    both = slim("check", "layer.zip", "--function", "fn.zip", cwd=tmp_path)
    assert both.code == 1
    assert "build the layer with --with fn.zip" in both.out


def test_what_cannot_be_understood_is_told(tmp_path: Path) -> None:
    zip_of(tmp_path / "fn.zip", {"fn/ebin/fn.app": b"{application,fn,[{applications,[ker"})
    zip_of(tmp_path / "layer.zip", KERNEL)
    done = slim("check", "layer.zip", "--function", "fn.zip", cwd=tmp_path)
    assert done.code == 0, done.text
    assert "fn.zip: fn/ebin/fn.app cannot be understood" in done.out


def test_the_standard_library_is_that_of_this_python() -> None:
    version = f"3.{sys.version_info.minor}"
    tests = ("_test", "__", "_xxtest", "xx")
    mine = {name for name in sys.stdlib_module_names if not name.startswith(tests)}
    assert mine <= standard_library(version)


FN, HANDLER_OF = "com/acme/Fn", "com/amazonaws/services/lambda/runtime/RequestHandler"


def java(fn: bytes, layer: dict[str, bytes], target: str = "java17", **more: bytes) -> object:
    own = {f"{FN}.class": fn, **{f"com/acme/{name}.class": data for name, data in more.items()}}
    return said(own, layer, target)


def test_a_class_without_which_the_handler_is_not_loaded_fails() -> None:
    handler = class_naming(FN, above="org/web/Base", by=HANDLER_OF)
    assert java(handler, {}) == [(FAIL, "class org.web.Base")]
    assert java(handler, {"java/lib/web.jar": jar(("org/web/Base",))}) == []
    assert java(handler, {"java/lib/web.jar": jar(("org/web/Other",))}) == [
        (FAIL, "class org.web.Base")
    ]
    assert java(handler, {}, "provided.al2023") == [], "no Java may run there"
    between = class_naming("com/acme/Mid", above="org/web/Base")
    below = class_naming(FN, above="com/acme/Mid", by=HANDLER_OF)
    assert java(below, {}, Mid=between) == [(FAIL, "class org.web.Base")]


def test_a_class_that_java_looks_for_late_only_warns() -> None:
    names = ("java/sql/Driver", "javax/sql/DataSource", "org/db/Pool", "org/db/Row", "[Lorg/x/Y;")
    late = class_naming(FN, *names, by=HANDLER_OF)
    assert java(late, {}) == [(WARN, "package org.db")]
    assert java(late, {"java/lib/db.jar": jar(("org/db/Row",))}) == [(WARN, "class org.db.Pool")]
    assert java(class_naming(FN, above="javax/servlet/Servlet"), {}) == [
        (WARN, "package javax.servlet")
    ]


def test_in_a_jar_of_many_only_the_handler_is_asked() -> None:
    lib = {f"META-INF/maven/org.{n}/{n}/pom.xml": b"" for n in "ab"}
    lib |= {"org/a/A.class": class_naming("org/a/A", "org/optional/O", above="org/optional/B")}
    handler = class_naming(FN, above="org/web/Base", by=HANDLER_OF)
    assert said(lib | {f"{FN}.class": handler}, {}, "java21") == [(WARN, "class org.web.Base")]


@pytest.mark.parametrize("cut", [3, 40])
def test_a_class_or_jar_that_is_cut_short_is_told(cut: int) -> None:
    whole = class_naming(FN, by=HANDLER_OF)
    for function, layer in (
        ({f"{FN}.class": whole[:cut]}, {}),
        ({f"{FN}.class": whole}, {"java/lib/a.jar": jar(("org/a/A",))[:cut]}),
    ):
        zips = (Zip("layer.zip", layer),), Zip("fn.zip", function)
        found = need_findings(*zips, TARGETS["java17"])
        assert [f.code for f in found] == ["unreadable-metadata"]
