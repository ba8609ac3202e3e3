"""Kept Python code that names a folder keeps all below it."""

import pytest

from slimmer.formats.python.folders import named
from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped
from tests.support.installed import record

DATA = "acme/rules/tests/case.yaml"
FORMS = {
    "pathlib": 'Path(__file__).parent / "rules" / name',
    "os.path": 'os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules", name)',
    "a constant": 'HERE = Path(__file__).resolve().parent\nfor p in (HERE / "rules").iterdir(): 1',
    "a method": 'Path(__file__).with_name("rules")',
    "a sum": 'os.listdir(os.path.dirname(__file__) + "/rules")',
    "split": 'here, _ = os.path.split(__file__)\nx = os.path.join(here, "rules")',
    "files": 'files(__package__) / "rules"',
    "files of a name": 'files("acme.rules")',
    "joinpath": 'files("acme").joinpath("rules")',
    "pkg_resources": 'pkg_resources.resource_filename(__name__, "rules")',
    "get_data": 'pkgutil.get_data("acme", "rules/tests/case.yaml")',
    "glob": 'glob.glob(os.path.join(os.path.dirname(__file__), "rules", "*.yaml"))',
}
OWN_TESTS = {  # what a wheel of one's own reads below acme/tests
    "files": 'from importlib.resources import files\nx = files(__package__) / "tests"',
    "importlib": 'import importlib.resources as res\nx = res.files(__package__).joinpath("tests")',
    "files of a name": 'x = files("acme") / "tests"',
    "pathlib": 'x = Path(__file__).parent / "tests"',
    "os.path": 'HERE = os.path.dirname(__file__)\nx = os.listdir(os.path.join(HERE, "tests"))',
}
NOTHING = {
    "its own folder": "os.path.dirname(__file__)",
    "the folder above": 'os.path.join(os.path.dirname(__file__), "..")',
    "another's file": 'os.path.join(os.path.dirname(numpy.__file__), "rules")',
    "a comment": '# Path(__file__).parent / "rules"',
    "a string": "\"Path(__file__).parent / 'rules'\"",
    "another folder": 'Path(__file__).parent / "other"',
    "the package": 'files("acme")',
}


def lost(code: str, tier: Tier = Tier.DEFAULT, drop: str = "", data: str = DATA) -> bool:
    files = {"acme/__init__.py": code.encode(), data: b"x", "acme/other/a.txt": b""}
    files[f"{data.rpartition('/')[0]}/test_case.py"] = b"def test_case(): pass\n"
    files["acme-1.dist-info/METADATA"] = b"Name: acme\n"
    files["acme-1.dist-info/RECORD"] = record(files)
    return data in dropped(decide(files, tier=tier, drop=drop))


@pytest.mark.parametrize("tier", [Tier.DEFAULT, Tier.AGGRESSIVE])
@pytest.mark.parametrize("code", FORMS.values(), ids=list(FORMS))
def test_a_folder_that_is_named_keeps_all_below_it(code: str, tier: Tier) -> None:
    assert not lost(code, tier)


@pytest.mark.parametrize("tier", [Tier.SAFE, Tier.DEFAULT, Tier.AGGRESSIVE])
@pytest.mark.parametrize("code", OWN_TESTS.values(), ids=list(OWN_TESTS))
def test_what_a_package_calls_tests_may_be_its_data(code: str, tier: Tier) -> None:
    assert not lost(code, tier, data="acme/tests/r1.yaml")


@pytest.mark.parametrize("code", NOTHING.values(), ids=list(NOTHING))
def test_what_names_no_folder_keeps_nothing(code: str) -> None:
    assert lost(code)


def test_the_users_drop_stays() -> None:
    assert lost(FORMS["pathlib"], drop="acme/rules/")


@pytest.mark.parametrize(
    "source", [b"__file__" + b"(" * 9000, b"(" * 9000 + b"__file__", b"\xff[("]
)
def test_any_bytes_can_be_read(source: bytes) -> None:
    assert named(source) == ()
