"""Distributions that are named come back whole, and a host with its plugins."""

from __future__ import annotations

import pytest

from slimmer.decide.decide import Decision
from slimmer.model.rules import Tier
from tests.support.decide import decide, kept
from tests.support.installed import record

PYTEST = ("pytest/__init__.py", "_pytest/main.py", "pytest-9.dist-info/METADATA")
PLUGIN = "pytest_report-1.dist-info/METADATA"
NEEDED = "pytest_metadata-3.dist-info/METADATA"
FILES = {
    "pytest/__init__.py": b"",
    "_pytest/main.py": b"",
    "pytest-9.dist-info/METADATA": b"Name: pytest\n",
    "pytest-9.dist-info/entry_points.txt": b"[console_scripts]\npy.test = pytest:main\n",
    "pytest-9.dist-info/RECORD": record(["pytest/__init__.py", "_pytest/main.py"]),
    "reporting/__init__.py": b"import pytest\n",
    PLUGIN: b"Name: pytest-report\nRequires-Dist: pytest-metadata>=1\n",
    "pytest_report-1.dist-info/entry_points.txt": b"[pytest11]\nreport = reporting\n",
    "pytest_report-1.dist-info/RECORD": record(["reporting/__init__.py"]),
    NEEDED: b"Name: pytest-metadata\n",
    "pytest_metadata-3.dist-info/RECORD": record([]),
}


def decided(files: dict[str, str], tier: Tier = Tier.DEFAULT, drop: str = "") -> Decision:
    own = {path: text.encode() for path, text in files.items()}
    return decide({**FILES, **own}, guards=("python",), tier=tier, drop=drop)


@pytest.mark.parametrize("tier", [Tier.DEFAULT, Tier.AGGRESSIVE])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "import pytest"),
        (
            "app.py",
            "def handler(event, _):\n    try:\n        import pytest\n    except ImportError: pass",
        ),
        ("scripts/report.py", "def test():\n    import pytest"),
        ("app.py", "run = importlib.import_module('pytest')"),
        ("app.py", "subprocess.run([sys.executable, '-m', 'pytest'])"),
        ("app.py", "subprocess.run(['py.test'])"),
        ("bootstrap", "exec python -m pytest checks"),
        ("settings.yaml", "runner: pytest"),
    ],
)
def test_what_the_users_own_text_names_comes_back_whole_with_its_plugins(
    path: str, text: str, tier: Tier
) -> None:
    assert {*PYTEST, PLUGIN, NEEDED} <= kept(decided({path: text}, tier))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "# 'pytest'"),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\n[project.optional-dependencies]\na = ["pytest"]',
        ),
        ("requirements-dev.txt", "pytest"),
        ("pytest.ini", "[pytest]"),
        (".github/workflows/ci.yml", "- run: pytest"),
        ("README.md", "Run pytest"),
    ],
)
def test_what_only_develops_brings_nothing_back(path: str, text: str) -> None:
    found = decided({path: text})
    assert not {*PYTEST, PLUGIN, NEEDED} & kept(found)
    assert [f for f in found.findings if f.code.startswith("declared")] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "# what runs\npytest>=8 ; python_version > '3'\n"),
        ("pyproject.toml", '[project]\ndependencies = ["PyTest[x]"]'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npytest = "*"'),
        ("Pipfile", '[packages]\npytest = "*"'),
    ],
)
def test_what_is_declared_and_not_reached_is_told_of(path: str, text: str) -> None:
    found = decided({path: text})
    assert not set(PYTEST) & kept(found)
    [told] = [f.message for f in found.findings if f.code == "declared-dropped"]
    assert told.startswith("pytest (")
    assert f"{path} declares it" in told


def test_what_is_declared_stays_where_kept_code_may_ask_for_it() -> None:
    lib = {
        "lib/__init__.py": "try: import pytest\nexcept ImportError: pass",
        "lib-1.dist-info/METADATA": "Name: lib",
        "lib-1.dist-info/RECORD": "lib/__init__.py,,\n",
    }
    assert not set(PYTEST) & kept(decided(lib))
    declared = {**lib, "requirements.txt": "pytest"}
    found = decided(declared)
    assert set(PYTEST) <= kept(found)
    [told] = [f.message for f in found.findings if f.code == "declared-kept"]
    assert told.endswith("--drop '/_pytest/'")
    assert not set(PYTEST) & kept(decided(declared, drop="/_pytest/ /pytest/"))
    assert not set(PYTEST) & kept(decided(declared, Tier.AGGRESSIVE))


def test_what_a_packages_own_tests_ask_for_is_not_told_of() -> None:
    lib = {
        "lib/__init__.py": "def test():\n    from lib.tests import main",
        "lib/testing/__init__.py": "",
        "lib/testing/main.py": "NAMES = ['lib.tests.main']",
        "lib/tests/__init__.py": "",
        "lib/tests/main.py": "",
        "lib/tests/test_main.py": "def test_main(): pass",
        "lib-1.dist-info/METADATA": "Name: lib",
    }
    lib["lib-1.dist-info/RECORD"] = "".join(f"{path},,\n" for path in lib)
    found = decided(lib)
    assert "lib/tests/main.py" not in kept(found)
    assert [f for f in found.findings if f.code == "dropped-dependency"] == []
