"""Which npm packages the function's own code requires at the top, and which are there.

A handler's sources and those of its own that it requires are read; only what stands at the start
of a line, outside of functions and ``try``, is asked for whatever happens. What bundlers wrote
into long lines is not judged, nor Yarn's Plug'n'Play, whose packages are in archives.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.interface import FUNCTION_AT, NeedsRequest, Placed
from slimmer.ecosystems.node.resolver import is_builtin
from slimmer.ecosystems.node.sources import ENDINGS
from slimmer.formats import FormatError
from slimmer.formats.javascript.requires import Asked, asked
from slimmer.formats.javascript.scopes import places
from slimmer.model.needs import Need, Needs
from slimmer.paths import folder_of, join, name_of

_MODULES = "node_modules"
_PACKAGE = re.compile(r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/@.][^/]*)")
_NAME = re.compile(r"(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*", re.IGNORECASE)
_HANDLER = re.compile(
    rb"export(?:s\.\w*[hH]andler\w*\s*=|s\s*=\s*\{[^}]{0,2000}[hH]andler"
    rb"|s\.\w+\s*=\s*(?:async\s*)?(?:function\s*)?\(\s*_?event\b"
    rb"|\s+(?:default\s+)?(?:const|let|var|(?:async\s+)?function)\s+\w*[hH]andler"
    rb"|\s*\{[^}]{0,2000}[hH]andler)"
)
#: How a line begins that loads a package whatever happens; a list of names may end in it.
_LINE = re.compile(
    rb"(?:(?:const|let|var|import|export|module|exports|require)\b|\}\s*(?:from|=))"
    rb"(?:(?!\?|&&|\|\|).)*",
    re.DOTALL,
)
_PLUG_N_PLAY, _ALIASES = (".pnp.cjs", ".pnp.js"), "_moduleAliases"
_STARTS = ("index.js", "index.mjs", "index.cjs", "app.js", "app.mjs", "handler.js", "handler.mjs")
#: What AWS's runtimes bring, by how its name begins (Lambda Developer Guide, "Building Lambda
#: functions with Node.js"): the SDK's version 3, and what it is made of.
_OF_RUNTIME = ("@aws-sdk/", "@smithy/", "@aws-crypto/", "@aws/")
_OLD_SDK = "aws-sdk"  # of nodejs16.x and older


def find_needs(request: NeedsRequest) -> Needs:
    """Return which packages are asked for, and which are there."""
    files = request.files
    if not request.may_run("nodejs") or any(name_of(path) in _PLUG_N_PLAY for path in files):
        return Needs()
    manifest = _manifest(files.get(f"{FUNCTION_AT}package.json"))
    if _ALIASES in manifest:
        return Needs()
    own = _Own(files)
    is_known = request.target.language is not None
    zips = [*request.layers, *([request.function] if request.function else [])]
    provided = {found[1] for zip_ in zips for p in zip_.placed if (found := _top_package(p))}
    provided |= {str(manifest.get("name", "")), *own.tops}
    handlers = own.handlers()
    starts = handlers or [FUNCTION_AT + name for name in _STARTS if FUNCTION_AT + name in files]
    needs = []
    for path, package in own.needed(starts):
        is_certain = bool(handlers) and (is_known or package != _OLD_SDK)
        what = f"the npm package {package}"
        needs.append(Need(files[path].name, what, package, is_certain))
    return Needs(tuple(needs), frozenset(provided))


def _top_package(path: str) -> re.Match[str] | None:
    """Return a match whose first group is the package that is in no other one on this path."""
    found = _PACKAGE.match(path)
    return found if found and (path.count(_MODULES) == 1 or "/.pnpm/" in path) else None


def _manifest(file: Placed | None) -> Mapping[str, object]:
    try:
        found = json.loads(file.read()) if file else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class _Own:
    """The function's own sources: those in no package."""

    def __init__(self, files: Mapping[str, Placed]) -> None:
        self._files = files
        inside = [p for p in files if p.startswith(FUNCTION_AT)]
        self._paths = [p for p in inside if p.endswith(ENDINGS) and f"/{_MODULES}/" not in p]
        #: What may be asked for by its name where NODE_PATH leads to the function's folder.
        self.tops = {
            p.removeprefix(FUNCTION_AT).partition("/")[0].partition(".")[0] for p in inside
        }

    def handlers(self) -> list[str]:
        """Return the sources that export a handler."""
        return [path for path in self._paths if _HANDLER.search(self._files[path].read())]

    def needed(self, starts: list[str]) -> Iterator[tuple[str, str]]:
        """Yield each package that these sources, and own ones that they load, cannot lack."""
        todo, seen = list(starts), set(starts)
        while todo:
            path = todo.pop()
            for specifier in self._at_top(path):
                if specifier.startswith("."):
                    beside = self._beside(path, specifier)
                    todo += [p for p in beside if p not in seen]
                    seen.update(beside)
                elif package := _package_of(specifier):
                    yield path, package

    def _beside(self, path: str, specifier: str) -> list[str]:
        place = posixpath.normpath(join(folder_of(path), specifier))
        ends = ("", ".js", ".cjs", ".mjs", "/index.js", "/index.mjs", "/index.cjs")
        return [
            place + e for e in ends if place + e in self._files and (place + e).endswith(ENDINGS)
        ][:1]

    def _at_top(self, path: str) -> list[str]:
        source = self._files[path].read()
        finds = [
            f for f in asked(source) if f.how in ("require", "import") and _at_start(source, f)
        ]
        try:
            where = places(source, [find.offset for find in finds])
        except FormatError:
            return []
        plain = {o for o, place in where.items() if not (place.in_function or place.caught)}
        return [find.specifier for find in finds if find.offset in plain]


def _at_start(source: bytes, find: Asked) -> bool:
    line = source[source.rfind(b"\n", 0, find.offset) + 1 : find.offset + 8]
    return bool(_LINE.fullmatch(line)) and b"resolve" not in source[find.offset : find.offset + 16]


def _package_of(specifier: str) -> str:
    """Return the package of a specifier that nothing but a zip can have, or ""."""
    package = "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])
    if is_builtin(specifier) or not _NAME.fullmatch(package):
        return ""
    return "" if specifier.startswith(_OF_RUNTIME) else package
