"""What .NET's publish wrote of packages, as ``NAME.deps.json`` lists it.

A library of the type ``package`` or ``runtimepack`` came from a registry; one of the type
``project`` is the user's own. Source: the .NET SDK's description of
runtime-configuration-file.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from slimmer.model.owners import Claims
from slimmer.model.tree import Tree
from slimmer.paths import folder_of, join, name_of

DEPENDENCIES = ".deps.json"
_INSTALLED = ("package", "runtimepack")
_FLAT = ("runtime", "native", "compile")  # published beside the application, by their names
_BESIDE = (".pdb", ".xml", ".dbg")
_FRAMEWORK = "Microsoft.NETCore.App"
# Written beside what the lists name: by the host, and by older runtimes' packages.
_OF_RUNTIME = (
    *("createdump", "sosdocsunix.txt", "SOS_README.md", "libsosplugin.so", "libsos.so"),
    *("libcoreclrtraceptprovider.so", "libmscordbi.so", "libmscordaccore.so", "SOS.NETCore.dll"),
)


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what packages put into an application, or a shared framework."""
    found = Claims()
    for entry in tree.ending_in(DEPENDENCIES):
        root = folder_of(entry.path)
        stated = dict(_stated(text(entry.path)))
        found.files |= {
            join(root, path): f"dotnet/{name}"
            for asset, name in stated.items()
            for path in (asset, *(_stem(asset) + end for end in _BESIDE), f"{asset}.dbg")
            if join(root, path) in tree.by_path
        }
        is_framework = name_of(entry.path) == f"{_FRAMEWORK}{DEPENDENCIES}"
        if is_framework or any(_FRAMEWORK in name for name in stated.values()):
            owner = f"dotnet/{_FRAMEWORK}"
            found.files |= {join(root, name): owner for name in (*_OF_RUNTIME, name_of(entry.path))}
            found.folders |= {join(root, name): owner for name in ("ref", "refs")}
    return found


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def assets(text: str) -> Iterator[str]:
    """Yield where each asset that a list names is published, whosever it is."""
    targets = _of(_document(text), "targets")
    for target in targets.values():
        for each in target.values() if isinstance(target, dict) else ():
            if isinstance(each, dict):
                yield from _published(each)


def _document(text: str) -> object:
    try:
        return json.loads(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    except (ValueError, RecursionError):
        return {}


def _stated(text: str) -> Iterator[tuple[str, str]]:
    """Yield where each asset of a package is published, and the package's name."""
    document = _document(text)
    libraries, targets = _of(document, "libraries"), _of(document, "targets")
    for target in targets.values():
        for full, assets in target.items() if isinstance(target, dict) else ():
            kind = _of(libraries, full).get("type")
            if kind in _INSTALLED and isinstance(assets, dict):
                name = str(full).partition("/")[0].removeprefix("runtimepack.")
                yield from ((path, name) for path in _published(assets))


def _published(assets: Mapping[str, object]) -> Iterator[str]:
    for kind in _FLAT:
        yield from (name_of(path) for path in _of(assets, kind))
    for path, row in _of(assets, "resources").items():
        locale = row.get("locale") if isinstance(row, dict) else None
        if isinstance(locale, str):
            yield f"{locale}/{name_of(path)}"
    yield from _of(assets, "runtimeTargets")


def _of(document: object, key: str) -> Mapping[str, object]:
    """Return the object at a key of another; an empty one where it is something else."""
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}
