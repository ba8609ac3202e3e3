"""Names are resolved on the tree as Node itself resolves them on the disk."""

import json
import subprocess
from pathlib import Path

import pytest

from slimmer.ecosystems.node.resolver import Resolver
from slimmer.formats import FormatError
from slimmer.formats.javascript.package_json import Package, parse_package
from slimmer.formats.javascript.requires import asked
from slimmer.inputs.folder import scan
from trees import node

pytestmark = pytest.mark.real


def test_it_finds_what_node_finds(tmp_path: Path) -> None:
    app = node.application()
    folder = scan(app)

    def package(path: str) -> Package | None:
        try:
            return parse_package(folder.read(path)) if path in folder.tree.by_path else None
        except FormatError:
            return None

    resolver = Resolver(folder.tree, package)
    names, ours = [], []
    for entry in folder.tree.ending_in(".js", ".cjs", ".mjs"):
        for found in asked(folder.read(entry.path)):
            if found.how in ("require", "import"):
                names.append([str(app / entry.path), found.how, found.specifier])
                ours.append(resolver.resolve(entry.path, found.specifier, found.how))
    theirs = [_inside(path, app) for path in _asked_of_node(names, tmp_path)]
    assert sum(path != "" for path in theirs) > 1000
    compared = zip(names, theirs, ours, strict=True)
    wrong = [(name, path, our) for name, path, our in compared if path and path not in our]
    assert wrong == []
    invented = [
        (name, our)
        for name, path, our in zip(names, theirs, ours, strict=True)
        if name[1] == "require" and our and not path
    ]
    assert invented == []


def _asked_of_node(names: list[list[str]], folder: Path) -> list[str]:
    listed = folder / "names.json"
    listed.write_text(json.dumps(names))
    program: list[Path | str] = [node.home() / "bin" / "node", "--experimental-import-meta-resolve"]
    argv = [*program, node.APP / "resolve.mjs", listed]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def _inside(path: str, app: Path) -> str:
    """Return the path of a file in the tree; of what is not there, or Node's own, ""."""
    file = Path(path)
    if not file.is_absolute() or not file.is_file():
        return ""
    return file.relative_to(app.resolve()).as_posix()
