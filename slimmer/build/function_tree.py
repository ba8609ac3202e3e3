"""An image as a function in a zip: what lies in /var/task, what starts it, and what that names.

A zip is unpacked at /var/task, on a system of Lambda's own: what lies there in the image keeps its
place, and the user's own folders that the start names come along, below it. A program that lies
elsewhere comes alone, and so do the libraries that the target lacks; for another libc, or a newer
one, with the image's own loader. Where something else is needed, the line says what stands in the
way.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.build.function_folders import TASK, OwnFolders, in_the_way, in_zip, on_lambda
from slimmer.build.function_libraries import Libraries
from slimmer.build.function_loader import FOLDER as LIB
from slimmer.build.function_loader import NAME as LOADER
from slimmer.build.function_loader import Patch, loader_of, own_loader, patched
from slimmer.build.function_start import (
    bootstrap,
    check_arguments,
    check_own_paths,
    follow_task,
    own_folders,
    start_folder,
)
from slimmer.formats import FormatError
from slimmer.inputs.image import ImageTree
from slimmer.inputs.image_programs import Program, program, started
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind, with_folders
from slimmer.model.tree_links import relative, resolve
from slimmer.paths import folder_of, name_of
from slimmer.sizes import count_text
from slimmer.targets import Target
from slimmer.text import printable

BOOTSTRAP = "bootstrap"
_SHOWN = 3


class _Zip(NamedTuple):
    """What is in the zip."""

    #: The files and links by their paths, and where they lie in the image.
    places: dict[str, str]
    #: What is written anew, what is changed in place, and the links that say otherwise.
    made: dict[str, bytes]
    patches: dict[str, tuple[Patch, ...]]
    links: dict[str, str]


class FunctionTree:
    """The tree of a function that an image is made into; a source as any other."""

    def __init__(self, image: ImageTree, content: _Zip):
        self._image = image
        self._zip = content
        known, made = image.tree.by_path, content.made
        entries = [
            known[at]._replace(path=path) for path, at in content.places.items() if path not in made
        ]
        entries += [
            Entry(path, Kind.FILE, len(data), self._runs(path)) for path, data in made.items()
        ]
        entries += [Entry(path, Kind.LINK, target=to) for path, to in content.links.items()]
        self.tree = with_folders(entries)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError where the image has changed."""
        return self.read_part(path, 0, self.tree.by_path[path].size_bytes)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises as ``read``."""
        if path in self._zip.made:
            return self._zip.made[path][start : start + size_bytes]
        at = self._zip.places[path]

        def part(first: int, size: int) -> bytes:
            return self._image.read_part(at, first, size)

        return patched(self._zip.patches.get(path, ()), part, start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        at = self._zip.places.get(path)
        return self._image.mtime_ns(at) if at else 0

    def _runs(self, path: str) -> bool:
        at = self._zip.places.get(path)
        return self._image.tree.by_path[at].executable if at else path == BOOTSTRAP


def function_of(image: ImageTree, target: Target) -> tuple[FunctionTree, list[Finding]]:
    """Return the function that an image is on a target, and what there is to say of it.

    Raises UsageError, which says what stands in the way.
    """
    content = _Zip(dict(_in_task(image)), {}, {}, {})
    if BOOTSTRAP in content.places:
        return _with_bootstrap(image, content)
    command = started(image).command
    if not command:
        raise in_the_way("it has no Entrypoint and no Cmd, which a bootstrap would start")
    found = program(image, command[0])
    if found is None:
        raise in_the_way(f"its entry point {printable(command[0])} is not there")
    own = own_folders(image, found)
    check_arguments(image, own, command[1:])
    _place(content.places, [*own.places(), found.path])
    has_loader = _bring(image, target, content, found)
    check_own_paths(image, found)
    _relink(image, content)
    folder = start_folder(image, own)
    words = [on_lambda(found.path), *(own.moved(word) for word in command[1:])]
    content.made[BOOTSTRAP] = bootstrap(image, own, folder, words, has_loader=has_loader)
    moved = list(_moved(image, own, content))
    return FunctionTree(image, content), [*moved, *_left(image, content.places)]


def _with_bootstrap(image: ImageTree, content: _Zip) -> tuple[FunctionTree, list[Finding]]:
    """Return what lies in /var/task, a bootstrap of its own among it, and what that names."""
    own = OwnFolders(image)
    follow_task(image, own)
    _place(content.places, own.places())
    _relink(image, content)
    moved = list(_moved(image, own, content))
    return FunctionTree(image, content), [*moved, *_left(image, content.places)]


def _in_task(image: ImageTree) -> Iterator[tuple[str, str]]:
    """Yield where the files and links of /var/task lie in the zip, and in the image."""
    for entry in image.tree.below(TASK):
        if entry.kind in (Kind.FILE, Kind.LINK) and entry.path != TASK:
            yield in_zip(entry.path), entry.path


def _place(places: dict[str, str], paths: Iterable[str]) -> None:
    """Place what comes along. Raises UsageError where two files would have one place."""
    for at in dict.fromkeys(paths):
        inside = in_zip(at)
        if places.setdefault(inside, at) != at:
            raise in_the_way(
                f"/{printable(at)} and /{printable(places[inside])} would be one file of a zip"
            )


def _bring(image: ImageTree, target: Target, content: _Zip, entry: Program) -> bool:
    """Bring the libraries that the target lacks; return whether the image's loader came along.

    Raises UsageError where programs need a loader that cannot be brought.
    """
    libraries = Libraries(image, target)
    programs = list(content.places.items())
    for _, at in programs:
        if image.tree.by_path[at].kind is Kind.FILE:
            libraries.add(at)
    started_by = {at: libraries.interpreter(at) for _, at in programs}
    loaders = {path for path in started_by.values() if path}
    has_loader = any(libraries.lacks_loader(at) for at, path in started_by.items() if path)
    for name, at in libraries.brought(all_of_them=has_loader).items():
        content.places.setdefault(f"{LIB}/{name}", at)
    if not has_loader:
        return False
    if len(loaders) > 1:
        shown = " and ".join(sorted(map(printable, loaders)))
        raise in_the_way(f"its programs need several loaders, {shown}, and the target's is neither")
    [path] = loaders
    end, name = resolve(image.tree, path.strip("/")).end, name_of(path)
    loader = loader_of(name, image.read(end)) if end else None
    if end is None or loader is None:
        raise in_the_way(
            f"/{printable(entry.path)} needs another {printable(path)} than the target's, and the "
            "image's is not there, or looks for libraries in other folders than Debian's"
        )
    content.places[f"{LIB}/{name}"] = end
    content.patches[f"{LIB}/{name}"] = loader.patches
    content.links[f"{LIB}/{LOADER}"] = name
    if loader.folders_file:
        content.made[loader.folders_file] = loader.folders
    for inside, each in programs:
        if started_by[each]:
            content.patches[inside] = _use_loader(image, each)
    return True


def _use_loader(image: ImageTree, path: str) -> tuple[Patch, ...]:
    try:
        patch = own_loader(lambda start, size: image.read_part(path, start, size))
    except FormatError as error:
        raise in_the_way(f"/{printable(path)}: {error}") from None
    return (patch,) if patch else ()


def _relink(image: ImageTree, content: _Zip) -> None:
    """Let the links between /var/task and other folders lead to the places of the zip."""
    for inside, at in list(content.places.items()):
        entry = image.tree.by_path[at]
        if entry.kind is Kind.LINK:
            to = posixpath.normpath(posixpath.join(folder_of(at), entry.target))
            target = relative(inside, in_zip(to))
            if target != posixpath.normpath(entry.target):
                del content.places[inside]
                content.links[inside] = target


def _moved(image: ImageTree, own: OwnFolders, content: _Zip) -> Iterator[Finding]:
    """Give scripts the paths of the zip; yield a warning of the files that name the others."""
    naming: dict[str, str] = {}
    for inside, at in content.places.items():
        if image.tree.by_path[at].kind is not Kind.FILE or inside.startswith(f"{LIB}/"):
            continue
        if image.read_part(at, 0, 2) == b"#!" and (new := own.moved_file(at)) != image.read(at):
            content.made[inside] = new
        if path := own.named(at):
            naming[inside] = path
    if naming:
        first, path = next(iter(naming.items()))
        yield finding(
            "image-moved",
            f"{count_text(len(naming), 'file')} of the zip name paths of the image, such as "
            f"{printable(first)} {printable(path)}, which is now {printable(on_lambda(path[1:]))}; "
            "slim verify --against the image proves whether one is missed",
        )


def _left(image: ImageTree, places: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note of what of the image is not in the zip."""
    taken = frozenset(places.values())
    left = [e.path for e in image.tree.entries if e.kind is Kind.FILE and e.path not in taken]
    if left:
        shown = ", ".join("/" + printable(path) for path in left[:_SHOWN])
        yield finding(
            "image-left",
            f"{count_text(len(left), 'file')} of the image outside of /{TASK} are not in the zip "
            f"({shown}, …); the target has a system of its own",
        )
