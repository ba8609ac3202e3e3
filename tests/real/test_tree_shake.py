"""What nothing reaches goes, and what the function asks for still answers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.real.conftest import REST
from tests.support.command import slim
from tests.support.zips import zip_of
from trees import wheels
from trees.otp import otp_layer

pytestmark = pytest.mark.real

MAX_LAYER_ZIP_BYTES = {"default": 5_850_000, "aggressive": 5_775_000}
APP = """
import urllib3

def handler(event, context):
    return urllib3.util.parse_url(event["url"]).host
"""
RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import app
print(json.dumps(app.handler({"url": "https://example.org/a"}, None)))
"""


@pytest.mark.parametrize("tier", MAX_LAYER_ZIP_BYTES)
def test_the_demos_layer_without_what_its_script_never_reaches(tmp_path: Path, tier: str) -> None:
    built = build(otp_layer(), tmp_path / "out", "--tree-shake", "--tier", tier)
    assert built.status == 0, built.said
    assert built.zip.stat().st_size <= MAX_LAYER_ZIP_BYTES[tier]
    event = tmp_path / "event.json"
    event.write_text('{"name": "you"}')
    verified = slim("verify", str(built.zip), "--event", "event.json", cwd=tmp_path)
    assert verified.code == 0, verified.text
    gone = {c["name"] for c in built.report["components"] if c["name"].startswith("unreached/")}
    assert "unreached/logger" in gone
    names = {component["name"] for component in built.report["components"]}
    assert names & {"unreached/xmerl", "erlang/parsers"}  # of the aggressive tier's
    assert "unreached/ssl" not in gone  # httpc, which the script calls, uses it


def test_distributions_that_the_handler_never_reaches_go(tmp_path: Path) -> None:
    tree = tmp_path / "function"
    shutil.copytree(requests() / "python", tree)
    (tree / "app.py").write_text(APP)
    (tree / "tool.py").write_text("import requests\n")
    built = build(tree, tmp_path / "out", "--entry", "app.handler", "--tree-shake", "--level", "1")
    assert built.status == 0, built.said
    names = {component["name"] for component in built.report["components"]}
    gone = {"requests", "certifi", "charset_normalizer"}  # urllib3 imports idna late
    assert {name for name in names if name.startswith("unreached/")} == {
        f"unreached/{name}" for name in gone
    }
    answers = [run(folder) for folder in (tree, unpack(built.zip, tmp_path / "slim"))]
    assert answers == ["example.org", "example.org"]
    assert {path.name for path in (tmp_path / "slim").iterdir() if path.suffix == ".py"} == {
        "app.py",
        "tool.py",
    }


def requests() -> Path:
    return wheels.layer("requests==2.34.2", *REST)


def run(folder: Path) -> object:
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", RUN, str(folder)],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_path_that_ships_tells_the_chain_that_leads_to_it(tmp_path: Path) -> None:
    zip_of(tmp_path / "fn.zip", {"app.py": "import requests"})
    told = slim(
        "explain", str(requests()), "python/urllib3/__init__.py", "--with", "fn.zip", cwd=tmp_path
    )
    assert "reached: fn.zip: app.py → requests → urllib3" in told.out
