"""Settings that make no sense: the line is named, and nothing is written."""

import sys
import tomllib
from pathlib import Path

import pytest

from slimmer.config.settings import parse_settings
from slimmer.errors import UsageError
from tests.cli.bad_input.cases import (
    Bad,
    Broken,
    Make,
    assert_refused,
    both,
    build,
    file,
    folder,
    link,
    settings,
)
from tests.support.command import slim
from tests.support.trees import write_tree

COMPONENT = '[component.mine]\ntitle = "Mine"\nwhy = "It is mine."\ndrop = ["*.txt"]\n'

SETTINGS = [
    Broken("no TOML", 'tier = "safe"\nkeep = [\n', ("slim.toml:2: ", "not valid TOML")),
    Broken("a misspelt key", '\nteir = "safe"\n', ("slim.toml:2: ", "'teir'", "mean 'tier'")),
    Broken("a misspelt key that is seldom there", '\ntargt = "x"\n', ("slim.toml:2: ", "'target'")),
    Broken(
        "a key like none", "nonsense = 1\n", ("slim.toml:1: ", "arch", "max", "prefix", "python")
    ),
    Broken("an unknown tier", '# far\ntier = "saef"\n', ("slim.toml:2: ", "mean 'safe'")),
    Broken("another type", "\n\nkeep = 'x'\n", ("slim.toml:3: ", "array of strings")),
    Broken("a size that is none", '\nmax = "65XB"\n', ("slim.toml:2: ", "'65XB'", "65MB")),
    Broken("an unknown target", '\ntarget = "lamda"\n', ("slim.toml:2: ", "mean 'lambda'")),
    Broken("an unknown component", '\ndrop = ["common/doc"]\n', ("slim.toml:2: ", "common/docs")),
    Broken(
        "the same word in keep and drop",
        'keep = ["x"]\ndrop = ["x"]\n',
        ("slim.toml:", "'x'", "remove one"),
    ),
    Broken("a broken pattern", '\ndrop = ["[z-a]"]\n', ("slim.toml:2: ", "'[z-a]'")),
    Broken(
        "a component with a misspelt key",
        COMPONENT + 'teir = "safe"\n',
        ("slim.toml:5: ", "'teir'", "[component.mine]", "did you mean 'tier'"),
    ),
    Broken("a number past all digits", f"level = {'9' * 5000}\n", ("slim.toml:1: ",)),
    Broken("brackets past all depth", "keep = " + "[" * 5000, ("slim.toml:1: ",)),
]

VALUES = [
    Broken("a value cut off", 'tier = "safe"\nmax =\n', (":2: ", "not valid TOML")),
    Broken("a byte order mark", '\ufefftier = "safe"\n', (":1: ", "not valid TOML")),
    Broken("a tier of another type", "tier = 2020-01-01\n", (":1: ", "tier")),
    Broken("a number in a list", "drop = [1]\n", (":1: ", "array of strings")),
    Broken("an empty pattern", '\ndrop = [""]\n', (":2: ", "array of", "non-empty")),
    Broken("a word as a flag", '\ndedupe = "no"\n', (":2: ", "true or false")),
    Broken("a level past the last", "level = 13\n", (":1: ", "1 to 12")),
    Broken("a level as a word", 'level = "9"\n', (":1: ", "whole number")),
    Broken("a level as a flag", "level = true\n", (":1: ", "whole number")),
    Broken("a size as a number", "\nmax = 65\n", (":2: ", "max", "string")),
    Broken("a prefix that climbs out", '\nprefix = "../x"\n', (":2: ", "'../x'")),
    Broken("an unknown guard", '\nno-guard = ["opt"]\n', (":2: ", "'opt'", "otp")),
    Broken("a component that is a word", "[component]\nx = 1\n", (":2: ", "table")),
    Broken("a component without why", COMPONENT.replace("why", "# why"), (":1: ", "why")),
    Broken("a component in capitals", COMPONENT.replace("mine]", "Mine]"), (":1: ", "'Mine'")),
]

PYPROJECT = [
    Broken(
        "a misspelt key",
        '[project]\nname = "x"\n\n[tool.slim]\nteir = "safe"\n',
        ("pyproject.toml:5: ", "'teir'", "[tool.slim]", "did you mean 'tier'"),
    ),
    Broken(
        "a key of the same name elsewhere",
        '[tool.other]\ntier = 1\n\n[tool.slim]\ntier = "saef"\n',
        ("pyproject.toml:5: ", "did you mean 'safe'"),
    ),
    Broken("a word as a table", '[tool]\nslim = "yes"\n', ("pyproject.toml:2: ", "table")),
    Broken("no TOML", "[tool.slim\n", ("pyproject.toml:1: ", "not valid TOML")),
]

DEEP = f"tier.{'.'.join('a' * 5000)} = 1\n"
#: Whether this Python's own reader refuses so many parts of a key, as that of 3.14.10 does.
try:
    tomllib.loads(DEEP)
    HAS_BOUND = False
except RecursionError:
    HAS_BOUND = True

TABLE = [
    *(Bad(f"slim.toml: {b.name}", b.words, settings(b.text)) for b in SETTINGS),
    *(Bad(f"pyproject.toml: {b.name}", b.words, file("pyproject.toml", b.text)) for b in PYPROJECT),
    Bad(
        "slim.toml: a value nested deeper than Python's stack",
        ("slim.toml:1: ", "nested too deep" if HAS_BOUND else "tier must be"),
        settings(DEEP),
    ),
    Bad(
        "slim.toml: arrays nested deeper than Python's stack",
        ("slim.toml:1: ", "nested too deep"),
        settings(f"tier = {'[' * 5000}{']' * 5000}\n"),
    ),
    Bad(
        "slim.toml: not UTF-8",
        ("slim.toml", "not UTF-8", "save it as UTF-8"),
        file("slim.toml", b'tier = "\xe9"\n'),
    ),
]


EVIL = file("evil.sh", "#!/bin/sh\ntouch pwned\n", 0o755)
INSIDE = ("slim.toml:2: ", "a program inside the project", "name it with --python")


def compiling(program: str) -> Make:
    return both(EVIL, settings(f"pyc = 'compile'\npython = '{program}'\n"))


PROGRAMS = [
    Bad("by a path", INSIDE, compiling("./evil.sh")),
    Bad("by a way around", INSIDE, compiling("tree/../evil.sh")),
    Bad("in a dry run", INSIDE, compiling("./evil.sh"), build("tree", "--dry-run")),
    Bad("for explain", INSIDE, compiling("./evil.sh"), ("explain", "tree", "a.txt")),
    Bad("by a link that leads out", INSIDE, both(compiling("./py"), link("py", "/bin/true"))),
    Bad(
        "in the repository around it",
        INSIDE,
        both(compiling("../evil.sh"), link("../evil.sh", "work/evil.sh"), folder("../.git")),
    ),
    Bad(
        "in the folder of a file that is named",
        ("x.toml:1: ", "inside the project"),
        both(EVIL, file("conf/x.toml", "python = 'conf/evil.sh'\n")),
        build("tree", "--config", "conf/x.toml"),
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in PROGRAMS])
def test_a_project_s_own_program_is_not_run(tmp_path: Path, bad: Bad) -> None:
    work = tmp_path / "work"
    write_tree(work / "tree", {"a.txt": "a", "m.py": "x = 1\n"})
    assert_refused(work, bad)
    assert not list(tmp_path.rglob("pwned"))


def test_a_project_s_own_program_is_run_where_the_command_line_names_it(work: Path) -> None:
    compiling("./evil.sh")(work)
    (work / "evil.sh").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    write_tree(work / "tree", {"m.py": "x = 1\n"})
    outcome = slim(*build("tree", "--python", "./evil.sh"), cwd=work)
    assert outcome.code == 0, outcome.text


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.name) for bad in TABLE])
def test_bad_settings_are_refused(work: Path, bad: Bad) -> None:
    assert_refused(work, bad)


@pytest.mark.parametrize("broken", [pytest.param(b, id=b.name) for b in VALUES])
def test_a_broken_setting_is_named_with_file_line_and_what_was_expected(broken: Broken) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings(broken.text, "slim.toml")
    message = str(caught.value)
    assert message.startswith("slim.toml:")
    assert "\n" not in message
    assert [word for word in broken.words if word not in message] == [], message
