"""What no installer wrote is kept and told; who wants it dropped says so."""

from __future__ import annotations

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.model.rules import Selector, Tier
from slimmer.rules.packs import load_packs
from tests.support.evidence import OBJECT
from tests.support.installed import record
from tests.support.trees import MemorySource

PACKS = load_packs()
# A function made by `pip install -t .`, whose own code lies beside what pip installed.
FUNCTION = {
    "app.py": b"import flask\n",
    "flask-3.dist-info/METADATA": b"Name: flask\n",
    "flask-3.dist-info/RECORD": record(
        ["flask/__init__.py", "flask/tests/test_a.py", "flask/py.typed", "flask/.gitignore"]
    ),
    "flask/__init__.py": b"",
    "flask/tests/test_a.py": b"",
    "flask/py.typed": b"",
    "flask/.gitignore": b"",
    "quiz/tests/test_quiz.py": b"import pytest\n",
    "quiz/tests/cases.json": b"{}",
    "quiz/models.py": b"x = 1\n",
    "quiz/models.pyi": b"x: int\n",
    "scaffold/.gitignore": b"*.pyc\n",
    "scaffold/.vscode/settings.json": b"{}",
    "locale/de/LC_MESSAGES/django.po": b"",
    "locale/de/LC_MESSAGES/django.mo": b"",
    "models/tiny.o": OBJECT,
    "data/swap.swp": b"b0VIM ",
    ".turbo/a.log": b"log\n",
}
WASTE = {"flask/tests/test_a.py", "flask/py.typed"}


def decided(files: dict[str, bytes], *drops: str, tier: Tier = Tier.DEFAULT) -> Decision:
    words = tuple(Selector(word, "--drop") for word in drops)
    return decide_tree(Question(MemorySource(files), PACKS, Settings(tier=tier, drop=words)))


def dropped(decision: Decision, files: dict[str, bytes]) -> dict[str, str]:
    """Return the component that drops each file that is dropped."""
    found = {path: decision.verdicts[path] for path in files}
    return {path: v.rule.component for path, v in found.items() if v.dropped and v.rule}


def told(decision: Decision, code: str) -> list[str]:
    return [finding.message for finding in decision.findings if finding.code == code]


@pytest.mark.parametrize("tier", [Tier.SAFE, Tier.DEFAULT])
def test_a_pack_drops_only_what_an_installer_wrote(tier: Tier) -> None:
    gone = set(dropped(decided(FUNCTION, tier=tier), FUNCTION)) - {"flask-3.dist-info/RECORD"}
    assert gone == {"flask/.gitignore", *(WASTE if tier is Tier.DEFAULT else ())}


def test_what_is_kept_is_told_by_component_with_its_bytes_and_the_words_that_drop_it() -> None:
    lines = told(decided(FUNCTION), "own-kept")
    assert [line.partition(":")[0] for line in lines] == [
        *("common/build", "own/builds"),
        *("python/stubs", "python/tests", "python/translations"),
    ]
    tests = next(line for line in lines if line.startswith("python/tests: "))
    assert tests == (
        "python/tests: 2 files (16 B) of your own kept; if nothing reads them, "
        "--drop '/quiz/tests/'"
    )


def test_the_words_that_it_names_drop_just_that() -> None:
    gone = dropped(decided(FUNCTION, "/quiz/tests/"), FUNCTION)
    assert {path for path, by in gone.items() if by == "user/drop"} == {
        "quiz/tests/test_quiz.py",
        "quiz/tests/cases.json",
    }


def test_many_are_dropped_by_the_name_of_their_component() -> None:
    files = {**FUNCTION, **{f"d{n}/x.pyi": b"x" for n in range(9)}}
    files |= {f"d{n}/x.py": b"" for n in range(9)}
    (line,) = (f for f in told(decided(files), "own-kept") if f.startswith("python/stubs: "))
    assert line == (
        "python/stubs: 10 files (16 B) of your own kept, such as d0/x.pyi; "
        "if nothing reads them, --drop 'python/stubs'"
    )
    gone = dropped(decided(files, "python/stubs"), files)
    assert gone["d0/x.pyi"] == gone["quiz/models.pyi"] == "own/python-stubs"
    assert gone["flask/py.typed"] == "python/stubs"


def test_a_component_that_is_off_is_said_to_drop_what_packages_have_too() -> None:
    names = [f"few{n}/examples/shots.csv" for n in range(4)]
    files = {**FUNCTION, **dict.fromkeys(names, b"a,b\n")}
    files |= {f"few{n}/examples/README.md": b"" for n in range(4)}
    (line,) = (f for f in told(decided(files), "own-kept") if f.startswith("common/examples"))
    assert line.endswith("--drop 'common/examples', which drops those of packages too")


def test_what_a_desktop_or_git_left_is_listed() -> None:
    store = b"\0\0\0\x01Bud1"
    files = {f"d{n}/.DS_Store": store for n in range(5)}
    files |= {"__MACOSX/a/._x": b"\0\5\x16\7", "app.py": b"", ".git/HEAD": b"ref: x\n"}
    (line,) = told(decided(files, tier=Tier.SAFE), "own-dropped")
    assert line == (
        "7 files (51 B) that a desktop or git left beside your own dropped: .git/, __MACOSX/, "
        "d0/.DS_Store, d1/.DS_Store, d2/.DS_Store, 2 more"
    )
    assert not told(decided(FUNCTION, tier=Tier.SAFE), "own-dropped")


FORK = b"\0\5\x16\7\0\2\0\0"


def test_only_resource_forks_go_from_where_a_desktop_puts_them() -> None:
    files = {"__MACOSX/a/._b": FORK, "__MACOSX/a/._own": b"own", "__MACOSX/own.txt": b"own"}
    found = decided(files | {"x/b": b"b", "x/._b": FORK})
    assert set(dropped(found, files)) == {"__MACOSX/a/._b"}
    alone = {"__MACOSX/a/._b": FORK, "app.py": b""}
    assert decided(alone).verdicts["__MACOSX/a"].dropped


def test_a_name_with_wildcards_is_told_so_that_it_means_itself() -> None:
    files = {"[slug]*/x.o": OBJECT, "s/x.txt": b"x"}
    (line,) = told(decided(files), "own-kept")
    pattern = line.rpartition(" ")[2].strip("'")
    assert set(dropped(decided(files, pattern), files)) == {"[slug]*/x.o"}


def test_the_aggressive_tier_drops_some_of_it_by_another_name_and_says_so() -> None:
    files = {**FUNCTION, "quiz/tests/picture.png": b"png", "flask/tests/b.png": b"png"}
    decision = decided(files, tier=Tier.AGGRESSIVE)
    own = {path: by for path, by in dropped(decision, files).items() if by.startswith("own/")}
    assert own == {
        "quiz/tests/picture.png": "own/common-tests",
        "flask/tests/b.png": "own/common-tests",
        ".turbo/a.log": "own/builds",
    }
    (line,) = told(decision, "own-dropped")
    assert line.startswith("3 files (10 B) of your own, which no installer wrote, dropped: ")
    assert "own/builds 1, own/common-tests 2; " in line


def test_a_local_package_in_node_modules_keeps_all_that_it_has() -> None:
    local = {
        "package.json": b'{"dependencies": {"@acme/prompts": "workspace:*"}}',
        "node_modules/@acme/prompts/package.json": b'{"name": "@acme/prompts", "version": "1.0.0"}',
        "node_modules/@acme/prompts/index.js": b"",
        "node_modules/@acme/prompts/system.md": b"You are kind.\n",
        "node_modules/@acme/prompts/types.d.ts": b"export {}\n",
    }
    assert dropped(decided(local), local) == {}
    asked = {**local, "package.json": b'{"dependencies": {"@acme/prompts": "^1.0.0"}}'}
    assert dropped(decided(asked), asked) == {}
    registry = {**asked, "yarn.lock": b'"@acme/prompts@^1.0.0":\n'}
    assert dropped(decided(registry), registry) == {
        "node_modules/@acme/prompts/types.d.ts": "node/types",
        "node_modules/@acme/prompts/system.md": "node/docs",
    }


def test_overlays_of_a_release_ship_beside_it() -> None:
    app = b'{application,x,[{applications,[]},{runtime_dependencies,["erts-13"]}]}.\n'
    release = {
        "releases/1.0.0/shop.rel": b"",
        "releases/start_erl.data": b"13.1.5 1.0.0",
        "erts-13.1.5/bin/beam.smp": b"beam",
        "lib/kernel-8.5/ebin/kernel.app": app.replace(b",x,", b",kernel,"),
        "lib/kernel-8.5/doc/a.html": b"",
        "doc/openapi.yaml": b"openapi: 3.1.0\n",
        "README.md": b"Read me.\n",
        "man/page": b"",
        "info/a": b"",
        "bin/start": b"#!/bin/sh\n",
    }
    assert set(dropped(decided(release), release)) == {"lib/kernel-8.5/doc/a.html"}


def test_a_java_runtime_at_the_root_leaves_the_applications_folders() -> None:
    files = {
        "release": b'JAVA_VERSION="21"\n',
        "lib/server/libjvm.so": b"jvm",
        "bin/java": b"java",
        "man/man1/java.1": b"",
        "docs/terms.html": b"",
        "demo/data.json": b"{}",
        "app.jar": b"PK",
    }
    assert set(dropped(decided(files), files)) == {"man/man1/java.1"}
