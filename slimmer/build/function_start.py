"""How a function that is made of an image starts, and what of the image that needs."""

from __future__ import annotations

import posixpath
import shlex

from slimmer.build.function_folders import EMULATOR, TASK, OwnFolders, in_the_way, own_folder
from slimmer.build.function_scripts import INTERPRETERS, commands
from slimmer.inputs.image import ImageTree
from slimmer.inputs.image_programs import Program, file, program, started, working_folder
from slimmer.model.started import named_paths
from slimmer.model.tree import Kind
from slimmer.model.tree_links import resolve
from slimmer.paths import name_of
from slimmer.text import printable


def own_folders(image: ImageTree, entry: Program) -> OwnFolders:
    """Return the user's own folders that the start names. Raises UsageError, as ``function_of``."""
    own = OwnFolders(image)
    start = started(image)
    own.take(entry.path)
    own.take_named("\n".join([*start.command, *(f"/{path}" for path in named_paths(start))]))
    folder = resolve(image.tree, working_folder(image).strip("/")).end
    if folder:
        own.take(folder)
    if entry.head.startswith(b"#!"):
        own.take_named(own.script(entry.path))
        _check_script(image, own, entry)
    follow_task(image, own)
    return own


def follow_task(image: ImageTree, own: OwnFolders) -> None:
    """Take the folders that files of /var/task name."""
    inside = [e.path for e in image.tree.below(TASK) if e.kind is Kind.FILE]
    for path in inside:
        own.take_named(own.script(path))
    own.follow(inside)


def _check_script(image: ImageTree, own: OwnFolders, entry: Program) -> None:
    """Take the folders of what a script starts. Raises UsageError for what the target lacks."""
    shown = printable("/" + entry.path)
    words = entry.head.partition(b"\n")[0][2:].decode("latin-1").split()
    interpreter = words[0] if words else ""
    if interpreter.endswith("/env") and words[1:] not in ([], ["sh"], ["bash"]):
        interpreter = words[1]
    if interpreter not in INTERPRETERS and not _comes(image, own, interpreter):
        raise in_the_way(f"{shown} is run by {printable(' '.join(words))}, which the target lacks")
    for word in commands(own.script(entry.path)):
        found = program(image, word)
        if found and not found.path.startswith(TASK + "/") and not _comes(image, own, word):
            raise in_the_way(
                f"{shown} starts {printable(word)}, which lies in /{printable(found.path)} and in "
                "no folder of your own"
            )


def _comes(image: ImageTree, own: OwnFolders, name: str) -> bool:
    """Return whether a program comes along, and is found by its name or path in the zip."""
    found = program(image, name)
    if found is None or name_of(found.path) == EMULATOR:
        return False
    if "/" in name:
        places = [posixpath.normpath(posixpath.join(working_folder(image), name)).strip("/")]
    else:
        places = [f"{each}/{name}" for each in started(image).search]
        places = [place for place in places if file(image, place, 0)][:1]
    if not places or not (places[0].startswith(TASK + "/") or own_folder(places[0])):
        return False
    own.take(places[0])
    own.take(found.path)
    return found.path.startswith(TASK + "/") or own.has(found.path)


def check_arguments(image: ImageTree, own: OwnFolders, words: tuple[str, ...]) -> None:
    """Raise UsageError for an argument that is a file which does not come along."""
    for word in words:
        found = file(image, word, 0) if word.startswith("/") else None
        if found and not found.path.startswith(TASK + "/") and not own.has(found.path):
            raise in_the_way(
                f"{printable(word)} lies in no folder of your own, and a zip has those"
            )


def start_folder(image: ImageTree, own: OwnFolders) -> str:
    """Return the folder that the function starts in."""
    folder = working_folder(image)
    end = resolve(image.tree, folder.strip("/")).end
    if folder == "/" or (folder + "/").startswith(f"/{TASK}/"):
        return folder
    return own.moved(folder) if end and own.has(end) else f"/{TASK}"


def check_own_paths(image: ImageTree, entry: Program) -> None:
    """Raise UsageError where a program names a folder of the user's own outside of /var/task."""
    if entry.head.startswith(b"#!"):
        return
    data = image.read(entry.path)
    others = [e.path for e in image.tree.entries if e.kind is Kind.FILE and e.path != entry.path]
    tops = {path.partition("/")[0]: path for path in reversed(others) if own_folder(path)}
    for top, inside in sorted(tops.items()):
        if top not in ("usr", inside) and f"/{top}/".encode() in data:
            raise in_the_way(
                f"/{printable(entry.path)} names /{printable(top)}/, where {printable(inside)} "
                f"lies, and a zip has only /{TASK}"
            )


def bootstrap(
    image: ImageTree, own: OwnFolders, folder: str, words: list[str], *, has_loader: bool
) -> bytes:
    """Return the program that starts the image's entry point with its variables."""
    lines = ["#!/bin/sh", "# Starts what the image's Entrypoint and Cmd say."]
    if has_loader:
        lines.append("unset LD_LIBRARY_PATH  # it names /lib64, which has another C library")
    for each in image.config.environment:
        name, _, text = each.partition("=")
        if not name.isidentifier():
            continue
        value = shlex.quote(own.moved(text))
        if name == "PATH" or (name == "LD_LIBRARY_PATH" and not has_loader):
            lines.append(f"export {name}={value}:${name}")
        elif name in ("LANG", "LD_LIBRARY_PATH", "TZ"):  # which Lambda sets itself
            lines.append(f"export {name}={value}")
        else:
            lines.append(f'[ -n "${{{name}+set}}" ] || export {name}={value}')
    lines += [f"cd {shlex.quote(folder)}", f"exec {shlex.join(words)}", ""]
    return "\n".join(lines).encode("utf-8", "surrogateescape")
