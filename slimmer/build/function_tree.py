"""An image as a function in a zip: what lies in /var/task, what starts it, and its libraries.

A zip is unpacked at /var/task, on a system of Lambda's own: what lies there in the image keeps its
place, and nothing else of the image is there. So an entry point elsewhere comes along alone, with
the libraries that the target lacks; for another libc, or a newer one, with its own loader, which
starts it (ld.so(8)). Where something else is needed, the line says what stands in the way.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping

from slimmer.build.function_libraries import Libraries
from slimmer.build.function_scripts import INTERPRETERS, commands
from slimmer.errors import UsageError
from slimmer.inputs.image import ImageTree
from slimmer.inputs.image_programs import Program, file, program, started, working_folder
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind, with_folders
from slimmer.model.tree_links import resolve
from slimmer.sizes import count_text
from slimmer.targets import Target
from slimmer.text import printable

TASK = "var/task"
BOOTSTRAP = "bootstrap"
_BIN, _LIB = "bin", "lib"
_SYSTEM = frozenset(
    [
        "bin",
        "boot",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "media",
        "mnt",
        "proc",
        "root",
        "run",
        "sbin",
        "sys",
        "tmp",
        "usr",
        "var",
    ]
)
_SHOWN = 3


class FunctionTree:
    """The tree of a function that an image is made into; a source as any other."""

    def __init__(self, image: ImageTree, places: Mapping[str, str], bootstrap: bytes):
        self._image = image
        self._places = places
        self._made = {BOOTSTRAP: bootstrap} if bootstrap else {}
        known = image.tree.by_path
        entries = [known[at]._replace(path=path) for path, at in places.items()]
        entries += [Entry(path, Kind.FILE, len(data), True) for path, data in self._made.items()]
        self.tree = with_folders(entries)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError where the image has changed."""
        return self._made[path] if path in self._made else self._image.read(self._places[path])

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises as ``read``."""
        if path in self._made:
            return self._made[path][start : start + size_bytes]
        return self._image.read_part(self._places[path], start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        return 0 if path in self._made else self._image.mtime_ns(self._places[path])


def function_of(image: ImageTree, target: Target) -> tuple[FunctionTree, list[Finding]]:
    """Return the function that an image is on a target, and what there is to say of it.

    Raises UsageError, which says what stands in the way.
    """
    places = dict(_in_task(image))
    if BOOTSTRAP in places:
        return FunctionTree(image, places, b""), [*_left(image, places)]
    command = started(image).command
    if not command:
        raise _in_the_way("it has no Entrypoint and no Cmd, which a bootstrap would start")
    found = program(image, command[0])
    if found is None:
        raise _in_the_way(f"its entry point {printable(command[0])} is not there")
    _check_arguments(image, command[1:])
    folder = _folder(image, found)
    libraries = Libraries(image, target)
    for path in _programs(image, found):
        libraries.add(path)
    words = _words(image, found, places, libraries)
    for name, at in libraries.brought().items():
        places.setdefault(f"{_LIB}/{name}", at)
    _check_own_paths(image, found, places)
    script = _bootstrap(image, folder, [*words, *command[1:]])
    return FunctionTree(image, places, script), [*_left(image, places)]


def _in_the_way(what: str) -> UsageError:
    return UsageError(
        f"no zip for a function can be made of the image: {what}; write an image, or mend that"
    )


def _in_task(image: ImageTree) -> Iterator[tuple[str, str]]:
    """Yield where the files and links of /var/task lie in the zip, and in the image."""
    for entry in image.tree.below(TASK):
        if entry.path != TASK and entry.kind is not Kind.SPECIAL:
            yield entry.path[len(TASK) + 1 :], entry.path


def _folder(image: ImageTree, entry: Program) -> str:
    """Return the folder that the function starts in."""
    folder = working_folder(image)
    if folder == "/" or (folder + "/").startswith(f"/{TASK}/"):
        return folder
    end = resolve(image.tree, folder.strip("/")).end
    others = [
        each.path
        for each in (image.tree.below(end) if end else ())
        if each.kind is Kind.FILE and each.path != entry.path
    ]
    if others:
        raise _in_the_way(
            f"it starts in {printable(folder)}, where {count_text(len(others), 'file')} lie, such "
            f"as {printable(others[0])}, and a zip has only /{TASK}"
        )
    return f"/{TASK}"


def _check_arguments(image: ImageTree, words: tuple[str, ...]) -> None:
    """Raise UsageError for an argument that is a file outside of /var/task."""
    for word in words:
        found = file(image, word, 0) if word.startswith("/") else None
        if found and not found.path.startswith(TASK + "/"):
            raise _in_the_way(f"{printable(word)} lies outside of /{TASK}, which is all of a zip")


def _programs(image: ImageTree, entry: Program) -> Iterator[str]:
    """Yield the files that may be linked to libraries."""
    yield entry.path
    for path in (at for _, at in _in_task(image)):
        if image.tree.by_path[path].kind is Kind.FILE:
            yield path


def _words(
    image: ImageTree, entry: Program, places: dict[str, str], libraries: Libraries
) -> list[str]:
    """Return the words that start the entry point; it is put into the zip where it is not there.

    Raises UsageError where it needs what a zip does not have.
    """
    inside = next((path for path, at in places.items() if at == entry.path), "")
    if not inside:
        inside = f"{_BIN}/{posixpath.basename(entry.path)}"
        places[inside] = entry.path
    at = f"/{TASK}/{inside}"
    if entry.head.startswith(b"#!"):
        _check_script(image, entry)
        return [at]
    if libraries.lacks_loader(entry.path):
        loader = libraries.loader(entry.path)
        return [f"/{TASK}/{_LIB}/{loader}", "--library-path", f"/{TASK}/{_LIB}", at]
    return [at]


def _check_script(image: ImageTree, entry: Program) -> None:
    """Raise UsageError where a script starts what lies outside of /var/task."""
    shown = printable("/" + entry.path)
    words = entry.head.partition(b"\n")[0][2:].decode("latin-1").split()
    interpreter = words[0] if words else ""
    if interpreter not in INTERPRETERS or (interpreter.endswith("/env") and words[1:] != ["bash"]):
        raise _in_the_way(f"{shown} is run by {printable(' '.join(words))}, which the target lacks")
    whole = file(image, "/" + entry.path, 1 << 20)
    for word in commands(whole.head.decode("latin-1") if whole else ""):
        found = program(image, word)
        if found and not found.path.startswith(TASK + "/"):
            raise _in_the_way(
                f"{shown} starts {printable(word)}, which lies in /{printable(found.path)} and not "
                f"in /{TASK}"
            )


def _check_own_paths(image: ImageTree, entry: Program, places: Mapping[str, str]) -> None:
    """Raise UsageError where a program names a folder of the user's own outside of /var/task."""
    tops = {each.path.partition("/")[0] for each in image.tree.entries if "/" in each.path}
    own = sorted(tops - _SYSTEM)
    if "opt" in own and not any(e.kind is Kind.FILE for e in image.tree.below("opt")):
        own.remove("opt")
    data = image.read(entry.path)
    for top in own:
        inside = [
            e.path
            for e in image.tree.below(top)
            if e.kind is Kind.FILE and e.path != entry.path and e.path not in places.values()
        ]
        if inside and f"/{top}/".encode() in data:
            raise _in_the_way(
                f"/{printable(entry.path)} names /{printable(top)}/, where {printable(inside[0])} "
                f"lies, and a zip has only /{TASK}"
            )


def _bootstrap(image: ImageTree, folder: str, words: list[str]) -> bytes:
    """Return the program that starts the image's entry point with its variables."""
    lines = ["#!/bin/sh", "# Starts what the image's Entrypoint and Cmd say."]
    for each in image.config.environment:
        name, _, value = each.partition("=")
        if not name.isidentifier():
            continue
        if name in ("PATH", "LD_LIBRARY_PATH"):
            lines.append(f"export {name}={shlex.quote(value)}:${name}")
        elif name in ("LANG", "TZ"):  # which Lambda sets itself
            lines.append(f"export {name}={shlex.quote(value)}")
        else:
            lines.append(f'[ -n "${{{name}+set}}" ] || export {name}={shlex.quote(value)}')
    lines += [f"cd {shlex.quote(folder)}", f"exec {shlex.join(words)}", ""]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


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
