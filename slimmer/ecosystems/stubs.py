"""What stands in the place of dropped code, so that who asks for it is told who dropped it.

A stub is a module that raises what its language raises for a missing one. Where a whole package
is gone only its top has one, which is asked for first.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from slimmer.formats.python.pyc import is_importable
from slimmer.paths import folder_of, name_of, parents

_EXTENSION = re.compile(r"(?P<module>[A-Za-z_]\w*)(?:\.[\w-]+)?\.so")
_SCRIPTS = (".js", ".cjs", ".mjs")
_PACKAGE = re.compile(r"(?:.*/)?node_modules/(?P<name>(?:@[^/]+/)?[^/@.][^/]*)/(?P<file>.*)")
_ROOTS = re.compile(r"(?:.*?/)?(?:site-packages|dist-packages|python)/")


def stubs(dropped: Mapping[str, str], kept: Iterable[str]) -> dict[str, bytes]:
    """Return the stubs of dropped paths by where they lie, none where a kept file does.

    ``dropped`` says for each path which file and line drop it.
    """
    made: dict[str, bytes] = {}
    for path, place in sorted(dropped.items()):
        for stub, data in (*_python(path, place, dropped), *_node(path, place, dropped)):
            made.setdefault(stub, data)
    for path in kept:
        made.pop(path, None)
    return made


def _python(path: str, place: str, dropped: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    if any(f"{folder}/__init__.py" in dropped for folder in _packages(path)):
        return
    stub = path
    if extension := _EXTENSION.fullmatch(name_of(path)):
        stub = posixpath.join(folder_of(path), f"{extension['module']}.py")
    elif not is_importable(path) or "node_modules/" in path:
        return
    root = _ROOTS.match(stub)
    inside = stub[root.end() :] if root else stub
    module = inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    said = json.dumps(_said(module, place))
    yield stub, f"raise ModuleNotFoundError({said}, name={json.dumps(module)})\n".encode()


def _packages(path: str) -> Iterator[str]:
    """Yield the folders of packages that are asked for before a module's file."""
    folders = list(parents(path))
    yield from folders[1:] if name_of(path) == "__init__.py" else folders


def _node(path: str, place: str, dropped: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    found = _PACKAGE.fullmatch(path)
    if found is None:
        return
    root = path.removesuffix(found["file"])
    if found["file"] == "package.json":
        package = {"name": found["name"], "main": "index.js"}
        yield path, f"{json.dumps(package)}\n".encode()
        yield f"{root}index.js", _throw(found["name"], place)
    elif path.endswith(_SCRIPTS) and f"{root}package.json" not in dropped:
        yield path, _throw(f"{found['name']}/{found['file']}", place)


def _throw(name: str, place: str) -> bytes:
    said = json.dumps(_said(name, place))
    return f'throw Object.assign(new Error({said}), {{ code: "MODULE_NOT_FOUND" }});\n'.encode()


def _said(name: str, place: str) -> str:
    return f"slim shrink dropped {name}: {place}; take it out there, or give slim shrink an event"
