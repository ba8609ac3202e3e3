"""What keeps a file although a pattern names it: real software in which a name misled."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from slimmer.model.rules import Tier
from slimmer.rules.archives import drops_inside
from slimmer.rules.engine import Ruleset, place_packs
from slimmer.rules.packs import load_packs
from tests.support.command import slim
from tests.support.decide import decide, dropped
from tests.support.evidence import ELF, names_alone
from tests.support.installed import npm_lock, record
from tests.support.trees import write_tree

PACKS = load_packs()
# The same packs, in which a name is enough.
NAMES_ALONE = names_alone(PACKS)
BOOKKEEPING = re.compile(r"dist-info/|\.package-lock\.json$")
CLASS = b"\xca\xfe\xba\xbe\0\0\0=" + b"\0" * 20


def wheel(name: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return a tree with a distribution of these files, as pip leaves it."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    return {**files, f"{info}/METADATA": metadata, f"{info}/RECORD": record(files)}


def npm(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return a tree with packages, as npm leaves it."""
    return {**files, **npm_lock(files)}


RESOURCES = {
    "Main.class": CLASS,
    "com/example/app/messages.properties": b"a=b\n",
    "com/example/app/messages_fr.properties": b"a=c\n",
    "com/example/app/Mapper.xml": b"<mapper/>\n",
    "com/example/app/schema.sql": b"select 1;\n",
    "com/example/app/view.html": b"<html>\n",
    "test/fixture.yml": b"a: b\n",
    "org/acme/tests/q.sql": b"select 1;\n",
    "templates/x.c": b"int x;\n",
}
ROLE = "ansible/galaxy/data/default/role"
ANSIBLE = wheel(
    "ansible_core",
    {
        "ansible/__init__.py": b"",
        f"{ROLE}/tests/inventory": b"localhost\n",
        f"{ROLE}/tests/test.yml": b"- hosts: localhost\n",
        f"{ROLE}/.gitignore": b"*.retry\n",
        "ansible/plugins/test/core.py": b"class TestModule:\n    def tests(self):\n        pass\n",
        "ansible/plugins/test/abs.yml": b"name: abs\n",
    },
)
CYTHON = wheel(
    "Cython",
    {
        "Cython/__init__.py": b"",
        "Cython/StringIOTree.cpython-312-x86_64-linux-gnu.so": ELF,
        "Cython/Utility/TestCythonScope.pyx": b"cdef x\n",
        "Cython/Utility/Coroutine.c": b"int x;\n",
        "Cython/Includes/cpython/object.pxd": b"cdef x\n",
    },
)
CFFI = wheel(
    "cffi",
    {
        "_cffi_backend.cpython-312-x86_64-linux-gnu.so": ELF,
        "cffi/__init__.py": b"",
        "cffi/_cffi_include.h": b"#define X\n",
        "cffi/parse_c_type.h": b"#define X\n",
    },
)
TYPESCRIPT = npm(
    {
        "node_modules/@typescript/typescript-linux-x64/package.json": b"{}",
        "node_modules/@typescript/typescript-linux-x64/lib/tsc": ELF,
        "node_modules/@typescript/typescript-linux-x64/lib/lib.d.ts": b"interface X {}\n",
        "node_modules/@typescript/typescript-linux-x64/lib/lib.es2022.d.ts": b"interface X {}\n",
    }
)
NODE_RED = npm(
    {
        "node_modules/@node-red/nodes/package.json": b'{"name": "@node-red/nodes"}',
        "node_modules/@node-red/nodes/core/common/20-inject.js": b"",
        "node_modules/@node-red/nodes/examples/common/inject/01 - Interval.json": b"[]",
    }
)
ALIAS = npm(
    {
        "node_modules/moment/package.json": b'{"name": "dayjs", "version": "1.0.0"}',
        "node_modules/prettier/package.json": b'{"name": "@acme/printer", "version": "1.0.0"}',
        "node_modules/prettier/index.js": b"",
    }
)
TEMPLATES = npm(
    {
        "node_modules/create-vite/package.json": b'{"name": "create-vite"}',
        "node_modules/create-vite/index.js": b"",
        "node_modules/create-vite/template-react-ts/src/App.tsx": b"export {}\n",
        "node_modules/create-vite/template-react-ts/README.md": b"# React\n",
        "node_modules/create-vite/template-react-ts/tsconfig.json": b"{}",
        "node_modules/create-vite/template-react-ts/.npmignore": b"dist\n",
    }
)
GENERATORS = npm(
    {
        # A client that is copied into what is generated: no script of its name is there.
        "node_modules/openapi/package.json": b'{"name": "openapi", "main": "dist"}',
        "node_modules/openapi/dist/index.js": b"",
        "node_modules/openapi/dist/clients/fetch/client.ts": b"export {}\n",
        "node_modules/openapi/dist/clients/fetch/index.ts": b"export {}\n",
        # What a repository has at its top lies deeper: somebody copies it.
        "node_modules/openapi/dist/app/.gitignore": b"dist\n",
        "node_modules/openapi/dist/app/.vscode/settings.json": b"{}",
        "node_modules/openapi/dist/app/.gitkeep": b"",
        # A whole project inside a package.
        "node_modules/kit/package.json": b'{"name": "kit"}',
        "node_modules/kit/index.js": b"",
        "node_modules/kit/react/package.json": b'{"name": "app", "scripts": {"start": "vite"}}',
        "node_modules/kit/react/src/README.md": b"# App\n",
        "node_modules/kit/vue/_gitignore": b"dist\n",
        "node_modules/kit/vue/env.d.ts": b"export {}\n",
        # Packages that say what they do.
        "node_modules/nest/package.json": b'{"name": "nest", "schematics": "./dist/all.json"}',
        "node_modules/nest/index.js": b"",
        "node_modules/nest/dist/all.json": b"{}",
        "node_modules/nest/dist/app/js/.babelrc": b"{}",
        "node_modules/nest/dist/app/README.md": b"# App\n",
        "node_modules/generator-x/package.json": b'{"name": "generator-x"}',
        "node_modules/generator-x/index.js": b"",
        "node_modules/nest/dist/app/files/test/e2e.ts": b"describe('x', () => {})\n",
        "node_modules/theme/package.json": b'{"name": "theme"}',
        "node_modules/theme/posts/first.md": b"# First\n",
        "node_modules/generator-x/app/docs/README.md": b"# App\n",
        "node_modules/blog/package.json": b'{"name": "blog", "keywords": ["starter"]}',
        "node_modules/blog/index.js": b"",
        "node_modules/blog/posts/first.md": b"# First\n",
        "node_modules/cli/package.json": b'{"name": "cli"}',
        "node_modules/cli/index.js": b"",
        "node_modules/cli/blank/project-files/README.md": b"# App\n",
        "node_modules/cli/app/__name@dasherize__/README.md": b"# App\n",
    }
)
ROLES = wheel(
    "kedro",
    {
        "kedro/__init__.py": b"",
        "kedro/new/app/.gitignore": b"*.retry\n",
        "kedro/new/app/.gitkeep": b"",
        "kedro/new/app/.vscode/settings.json": b"{}",
        "kedro/new/app/.github/workflows/ci.yml": b"{}",
        "kedro/global_project/tests/generic/builtin.sql": b"select 1\n",
    },
)
OWN = {
    "app.js": b"",
    "models/tiny.o": b"weights",
    "lexicon.a": b"abacus\n",
    "data/draft~": b"draft",
    "examples/few_shot.csv": b"a,b\n",
    "share/doc/legal/terms.so": b"",
}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(RESOURCES, id="resources on a class path"),
        pytest.param(ANSIBLE, id="a role's skeleton"),
        pytest.param(CYTHON, id="a compiler's own input"),
        pytest.param(CFFI, id="headers that a generator pastes"),
        pytest.param(TYPESCRIPT, id="declarations of a native compiler"),
        pytest.param(NODE_RED, id="examples that are data"),
        pytest.param(ALIAS, id="a package under another's name"),
        pytest.param(TEMPLATES, id="templates of a generator"),
        pytest.param(GENERATORS, id="what generators copy"),
        pytest.param(ROLES, id="what a distribution copies"),
        pytest.param(OWN, id="files of the user's own"),
    ],
)
def test_what_a_name_alone_speaks_against_stays_at_every_tier(files: dict[str, bytes]) -> None:
    software = {path for path in files if not BOOKKEEPING.search(path)}
    for tier in Tier:
        assert not dropped(decide(files, tier=tier)) & software, tier
    assert dropped(decide(files, tier=Tier.AGGRESSIVE, packs=NAMES_ALONE)) & software


def test_what_is_in_a_package_by_its_repository_goes() -> None:
    files = {
        "node_modules/x/package.json": b'{"name": "x", "main": "dist/main.js"}',
        "node_modules/x/dist/package.json": b'{"name": "x", "scripts": {"test": "ava"}}',
        "node_modules/x/dist/esm/package.json": b'{"type": "module"}',
        "node_modules/x/dist/main.js": b"",
        "node_modules/x/src/bundled.ts": b"export {}\n",
        "node_modules/x/lib/main.ts": b"export {}\n",
        "node_modules/x/dist/esm/main.d.ts": b"export {}\n",
        "node_modules/x/.gitignore": b"dist\n",
        "node_modules/x/.vscode/settings.json": b"{}",
        "node_modules/x/dist/.DS_Store": b"\0\0\0\x01Bud1",
        **wheel("kedro", {"kedro/__init__.py": b"", "kedro/.gitignore": b"*.pyc\n"}),
    }
    wanted = [path for path in files if path.endswith((".ts", ".gitignore", "s.json", "_Store"))]
    assert set(wanted) <= dropped(decide(npm(files)))


def jar(files: dict[str, bytes]) -> bytes:
    """Return a jar with these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("members", "goes"),
    [({"ev/Ev.class": CLASS}, False), ({"ev/Ev.java": b"class Ev {}\n"}, True)],
)
def test_a_jar_of_sources_has_no_class_in_it(members: dict[str, bytes], goes: bool) -> None:
    files = {
        "lib/event-1.0-sources.jar": jar(members),
        "lib/event-1.0.jar": jar({"ev/Ev.class": CLASS}),
        "lib/event-sources.jar": jar({"ev/Ev.class": CLASS}),
    }
    gone = dropped(decide(files))
    assert gone == ({"lib/event-1.0-sources.jar"} if goes else set())


def test_in_a_jar_only_sources_go_whose_class_is_there() -> None:
    members = [
        "com/x/Main.java",
        "com/x/Main.class",
        "com/example/demo/Sample.java",
        "codestarts/quarkus/Resource.tpl.qute.java",
        "META-INF/maven/com.x/x/pom.xml",
        "META-INF/maven/com.x/x/pom.properties",
        "templates/META-INF/maven/archetype/pom.xml",
    ]
    active = frozenset({"jars/java-sources", "jars/maven"})
    roots = place_packs({"jars": ("",)}, Ruleset(PACKS, active))
    assert set(drops_inside("lib/x.jar", members, roots)) == {
        "com/x/Main.java",
        "META-INF/maven/com.x/x/pom.xml",
    }


def test_explain_says_what_was_found_and_what_is_missing(tmp_path: Path) -> None:
    files = wheel(
        "x",
        {
            "x/__init__.py": b"",
            "x/tests/test_x.py": b"",
            "x/role/tests/inventory": b"localhost\n",
        },
    )
    write_tree(tmp_path / "t", files)
    said = slim(
        "explain", "t", "x/tests/test_x.py", "x/role/tests/inventory", cwd=tmp_path
    ).out.splitlines()
    assert said[3] == "      evidence: tests (test_x.py), no-template (in no folder of templates)"
    assert said[5] == "keep  x/role/tests/inventory"
    assert said[6].startswith("      python/tests: **/tests/ does not drop it  (rules/python.toml:")
    assert said[7] == "      no evidence: x/role/tests: no test module in it (tests)"


def test_rules_shows_the_words_of_each_component(tmp_path: Path) -> None:
    said = slim("rules", cwd=tmp_path).out
    (row,) = (line for line in said.splitlines() if " python/tests " in line)
    assert row.split()[:6] == ["*", "python/tests", "default", "installed", "tests", "no-template"]


def test_a_component_of_a_project_needs_no_evidence(tmp_path: Path) -> None:
    write_tree(tmp_path / "t", {"a.txt": b"a", "b.txt": b"b"})
    (tmp_path / "slim.toml").write_text(
        '[component.a]\ntitle = "A"\nwhy = "We know."\ndrop = ["a.txt"]\n'
    )
    assert slim("explain", "t", "a.txt", cwd=tmp_path).out.startswith("drop  a.txt\n")
