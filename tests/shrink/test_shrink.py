"""`slim shrink` on a real function: watched, proven, written down, and followed by a build."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.command import Outcome, slim
from tests.support.installed import record
from tests.support.trees import write_tree

HERE = f"python3.{sys.version_info.minor}"
APP = """
import alpha

def handler(event, context):
    if event.get("fail"):
        raise ValueError("as asked for")
    if event.get("rare"):
        import beta
        return beta.NAME
    return alpha.name(event)
"""


def _metadata(name: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def distribution(name: str, version: str, **modules: str) -> dict[str, bytes]:
    """Return the files of a distribution as pip installs it."""
    files = {f"{name}/{module}.py": text.encode() for module, text in modules.items()}
    info = f"{name}-{version}.dist-info"
    files[f"{info}/METADATA"] = _metadata(name, version)
    files[f"{info}/INSTALLER"] = b"pip\n"
    files[f"{info}/licenses/LICENSE"] = b"Be kind.\n"
    files[f"{info}/RECORD"] = record([*files, f"{info}/RECORD"])
    return files


ALPHA = distribution(
    "alpha",
    "1.0",
    __init__="from alpha.used import name\n",
    used="def name(event):\n    return event['name']\n\ndef more():\n    from alpha import rest\n",
    rest="REST = 1\n",
    errors="class AlphaError(Exception):\n    pass\n",
    lonely="LONELY = 1\n",
)
BETA = distribution("beta", "2.0", __init__="NAME = 'beta'\n")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "fn", {"app.py": APP.encode(), **ALPHA, **BETA})
    events = {"name.json": {"name": "Ada"}, "rare.json": {"rare": 1}, "fail.json": {"fail": 1}}
    write_tree(tmp_path, {name: json.dumps(event).encode() for name, event in events.items()})
    return tmp_path


def run(work: Path, *args: str, event: str = "name.json") -> Outcome:
    own = ("--as-function", "--runtime", HERE, "--handler", "app.handler", "--repeat", "1")
    return slim("shrink", "fn", *own, "--event", event, *args, cwd=work, process=True)


def build(work: Path, *args: str) -> tuple[Outcome, set[str]]:
    outcome = slim("build", "fn", "-o", "fn.zip", *args, cwd=work)
    with zipfile.ZipFile(work / "fn.zip") as archive:
        return outcome, {name for name in archive.namelist() if not name.endswith("/")}


def test_what_no_event_used_goes_and_the_rest_answers(work: Path) -> None:
    before = build(work)[1]
    outcome = run(work)
    assert outcome.code == 0, outcome.text
    built, after = build(work, "--shrink", "slim.shrink.toml")
    assert built.code == 0, built.text
    assert {*before} - after == {
        *(name for name in before if name.startswith("beta")),
        "alpha/lonely.py",
    }
    assert "shrink/beta" in built.out
    proof = slim(
        *("verify", "--function", "fn.zip", "--against", "fn", "--event", "name.json"),
        *("--runtime", HERE, "--handler", "app.handler"),
        cwd=work,
        process=True,
    )
    assert proof.code == 0, proof.text


def test_the_same_inputs_give_the_same_file(work: Path) -> None:
    texts = []
    for _ in range(2):
        assert run(work).code == 0
        texts.append((work / "slim.shrink.toml").read_bytes())
    assert texts[0] == texts[1]


def test_a_second_shrink_finds_what_the_first_found(work: Path) -> None:
    (work / "slim.toml").write_text('shrink = "slim.shrink.toml"\n')
    (work / "slim.shrink.toml").write_text("format = 1\n")
    texts = []
    for _ in range(2):
        assert run(work).code == 0
        texts.append((work / "slim.shrink.toml").read_bytes())
    assert texts[0] == texts[1]
    assert b'"python/beta"' in texts[1]


def test_an_event_that_asks_for_it_keeps_it(work: Path) -> None:
    assert run(work, "--event", "rare.json").code == 0
    after = build(work, "--shrink", "slim.shrink.toml")[1]
    assert "beta/__init__.py" in after


def test_within_units_what_kept_files_only_name_goes_too(work: Path) -> None:
    assert run(work, "--within-units").code == 0
    after = build(work, "--shrink", "slim.shrink.toml")[1]
    assert {"alpha/rest.py", "alpha/lonely.py"}.isdisjoint(after)
    assert "alpha/errors.py" in after  # raised when something goes wrong


def test_within_units_what_errors_load_stays(work: Path) -> None:
    told = (
        "def show_error(event):\n    from alpha.shown import text\n    return text(event)\n"
        "def name(event):\n    try:\n        return event['name']\n"
        "    except KeyError:\n        return show_error(event)\n"
    )
    more = distribution(
        "alpha",
        "1.0",
        __init__="from alpha.used import name\n",
        used=told,
        shown="from alpha.deep import text\n",
        deep="def text(event):\n    import alpha.lonely\n    return 'no name'\n",
        lonely="LONELY = 1\n",
    )
    write_tree(work / "fn", more)
    assert run(work, "--within-units").code == 0
    after = build(work, "--shrink", "slim.shrink.toml")[1]
    assert {"alpha/shown.py", "alpha/deep.py"} <= after
    assert "alpha/lonely.py" not in after


def test_a_unit_that_changed_is_said(work: Path) -> None:
    assert run(work).code == 0
    (work / "fn/alpha/lonely.py").write_text("LONELY = 'of another release'\n")
    built, after = build(work, "--shrink", "slim.shrink.toml")
    assert "alpha/lonely.py" in after
    assert "beta/__init__.py" not in after
    warned = [line for line in built.out.splitlines() if line.startswith("warn: slim.shrink.toml:")]
    assert len(warned) == 1
    assert "python/alpha has changed since slim shrink saw it" in warned[0]


def test_the_users_word_and_own_files_stay(work: Path) -> None:
    (work / "slim.toml").write_text('shrink = "slim.shrink.toml"\nkeep = ["/beta/"]\n')
    (work / "fn/never_used.py").write_text("X = 1\n")
    (work / "slim.shrink.toml").write_text("format = 1\n")
    assert run(work).code == 0
    after = build(work)[1]
    assert {"beta/__init__.py", "never_used.py"} <= after
    assert "alpha/lonely.py" not in after


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("fail.json", "fail.json: the artifact as it is answers with an error"),
        ("missing.json", "missing.json: cannot be read"),
    ],
)
def test_an_event_that_fails_on_the_original_writes_nothing(
    work: Path, event: str, said: str
) -> None:
    outcome = run(work, event=event)
    assert (outcome.code, outcome.out) == (3, ""), outcome.text
    assert said in outcome.err
    assert not (work / "slim.shrink.toml").exists()


def test_who_asks_for_what_was_dropped_is_told_the_line(work: Path) -> None:
    assert run(work, "--guard-drops").code == 0
    after = build(work, "--shrink", "slim.shrink.toml")[1]
    assert {"beta/__init__.py", "alpha/lonely.py"} <= after
    answers = slim(
        *("verify", "--function", "fn.zip", "--event", "name.json", "--event", "rare.json"),
        *("--runtime", HERE, "--handler", "app.handler"),
        cwd=work,
        process=True,
    )
    assert answers.code == 5
    rows = (work / "slim.shrink.toml").read_text().splitlines()
    line = rows.index('name = "python/beta"') + 1
    assert f"ModuleNotFoundError: slim shrink dropped beta: slim.shrink.toml:{line}" in answers.out


def test_a_stub_is_missing_to_who_can_do_without(work: Path) -> None:
    """Code that tries an import finds nothing, as where the package was never installed."""
    (work / "fn/app.py").write_text(
        "try:\n    import gamma\nexcept ModuleNotFoundError as error:\n    gamma = error.name\n\n"
        "def handler(event, context):\n"
        "    try:\n        import beta\n    except ImportError:\n        beta = None\n"
        "    return [gamma, beta and beta.NAME] if event.get('rare') else 1\n"
    )
    (work / "fn/beta/__init__.py").write_text("NAME = 'beta'\nimport gamma\n")
    assert run(work, "--guard-drops").code == 0
    build(work, "--shrink", "slim.shrink.toml")
    answers = slim(
        *("verify", "--function", "fn.zip", "--event", "rare.json"),
        *("--runtime", HERE, "--handler", "app.handler"),
        cwd=work,
        process=True,
    )
    assert '["gamma", null]' in answers.out


def test_without_a_sandbox_the_same_is_seen(work: Path) -> None:
    texts = []
    for sandbox in ((), ("--sandbox", "none")):
        assert run(work, *sandbox).code == 0
        texts.append((work / "slim.shrink.toml").read_bytes())
    assert texts[0] == texts[1]


def test_what_no_run_proved_is_not_written(work: Path) -> None:
    outcome = run(work, "--time", "0.000001", "--json", "shrink.json")
    assert outcome.code == 0, outcome.text
    report = json.loads((work / "shrink.json").read_bytes())
    assert (report["trials"], report["complete"], report["units"]) == (0, False, [])
    assert "not every unit was tried" in outcome.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--expect", "name.json"), "--expect: slim shrink compares with the artifact itself"),
        (("--against", "fn"), "--against: slim shrink compares with the artifact itself"),
        (("--shrink", "old.toml"), "--shrink: slim shrink starts from what ships without one"),
        (("--sandbox", "docker"), "--sandbox docker: what runs in a container cannot be watched"),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(
    work: Path, args: tuple[str, ...], said: str
) -> None:
    outcome = run(work, *args)
    assert (outcome.code, outcome.out) == (2, ""), outcome.text
    assert said in outcome.err


SERVER = """
import os
import sys
import page

def handler(event, context):
    folder = os.path.dirname(page.__file__)
    try:
        with open(os.path.join(folder, event["file"])) as file:
            return {"statusCode": 200, "body": file.read()}
    except FileNotFoundError:
        return {"statusCode": 200, "body": "none"}
"""
PAGE = distribution("page", "1.0", __init__="NAME = 'page'\n") | {
    "page/static/a.css": b"a {}\n",
    "page/static/b.css": b"b {}\n",
    "page/static/c.json": b"{}\n",
}
PAGE["page-1.0.dist-info/RECORD"] = record(PAGE)


@pytest.mark.parametrize(
    ("file", "told"), [("b.css", "page/static/b.css: "), ("c.json", "page/static/c.json: ")]
)
def test_verify_names_the_row_of_what_a_server_hands_on_unread(
    tmp_path: Path, file: str, told: str
) -> None:
    write_tree(tmp_path / "fn", {"app.py": SERVER.encode(), **PAGE})
    for name in ("a.css", file):
        event = {"file": f"static/{name}"}
        (tmp_path / f"{name}.event").write_text(json.dumps(event))
    outcome = run(tmp_path, "--guard-drops", "--within-units", event="a.css.event")
    assert outcome.code == 0, outcome.text
    build(tmp_path, "--shrink", "slim.shrink.toml")
    own = ("--runtime", HERE, "--handler", "app.handler", "--event", f"{file}.event")
    done = slim("verify", "--function", "fn.zip", *own, cwd=tmp_path, process=True)
    assert f"slim shrink dropped {told}slim.shrink.toml:" in done.text
    assert done.code == (0 if file == "b.css" else 5), done.text
    own = ("--runtime", HERE, "--handler", "app.handler", "--event", "a.css.event")
    done = slim("verify", "--function", "fn.zip", *own, cwd=tmp_path, process=True)
    assert "slim shrink dropped" not in done.text
