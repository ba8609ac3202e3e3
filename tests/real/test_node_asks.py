"""What sources ask for is found where a real parser of JavaScript finds it."""

import json
import subprocess
from pathlib import Path

import pytest

from slimmer.formats.javascript.requires import asked
from slimmer.formats.javascript.scopes import places
from trees import node

pytestmark = pytest.mark.real

PROGRAM = Path(__file__).parent / "node_asks.cjs"


def test_nothing_that_is_asked_for_is_missed_or_thought_less_certain(tmp_path: Path) -> None:
    app = node.application()
    every = [path for end in ("js", "cjs", "mjs") for path in app.rglob(f"*.{end}")]
    files = sorted(str(path) for path in every if path.is_file())
    compared = 0
    for file, theirs in zip(files, _parsed(files, tmp_path), strict=True):
        ours = _seen(Path(file).read_bytes())
        for how, name, is_plain in theirs or ():
            if 0 < len(name) <= 300 and "\\" not in name:
                compared += 1
                assert (how, name) in ours, (file, name)
                assert ours[how, name] or not is_plain, (file, name)
    assert compared > 3000


def _parsed(files: list[str], folder: Path) -> list[list[tuple[str, str, bool]] | None]:
    listed = folder / "files.json"
    listed.write_text(json.dumps(files))
    program = str(node.home() / "bin" / "node")
    argv = [program, "--expose-internals", str(PROGRAM), str(listed)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: list[list[tuple[str, str, bool]] | None] = json.loads(done.stdout)
    return found


def _seen(source: bytes) -> dict[tuple[str, str], bool]:
    """Return what we find to be asked for, and whether some of it is at the top and not caught."""
    found = asked(source)
    where = places(source, [find.offset for find in found])
    seen: dict[tuple[str, str], bool] = {}
    for find in found:
        place = where.get(find.offset)
        if place is not None:
            name = find.specifier.encode("utf-8", "surrogateescape").decode("latin1")
            is_plain = not (place.in_function or place.caught)
            seen[find.how, name] = seen.get((find.how, name), False) or is_plain
    return seen
