"""What a scanner of packages finds in an image that was slimmed: no more and no less than ships."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slimmer.inputs.image import ImageTree
from slimmer.inputs.open import open_source
from slimmer.model.tree import Kind
from slimmer.model.tree_links import resolve
from tests.real.need import absent
from tests.support.command import slim
from trees import Unavailable
from trees.erlang_image import erlang_image
from trees.function_images import function_image
from trees.scanner import packages

pytestmark = [pytest.mark.real, pytest.mark.heavy]

_LIST = re.compile(r"var/lib/dpkg/info/([^/:]+)(?::[^/]*)?\.list")
_RECORD = re.compile(r"(?:(.*)/)?([^/]+)-[^/-]+\.dist-info/RECORD")
_TOP_LEVEL = re.compile(r"(?:(.*)/)?([^/]+?)-[^/-]+(?:-py[\d.]+)?\.egg-info/top_level\.txt")


@pytest.mark.parametrize("options", [(), ("--tree-shake",)], ids=["default", "tree-shake"])
@pytest.mark.parametrize(
    "make", [partial(function_image, "python"), erlang_image], ids=["python", "erlang"]
)
def test_a_scanner_finds_what_has_its_files(
    tmp_path: Path, make: Callable[[], Path], options: tuple[str, ...]
) -> None:
    try:
        image = make()
        before = packages(f"oci-dir:{image}")
    except Unavailable as error:
        absent(str(error))
    built = slim("build", str(image), "-o", "slim.tar", *options, cwd=tmp_path, timeout_s=900)
    assert built.code == 0, built.text
    after = packages(f"oci-archive:{tmp_path / 'slim.tar'}")
    source, made = opened(image), opened(tmp_path / "slim.tar")
    for kind, owned in {"deb": of_dpkg(source), "python": of_python(source)}.items():
        assert listed(before, kind) == with_files(source, owned)
        assert listed(after, kind) == with_files(made, owned)
    assert rows(after) <= rows(before)
    others = rows(each for each in before if each["type"] not in ("deb", "python"))
    assert not [row for row in others - rows(after) if all(has(made, path) for path in row[2])]


def opened(image: Path) -> ImageTree:
    source = open_source(image)
    assert isinstance(source, ImageTree)
    return source


def has(source: ImageTree, path: str) -> bool:
    """Return whether a path leads to a file, over links."""
    end = resolve(source.tree, path.strip("/")).end
    return bool(end) and source.tree.by_path[end or ""].kind is Kind.FILE


def with_files(source: ImageTree, owned: dict[str, set[str]]) -> set[str]:
    """Return the packages of whose files one is there."""
    return {name for name, paths in owned.items() if any(has(source, path) for path in paths)}


def of_dpkg(source: ImageTree) -> dict[str, set[str]]:
    """Return the files that each package of the distribution brought."""
    found = {}
    for path in source.tree.by_path:
        if match := _LIST.fullmatch(path):
            lines = source.read(path).decode().splitlines()
            found[match[1]] = {line for line in lines if has(source, line)}
    return found


def of_python(source: ImageTree) -> dict[str, set[str]]:
    """Return the files that each distribution of Python brought, beside what tells of them."""
    found: dict[str, set[str]] = {}
    for path in source.tree.by_path:
        if match := _RECORD.fullmatch(path):
            lines = csv.reader(source.read(path).decode().splitlines())
            files = (line[0] for line in lines if line and ".dist-info/" not in line[0])
            found[plain(match[2])] = {f"{match[1] or ''}/{file}" for file in files}
        if match := _TOP_LEVEL.fullmatch(path):
            tops = [f"{match[1] or ''}/{top}" for top in source.read(path).decode().split()]
            starts = tuple(f"{top.strip('/')}{end}" for top in tops for end in ("/", ".py"))
            files = (each for each in source.tree.by_path if each.startswith(starts))
            found[plain(match[2])] = {each for each in files if "__pycache__" not in each}
    return found


def listed(artifacts: Iterable[dict[str, Any]], kind: str) -> set[str]:
    """Return the names of what is listed of a kind."""
    names = [artifact["name"] for artifact in artifacts if artifact["type"] == kind]
    return {plain(name) if kind == "python" else name for name in names}


def rows(artifacts: Iterable[dict[str, Any]]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return what is listed, each with its version and what it is known by."""
    return {
        (artifact["name"], artifact["version"], tuple(sorted(evidence(artifact))))
        for artifact in artifacts
    }


def evidence(artifact: dict[str, Any]) -> Iterable[str]:
    for place in artifact["locations"]:
        if place.get("annotations", {}).get("evidence") == "primary":
            yield place["path"]


def plain(name: str) -> str:
    """Return the name of a distribution of Python as all spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()
