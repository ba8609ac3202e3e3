"""Which modules and distributions a function's handlers cannot be imported without.

What a handler imports at the left edge is followed through all zips. Only what nothing catches and
no condition guards is asked for, so a library that does without something asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from slimmer.ecosystems.interface import FUNCTION_AT, NeedsRequest, Placed
from slimmer.ecosystems.python.places import Places
from slimmer.ecosystems.python.standard_library import standard_library
from slimmer.formats.python.metadata import normal_name
from slimmer.formats.python.statements import Import
from slimmer.formats.python.top_level import quick_top_level, top_level
from slimmer.model.needs import Need, Needs
from slimmer.paths import folder_of

#: What AWS's runtimes bring: the SDK and the client of the runtime (the repositories boto3 and
#: aws-lambda-python-runtime-interface-client on GitHub), with what these require.
_OF_RUNTIME = (
    "awslambdaric boto3 botocore bootstrap dateutil jmespath lambda_runtime_client runtime_client "
    "s3transfer simplejson six snapshot_restore_py test_bootstrap urllib3"
)
_DISTRIBUTIONS = frozenset((*_OF_RUNTIME.split(), "python-dateutil", "snapshot-restore-py"))
#: What some of them may bring: Python's ensurepip installs pip, and up to 3.11 setuptools.
_MAYBE = frozenset(("pip", "setuptools", "pkg_resources", "_distutils_hack", "wheel"))
_SINCE_WITHOUT = 12  # the minor version of Python since which setuptools is not there
_HANDLER = re.compile(
    rb"^(?:async[ \t]+)?def[ \t]+(?:\w*handler\w*|\w+[ \t]*\([ \t]*_*(?:event|evt)\b|"
    rb"\w+[ \t]*\([^,)\n]*,[ \t]*_*(?:context|ctx)\b)|^\w*handler[ \t]*(?::[^=\n]*)?=",
    re.IGNORECASE | re.MULTILINE,
)
_DEVELOPMENT = re.compile(
    r"(?:.*/)?(?:(?:tests?|examples?|docs?|scripts?|tools|node_modules|bin)/.*"
    r"|(?:test_[^/]*|[^/]*_test|conftest|setup|manage|noxfile|fabfile|tasks|locustfile)\.py)"
)
_MOST_NESTED = 2000  # own files below the function's top that are looked at for handlers
_MOST_DEEP = 4
_LEADS_ELSEWHERE = re.compile(
    rb"sys\.path\.(?:append|insert|extend)|sys\.path[ \t]*(?:\[|\+?=)|addsitedir|sys\.meta_path"
)
_UNPACKS = re.compile(rb"zipfile|zipimport|unzip|unpack_archive|tarfile|sys\.path")
_ARCHIVES = (".zip", ".egg", ".whl", ".pex", ".pyz", ".gz", ".tgz", ".xz", ".tar", ".zst")
_ANY_NAME = (b"import *", b"globals()", b"setattr(", b"vars(", b"locals()")
_METADATA = (".dist-info", ".egg-info")


def find_needs(request: NeedsRequest) -> Needs:
    """Return what handlers of the function ask for that no zip has."""
    if request.function is None or not request.may_run("python"):
        return Needs()
    handlers = _Handlers(request.files)
    if handlers.unpacks:
        return Needs()
    language = request.target.language
    walk = _Walk(request.files, standard_library(language.version if language else ""))
    asked = walk.missing(handlers.starts)
    maybe = _maybe(language.version if language else "")
    return Needs(
        tuple(
            need._replace(certain=handlers.are_sure and _top(need) not in maybe) for need in asked
        )
    )


def _maybe(version: str) -> frozenset[str]:
    """Return the modules that a Python of a version may have or not."""
    minor = version.partition(".")[2]
    has_none = minor.isdigit() and int(minor) >= _SINCE_WITHOUT
    return frozenset({"pip"}) if has_none else _MAYBE


def _top(need: Need) -> str:
    return need.name.rpartition(" ")[2].partition(".")[0]


class _Handlers:
    """The function's own modules that Lambda may be told to start."""

    def __init__(self, files: Mapping[str, Placed]) -> None:
        self._files = files
        installed = {
            line.partition("/")[0]
            for path, file in files.items()
            if path.startswith(FUNCTION_AT) and path.endswith(".dist-info/RECORD")
            for line in file.read().decode("utf-8", "replace").splitlines()
        }
        inside = [p for p in files if p.startswith(FUNCTION_AT) and p.endswith(".py")]
        own = [
            path
            for path in (p.removeprefix(FUNCTION_AT) for p in inside)
            if path.partition("/")[0].partition(",")[0] not in installed
            and not any(line.startswith(f"{path},") for line in installed)
            and not _DEVELOPMENT.fullmatch(path)
        ]
        nested = [path for path in own if 0 < path.count("/") < _MOST_DEEP]
        self._top = [FUNCTION_AT + path for path in own if "/" not in path]
        self._nested = [FUNCTION_AT + p for p in nested] if len(nested) <= _MOST_NESTED else []

    @cached_property
    def _found(self) -> list[str]:
        every = (*self._top, *self._nested)
        return [path for path in every if _HANDLER.search(self._files[path].read())]

    @property
    def starts(self) -> list[str]:
        """The modules that define a handler; all at the top where none does."""
        return self._found or self._top

    @property
    def are_sure(self) -> bool:
        """Whether one of them is what Lambda starts."""
        return bool(self._found)

    @property
    def unpacks(self) -> bool:
        """Whether modules may be in an archive that the function unpacks, or searches."""
        if not any(p.endswith(_ARCHIVES) and p.startswith(FUNCTION_AT) for p in self._files):
            return False
        return any(_UNPACKS.search(self._files[path].read()) for path in self.starts)


class _Walk:
    """Follows imports from module to module.

    Sources are looked at quickly; those on the way to something that is missing are then read
    closely, until no doubt is left.
    """

    def __init__(self, files: Mapping[str, Placed], known: frozenset[str]) -> None:
        self._files = files
        self._known = known.union(_OF_RUNTIME.split())
        self._places = Places(files)
        self._imports: dict[str, tuple[Import, ...]] = {}
        self._close = set[str]()
        self._leads: dict[str, bool] = {}
        infos = {part for path in files for part in path.split("/") if part.endswith(_METADATA)}
        self._metadata = {normal_name(info.rpartition(".")[0].partition("-")[0]) for info in infos}

    def missing(self, starts: list[str]) -> list[Need]:
        """Return what the modules need, and those that they load, and that is not there."""
        while True:
            found, via = self._round(starts)
            doubted = {p for path, _ in found for p in _chain(path, via)} - self._close
            if not doubted:
                return [self._need(path, what, via) for path, what in found]
            for path in doubted:
                self._imports[path] = top_level(self._places.text(path))
            self._close |= doubted

    def _need(self, path: str, what: str, via: Mapping[str, str]) -> Need:
        chain = [self._files[p] for p in reversed(_chain(path, via))]
        who = chain[0].name
        if len(chain) > 1:
            who += f" (by way of {chain[-1].path})"
        return Need(who, what, what, certain=True)

    def _round(self, starts: list[str]) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """Return what is missing, each with who asks, and who loads each module first."""
        found: list[tuple[str, str]] = []
        via = dict.fromkeys(starts, "")
        todo = list(starts)
        leads = False
        for path in todo:  # it grows
            for asked in self._imports_of(path):
                loaded, lacking = self._loaded(path, asked)
                if lacking:
                    found.append((path, lacking))
                for other in loaded:
                    if other not in via:
                        via[other] = path
                        todo.append(other)
            leads = leads or self._leads[path]
        if leads:  # where a path is added to sys.path, a module may lie anywhere
            found = [
                (p, w) for p, w in found if not self._places.has_anywhere(w.rpartition(" ")[2])
            ]
        return found, via

    def _imports_of(self, path: str) -> tuple[Import, ...]:
        if path not in self._imports:
            source = self._places.text(path)
            self._imports[path] = quick_top_level(source)
            self._leads[path] = bool(_LEADS_ELSEWHERE.search(source))
        return self._imports[path]

    def _loaded(self, path: str, asked: Import) -> tuple[list[str], str]:
        """Return the sources that an import loads, and what it asks for that is missing."""
        if asked.kind == "metadata":
            name = normal_name(asked.module)
            is_there = not name or name in self._metadata or name in _DISTRIBUTIONS
            return [], "" if is_there else f"the metadata of the distribution {name}"
        if asked.kind != "module":
            return [], ""
        if not asked.level and asked.top in self._known and not self._places.folders(asked.top):
            return [], ""
        starts = self._starts(path, asked)
        if not starts:
            return [], f"the Python module {asked.top}"
        return self._below(starts, asked)

    def _starts(self, path: str, asked: Import) -> tuple[str, ...]:
        if not asked.level:
            return self._places.folders(asked.top)
        folder = folder_of(path)
        for _ in range(asked.level - 1):
            folder = folder_of(folder)
        return (folder,)

    def _below(self, starts: tuple[str, ...], asked: Import) -> tuple[list[str], str]:
        """Return the modules that an import loads below these folders, outermost first."""
        loaded = list[str]()
        now, parts = starts, [part for part in asked.module.split(".") if part]
        for part in parts:
            inner = tuple(f"{place}/{part}" for place in now)
            there = tuple(place for place in inner if self._places.has(place))
            if not there:
                is_first = now == starts and not asked.level
                certain = not is_first and self._places.is_closed(now)
                is_known = not asked.level and asked.top in self._known
                name = "." * asked.level + asked.module
                return loaded, f"the Python module {name}" if certain and not is_known else ""
            loaded += [p for place in there if (p := self._places.source(place))]
            now = there
        if asked.name in ("", "*"):
            return loaded, ""
        named = [f"{place}/{asked.name}" for place in now]
        loaded += [p for place in named if (p := self._places.source(place))]
        is_there = any(self._places.has(place) for place in named)
        if (
            is_there
            or self._says(now, asked.name)
            or (not asked.level and asked.top in self._known)
        ):
            return loaded, ""
        return loaded, f"the Python module {'.' * asked.level}{asked.module}.{asked.name}"

    def _says(self, places: tuple[str, ...], name: str) -> bool:
        """Return whether packages may have an attribute of a name, or anything else may be so."""
        if not self._places.is_closed(places):
            return True
        sources = [self._places.text(self._places.source(place)) for place in places]
        said = re.compile(rb"(?<![\w\"'])" + re.escape(name.encode()) + rb"(?![\w\"'])")
        return any(
            said.search(source) or any(word in source for word in _ANY_NAME) for source in sources
        )


def _chain(path: str, via: Mapping[str, str]) -> list[str]:
    chain = [path]
    while via[chain[-1]]:
        chain.append(via[chain[-1]])
    return chain
