"""Dependencies of a lock file: the commands for a target, and the cache of what they installed."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from slimmer.errors import UsageError
from slimmer.inputs.cache import cache_folder
from slimmer.inputs.install_plan import Platform, npm_install, python_install, with_scripts
from slimmer.inputs.lock_python import wrong_python
from slimmer.inputs.stale_lock import stale_lock
from tests.support.command import slim
from tests.support.trees import write_tree

MODERN = Platform("python3.13", "arm64", "3.13", "2.34")
OLD = Platform("python3.11", "x86_64", "3.11", "2.26")
UV, PIP = {"uv": "/bin/uv"}, {"pip": "/bin/pip"}


def test_uv_installs_wheels_for_the_targets_python_processor_and_c_library() -> None:
    plan = python_install("requirements.txt", MODERN, {**UV, **PIP})
    assert plan.shown == (
        "/bin/uv pip install --target DIR --python-platform aarch64-manylinux_2_28 "
        "--python-version 3.13 --only-binary :all: --quiet -r requirements.txt"
    )
    assert "x86_64-manylinux2014" in python_install("requirements.txt", OLD, UV).shown


def test_pip_is_told_all_tags_that_the_target_loads_and_no_other() -> None:
    shown = python_install("requirements.txt", OLD, PIP).shown
    assert "--platform manylinux_2_26_x86_64" in shown
    assert "manylinux_2_27" not in shown
    assert "--platform manylinux2014_x86_64 --python-version 3.11" in shown
    modern = python_install("requirements.txt", MODERN, PIP).shown
    assert "--platform manylinux_2_34_aarch64 --platform manylinux_2_28_aarch64" in modern


@pytest.mark.parametrize(
    ("name", "tools", "first"),
    [
        ("uv.lock", UV, "/bin/uv export --frozen --no-dev"),
        ("poetry.lock", {**PIP, "poetry": "/bin/poetry"}, "/bin/poetry export --only main"),
        ("pyproject.toml", UV, "/bin/uv pip install"),
    ],
)
def test_a_lock_file_is_exported_by_its_own_tool(
    name: str, tools: dict[str, str], first: str
) -> None:
    plan = python_install(name, MODERN, tools)
    assert plan.shown.startswith(first)
    assert plan.inputs[0] == name


@pytest.mark.parametrize(
    ("name", "tools", "place", "complaint"),
    [
        ("uv.lock", PIP, MODERN, "only uv reads it"),
        ("poetry.lock", UV, MODERN, "install poetry with poetry-plugin-export"),
        ("pyproject.toml", PIP, MODERN, "only uv installs what it lists"),
        ("requirements.txt", {}, MODERN, "needs uv or pip"),
        ("requirements.txt", UV, Platform("lambda", "arm64"), "name --target python3.X"),
    ],
)
def test_what_cannot_be_read_here_is_told_with_the_tool_that_can(
    name: str, tools: dict[str, str], place: Platform, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        python_install(name, place, tools)


@pytest.mark.parametrize(
    ("option", "name", "remedy"),
    [
        ("--requirements", "package-lock.json", "name it with --npm"),
        ("--requirements", "Pipfile.lock", "pipenv requirements > requirements.txt"),
        ("--npm", "uv.lock", "name it with --requirements"),
        ("--npm", "dev.txt", "name it with --requirements"),
        ("--npm", "yarn.lock", "npm install --package-lock-only writes a package-lock.json"),
        ("--npm", "package.json", "npm install --package-lock-only writes a package-lock.json"),
        ("--npm", "lock.json", "name a package-lock.json"),
    ],
)
def test_another_tools_file_is_told_with_what_makes_one_that_is_read(
    work: Path, option: str, name: str, remedy: str
) -> None:
    files = {"src/a.py": "", name: "", "bin/npm": "", "bin/uv": ""}
    write_tree(work, files)
    for tool in ("npm", "uv"):
        (work / "bin" / tool).chmod(0o755)
    done = slim(
        *("build", "src", option, name, "--target", "python3.13"),
        cwd=work,
        env={"PATH": f"{work}/bin", "HOME": str(work)},
        process=False,
    )
    assert (done.code, done.err.count("\n")) == (2, 1), done.text
    assert done.err.startswith(f"slim: {option} {name}: ")
    assert remedy in done.err


def test_npm_runs_scripts_only_for_the_processor_of_this_machine() -> None:
    npm = {"npm": "/bin/npm"}
    same = npm_install("package-lock.json", "arm64", "arm64", npm)
    assert same.shown.startswith("/bin/npm ci --os=linux --cpu=arm64 --libc=glibc --omit=dev")
    assert "--ignore-scripts" not in same.shown
    assert "--ignore-scripts" in npm_install("package-lock.json", "arm64", "x86_64", npm).shown
    with pytest.raises(UsageError, match=r"name a package-lock\.json"):
        npm_install("lock.json", "arm64", "arm64", npm)


def test_packages_with_scripts_are_found_in_a_lock_file_of_any_form() -> None:
    rows = {
        "": {"hasInstallScript": True},
        "node_modules/a/node_modules/@x/b": {"hasInstallScript": True},
        "node_modules/dev": {"hasInstallScript": True, "dev": True},
        "node_modules/c": {},
    }
    del rows[""]
    assert with_scripts(json.dumps({"packages": rows}).encode()) == ["@x/b"]
    for text in (b"[", b"[]", b'{"packages": 1}', b'{"packages": {"x": 1}}'):
        assert with_scripts(text) == []


FAKE = """#!/bin/sh
echo run >> "$HOME/runs"
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/tool" && echo 'x = 1' > "$2/tool/__init__.py"
echo 'x = 2' > "$2/shared.py"
mkdir -p "$2/tool-1.dist-info" && echo 'Name: tool' > "$2/tool-1.dist-info/METADATA"
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a project, and a stand-in for pip that writes what it is asked to."""
    files = {"bin/pip": FAKE, "src/app.py": "import tool\n", "src/shared.py": "x = 1\n"}
    write_tree(tmp_path, {**files, "requirements.txt": "tool==1\n"})
    (tmp_path / "bin/pip").chmod(0o755)
    return tmp_path


def test_what_was_installed_is_kept_until_the_file_changes(work: Path) -> None:
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13", "-o", "x.zip")
    first = slim("build", "src", *args, cwd=work, env=env)
    assert first.code == 0, first.text
    assert first.err.startswith(f"requirements.txt: {work}/bin/pip install --target DIR ")
    assert "shared.py: in more than one tree, and different; that in src ships" in first.out
    data = (work / "x.zip").read_bytes()
    again = slim("build", "src", *args, cwd=work, env=env)
    assert "requirements.txt: as installed before, in " in again.err
    assert (work / "x.zip").read_bytes() == data
    for change in (("--refresh",), ("--arch", "aarch64")):
        assert slim("build", "src", *args, *change, cwd=work, env=env).code == 0
    assert (work / "runs").read_text() == "run\n" * 3


def test_a_file_that_lists_nothing_adds_nothing(work: Path) -> None:
    (work / "bin/pip").write_text("#!/bin/sh\n")
    (work / "requirements.txt").write_text("# none yet\n")
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13", "-o", "x.zip")
    assert slim("build", "src", *args, cwd=work, env=env).code == 0
    assert slim("build", "src", "-o", "y.zip", cwd=work).code == 0
    assert (work / "x.zip").read_bytes() == (work / "y.zip").read_bytes()


def test_a_file_that_another_names_is_a_reason_to_install_again(work: Path) -> None:
    write_tree(work, {"requirements.txt": "-r more/base.txt\n", "more/base.txt": "-c c.txt\ntool"})
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13", "-o", "x.zip")
    for text in ("", "tool==1", "tool==2", "tool==2"):
        (work / "more/c.txt").write_text(text)
        assert slim("build", "src", *args, cwd=work, env=env).code == 0
    assert (work / "runs").read_text() == "run\n" * 3


#: Brings what the Python of this machine needs, whatever is asked for.
HOST = f"""{FAKE}
cat > "$2/tool-1.dist-info/METADATA" <<END
Name: tool
Requires-Dist: Of_Arm (>=1) ; platform_machine == "aarch64"
Requires-Dist: of.extra ; extra == "fast" and python_version >= "3.13"
Requires-Dist: of-old ; python_version < "3.9"
Requires-Dist: of-none ; extra == "slow"

Requires-Dist: no-header
END
"""


def test_what_pip_leaves_out_for_another_machine_is_no_success(work: Path) -> None:
    lines = ("tool[fast]==1 --hash=sha256:00  # one", "old==1; python_version<'3.9'", "-c c.txt")
    write_tree(work, {"bin/pip": HOST, "requirements.txt": "\n".join(lines), "c.txt": "other==1"})
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13")
    done = slim("build", "src", *args, "--arch", "arm64", "-q", cwd=work, env=env)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "pip left out of-arm and 1 more, which python3.13 on arm64 needs" in done.err
    done = slim("build", "src", *args, "--arch", "x86_64", cwd=work, env=env)
    assert "pip left out of-extra, which" in done.err
    (work / "requirements.txt").write_text("tool==1\n")
    assert slim("build", "src", *args, "--arch", "x86_64", cwd=work, env=env).code == 0


NPM = """#!/bin/sh
mkdir -p node_modules/shop && echo 'exports.a = 1' > node_modules/shop/index.js
echo '{"name": "shop", "version": "1.0.0"}' > node_modules/shop/package.json
mkdir -p node_modules/.prisma/client && echo 'throw 1' > node_modules/.prisma/client/index.js
"""


def test_what_a_generator_wrote_into_node_modules_stays(work: Path) -> None:
    made = {".prisma/client/index.js": "exports.b = 2\n", "shop/index.js": "old", ".bin/x": "x"}
    write_tree(work / "src/node_modules", made)
    write_tree(work, {"bin/npm": NPM, "package-lock.json": "{}", "package.json": "{}"})
    (work / "bin/npm").chmod(0o755)
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    done = slim("build", "src", "--npm", "package-lock.json", cwd=work, env=env)
    assert "src/node_modules: 2 files left out" in done.out, done.text
    assert "in more than one tree" not in done.out
    with zipfile.ZipFile(work / "src.zip") as made_zip:
        names = [name for name in made_zip.namelist() if name.endswith("index.js")]
        assert names == ["node_modules/.prisma/client/index.js", "node_modules/shop/index.js"]
        assert [made_zip.read(name) for name in names] == [b"exports.b = 2\n", b"exports.a = 1\n"]


SCRIPTS = {
    "plain": "#!{python}\nimport app\n",
    "long": "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\nimport app\n",
    "shell": "#!/bin/sh\necho python\n",
}


def write_installer(work: Path, python: str) -> None:
    """Write a stand-in for pip that brings a distribution with scripts which name its Python."""
    scripts = {name: text.format(python=python).encode() for name, text in SCRIPTS.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in scripts.items()}
    rows = [f"../../bin/{name},sha256={digests[name]},{len(scripts[name])}" for name in scripts]
    files: dict[str, str | bytes] = {
        **{f"bin/{name}": data for name, data in scripts.items()},
        "tool-1.dist-info/METADATA": "Name: tool\n",
        "tool-1.dist-info/RECORD": "\n".join(rows) + "\n",
    }
    write_tree(work / "brings", files)
    write_tree(work, {"bin/pip": f'#!/bin/sh\ncp -r {work}/brings/. "$3"\n'})
    (work / "bin/pip").chmod(0o755)


def test_a_lock_file_gives_the_same_bytes_whatever_python_installs_it(work: Path) -> None:
    """Scripts name the Python that installed them, and their record has the digest of that."""
    zips: list[bytes] = []
    for python in ("/home/anna/.venv/bin/python3", "/opt/hosted tool/python3.13"):
        write_installer(work, python)
        env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/{len(zips)}"}
        args = ("--requirements", "requirements.txt", "--target", "python3.13", "--tier", "safe")
        done = slim("build", "src", *args, "--no-transform", "record", cwd=work, env=env)
        assert done.code == 0, done.text
        zips.append((work / "src.zip").read_bytes())
    assert zips[0] == zips[1]
    with zipfile.ZipFile(work / "src.zip") as made:
        first = "#!/usr/bin/env python3\nimport app\n"
        scripts = [made.read(f"bin/{name}").decode() for name in SCRIPTS]
        assert scripts == [first, first, SCRIPTS["shell"]]
        digest = base64.urlsafe_b64encode(hashlib.sha256(first.encode()).digest()).decode()
        row = f"../../bin/plain,sha256={digest.rstrip('=')},{len(first)}\n"
        assert row in made.read("tool-1.dist-info/RECORD").decode()


BUILDS = """#!/bin/sh
if [ "$1" = export ]; then for last; do :; done; echo > "$last"; exit; fi
echo "$@" >> "$HOME/runs"
mkdir -p "$4/shared-1.dist-info" "$4/shared" && cp libs/shared/a.py "$4/shared/a.py"
cd "$4/shared-1.dist-info" && echo 'Name: shared' > METADATA
echo '{"url": "file:///home/anna/libs/shared"}' > direct_url.json
echo '{"timestamp": 1}' > uv_cache.json
for name in *; do echo "shared-1.dist-info/$name,," >> RECORD; done
"""
WORKSPACE = """
[[package]]
name = "api"
source = { virtual = "." }
[[package]]
name = "shared"
source = { editable = "libs/shared" }
"""


def test_a_package_of_the_workspace_is_built_from_what_lies_there_now(work: Path) -> None:
    """uv exports it editable, which no function finds, and builds it once for many sources."""
    files = {"bin/uv": BUILDS, "uv.lock": WORKSPACE, "libs/shared/a.py": "x = 1\n"}
    write_tree(work, {**files, "libs/shared/.venv/x.py": "1", "src/app.py": "import shared\n"})
    (work / "bin/uv").chmod(0o755)
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "uv.lock", "--target", "python3.13", "--tier", "safe", "-o", "x.zip")

    def shipped() -> dict[str, bytes]:
        done = slim("build", "src", *args, cwd=work, env=env)
        assert done.code == 0, done.text
        with zipfile.ZipFile(work / "x.zip") as made:
            return {name: made.read(name) for name in made.namelist() if name != "app.py"}

    first = shipped()
    write_tree(work, {"libs/shared/.venv/x.py": "2"})
    assert shipped() == first
    write_tree(work, {"libs/shared/a.py": "x = 2\n"})
    assert shipped()["shared/a.py"] == b"x = 2\n"
    runs = (work / "runs").read_text().splitlines()
    assert len(runs) == 2
    assert runs[0].endswith("--no-binary shared --refresh-package shared")
    assert sorted(first) == [
        *("shared-1.dist-info/METADATA", "shared-1.dist-info/RECORD", "shared.py", "shared/a.py")
    ]
    assert b"direct_url" not in first["shared-1.dist-info/RECORD"]


def test_code_that_was_generated_beside_the_lock_file_ships_and_nothing_else_of_there(
    work: Path,
) -> None:
    """npm's own record tells packages, also those that no lock file names any more."""
    record: dict[str, object] = {
        "packages": {"node_modules/shop": {}, "node_modules/@old/tool": {}}
    }
    made = {
        ".package-lock.json": json.dumps(record),
        ".prisma/client/index.js": "exports.b = 2\n",
        ".cache/a.js": "cache",
        ".bin/x": "x",
        "@old/tool/index.js": "old",
        "@db/client/index.js": "exports.c = 3\n",
        "shop/index.js": "old",
    }
    write_tree(work / "node_modules", made)
    write_tree(work, {"bin/npm": NPM, "package-lock.json": "{}", "package.json": "{}"})
    write_tree(work, {"src/app.js": "require('@prisma/client')\n"})
    (work / "bin/npm").chmod(0o755)
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    done = slim("build", "src", "--npm", "package-lock.json", cwd=work, env=env)
    said = "ship as they lie beside package-lock.json, since no package brings it\n"
    assert f"node_modules/.prisma, node_modules/@db/client {said}" in done.out, done.text
    assert "in more than one tree" not in done.out
    with zipfile.ZipFile(work / "src.zip") as made_zip:
        read = {name: made_zip.read(name) for name in made_zip.namelist() if name.endswith(".js")}
    assert read == {
        "app.js": b"require('@prisma/client')\n",
        "node_modules/.prisma/client/index.js": b"exports.b = 2\n",
        "node_modules/@db/client/index.js": b"exports.c = 3\n",
        "node_modules/shop/index.js": b"exports.a = 1\n",
    }


LINKS = """#!/bin/sh
mkdir -p node_modules/@acme packages/shared/node_modules/ms node_modules/ms node_modules/.bin
ln -s ../../packages/shared node_modules/@acme/shared
ln -s ../tools node_modules/tools
echo "exports.v = 1" > node_modules/ms/index.js
echo "exports.v = 2" > packages/shared/node_modules/ms/index.js
"""


def test_packages_of_a_workspace_ship_from_where_npm_links_to(work: Path) -> None:
    """npm links to them, and slim installs apart from the project, where the links lead nowhere."""
    rows = {
        "node_modules/@acme/shared": {"resolved": "packages/shared", "link": True},
        "node_modules/tools": {"resolved": "tools", "link": True, "dev": True},
        "node_modules/ms": {"version": "2.1.3"},
    }
    own = {"index.js": "exports.a = 1\n", "node_modules/ms/index.js": "old", "test/a.js": "1\n"}
    write_tree(work / "packages/shared", own)
    lock = json.dumps({"packages": rows})
    write_tree(work, {"bin/npm": LINKS, "package-lock.json": lock, "package.json": "{}"})
    write_tree(work, {"src/app.js": "require('@acme/shared')\n", "tools/x.js": "1\n"})
    (work / "bin/npm").chmod(0o755)
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--npm", "package-lock.json", "-o", "x.zip")
    done = slim("build", "src", *args, cwd=work, env=env)
    note = "note: node_modules/@acme/shared ships as it lies in packages/shared, which npm links to"
    assert note in done.out, done.text
    with zipfile.ZipFile(work / "x.zip") as made:
        names = {name: made.read(name) for name in made.namelist() if name.endswith(".js")}
    assert names == {
        "app.js": b"require('@acme/shared')\n",
        "node_modules/@acme/shared/index.js": b"exports.a = 1\n",
        "node_modules/@acme/shared/node_modules/ms/index.js": b"exports.v = 2\n",
        "node_modules/@acme/shared/test/a.js": b"1\n",
        "node_modules/ms/index.js": b"exports.v = 1\n",
    }
    alone = slim("build", "packages/shared", *args, cwd=work, env=env)
    assert "warn: packages/shared needs other versions of ms than its zip has" in alone.out
    assert "ships as it lies" not in alone.out


@pytest.mark.parametrize(
    ("name", "script", "is_told"),
    [
        ("postinstall", "prisma generate", False),
        ("postinstall", "npx prisma generate --no-hints && husky", False),
        ("prepare", "tsc -p .", False),
        ("postinstall", "patch-package", True),
        ("preinstall", "node scripts/fetch.js", True),
        ("postinstall", "prisma generate && patch-package", True),
    ],
)
def test_a_projects_own_scripts_do_not_run_apart_from_it(
    work: Path, name: str, script: str, is_told: bool
) -> None:
    """npm runs them where it installs, where neither the project's files nor its tools are."""
    npm = "#!/bin/sh\ngrep -q '\"start\"' package.json || exit 1\n"
    npm += f"grep -q '\"{name}\"' package.json && exit 1\nmkdir node_modules\n"
    manifest = {"name": "shop", "scripts": {"start": "node .", name: script}}
    lock = {"packages": {"": {"hasInstallScript": True}}}
    files = {"bin/npm": npm, "package.json": json.dumps(manifest), "src/a.js": "1\n"}
    write_tree(work, {**files, "package-lock.json": json.dumps(lock)})
    (work / "bin/npm").chmod(0o755)
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    for arch in ("x86_64", "arm64"):
        done = slim(
            *("build", "src", "--npm", "package-lock.json", "--arch", arch), cwd=work, env=env
        )
        assert done.code == 0, done.text
        told = [line for line in done.out.splitlines() if "script" in line]
        assert [f"{name}, {script}; where it changes packages" in line for line in told] == (
            [True] if is_told else []
        )
    assert json.loads((work / "package.json").read_text()) == manifest


@pytest.mark.parametrize(
    ("name", "text", "stated"),
    [
        ("uv.lock", 'version = 1\nrequires-python = ">=3.13"\n', ">=3.13"),
        ("poetry.lock", '[metadata]\npython-versions = ">=3.9,<3.12"\n', ">=3.9,<3.12"),
        ("pyproject.toml", '[project]\nrequires-python = "==3.13.*"\n', "==3.13.*"),
    ],
)
def test_a_lock_file_for_another_python_says_so(
    tmp_path: Path, name: str, text: str, stated: str
) -> None:
    """uv says that hashes do not match, as the lock file has none for that Python's wheels."""
    (tmp_path / name).write_text(text)
    line = wrong_python(tmp_path / name, "3.12")
    assert line.startswith(f"{name} is for Python {stated}, not 3.12; name another --target, or")
    (tmp_path / name).write_text(text.replace(stated, ">=3.12.4"))
    assert wrong_python(tmp_path / name, "3.12") == ""
    (tmp_path / name).write_text(text.replace(stated, "^3"))
    assert wrong_python(tmp_path / name, "3.12") == ""


def test_what_cannot_be_installed_is_one_line_with_what_the_tool_said(work: Path) -> None:
    (work / "bin/pip").write_text(
        "#!/bin/sh\necho 'ERROR: no wheel of tool' >&2; echo 'more' >&2\nexit 1\n"
    )
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c"}
    args = ("--requirements", "requirements.txt", "--target", "python3.13")
    done = slim("build", "src", *args, "-q", cwd=work, env=env)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "requirements.txt: cannot be installed: no wheel of tool; it was " in done.err
    assert list((work / "c/slim/installed").iterdir()) == []


PROJECT = """[project]
name = "The.App"
version = "1"
dependencies = ["a>=1,<2", "B-b[x]; python_version >= '3.12'", "c @ https://x.invalid/c.whl", {}]
"""
LOCK = """version = 1
[[package]]
name = "the-app"
source = { virtual = "." }
[package.metadata]
requires-dist = [
    { name = "a", specifier = "<2,>=1" },
    { name = "b-b", extras = ["x"], marker = "python_full_version >= '3.12'" },
    { name = "c", url = "https://x.invalid/c.whl" },
    { name = "d", marker = "extra == 'more'" },
]
"""


@pytest.mark.parametrize(
    ("more", "lock", "told"),
    [
        ("", LOCK, ""),
        (
            '"d>=2"',
            LOCK,
            "before pyproject.toml required d>=2, and what it locks ships; run uv lock",
        ),
        ('"a==3"', LOCK, "before pyproject.toml required a==3, and"),
        ('"new"', LOCK, "before pyproject.toml required new, and"),
        ('"new"', "nonsense", ""),
        ('"new"', "package = 1", ""),
        ('"new"', "[[package]]\nname = 'other'\n", ""),
    ],
)
def test_a_uv_lock_that_is_older_than_its_project_is_told(
    tmp_path: Path, more: str, lock: str, told: str
) -> None:
    write_tree(tmp_path, {"pyproject.toml": PROJECT.format(more), "uv.lock": lock})
    found = [finding.message for finding in stale_lock(tmp_path / "uv.lock")]
    assert bool(found) == bool(told), found
    assert told in "".join(found)


def test_a_build_follows_an_older_uv_lock_and_warns(work: Path) -> None:
    (work / "bin/uv").write_text(f"{FAKE.replace('while', '[ $1 = pip ] || exit 0; while', 1)}")
    (work / "bin/uv").chmod(0o755)
    write_tree(work, {"pyproject.toml": PROJECT.format('"new"'), "uv.lock": LOCK})
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "XDG_CACHE_HOME": f"{work}/c", "HOME": str(work)}
    args = ("--requirements", "uv.lock", "--target", "python3.13")
    done = slim("build", "src", *args, cwd=work, env=env)
    assert done.code == 0, done.text
    assert "warn: uv.lock was made before pyproject.toml required new" in " ".join(done.out.split())


#: Installs a.txt only once b.txt was installed, and gives up before a test would.
WAITS = f"""{FAKE}case "$*" in
*b.txt) touch "$HOME/other" ;;
*a.txt) n=0; while [ ! -e "$HOME/other" ]; do
  n=$((n + 1)); [ $n -lt 300 ] || exit 1; sleep 0.1; done ;;
esac
"""


def test_installs_of_different_files_do_not_wait_for_each_other(work: Path) -> None:
    write_tree(work, {"a.txt": "tool==1\n", "b.txt": "tool==1\n", "bin/pip": WAITS})
    table = '[artifact.{0}]\ntree = "src"\nrequirements = "{0}.txt"\ntarget = "python3.13"\n'
    (work / "slim.toml").write_text(table.format("a") + table.format("b"))
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    with ThreadPoolExecutor(2) as pool:
        # processes of their own, so that a machine with one core shows it too
        runs = [
            pool.submit(slim, "build", name, cwd=work, env=env, process=True) for name in ("a", "b")
        ]
    for run in runs:
        assert run.result().code == 0, run.result().text


def test_installs_of_the_same_file_wait_and_install_once(work: Path) -> None:
    env = {"PATH": f"{work}/bin:/bin:/usr/bin", "HOME": str(work), "XDG_CACHE_HOME": f"{work}/c"}
    args = ("build", "src", "--requirements", "requirements.txt", "--target", "python3.13")
    with ThreadPoolExecutor(3) as pool:
        runs = [
            pool.submit(slim, *args, "-o", f"{name}.zip", cwd=work, env=env, process=True)
            for name in "xyz"
        ]
    assert [run.result().code for run in runs] == [0, 0, 0]
    assert (work / "runs").read_text() == "run\n"


def test_what_verify_lacks_is_told_before_anything_is_installed(work: Path) -> None:
    args = ("--requirements", "requirements.txt", "--target", "python3.13")
    run = ("--verify", "{}", "--handler", "app.handler", "--interpreter", "/bin/false")
    env = {"HOME": str(work), "PATH": f"{work}/bin:/bin"}
    done = slim("build", "src", *args, *run, cwd=work, env=env)
    assert (done.code, "/bin/false: is no Python that runs" in done.err) == (2, True)
    assert not (work / "runs").exists()


def test_no_home_for_the_cache_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", homeless)

    with pytest.raises(UsageError, match=r"^no home folder for a cache; .*XDG_CACHE_HOME$"):
        cache_folder()
