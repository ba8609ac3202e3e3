"""Who owns a path: what each installer wrote down decides; else the path is the user's."""

from __future__ import annotations

import pytest

from slimmer.model.owners import OWN, SHARED
from tests.support.installed import owners, record

APP = b"{application,x,[{applications,[kernel]}%s]}.\n"
OTP_APP = APP % b',{runtime_dependencies,["erts-13"]}'
OWN_APP = APP % b""

WHEEL = {
    "six-1.dist-info/METADATA": b"Name: six\n",
    "six-1.dist-info/RECORD": record(
        ["six.py", "tests/test_six.py", "../../bin/six", "../../share/six/index.js"]
    ),
    "six.py": b"",
    "__pycache__/six.cpython-311.pyc": b"",
    "tests/test_six.py": b"",
    "tests/cases.json": b"",
    "bin/six": b"#!python\n",
    "bin/mine": b"",
    "share/six/index.js": b"",
    "share/six/mine.js": b"",
}
NAMED = {
    "acme_x-1.dist-info/METADATA": b"",
    "acme_x-1.dist-info/top_level.txt": b"acme\ntests\n",
    "acme/a.py": b"",
    "acme_x/b.py": b"",
    "tests/c.py": b"",
    "acme_x.libs/l.so": b"",
}
PACKAGE = b'{"name": "qs", "version": "1.0.0"}'
PRIVATE = b'{"name": "qs", "version": "1.0.0", "private": true}'


def direct_url(text: bytes) -> dict[str, bytes]:
    return {**WHEEL, "six-1.dist-info/direct_url.json": text}


def lock(row: bytes) -> dict[str, bytes]:
    rows = b'{"packages": {"node_modules/qs": {%s}}}' % row
    return {"node_modules/qs/package.json": PACKAGE, "node_modules/.package-lock.json": rows}


@pytest.mark.parametrize(
    ("files", "path", "owner"),
    [
        (WHEEL, "six.py", "python/six"),
        (WHEEL, "__pycache__/six.cpython-311.pyc", "python/six"),
        (WHEEL, "tests/test_six.py", "python/six"),
        (WHEEL, "tests/cases.json", OWN),
        (WHEEL, "tests", SHARED),
        (WHEEL, "bin/six", "python/six"),
        (WHEEL, "bin/mine", OWN),
        (WHEEL, "share/six/index.js", "python/six"),
        (WHEEL, "share/six/mine.js", OWN),
        (WHEEL, "six-1.dist-info/RECORD", "python/six"),
        (NAMED, "acme/a.py", "python/acme_x"),
        (NAMED, "acme_x/b.py", "python/acme_x"),
        (NAMED, "acme_x.libs/l.so", "python/acme_x"),
        (NAMED, "tests/c.py", OWN),
        (direct_url(b'{"url": "file:///src/six", "dir_info": {}}'), "six.py", OWN),
        (
            {
                **direct_url(b'{"url": "file:///src/six", "dir_info": {}}'),
                "six-1.dist-info/RECORD": record(["six.py", "six-1.dist-info/INSTALLER"]),
                "six-1.dist-info/INSTALLER": b"pip\n",
            },
            "six-1.dist-info/INSTALLER",
            "python/six",
        ),
        (direct_url(b'{"url": "file:///s/six-1.whl", "archive_info": {}}'), "six.py", OWN),
        (direct_url(b'{"url": "https://x/six.git", "vcs_info": {}}'), "six.py", OWN),
        (direct_url(b'{"url": "https://x/six.whl", "archive_info": {}}'), "six.py", OWN),
        (
            {**WHEEL, "six-1.dist-info/METADATA": b"Classifier: Private :: Do Not Upload\n"},
            "six.py",
            OWN,
        ),
        (direct_url(b"no JSON"), "six.py", OWN),
        ({**WHEEL, "six-1.dist-info/RECORD": b'six.py,,\n"a\0b\n'}, "six.py", "python/six"),
        (
            {
                "x.egg-info/PKG-INFO": b"",
                "x.egg-info/installed-files.txt": b"../x.py\n",
                "x.py": b"",
            },
            "x.py",
            "python/x",
        ),
        ({"x.egg-info/PKG-INFO": b"", "x/a.py": b""}, "x/a.py", "python/x"),
        (
            {"x.egg-info/PKG-INFO": b"", "x.egg-info/SOURCES.txt": b"x/a.py", "x/a.py": b""},
            "x/a.py",
            OWN,
        ),
        (
            {"lib/python3.12/os.py": b"", "lib/python3.12/test/a": b""},
            "lib/python3.12/test/a",
            None,
        ),
        (
            {"lib/python3.12/os.py": b"", "lib/python3.12/site-packages/a/b": b""},
            "lib/python3.12/site-packages/a/b",
            OWN,
        ),
    ],
)
def test_python(files: dict[str, bytes], path: str, owner: str | None) -> None:
    assert owners(files)[path] == (owner or "python/python3.12")


QS = "node_modules/qs/a/b.js"


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"node_modules/qs/package.json": PRIVATE}, OWN),
        ({"node_modules/qs/package.json": b'{"name": "qs"}'}, OWN),
        ({"node_modules/qs/package.json": b"[" * 100_000}, OWN),
        ({}, OWN),
        (lock(b'"resolved": "https://registry.example/qs.tgz"'), "node/qs"),
        (lock(b'"resolved": "file:qs-1.0.0.tgz"'), OWN),
        (lock(b'"resolved": "git+ssh://git@example/qs.git"'), OWN),
        (lock(b'"resolved": "packages/qs", "link": true'), OWN),
        (lock(b'"version": "1.0.0"'), "node/qs"),
        (
            {
                "node_modules/qs/package.json": PACKAGE,
                "package.json": b'{"dependencies": {"qs": "workspace:*"}}',
            },
            OWN,
        ),
        (
            {
                "node_modules/qs/package.json": PACKAGE,
                "package.json": b'{"dependencies": {"qs": "^1.0.0"}}',
                "yarn.lock": b"qs@^1.0.0:\n",
            },
            "node/qs",
        ),
    ],
)
def test_node(files: dict[str, bytes], owner: str) -> None:
    assert owners({**files, QS: b""})[QS] == owner


NAMED_ALONE = {"node_modules/qs/package.json": PACKAGE}
OTHER_LOCK = b'{"packages": {"node_modules/x": {"resolved": "https://registry.example/x.tgz"}}}'


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        (NAMED_ALONE, OWN),
        ({"node_modules/.package-lock.json": OTHER_LOCK, **NAMED_ALONE}, OWN),
        ({"yarn.lock": b'qs@^1.0.0:\n  version "1.0.0"\n', **NAMED_ALONE}, "node/qs"),
        ({"yarn.lock": b"x@^1.0.0:\n", **NAMED_ALONE}, OWN),
        (
            {"node_modules/.modules.yaml": b"hoistedLocations:\n  qs@1.0.0:\n", **NAMED_ALONE},
            "node/qs",
        ),
    ],
)
def test_a_package_that_somebody_copied_in(files: dict[str, bytes], owner: str) -> None:
    assert owners({**files, QS: b""})[QS] == owner


@pytest.mark.parametrize(
    ("more", "owner"),
    [
        (b'"repository": "x/qs"', "node/qs"),
        (b'"_resolved": "https://registry.example/qs.tgz"', "node/qs"),
        (b'"license": "UNLICENSED", "repository": "x/qs"', OWN),
        (b'"license": "MIT", "main": "a/b.js"', OWN),
    ],
)
def test_without_any_lock_a_package_says_whether_it_is_public(more: bytes, owner: str) -> None:
    package = PACKAGE.replace(b"}", b", " + more + b"}")
    assert owners({"node_modules/qs/package.json": package, QS: b""})[QS] == owner


def test_a_lock_of_the_workspace_lists_what_lies_in_its_members() -> None:
    lock = b'{"packages": {"packages/api/node_modules/qs": {"integrity": "sha512-x"}}}'
    folder = "packages/api/node_modules"
    found = owners(
        {
            "node_modules/.package-lock.json": lock,
            f"{folder}/qs/package.json": PACKAGE,
            f"{folder}/mine/package.json": PACKAGE,
        }
    )
    assert (found[f"{folder}/qs"], found[f"{folder}/mine"]) == ("node/qs", OWN)


def test_yarns_plug_n_play() -> None:
    cache = ".yarn/cache/"
    files = {
        ".pnp.cjs": "node/package-manager",
        ".pnp.loader.mjs": "node/package-manager",
        f"{cache}lodash-npm-4.17.21-6382451519-10c0.zip": "node/lodash",
        f"{cache}@babel-core-npm-7.1.0-aa-10c0.zip": "node/@babel-core",
        f"{cache}acme-file-1a2b-3c.zip": OWN,
        f"{cache}mine.zip": OWN,
        "src/pnp.cjs": OWN,
    }
    found = owners(dict.fromkeys([*files, "package.json"], b""))
    assert {path: found[path] for path in files} == files


def test_node_packages_within_others() -> None:
    found = owners(
        {
            "node_modules/.package-lock.json": b"""{"packages": {
                "node_modules/a": {}, "node_modules/@acme/core/node_modules/c": {}}}""",
            "node_modules/a/package.json": PACKAGE,
            "node_modules/a/node_modules/b/package.json": PRIVATE,
            "node_modules/@acme/core/package.json": PRIVATE,
            "node_modules/@acme/core/node_modules/c/package.json": PACKAGE,
            "node_modules/.pnpm/@acme+x@file+x/node_modules/@acme/x/package.json": PACKAGE,
            "node_modules/.pnpm/qs@1.0.0/node_modules/qs/package.json": PACKAGE,
            "node_modules/.bin/qs": b"",
            "node_modules/loose.js": b"",
        }
    )
    files = {path: owner for path, owner in found.items() if path.endswith(("json", "/qs", "js"))}
    assert files == {
        "node_modules/.package-lock.json": "node/package-manager",
        "node_modules/a/package.json": "node/a",
        "node_modules/a/node_modules/b/package.json": "node/a",
        "node_modules/@acme/core/package.json": OWN,
        "node_modules/@acme/core/node_modules/c/package.json": "node/c",
        "node_modules/.pnpm/@acme+x@file+x/node_modules/@acme/x/package.json": OWN,
        "node_modules/.pnpm/qs@1.0.0/node_modules/qs": "node/qs",
        "node_modules/.pnpm/qs@1.0.0/node_modules/qs/package.json": "node/qs",
        "node_modules/.bin/qs": "node/package-manager",
        "node_modules/loose.js": OWN,
    }


RELEASE = {
    "releases/1.0.0/shop.rel": b"",
    "releases/1.0.0/start.boot": b"",
    "releases/1.0.0/env.bat": b"",
    "erts-13.1.5/bin/beam.smp": b"",
    "lib/kernel-8.5/ebin/kernel.app": OTP_APP,
    "lib/shop-1.0.0/ebin/shop.app": OWN_APP,
}
INSTALLATION = {
    "otp/releases/25/OTP_VERSION": b"25.2\n",
    "otp/releases/25/start_clean.rel": b"",
    "otp/usr/lib/libei.a": b"ei",
    "lib/libei.a": b"",
}


@pytest.mark.parametrize(
    ("files", "path", "owner"),
    [
        (RELEASE, "lib/kernel-8.5/priv/x", "erlang/kernel"),
        (RELEASE, "lib/shop-1.0.0/ebin/shop.beam", "erlang/shop"),
        (RELEASE, "lib/shop-1.0.0/priv/models/tiny.o", OWN),
        (RELEASE, "erts-13.1.5/bin/erlc", "erlang/erts"),
        (RELEASE, "releases/1.0.0/env.bat", "erlang/release"),
        (RELEASE, "bin/shop.bat", "erlang/release"),
        (RELEASE, "doc/openapi.yaml", OWN),
        (RELEASE, "bin/start", OWN),
        (RELEASE, "README.md", OWN),
        (RELEASE, "lib/tool/src/x.erl", OWN),
        (INSTALLATION, "otp/doc/index.html", "erlang/otp"),
        (INSTALLATION, "otp/bin/erlc", "erlang/otp"),
        (INSTALLATION, "otp/lib/jinterface-1.13.1/java_src/a.java", "erlang/jinterface"),
        (INSTALLATION, "doc/index.html", OWN),
        ({**RELEASE, "releases/1.0.0/OTP_VERSION": b"25"}, "doc/openapi.yaml", OWN),
        ({"lib/elixir/ebin/elixir.app": OWN_APP}, "bin/mix", "erlang/elixir"),
        ({"lib/elixir/ebin/elixir.app": OWN_APP}, "lib/elixir/lib/a.ex", "erlang/elixir"),
        ({"lib/elixir-1.14.0/ebin/elixir.app": OWN_APP}, "bin/mix", OWN),
    ],
)
def test_erlang(files: dict[str, bytes], path: str, owner: str) -> None:
    assert owners({**files, path: b""})[path] == owner


JRE = {
    "release": b'JAVA_VERSION="17.0.1"\n',
    "lib/server/libjvm.so": b"",
    "lib/libnet.so": b"",
    "bin/java": b"",
}


def below(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{path}": data for path, data in files.items()}


@pytest.mark.parametrize(
    ("files", "path", "owner"),
    [
        (JRE, "docs/index.html", OWN),
        (JRE, "demo/a", OWN),
        (JRE, "include/mine.h", OWN),
        (JRE, "include/jni.h", "java/runtime"),
        (JRE, "man/man1/java.1", "java/runtime"),
        (JRE, "man/man1/mine.1", OWN),
        (JRE, "lib/libnet.debuginfo", "java/runtime"),
        (JRE, "lib/mine.debuginfo", OWN),
        (JRE, "lib/src.zip", OWN),
        ({**JRE, "bin/javac": b""}, "lib/src.zip", "java/runtime"),
        (below("jre", JRE), "jre/man/man1/x.1", "java/runtime"),
        (below("jre", JRE), "docs/index.html", OWN),
        (below("jre", {**JRE, "app.jar": b""}), "jre/docs/index.html", OWN),
        ({"lib/guava-33.jar": b"PK"}, "lib/guava-33-sources.jar", "java/guava-33"),
        ({"lib/guava-33.jar": b"PK"}, "lib/mine-sources.jar", OWN),
        ({"lib/server/libjvm.so": b"", "release": b"1"}, "lib/ct.sym", OWN),
    ],
)
def test_java(files: dict[str, bytes], path: str, owner: str) -> None:
    assert owners({**files, path: b"x"})[path] == owner


DEBIAN = {"usr/share/doc/foo/copyright": b""}
DPKG = {"var/lib/dpkg/info/libfoo:amd64.list": b"/.\n/usr/lib/libfoo.a\n"}
APK = {"lib/apk/db/installed": b"P:foo\nF:usr/share/doc\nR:foo.html\n\n"}
ROOT = {
    "usr/bin/foo": b"",
    "usr/bin/mine": b"",
    "var/lib/dpkg/status": b"Package: foo\nStatus: install ok installed\n\n",
    "var/lib/dpkg/info/foo.list": b"/usr/bin/foo\n/usr/lib/python3/six.py\n",
    "var/lib/dpkg/info/foo.postinst": b"",
    "usr/lib/python3/six.py": b"",
    "usr/lib/python3/six-1.dist-info/METADATA": b"Name: six\n",
    "usr/lib/python3/six-1.dist-info/RECORD": record(["six.py"]),
    "app/main.py": b"",
}

CONDA = {
    "conda-meta/foo-1.json": b"""
        {"name": "foo", "url": "https://x/foo.conda", "files": ["lib/libfoo.a"]}"""
}
GEM = {"ruby/specifications/foo-bar-1.0.gemspec": b'  s.name = "foo-bar"\n'}


@pytest.mark.parametrize(
    ("files", "path", "owner"),
    [
        (DEBIAN, "usr/share/doc/foo/manual.html", "debian/foo"),
        (DEBIAN, "usr/share/doc/legal/terms.html", OWN),
        (DEBIAN, "usr/share/man/man1/foo.1.gz", "debian/documentation"),
        (DEBIAN, "usr/share/man/man1/foo.1", OWN),
        (DEBIAN, "usr/share/lintian/overrides/foo", "debian/foo"),
        (DEBIAN, "usr/share/doc-base/foo.manual", "debian/foo"),
        (DEBIAN, "usr/share/doc-base/mine", OWN),
        ({}, "share/man/man1/foo.1.gz", OWN),
        (DPKG, "usr/lib/libfoo.a", "debian/libfoo"),
        (DPKG, "usr/lib/libbar.a", OWN),
        (APK, "usr/share/doc/foo.html", "alpine/foo"),
        (APK, "usr/share/doc/bar.html", OWN),
        (ROOT, "usr/bin/foo", "debian/foo"),
        (ROOT, "usr/bin/mine", OWN),
        (ROOT, "var/lib/dpkg/info/foo.postinst", "debian/foo"),
        (ROOT, "usr/lib/python3/six.py", "python/six"),
        (ROOT, "app/main.py", OWN),
        (CONDA, "lib/libfoo.a", "conda/foo"),
        (CONDA, "lib/libbar.a", OWN),
        (
            {"conda-meta/foo-1.json": CONDA["conda-meta/foo-1.json"].replace(b"https", b"file")},
            "lib/libfoo.a",
            OWN,
        ),
        ({"conda-meta/foo-1.json": b"["}, "lib/libfoo.a", OWN),
        (GEM, "ruby/gems/foo-bar-1.0/ext/foo.o", "ruby/foo-bar"),
        (GEM, "ruby/extensions/x86_64-linux/3.3.0/foo-bar-1.0/foo.so", "ruby/foo-bar"),
        (GEM, "ruby/gems/foo-baz-1.0/ext/foo.o", OWN),
        ({".git/HEAD": b""}, ".git/objects/a", "git/repository"),
        ({}, ".git/objects/a", OWN),
        ({"x/.git/HEAD": b""}, "x/.git/objects/a", OWN),
        ({}, "x/.DS_Store", "macos/finder"),
        ({}, "__MACOSX/x", "macos/archive-utility"),
        ({}, "x/.gitignore", OWN),
    ],
)
def test_distributions_git_and_desktops(files: dict[str, bytes], path: str, owner: str) -> None:
    assert owners({**files, path: b""})[path] == owner
