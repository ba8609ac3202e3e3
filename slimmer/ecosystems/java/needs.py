"""Which classes the function's own classes name, and which are in no jar of the deployment.

Java looks for a class when it is first used, and libraries name many that are never used. So only
the function's own classes are asked, and only a class that Lambda starts by its interface certainly
fails: without its superclass or an interface it is not loaded (JVMS 5.3.5), nor are those above it.
In a jar that many were merged into nobody can see which classes are the function's own.

Source: AWS Lambda's documentation, "Deploy Java Lambda functions", for the class path.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from slimmer.ecosystems.interface import FUNCTION_AT, LAYERS_AT, NeedsRequest, Placed
from slimmer.ecosystems.java.class_path import JARS
from slimmer.ecosystems.java.jars import MAX_CLASS_BYTES, Jar
from slimmer.ecosystems.java.packages import Packages, coordinates, loaded_as
from slimmer.ecosystems.java.platform import is_of_java, is_of_lambda
from slimmer.formats import FormatError
from slimmer.formats.java.classes import Links, read_links
from slimmer.model.needs import Need, Needs
from slimmer.paths import folder_of, name_of, parents

_CLASS = ".class"
_HANDLERS = frozenset(
    f"com/amazonaws/services/lambda/runtime/{name}"
    for name in ("RequestHandler", "RequestStreamHandler")
)
_MARK = b"com/amazonaws/services/lambda/runtime/Request"
_NO_CLASSES = ("module-info.class", "package-info.class")
_RUNTIME = "libjvm.so"


def find_needs(request: NeedsRequest) -> Needs:
    """Return which classes the function's own name, and which are there."""
    function = request.function
    classes = {path: file for path, file in request.files.items() if path.endswith(_CLASS)}
    own = {path: file for path, file in classes.items() if path.startswith(FUNCTION_AT)}
    if function is None or not own or not request.may_run("java"):
        return Needs()
    broken: dict[str, str] = {}
    provided = _provided(request.files, broken)
    if broken:  # what cannot be read may have all that is asked for
        return Needs(broken=tuple(broken.items()))
    is_merged = _is_merged(function.placed)
    classes_of = _Classes(classes, provided, is_merged, broken)
    is_certain = _is_sure(request) and not is_merged
    above = {path: classes_of.missing_above(path) for path in own}
    failing = frozenset(name for names in above.values() for name in names)
    asked = [
        Need(own[path].name, f"the class {_dotted(name)}", name, is_certain)
        for path, names in above.items()
        for name in names
    ]
    for path in own if not is_merged else ():
        asked += classes_of.asked_by(path, failing)
    return Needs(tuple(asked), frozenset(provided), tuple(broken.items()))


class _Classes:
    """The classes of the deployment that are no jar's."""

    def __init__(
        self,
        files: Mapping[str, Placed],
        provided: Container[str],
        is_merged: bool,
        broken: dict[str, str],
    ) -> None:
        self._files = files
        self._provided = provided
        self._is_merged = is_merged
        self._broken = broken

    def missing_above(self, path: str) -> list[str]:
        """Return which classes above a handler nothing has; none for what is no handler."""
        links = self._links(path)
        above = [] if links is None else list(self._above(links))
        return [] if _HANDLERS.isdisjoint(above) else [n for n in above if self._is_gone(n)]

    def asked_by(self, path: str, but: Container[str]) -> Iterator[Need]:
        """Yield what a class asks for when it runs, once for each class or package."""
        who, links = self._files[path].name, self._links(path)
        named = sorted(links.classes) if links else ()
        packages = set[str]()
        for name in (name for name in named if self._is_gone(name) and name not in but):
            package = folder_of(name)
            if package in self._provided or not package:
                yield Need(who, f"the class {_dotted(name)}", name, False)
            elif package not in packages:
                packages.add(package)
                yield Need(who, f"the package {_dotted(package)}", package, False)

    def _is_gone(self, name: str) -> bool:
        return name not in self._provided and not (is_of_java(name) or is_of_lambda(name))

    def _above(self, links: Links) -> Iterator[str]:
        """Yield the superclass and the interfaces, and those of them in turn."""
        todo, seen = list(links.above), set[str]()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                yield name
                path = f"{FUNCTION_AT}{name}{_CLASS}"
                more = self._links(path) if path in self._files else None
                todo += more.above if more else ()

    def _links(self, path: str) -> Links | None:
        """Return what a class names; None where it is not looked at, or cannot be understood."""
        file = self._files[path]
        placed = file.zip.placed[file.path]
        if name_of(path) in _NO_CLASSES or placed is None or placed.size_bytes > MAX_CLASS_BYTES:
            return None
        data = file.read()
        if self._is_merged and _MARK not in data:
            return None
        try:
            return read_links(data)
        except FormatError as error:
            self._broken[file.name] = str(error)
            return None


def _is_sure(request: NeedsRequest) -> bool:
    """Return whether the class path is known: no system beside may have jars of its own."""
    target = request.target
    has_java = any(name_of(path) == _RUNTIME for path in request.files)
    return target.language is not None or target.system is None or has_java


def _provided(files: Mapping[str, Placed], broken: dict[str, str]) -> set[str]:
    """Return the classes and packages that any zip has, in a jar or not, wherever they lie."""
    found: set[str] = set()
    for path, file in files.items():
        if path.endswith(_CLASS):
            name = loaded_as(path.removeprefix(FUNCTION_AT).removeprefix(LAYERS_AT))
            inner = [name.removeprefix(f"{folder}/") for folder in parents(name)]
            found.update(each.removesuffix(_CLASS) for each in (name, *inner))
        elif path.endswith(JARS):
            try:
                jar = Jar(path, file.read(), path)
            except FormatError as error:
                broken[file.name] = str(error)
                continue
            found |= {n.removesuffix(_CLASS) for n, _ in jar.asked_names() if n.endswith(_CLASS)}
    return found | {folder_of(name) for name in found}


def _is_merged(names: Iterable[str]) -> bool:
    """Return whether many artefacts were merged into the function, so that few are its own."""
    names = tuple(names)
    return len(coordinates(names)) > 1 or Packages(names, is_program=True).are_many


def _dotted(name: str) -> str:
    return name.replace("/", ".")
