"""A project's file with several artifacts: one word for all, and each as it is alone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.functions import ECHO
from tests.support.trees import write_tree

FILE = """
max = "1MB"

[artifact.api]
tree = ["api", "deps"]
output = "dist/api.zip"
kind = "function"
with = "common"
tier = "safe"
budgets = { "other/root" = "1kB" }
baseline = "sizes.json"
reports = { json = "dist/api.json" }

[artifact.worker]
tree = "worker"
output = "dist/worker.zip"
kind = "function"
max = "100 B"

[artifact.common]
tree = "common"
output = "dist/common.zip"
kind = "layer"
"""
TREES = {
    "api/app.py": "import tool\n",
    "api/notes.txt": "one\n",
    "deps/lib.py": "x = 1\n",
    "deps/notes.txt": "two\n",
    "worker/app.py": "y = 1\n",
    "common/python/tool.py": "x = 1\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {**TREES, "slim.toml": FILE, ".git/HEAD": "ref: x\n"})


def test_one_build_makes_all_and_each_is_equal_to_its_lone_build(project: Path) -> None:
    write_tree(project, {"slim.toml": FILE.replace('max = "100 B"', "")})
    done = slim("build", cwd=project)
    assert done.code == 0, done.text
    names = ("api", "worker", "common")
    together = {name: (project / f"dist/{name}.zip").read_bytes() for name in names}
    told = [line for line in done.err.splitlines() if ": slim build " in line]
    assert [line.partition(":")[0] for line in told] == ["common", "api", "worker"]
    for name in names:
        assert slim("build", name, cwd=project).code == 0
        assert (project / f"dist/{name}.zip").read_bytes() == together[name]
    for line in told:  # the command that is printed is the build
        words = line.partition(": slim ")[2].partition(" (")[0].split()
        out = words.index("--output") + 1
        lone = slim(*words[:out], "lone.zip", *words[out + 1 :], "--tier", "safe", cwd=project)
        assert lone.code == 0, lone.text
        assert (project / "lone.zip").read_bytes() == together[line.partition(":")[0]]


def test_each_has_its_own_settings_and_all_are_tried(project: Path) -> None:
    done = slim("build", cwd=project)
    assert done.code == 1, done.text  # the worker is larger than its own max
    assert (project / "dist/api.zip").is_file()
    assert not (project / "dist/worker.zip").exists()
    assert json.loads((project / "dist/api.json").read_bytes())["tier"] == "safe"


def test_the_file_is_found_above_in_its_repository_and_paths_are_relative_to_it(
    project: Path,
) -> None:
    assert slim("build", "common", "-q", cwd=project / "api").code == 0
    assert (project / "dist/common.zip").is_file()
    (project / ".git/HEAD").unlink()
    (project / ".git").rmdir()
    outside = slim("build", "common", "-q", cwd=project / "api")
    assert outside.code == 3, outside.text


def test_several_trees_are_laid_over_one_another_and_what_meets_is_told(project: Path) -> None:
    done = slim("build", "./api", "deps", "-o", "x.zip", cwd=project)
    assert done.code == 0, done.text
    with zipfile.ZipFile(project / "x.zip") as made:
        assert sorted(made.namelist()) == ["app.py", "lib.py", "notes.txt"]
        assert made.read("notes.txt") == b"two\n"
    assert "warn: notes.txt: in more than one tree, and different; that in deps ships" in done.out
    again = slim("build", "deps", "deps", "-o", "x.zip", cwd=project)
    assert "note: lib.py and 1 more: in more than one tree, and the same" in again.out
    write_tree(project, {"odd/app.py/x": ""})
    odd = slim("build", "./api", "odd", cwd=project)
    assert (odd.code, odd.err.count("\n")) == (3, 1)
    assert "app.py: a folder in one tree and none in another" in odd.err


def test_check_holds_each_to_its_own_budgets_and_baseline(project: Path) -> None:
    slim("build", "common", "-q", cwd=project)
    slim("build", "api", "-q", cwd=project)
    write_tree(project, {"slim.toml": FILE.replace("[artifact.worker]", "[artifact.w]\n")})
    slim("build", "w", "--max", "1MB", "-q", cwd=project)
    done = slim("check", "api", "common", "--update-baseline", cwd=project)
    assert done.code == 0, done.text
    assert (project / "sizes.json").is_file()
    assert "common: no baseline in its table, so none is written" in done.err
    assert slim("check", cwd=project).code == 1  # w is above its own max


BUDGETS = """
[budgets]
"tool.py" = "1kB"

[artifact.api]
tree = "deps"

[artifact.common]
tree = "common"
"""


def test_a_budget_of_what_one_artifact_has_holds_for_it_alone(project: Path) -> None:
    write_tree(project, {"slim.toml": BUDGETS})
    assert slim("build", "-q", cwd=project).code == 0
    done = slim("check", cwd=project)
    assert done.code == 0, done.text
    told = "the budget 'tool.py' (slim.toml:3) names nothing of api.zip; it does of common.zip"
    assert told in " ".join(done.out.split())
    assert done.out.count("tool.py zipped (slim.toml:3)") == 1
    assert slim("check", "api", cwd=project).code == 0
    assert slim("check", "api.zip", cwd=project).code == 0
    write_tree(project, {"slim.toml": BUDGETS.replace("1kB", "1B")})
    over = slim("check", cwd=project)
    assert (over.code, over.out.count("over the budget")) == (1, 1)


def test_a_budget_of_what_no_artifact_has_is_an_error(project: Path) -> None:
    write_tree(project, {"slim.toml": BUDGETS.replace("tool.py", "tol.py")})
    assert slim("build", "-q", cwd=project).code == 0
    done = slim("check", cwd=project)
    assert done.code == 2, done.text
    assert "the budget 'tol.py' names no component or path of common.zip;" in done.err
    (project / "common.zip").unlink()  # then nobody knows what it has
    alone = slim("check", "api", cwd=project)
    assert alone.code == 0, alone.text
    assert "common.zip is not there to look for it" in " ".join(alone.out.split())


def test_words_that_are_neither_are_told(project: Path) -> None:
    near = slim("build", "comon", cwd=project)
    assert "comon is neither an artifact nor there as a path; did you mean 'common'?" in near.err
    mixed = slim("build", "common", "./api", cwd=project)
    assert "name artifacts or paths, such as ./common, not both" in mixed.err
    nothing = slim("verify", cwd=project)
    assert (nothing.code, "no verify in [artifact." in nothing.err) == (2, True)
    path = slim("build", "./worker", "-o", "w.zip", cwd=project)
    assert "note: artifact worker has this tree; slim build worker takes that" in path.err
    (project / "slim.toml").write_text('tier = "safe"\n')
    assert "nothing to build" in slim("build", cwd=project).err
    assert "nothing to check" in slim("check", cwd=project).err
    assert "Missing option '--event'" in slim("verify", cwd=project).err


def test_an_artifact_says_of_which_modules_its_java_runtime_is(project: Path) -> None:
    file = FILE.replace("[artifact.worker]", '[artifact.worker]\njlink = ["reached", "java.sql"]')
    write_tree(project, {"slim.toml": file})
    done = slim("build", "worker", cwd=project)
    assert done.code == 2, done.text
    assert "--jlink reached --jlink java.sql" in done.text
    assert "--jlink: no Java runtime with lib/modules" in done.err


def test_explain_and_inspect_take_an_artifact_with_all_its_trees(project: Path) -> None:
    early = slim("explain", "api", "lib.py", cwd=project)
    assert "api goes with common, which is not built yet; slim build common builds it" in early.err
    assert slim("build", "common", "-q", cwd=project).code == 0
    kept = slim("explain", "api", "lib.py", "notes.txt", cwd=project)
    assert kept.code == 0, kept.text
    assert "api: slim explain ./api --over deps --with dist/common.zip" in kept.err
    for path in ("lib.py", "notes.txt"):
        assert f"keep  {path}" in kept.out
    one = slim("inspect", "api", cwd=project)
    assert one.code == 0, one.text
    assert "lib.py" in one.out
    assert "api + deps" in one.out
    every = slim("inspect", cwd=project)
    assert every.code == 0, every.text
    assert [name in every.out for name in ("worker", "common")] == [True, True]


def test_explain_and_inspect_lay_trees_over_one_another(project: Path) -> None:
    (project / "slim.toml").unlink()
    done = slim("explain", "api", "--over", "deps", "notes.txt", "deps/lib.py", cwd=project)
    assert (done.code, done.out.count("keep  ")) == (0, 2), done.text
    absent = slim("explain", "api", "--over", "deps", "nope.py", cwd=project)
    assert "nope.py: not in the tree api and deps" in absent.err
    both = slim("inspect", "api", "deps", cwd=project)
    assert (both.code, "api + deps" in both.out, "lib.py" in both.out) == (0, True, True)


def test_shards_build_all_artifacts_between_them(project: Path) -> None:
    write_tree(project, {"slim.toml": FILE.replace('max = "100 B"', "")})
    assert slim("build", cwd=project).code == 0
    whole = {path.name: path.read_bytes() for path in (project / "dist").glob("*.zip")}
    built: dict[str, bytes] = {}
    for shard in ("1/2", "2/2"):
        for path in (project / "dist").glob("*.zip"):
            path.unlink()
        done = slim("build", "--shard", shard, cwd=project)
        assert done.code == 0, done.text
        made = {path.name: path.read_bytes() for path in (project / "dist").glob("*.zip")}
        assert made != whole
        assert "api.zip" not in made or "common.zip" in made  # api is built with it
        built |= made
    assert built == whole
    assert "shard 9/9 has no artifact" in slim("build", "--shard", "9/9", cwd=project).err


@pytest.mark.parametrize("shard", ["3/2", "0/2", "x", "1/0", "1"])
def test_what_is_no_shard_is_refused(project: Path, shard: str) -> None:
    done = slim("build", "--shard", shard, cwd=project)
    assert done.code == 2
    assert "is no part of a whole" in done.err


def test_a_path_has_no_shards(project: Path) -> None:
    done = slim("build", "./worker", "--shard", "1/2", cwd=project)
    assert done.code == 2
    assert "--shard is for the artifacts" in done.err


def test_a_build_that_verifies_runs_the_function_as_its_table_says(tmp_path: Path) -> None:
    """The events are those of the command line, and what it says wins."""
    verify = (
        '{ events = ["x.json"], expect = ["y.json"], env = ["A=1"], memory = 512, timeout = 9 }'
    )
    table = f'[artifact.fn]\ntree = "src"\nkind = "function"\nverify = {verify}\n'
    write_tree(tmp_path, {"slim.toml": table, "src/bootstrap": ECHO, ".git/HEAD": "ref: x\n"})
    (tmp_path / "src/bootstrap").chmod(0o755)
    done = slim("build", "fn", "--verify", '{"a": 1}', "--timeout", "20", cwd=tmp_path)
    assert done.code == 0, done.text
    words = "--as-function --timeout 9 --memory 512 --env A=1 --verify '{\"a\": 1}' --timeout 20"
    assert words in done.err
    assert "passed: 1 event answered" in done.out
    plain = slim("build", "fn", cwd=tmp_path)
    assert (plain.code, "--memory" in plain.err) == (0, False)
