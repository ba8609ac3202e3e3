"""What runs instead of a file: what it was compiled into, maps, describes, or is a copy of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple

from slimmer.paths import folder_of, join, name_of
from slimmer.rules.evidence.surroundings import (
    SCRIPTS,
    Found,
    Surroundings,
    Unit,
    npm_package,
    top_folder,
)

_NATIVE = (".node", ".gyp", ".so", "CMakeLists.txt", ".gypi")
_INCLUDES = re.compile(r"(?:^|/)(?:include|includes|src|lib)(?:/|$)")
# What may lie in a folder of declarations beside them.
_DECLARATIONS = re.compile(
    r".*\.d\.(?:\w+\.)?[cm]?ts|.*\.d\.[cm]?ts\.map|.*\.pyi|.*\.json|(?i:.*\.md|licen[sc]e.*|notice.*)"
    r"|py\.typed|METADATA|.*\.typed|\.npmignore|.*\.txt"
)

# C#'s documentation comments: <doc><assembly><name>.
_COMMENTS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,9}(?:<\?xml[^>]{0,99}\?>)?\s{0,9}<doc>\s{0,9}<assembly>"
)
_COMMENTS_BYTES = 512

Finder = Callable[[Surroundings, Unit, str], str]  # the counterpart of a unit; "" where none is


class _Row(NamedTuple):
    """Units of some names, and what finds the counterpart of one; the first that fits counts."""

    name: re.Pattern[str]
    find: Finder


def counterpart(at: Surroundings, unit: Unit) -> Found:
    """Return whether what runs instead of a unit lies beside it."""
    name = name_of(unit.path)
    rows = _FOLDERS if unit.is_folder else _FILES
    for names, find in rows:
        if names.fullmatch(name):
            path = find(at, unit, name)
            missing = (
                "no declarations only" if find is _only_declarations else "nothing runs instead"
            )
            return Found(bool(path), name_of(path) if path else missing)
    return Found(holds=False, what="nothing runs instead of it")


def _first(at: Surroundings, *paths: str) -> str:
    return next((path for path in paths if at.has(path)), "")


def _stem(*ends: str) -> Finder:
    """Return what looks for the same name with another ending."""

    def find(at: Surroundings, unit: Unit, _name: str) -> str:
        stem = _without_end(unit.path)
        return _first(at, *(stem + end for end in ends))

    return find


def _beside(*names: str) -> Finder:
    """Return what looks for one of some names in the folder that a unit lies in."""

    def find(at: Surroundings, unit: Unit, _name: str) -> str:
        folder = folder_of(unit.path)
        return _first(at, *(posixpath.normpath(posixpath.join(folder, each)) for each in names))

    return find


def _without_end(path: str) -> str:
    """Return a path without the ending of its kind; two of them for ``x.d.ts`` and ``x.pyx.in``."""
    return re.sub(r"(?:\.d\.[cm]?ts|\.(?:pyx|pxd)\.in|\.so\.debuginfo|\.[^./]*)$", "", path)


def _stub(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return the module of a stub, or of the package of stubs that it lies in."""
    stem, folder = _without_end(unit.path), folder_of(unit.path)
    if found := _first(at, f"{stem}.py", f"{stem}.pyc", stem) or _extension(at, unit, ""):
        return found
    if module := _first(at, join(folder, "__init__.py")):
        return module
    while folder:
        if found := _extension(at, unit._replace(path=folder), ""):
            return found
        folder = folder_of(folder)
    return ""


def _extension(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return the extension module of the same stem in the same folder."""
    folder, stem = folder_of(unit.path), name_of(_without_end(unit.path))
    names = (n for n in at.names_in(folder) if n.startswith(f"{stem}.") and _is_native(n))
    return next((join(folder, name) for name in names), "")


def _is_native(name: str) -> bool:
    return name.endswith((".so", ".pyd"))


def _extension_beside(at: Surroundings, unit: Unit, name: str) -> str:
    """Return the extension module of a source; else one of those that its folder has."""
    folder = folder_of(unit.path)
    others = (each for each in at.names_in(folder) if each.endswith((".so", ".pyd")))
    return _extension(at, unit, name) or next((join(folder, each) for each in others), "")


def _extension_below(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return a native library in the same folder or below it; from a folder of headers, in the top.

    A compiler's own input has none there.
    """
    if found := at.first_below(folder_of(unit.path), (".so", ".pyd", ".node")):
        return found
    top = top_folder(unit)
    is_apart = unit.path != top and _INCLUDES.search(unit.path[len(top) :])
    return at.first_below(top, (".so", ".pyd", ".node")) if is_apart and top else ""


def _c_source(at: Surroundings, unit: Unit, name: str) -> str:
    """Return what a C source was compiled into: by its stem, or its package's native module."""
    folder, _ = npm_package(unit.path)
    if folder:
        return _other(at, unit, folder, _NATIVE)
    if found := _extension(at, unit, name):
        return found
    application = re.match(r"((?:.*/|)lib/[^/]+)/c_src(?:/|$)", unit.path)
    return at.first_below(f"{application[1]}/priv", (".so",)) if application else ""


def _header(at: Surroundings, unit: Unit, name: str) -> str:
    return _c_source(at, unit, name) or _extension_below(at, unit, name)


def _script(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return a script of the package that a unit lies in, or else of the same stem beside it."""
    folder, _ = npm_package(unit.path)
    if folder:
        return _other(at, unit, folder, (*SCRIPTS, ".node", ".wasm"))
    stem = _without_end(unit.path)
    return _first(at, *(stem + end for end in (*SCRIPTS, ".json", ".node")))


def _compiled(at: Surroundings, unit: Unit, name: str) -> str:
    """Return what a source was compiled into: a script of its path in another folder, or beside it.

    A bundle has other names; what lies in the package's own ``src`` may have become one.
    """
    folder, _ = npm_package(unit.path)
    stem = _without_end(unit.path)[len(join(folder, "")) :]
    if not folder or (stem.partition("/")[2] or stem) in at.scripts(folder):
        return _script(at, unit, name)
    return _outside(at, folder, "src") if stem.startswith("src/") else ""


def _outside(at: Surroundings, folder: str, name: str) -> str:
    """Return a script of a package that does not lie in its folder of a name."""
    ends, inside = (*SCRIPTS, ".node", ".wasm"), f"{folder}/{name}/"
    others = (entry.path for entry in at.tree.below(folder) if entry.path.endswith(ends))
    return next((path for path in others if not path.startswith(inside)), "")


def _other(at: Surroundings, unit: Unit, folder: str, ends: tuple[str, ...]) -> str:
    """Return a file below a folder whose name ends so, and which is not the unit."""
    found = at.first_below(folder, ends)
    if found != unit.path:
        return found
    others = (entry.path for entry in at.tree.below(folder) if entry.path.endswith(ends))
    return next((path for path in others if path != unit.path), "")


def _gyp(at: Surroundings, unit: Unit, name: str) -> str:
    """Return what a build file builds, in its package."""
    folder, _ = npm_package(unit.path)
    return _header(at, unit, name) or _other(at, unit, folder, (".cc", ".cpp", ".c", ".h"))


def _another_build(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return a script of the package that is no build for browsers."""
    folder, _ = npm_package(unit.path)
    for entry in at.tree.below(folder) if folder else ():
        path = entry[0]
        is_outside = not path.startswith(f"{unit.path}/") and path != unit.path
        if is_outside and path.endswith(SCRIPTS) and not _BUILD.search(path[len(folder) :]):
            return path
    return ""


_BUILD = re.compile(r"\.(?:umd|iife|min)\.js$|/(?:umd|iife|es5-iife|browser|amd|esm)/|/cdn\.js$")


def _mapped(at: Surroundings, unit: Unit, _name: str) -> str:
    return _first(at, unit.path.removesuffix(".map"))


def _original(at: Surroundings, unit: Unit, name: str) -> str:
    folder = folder_of(unit.path)
    plain = name.removesuffix("~").removesuffix(".un") if name.endswith("~") else name[2:]
    hidden = name.startswith(".") and name.endswith(".un~")
    return _first(at, join(folder, plain[1:] if hidden else plain))


def _first_jar(at: Surroundings, unit: Unit, _name: str) -> str:
    return _first(at, re.sub(r"-(?:sources|javadoc)\.jar$", ".jar", unit.path))


def _only_declarations(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return one of the files below a folder if all are declarations and what describes them."""
    shown = ""
    for entry in at.files(unit):
        name = name_of(entry.path)
        if not _DECLARATIONS.fullmatch(name):
            return ""
        if not shown and name.endswith((".ts", ".pyi", ".map")):
            shown = entry.path
    return shown


def _assembly(at: Surroundings, unit: Unit, _name: str) -> str:
    stem = unit.path.rpartition(".")[0]
    return _first(at, f"{stem}.dll", f"{stem}.exe", stem)


def _documented(at: Surroundings, unit: Unit, name: str) -> str:
    """Return the assembly whose documentation comments a file holds."""
    starts = _COMMENTS.match(at.start(unit.path, _COMMENTS_BYTES)) is not None
    return _assembly(at, unit, name) if starts else ""


def _neutral(at: Surroundings, unit: Unit, name: str) -> str:
    """Return the assembly that has the neutral messages, in the folder around."""
    outer = folder_of(folder_of(unit.path))
    return _first(at, join(outer, f"{name.removesuffix('.resources.dll')}.dll"))


def _code_of_gem(at: Surroundings, unit: Unit, _name: str) -> str:
    """Return the first code in the lib folder of the gem that signatures lie in."""
    gem = re.match(r"((?:.*/|)gems/[^/]+)/", f"{unit.path}/")
    return at.first_below(f"{gem[1]}/lib", (".rb", ".so")) if gem else ""


def _signatures_only(at: Surroundings, unit: Unit, name: str) -> str:
    """Return the code of a gem if a folder holds signatures and what configures them only."""
    ends = (".rbs", ".rbi", ".yaml", ".yml", ".md", ".txt")
    is_all = all(entry.path.endswith(ends) for entry in at.files(unit))
    return _code_of_gem(at, unit, name) if is_all else ""


def _library(at: Surroundings, unit: Unit, _name: str) -> str:
    return _first(at, unit.path.rpartition(".")[0], f"{_without_end(unit.path)}.so")


def _row(name: str, find: Finder) -> _Row:
    return _Row(re.compile(name), find)


_FILES = (
    _row(r".*\.pyi", _stub),
    _row(
        r"py\.typed",
        lambda at, unit, _: at.first_below(folder_of(unit.path), (".py", ".so", ".pyc")),
    ),
    _row(r".*\.map", _mapped),
    _row(r".*\.d\.(?:\w+\.)?[cm]?ts", _script),
    _row(r".*\.(?:ts|tsx|cts|mts)", _compiled),
    _row(r".*\.flow", _script),
    _row(r".*\.rb[si]", _code_of_gem),
    _row(r".*\.pdb", lambda at, unit, name: _assembly(at, unit, name) or _header(at, unit, name)),
    _row(r".*\.dbg", lambda at, unit, _: _first(at, unit.path.removesuffix(".dbg"))),
    _row(r".*\.resources\.dll", _neutral),
    _row(r".*\.pyx(?:\.in)?", _extension_beside),
    _row(r".*\.(?:pxd|pxi)(?:\.in)?", _extension_below),
    _row(r".*\.(?:c|cc|cpp|cxx|f90)", _c_source),
    _row(r".*\.(?:gyp|gypi|mk)|Makefile|CMakeLists\.txt", _gyp),
    _row(r".*\.(?:h|hh|hpp|hxx|a|pdb|lib)", _header),
    _row(r".*\.tsbuildinfo", lambda at, unit, _: at.first_below(folder_of(unit.path), SCRIPTS)),
    _row(r".*\.(?:cmd|ps1)", _stem("")),
    _row(r".*~|\._.*", _original),
    _row(r".*-(?:sources|javadoc)\.jar", _first_jar),
    _row(r".*\.po", _stem(".mo")),
    _row(r".*\.java", _stem(".class")),
    _row(r"pom\.xml", _beside("pom.properties")),
    _row(r".*\.xml", _documented),
    _row(r".*\.(?:diz|debuginfo)", _library),
    _row(r".*\.jsa", _beside("libjvm.so")),
    _row(r"examples-1\.json", _beside("service-2.json", "service-2.json.gz")),
    _row(r".*\.examples\.json", _stem(".min.json")),
    _row(r"WHEEL|INSTALLER|REQUESTED|direct_url\.json|zip-safe|RECORD\..*", _beside("METADATA")),
    _row(
        r"SOURCES\.txt|installed-files\.txt|dependency_links\.txt|not-zip-safe", _beside("PKG-INFO")
    ),
    _row(r".*\.js", _another_build),
)
_FOLDERS = (
    _row(r"sig|rbi", _signatures_only),
    _row(r"dist-es", _beside("dist-cjs")),
    _row(r"module", _beside("main")),
    _row(r"sboms", _beside("METADATA")),
    _row(r"dist-types|@types|devtools-protocol", _only_declarations),
    _row(r".*-stubs", lambda at, unit, _: at.first_below(unit.path, (".pyi",))),
    _row(r"include|includes|npy-pkg-config|pkgconfig|cmake|aclocal", _header),
    _row(r"src|obj|obj\.target|\.deps|Debug", _header),
    _row(r".*", _another_build),
)
