"""The libraries that the programs of an image need beside those of a target."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import Dynamic, read_dynamic
from slimmer.inputs.image import ImageTree
from slimmer.model.tree import Kind
from slimmer.model.tree_links import resolve
from slimmer.paths import folder_of, name_of
from slimmer.targets import Target

#: Where loaders look, besides where programs and variables say (ld.so(8); musl's ldso).
_FOLDERS = (
    *("lib", "usr/lib", "lib64", "usr/lib64", "usr/local/lib"),
    *("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"),
    *("lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu"),
)
_GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")
_RELR = "GLIBC_ABI_DT_RELR"  # which glibc knows since 2.36


class Libraries:
    """Finds in an image what its programs need, one program after the other."""

    def __init__(self, image: ImageTree, target: Target):
        self._image = image
        self._target = target
        self._programs: dict[str, Dynamic] = {}
        #: The libraries by the names that programs ask for, and where they lie.
        self._found: dict[str, str] = {}
        self._apart: set[str] = set()
        self._roots: list[str] = []

    def add(self, path: str) -> None:
        """Take a program or library with all that it needs; overlook what is none."""
        self._roots.append(path)
        waiting = [path]
        while waiting:
            path = waiting.pop(0)
            dynamic = self._read(path) if path not in self._programs else None
            if dynamic is None:
                continue
            self._programs[path] = dynamic
            if self._is_apart(dynamic):
                self._apart.add(path)
            for name in dynamic.needed:
                if at := self._look(name, path, dynamic):
                    self._found.setdefault(name_of(name), at)
                    waiting.append(at)

    def lacks_loader(self, path: str) -> bool:
        """Return whether a program, or a library that only the image has, needs another libc."""
        return path in self._apart or any(at in self._apart for at in self._lacked([path]).values())

    def interpreter(self, path: str) -> str:
        """Return the loader that a program names; empty for a library, and for what is none."""
        dynamic = self._programs.get(path)
        return dynamic.interpreter if dynamic else ""

    def brought(self, *, all_of_them: bool) -> dict[str, str]:
        """Return the libraries for ``lib/``: all for a loader of the image's, or what is lacked."""
        return dict(self._found) if all_of_them else self._lacked(self._roots)

    def _lacked(self, paths: Iterable[str]) -> dict[str, str]:
        """Return what files need, and that needs, of which the target has nothing."""
        found: dict[str, str] = {}
        waiting = list(paths)
        while waiting:
            dynamic = self._programs.get(waiting.pop())
            for name in map(name_of, dynamic.needed if dynamic else ()):
                at = self._found.get(name, "")
                if at and name not in found and name not in self._target.libraries:
                    found[name] = at
                    waiting.append(at)
        return found

    def _is_apart(self, dynamic: Dynamic) -> bool:
        """Return whether a file needs another libc than the target's, or a newer one."""
        names = [*dynamic.needed, dynamic.interpreter]
        if any("musl" in name for name in names):
            return True
        system = self._target.system
        there = _numbers(system.glibc) if system else ()
        for _, version in dynamic.versions:
            if version == _RELR:
                version = "GLIBC_2.36"
            if (asked := _GLIBC.fullmatch(version)) and system and _numbers(asked[1]) > there:
                return True
        return False

    def _look(self, name: str, path: str, dynamic: Dynamic) -> str:
        """Return where a library lies; empty where it is not there."""
        if "/" in name:
            return self._file(name.strip("/"))
        origin = folder_of(path)
        own = (
            s.replace("$ORIGIN", "/" + origin).replace("${ORIGIN}", "/" + origin)
            for s in dynamic.search
        )
        places = [*(each.strip("/") for each in own), *_FOLDERS, origin]
        return next(filter(None, (self._file(f"{place}/{name}") for place in places)), "")

    def _file(self, path: str) -> str:
        end = resolve(self._image.tree, path).end
        return end if end and self._image.tree.by_path[end].kind is Kind.FILE else ""

    def _read(self, path: str) -> Dynamic | None:
        entry = self._image.tree.by_path[path]
        if entry.size_bytes < 64 or self._image.read_part(path, 0, 4) != b"\x7fELF":
            return None
        try:
            return read_dynamic(lambda start, size: self._image.read_part(path, start, size))
        except (FormatError, Refused):
            return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
