"""What stands in the place of dropped code, so that who asks for it is told who dropped it.

A stub is a module that raises what its language raises for a missing one, and first writes it to
the log, for where the error is caught. Where a whole package
is gone only its top has one, which is asked for first. Erlang says itself which module is missing;
a list says of each who dropped it, which ``slim verify`` reads.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from slimmer.ecosystems.java_stubs import java_lines, java_named
from slimmer.formats.python.pyc import is_importable
from slimmer.paths import folder_of, name_of, parents

_EXTENSION = re.compile(r"(?P<module>(?!lib)[A-Za-z_]\w*)(?:\.[\w-]+)?\.so")
#: The list of what is dropped of Erlang, at the root of the artifact.
LIST = "slim.dropped"
#: How each stub begins what it says.
SAID = "slim shrink dropped "
_STUB = re.compile(re.escape(SAID.encode()) + rb"([^\"\\\n]{1,400}?); take it out there")
_ERLANG = (".beam", ".app")
_ELIXIR = "Elixir."
_MISSING = ("undef", "not available", "no such file", "nofile")
#: How programs of Python and Node.js say that something is not there, or not what they look for.
_UNREAD = (
    *("ImportError", "ModuleNotFoundError", "FileNotFoundError", "OSError", "No such file"),
    *("JSONDecodeError", "BadGzipFile", "BadZipFile", "UnpicklingError", "ParseError", "EOFError"),
    *("UnidentifiedImageError", "DatabaseError", "ENOENT", "ERR_DLOPEN_FAILED"),
    *("Cannot find module", "Unexpected token", "is not valid JSON", "does not provide an export"),
)
#: The endings of what servers hand on by its name, and say only of a missing one that it is.
_SERVED = (".css", ".js", ".mjs", ".html", ".htm", ".svg", ".map")
_WORD = re.compile(r"[\w.@']+")
#: The endings of what Node.js runs.
SCRIPTS = (".js", ".cjs", ".mjs")
_PACKAGE = re.compile(r"(?:.*/)?node_modules/(?P<name>(?:@[^/]+/)?[^/@.][^/]*)/(?P<file>.*)")
_MODULES = r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*/"
_FOLDER = re.compile(
    rf"{_MODULES}|(?:[^/]+/)*?(?:site-packages|dist-packages|python)/[^/]+/|(?!python/)[^/]+/"
)
#: The same in an image, whose root has folders that are no packages.
_INSTALLED = re.compile(rf"{_MODULES}|(?:[^/]+/)*?(?:site-packages|dist-packages)/[^/]+/")
_ROOTS = re.compile(r"(?:.*?/)?(?:site-packages|dist-packages|python(?:3\.\d+)?)/")


def stubs(
    dropped: Mapping[str, str],
    kept: Iterable[str],
    hollow: Container[str] = frozenset(),
    packages: Mapping[str, str] = MappingProxyType({}),
    *,
    of_image: bool = False,
) -> dict[str, bytes]:
    """Return the stubs of dropped paths by where they lie, none where a kept file does.

    ``dropped`` says for each path which file and line drop it. One that is ``hollow`` is data,
    and found by who looks for it. ``packages`` are those of Java's modules that stay without their
    bytes, which the list has too. In that ``of_image`` is each program, library and file.
    """
    made = _list(dropped, packages, of_image=of_image)
    for path, place in sorted(dropped.items()):
        if path in hollow:
            made[path] = f"{_said(path, place)}\n".encode(errors="replace")
            continue
        for stub, data in (*_python(path, place, dropped), *_node(path, place, dropped)):
            made.setdefault(stub, data)
    for path in kept:
        made.pop(path, None)
    return made


def _list(
    dropped: Mapping[str, str], packages: Mapping[str, str], *, of_image: bool
) -> dict[str, bytes]:
    """Return the list of what cannot say itself that it is missing, where there is any.

    These are Erlang's modules and applications, by name, Java's packages, the packages of
    Python and Node.js that lose data or libraries, by their folders, and what servers hand on; of
    an image everything, since a missing program or library says no more than its own name.
    """
    lines = set(java_lines(packages))
    for path, place in dropped.items():
        if path.endswith(_ERLANG):
            lines.add(f"{name_of(path).rpartition('.')[0]} {place}\n")
            continue
        is_code = is_importable(path) or "-info/" in path
        package = _INSTALLED.match(path) if of_image else _FOLDER.match(path)
        package = None if is_code else package
        if package:
            lines.add(f"{package[0]} {place}\n")
        if of_image or (package and path.endswith(_SERVED) and "node_modules/" not in path):
            lines.add(f"/{path} {place}\n")
    return {LIST: "".join(sorted(lines)).encode(errors="replace")} if lines else {}


def asked_for(listed: bytes, said: str) -> dict[str, str]:
    """Return which names of a list an error may be about, each with what dropped it.

    ``said`` is what a program wrote; nothing is found in what tells of nothing missing. A package
    is found where a stack goes through its files.
    """
    lines = listed.decode("utf-8", "replace").splitlines()
    places = dict(line.split(" ", 1) for line in lines if " " in line)
    found: dict[str, str] = {}
    if any(mark in said for mark in _UNREAD):
        folders = (
            name for name in sorted(places) if name.endswith("/") and not name.startswith("/")
        )
        found = {name: places[name] for name in folders if f"/{name}" in said}
    return found | java_named(places, said) | _modules(places, said)


def stub_in(data: bytes) -> str:
    """Return what a stub in some bytes says was dropped, and by what; empty where there is none."""
    found = _STUB.search(data)
    return found[1].decode("utf-8", "replace") if found else ""


class Listed(NamedTuple):
    """What a list says of files, each with what dropped it."""

    #: By their paths in the artifact.
    files: Mapping[str, str]
    #: Erlang's modules and applications, by the names of their files.
    modules: Mapping[str, str]

    def place(self, path: str) -> str:
        """Return what dropped a file; empty for one that is not listed."""
        return self.files.get(path) or self.modules.get(name_of(path), "")


def files_in(listed: bytes) -> Listed:
    """Return what a list says of files."""
    lines = listed.decode("utf-8", "replace").splitlines()
    rows = [tuple(line.rsplit(" ", 1)) for line in lines if " " in line]
    files = {name.removeprefix("/"): place for name, place in rows if name.startswith("/")}
    modules = {name: place for name, place in rows if "/" not in name}
    return Listed(files, {name + end: place for name, place in modules.items() for end in _ERLANG})


def _modules(places: Mapping[str, str], said: str) -> dict[str, str]:
    """Return which modules of Erlang an error may be about."""
    if not any(mark in said for mark in _MISSING):
        return {}
    words = {word.strip(".'").removesuffix(".app") for word in _WORD.findall(said)}
    # Elixir names a function with its module, and leaves the prefix of its modules out
    words |= {word.rpartition(".")[0] for word in words}
    return {
        name.removeprefix(_ELIXIR): place
        for name, place in sorted(places.items())
        if name in words or (name.startswith(_ELIXIR) and name.removeprefix(_ELIXIR) in words)
    }


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
    missing = f"ModuleNotFoundError(SAID, name={json.dumps(module)})"
    # A package whose own library is missing often goes on with less, and says nothing.
    error = "RuntimeError(SAID)" if extension and "." in module else missing
    lines = (
        f"SAID = {json.dumps(_said(module, place))}",
        '__import__("os").write(2, f"{SAID}\\n".encode())',
        f"raise {error}",
    )
    yield stub, "".join(f"{line}\n" for line in lines).encode()


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
    elif path.endswith(SCRIPTS) and f"{root}package.json" not in dropped:
        yield path, _throw(f"{found['name']}/{found['file']}", place)


def _throw(name: str, place: str) -> bytes:
    said = json.dumps(_said(name, place))
    thrown = f'throw Object.assign(new Error({said}), {{ code: "MODULE_NOT_FOUND" }});'
    return f'process.stderr.write({said} + "\\n");\n{thrown}\n'.encode()


def _said(name: str, place: str) -> str:
    return f"{SAID}{name}: {place}; take it out there, or give slim shrink an event"
