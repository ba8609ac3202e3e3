"""A real web server hands out its images after a build: Starlette refuses links that lead out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import wheels

pytestmark = pytest.mark.real

PINNED = (
    "starlette==1.10.0",
    "anyio==4.16.0",
    "idna==3.20",
    "typing-extensions==4.16.0",
    "httpx==0.28.1",
    "httpcore==1.0.9",
    "h11==0.16.0",
    "certifi==2026.10.18",
)
FILES = ("img/logo.png", "img/logo.jpg", "fonts/text.woff2")
APP = """
import json, sys
sys.path.insert(0, sys.argv[1] + "/python")
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

parts = ("admin", "shop")
mounts = [Mount("/" + p, StaticFiles(directory=sys.argv[1] + "/web/" + p)) for p in parts]
client = TestClient(Starlette(routes=mounts))
print(json.dumps({
    f"{p}/{f}": client.get(f"/{p}/{f}").status_code for p in parts for f in sys.argv[2:]
}))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A function that serves two folders with Starlette, both of which hold the same media."""
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    tree = tmp_path_factory.mktemp("shop") / "tree"
    shutil.copytree(wheels.layer(*PINNED), tree, symlinks=True)
    for part in ("admin", "shop"):
        for number, name in enumerate(FILES):
            file = tree / "web" / part / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(bytes([number]) * 18_000)
    return tree


def answers(tree: Path) -> dict[str, int]:
    argv = [sys.executable, "-I", "-S", "-B", "-c", APP, str(tree), *FILES]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_it_serves_what_it_served(shop: Path, tmp_path: Path, tier: str) -> None:
    built = build(shop, tmp_path / "out", "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    before = answers(shop)
    assert set(before.values()) == {200}
    assert answers(unpack(built.zip, tmp_path / "layer")) == before


def test_links_of_media_are_there_for_who_asks(shop: Path, tmp_path: Path) -> None:
    built = build(shop, tmp_path / "out", "--dedupe", "media", "--level", "1")
    layer = unpack(built.zip, tmp_path / "layer")
    assert [name for name in FILES if (layer / "web/shop" / name).is_symlink()] == list(FILES)
    assert set(answers(layer).values()) == {200, 404}
