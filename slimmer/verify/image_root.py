"""A container image as the root of a run: its tree on the disk, and what its configuration starts.

Lambda runs an image's Entrypoint and Cmd in its WorkingDir as a user of its own, whatever the image
names, on a root that cannot be written ("Create a Lambda function using a container image" in the
AWS Lambda Developer Guide).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from slimmer.errors import InputError
from slimmer.inputs.image import ImageTree, tree_in
from slimmer.inputs.image_programs import Program, file, is_folder, program, started, working_folder
from slimmer.inputs.open import open_source
from slimmer.model.tree import Kind
from slimmer.model.tree_links import resolve
from slimmer.text import printable
from slimmer.verify.host import host_files
from slimmer.verify.merge import Item
from slimmer.verify.model import ArtifactRef
from slimmer.verify.rootfs import USER, Mount
from slimmer.verify.unpack import Opened, write_all

#: What lies over the image at these places, whatever it has there.
_COVERED = ("dev", "proc", "sys", "tmp")
#: What the machine gives: the names of hosts, and who tells their addresses.
_GIVEN = ("etc/hosts", "etc/resolv.conf")
_ARCHES = {"x86_64": "x86_64", "aarch64": "arm64"}  # as uname and --arch have them
_EMULATOR = re.compile(r"(?<![\w./-])[\w./-]{0,256}aws-lambda-rie\b")
_SCRIPT_BYTES = 1 << 20
#: What is known better by an image that says it: where its programs are, and its time.
_OF_IMAGES = {"LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "PATH", "TZ"}
_NOT_OF_IMAGES = {"LANG", "LD_LIBRARY_PATH"}  # which AWS's own images define themselves


@dataclass(frozen=True)
class ImageRoot:
    """An image that lies unpacked in ``folder``. All paths mean the image's root."""

    name: str
    folder: str
    source: ImageTree

    @property
    def working_folder(self) -> str:
        """The folder that it starts in; an absolute path."""
        return working_folder(self.source)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What Lambda does otherwise than the image says, a line each."""
        user = self.source.config.user
        if user in ("", "root", "0"):
            return ()
        return (f"the image names the user {printable(user)}; Lambda runs it as its own, {USER}",)

    def exists(self, path: str) -> bool:
        """Return whether something is at a path, over links."""
        return self.at(path) is not None

    def is_folder(self, path: str) -> bool:
        """Return whether a folder is at a path, over links."""
        return is_folder(self.source, path)

    def at(self, path: str) -> str | None:
        """Return the path in the tree that a path leads to; None for nothing."""
        return resolve(self.source.tree, path.strip("/")).end

    def size_bytes(self, path: str) -> int | None:
        """Return the size of the file that a path leads to; None for none."""
        end = self.at(path)
        is_file = bool(end) and self._kind(end or "") is Kind.FILE
        return self.source.tree.by_path[end or ""].size_bytes if is_file else None

    def inside(self, folder: str) -> list[str]:
        """Return the names of what is in a folder but folders; none where it is no folder."""
        end = self.at(folder)
        if not end:
            return []
        entries = self.source.tree.entries
        own = (e for e in entries if e.path.rpartition("/")[0] == end)
        return sorted(e.path.rpartition("/")[2] for e in own if not self.is_folder("/" + e.path))

    def program(self, name: str) -> Program | None:
        """Return the program of a name or path, as the kernel and env(1) look for it."""
        return program(self.source, name)

    def emulator(self, command: tuple[str, ...]) -> tuple[str, bool]:
        """Return AWS's emulator as the scripts of a command name it, and whether it is there."""
        named = dict.fromkeys(_EMULATOR.findall("\n".join(self._texts(command))))
        names = [name for name in named if name]
        there = (name for name in names if self.program(name))
        return next(((name, True) for name in there), (names[0] if names else "", False))

    def variables(self, of_lambda: Mapping[str, str]) -> dict[str, str]:
        """Return the environment that Lambda gives it: the image's own, and Lambda's over it."""
        own = started(self.source).variables
        weak = {name: value for name, value in of_lambda.items() if name in _OF_IMAGES}
        apart = _OF_IMAGES | _NOT_OF_IMAGES
        strong = {name: value for name, value in of_lambda.items() if name not in apart and value}
        return {**weak, **own, **strong}

    def mounts(self, scratch: Path) -> tuple[Mount, ...]:
        """Return what makes the root: the image, and over it what a sandbox has of its own."""
        given = [
            Mount("bind", f"/{name}", str(file))
            for name, file in host_files(scratch).items()
            if name in _GIVEN and (Path(self.folder) / name).is_file()
        ]
        system = [Mount("bind", "/sys", "/sys")] if Path("/sys").is_dir() else []
        return (
            Mount("bind", "/", self.folder),
            *system,
            Mount("proc", "/proc"),
            Mount("dev", "/dev"),
            Mount("tmp", "/tmp"),  # noqa: S108 - the function's own
            *given,
        )

    def _kind(self, path: str) -> Kind:
        return self.source.tree.by_path[path].kind

    def _texts(self, command: tuple[str, ...]) -> Iterator[str]:
        """Yield the words of a command, and the scripts that they name."""
        for at, word in enumerate(command):
            yield word
            path = posixpath.join(self.working_folder, word)
            found = (self.program(word) if not at else None) or file(
                self.source, path, _SCRIPT_BYTES
            )
            if found and found.head.startswith(b"#!"):
                yield self.source.read_part(found.path, 0, _SCRIPT_BYTES).decode("latin-1")


def unpack_image(given: ArtifactRef, dest: Path, machine: str) -> ImageRoot:
    """Unpack the image for a processor, as uname calls it, into the new folder ``dest``.

    Raises InputError for what is no image, cannot be read, or is for other processors only.
    """
    name = printable(given.path)
    path, arch = Path(given.path), _ARCHES.get(machine, "")
    source = tree_in(given.read(), path, arch) if given.read else open_source(path, arch)
    if not isinstance(source, ImageTree):
        raise InputError(
            f"{name}: files, and no image; name a tar of docker save or an OCI layout, or make a "
            "zip of it with slim build"
        )
    items = dict(_items(source))
    nothing = Opened("", {}, lambda _: b"", lambda _: 0, is_zip=False)
    write_all(name, items, (_opened(source), nothing), dest)
    return ImageRoot(name, str(dest), source)


def _opened(source: ImageTree) -> Opened:
    return Opened("", {}, source.read, source.mtime_ns, is_zip=False)


def _items(source: ImageTree) -> Iterator[tuple[str, Item]]:
    """Yield what is made: all but devices, and what other things lie over."""
    tree = source.tree
    for entry in tree.entries:
        path = entry.path
        if path.partition("/")[0] in _COVERED or path in _GIVEN or entry.kind is Kind.SPECIAL:
            continue
        mode = source.mode(path)
        if entry.kind is Kind.LINK:
            yield path, Item("link", 0o777, 0, 0, path, entry.target)
        elif entry.kind is Kind.DIRECTORY:
            yield path, Item("directory", mode, 0, 0, path)
        else:
            yield path, Item("file", mode, entry.size_bytes, 0, path)
    for path in _COVERED:
        yield path, Item("directory", 0o755, 0, 1, path)
    folder = tree.by_path.get("etc")
    if folder is None or folder.kind is Kind.DIRECTORY:
        for path in _GIVEN:
            yield path, Item("file", 0o644, 0, 1, path)
