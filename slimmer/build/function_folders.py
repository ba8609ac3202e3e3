"""The user's own folders of an image outside of /var/task, which come along into a function's zip.

A zip has /var/task alone: what lies in ``/app`` of the image lies in ``/var/task/app`` there, and
so all that is relative stays as it is. Scripts for the shell, first lines and variables that name
it by its path are given the other one.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable, Iterator

from slimmer.errors import UsageError
from slimmer.inputs.image import ImageTree
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import resolve
from slimmer.paths import name_of

TASK = "var/task"
EMULATOR = "aws-lambda-rie"  # which no script starts on Lambda
#: The folders of a distribution, whose files a target has in its own way.
_SYSTEM = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "media", "mnt", "proc")
).union(("root", "run", "sbin", "sys", "tmp", "usr", "var"))
_LOCAL = "usr/local"  # which no distribution puts files into (FHS 3.0, section 4.9)
_OF_SEVERAL = frozenset(("opt", "srv", "home"))  # a folder there belongs to one application
_SCRIPT_BYTES = 1 << 20
HEAD_BYTES = 256  # of a script, its first line among them
_SCRIPT = re.compile(rb"#![ \t]{0,8}(?:/usr)?/bin/(?:env[ \t]{1,8})?(?:sh|bash|dash|ash)\b")
#: What stands before a path that is no part of a longer one, such as a variable's or a host's.
_BEFORE = r"(?<![\w./$}~\\-])"
_PART = re.compile(rb"[\w./$}~\\-]")
_PATH = re.compile(_BEFORE + r"(/[\w.@+-]{1,255}(?:/[\w.@+-]{1,255}){0,64})")


def in_the_way(what: str) -> UsageError:
    """Return the error that says what keeps an image from being a zip."""
    return UsageError(
        f"no zip for a function can be made of the image: {what}; write an image, or mend that"
    )


def in_zip(path: str) -> str:
    """Return where a path of the image lies in the zip."""
    return path[len(TASK) + 1 :] if path.startswith(TASK + "/") else path


def on_lambda(path: str) -> str:
    """Return where a path of the image lies on Lambda."""
    return f"/{TASK}/{in_zip(path)}"


def own_folder(path: str) -> str:
    """Return the user's own folder that a path of an image lies in, or the path where it is alone.

    Empty for what is a distribution's, and for what lies in /var/task.
    """
    parts = path.split("/")
    if path == TASK or path.startswith(TASK + "/"):
        return ""
    if path == _LOCAL or path.startswith(_LOCAL + "/"):
        return _LOCAL
    if parts[0] in _SYSTEM:
        return ""
    return "/".join(parts[: 2 if parts[0] in _OF_SEVERAL else 1])


def is_shell_script(head: bytes) -> bool:
    """Return whether a file is a script for the shell that every target has."""
    return _SCRIPT.match(head) is not None


class OwnFolders:
    """Collects the folders that come along, by what names them."""

    def __init__(self, image: ImageTree):
        self._image = image
        self._taken: dict[str, None] = {}
        self._read: set[str] = set()
        self._named: dict[str, tuple[str, ...]] = {}
        there = {own_folder(e.path) for e in image.tree.entries if _is_own_file(e)}
        self._pattern = _of_any(there) if there else None

    def take(self, path: str) -> None:
        """Take the folder that a path of the tree lies in, where it is the user's own."""
        folder = own_folder(path)
        if folder and name_of(path) != EMULATOR and any(self._files(folder)):
            self._taken[folder] = None

    def take_named(self, text: str) -> None:
        """Take the folders of the paths that a text names, and that scripts among those name."""
        texts = [text]
        while texts:
            for path in _PATH.findall(texts.pop()):
                end = self._end(path.strip("/"))
                if end is None:
                    continue
                self.take(end)
                if own_folder(end) and end not in self._read:
                    self._read.add(end)
                    texts.append(self.script(end))

    def follow(self, paths: Iterable[str]) -> None:
        """Take what these files of the image name, and the files of what is taken."""
        for path in paths:
            self._follow(path)
        done = 0
        while done < len(self._taken):
            folder = list(self._taken)[done]
            for path in self._files(folder):
                self._follow(path)
            done += 1

    def script(self, path: str) -> str:
        """Return the text of a script for the shell; empty for any other file."""
        if self._image.tree.by_path[path].kind is not Kind.FILE:
            return ""
        if not is_shell_script(self._image.read_part(path, 0, HEAD_BYTES)):
            return ""
        return self._image.read_part(path, 0, _SCRIPT_BYTES).decode("utf-8", "surrogateescape")

    def places(self) -> Iterator[str]:
        """Yield the files and links that come along; they lie at the same path in the zip."""
        for folder in self._taken:
            yield from self._files(folder)

    def moved(self, text: str) -> str:
        """Return a text for the shell in which paths of what comes along are those of the zip."""
        if not self._taken:
            return text
        names = "|".join(map(re.escape, sorted(self._taken, reverse=True)))
        found = f"{_BEFORE}/(?:{names})(?![\\w.@+-])"
        return re.sub(found, functools.partial(_moved, text), text)

    def moved_file(self, path: str) -> bytes:
        """Return a file with the paths of the zip; only scripts are another's then.

        Of a script for another interpreter it is the first line.
        """
        data = self._image.read(path)
        if is_shell_script(data):
            return self.moved(data.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
        line, end, rest = data.partition(b"\n")
        return (
            self.moved(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            + end
            + rest
        )

    def named(self, path: str) -> str:
        """Return a path of what comes along that a file names and a zip has elsewhere; or ""."""
        head = self._image.read_part(path, 0, HEAD_BYTES)
        if is_shell_script(head):
            return ""
        line = (
            head.partition(b"\n")[0].decode("utf-8", "surrogateescape")
            if head.startswith(b"#!")
            else ""
        )
        return next((name for name in self._named.get(path, ()) if name not in line), "")

    def has(self, path: str) -> bool:
        """Return whether a path of the tree comes along."""
        return own_folder(path) in self._taken

    def _follow(self, path: str) -> None:
        if self._pattern is None or self._image.tree.by_path[path].kind is not Kind.FILE:
            return
        data = self._image.read(path)
        found: dict[str, None] = {}
        for match in self._pattern.finditer(data):
            if match.start() and _PART.match(data, match.start() - 1):
                continue
            name = match[0].decode("utf-8", "surrogateescape").rstrip("/")
            end = resolve(self._image.tree, name.strip("/")).end
            if end and name != f"/{_LOCAL}" and name_of(end) != EMULATOR:
                found[name] = None
                self.take(end)
        self._named[path] = tuple(found)

    def _files(self, folder: str) -> Iterator[str]:
        for entry in self._image.tree.below(folder):
            if entry.kind is Kind.LINK or _is_own_file(entry):
                yield entry.path

    def _end(self, path: str) -> str | None:
        """Return where a path leads, or the folder above it that is there; else None."""
        for name in (path, posixpath.dirname(path)):
            if name and (end := resolve(self._image.tree, name).end):
                return end
        return None


def _is_own_file(entry: Entry) -> bool:
    own = bool(own_folder(entry.path)) and name_of(entry.path) != EMULATOR
    return own and entry.kind is Kind.FILE


def _of_any(folders: Iterable[str]) -> re.Pattern[bytes]:
    """Return what finds paths of these folders in the bytes of a file."""
    names = b"|".join(
        re.escape(name.encode("utf-8", "surrogateescape")) for name in sorted(folders, reverse=True)
    )
    return re.compile(rb"/(?:" + names + rb")(?![\w.@+-])(?:/[\w.@+-]{1,255}){0,64}")


def _moved(text: str, path: re.Match[str]) -> str:
    """Return the path of the zip, unless it goes on what a quoted variable begins."""
    at, found = path.start(), str(path[0])
    quote = text[at - 1] if at and text[at - 1] in "\"'" else ""
    start = text.rfind("\n", 0, at) + 1
    if quote and text.count(quote, start, at) % 2 == 0:
        return found
    return f"/{TASK}{found}"
