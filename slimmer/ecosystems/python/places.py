"""Where Python's modules lie in zips that are deployed together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from slimmer.ecosystems.python.modules import module_of
from slimmer.paths import folder_of, name_of, parents

_MODULES = (".py", ".so", ".pyd", ".pyc")
#: What makes modules by other means than files.
_HACKS = re.compile(rb"sys\.modules|__path__|meta_path|__getattr__|exec\(|__import__\(")


class Readable(Protocol):
    """A file whose bytes can be had."""

    @property
    def read(self) -> Callable[[], bytes]:
        """What gives its bytes."""


class Places:
    """The modules by where Lambda has them.

    What lies in a regular package is that package's own; any other folder may be searched.
    """

    def __init__(self, files: Mapping[str, Readable]) -> None:
        self._files = files
        self._texts: dict[str, bytes] = {}
        self._closed: dict[str, bool] = {}
        self._modules: dict[str, str] = {}
        self._packages = set[str]()
        self._folders = set[str]()
        for path in files:
            if path.endswith(_MODULES) and "/__pycache__/" not in path:
                module = module_of(path)
                if path.endswith(".py") or module not in self._modules:
                    self._modules[module] = path
                if name_of(path).startswith("__init__."):
                    self._packages.add(module)
                if folder_of(path) not in self._folders:
                    self._folders.update(parents(path))
        self._inside: dict[str, bool] = {"": False}
        self._tops: dict[str, dict[str, None]] = {}
        self._names = set[str]()
        for place in (*self._modules, *self._folders):
            folder, _, name = place.rpartition("/")
            self._names.add(name)
            if folder and not self._is_inside(folder):
                self._tops.setdefault(name, {})[folder] = None

    def folders(self, top: str) -> tuple[str, ...]:
        """Return the folders that could be searched and have a module of this name."""
        return tuple(self._tops.get(top, ()))

    def has(self, place: str) -> bool:
        """Return whether a module, or a package without ``__init__``, is at a place."""
        return place in self._modules or place in self._folders

    def has_anywhere(self, module: str) -> bool:
        """Return whether any folder has something of the name of a module's outermost part."""
        return module.partition(".")[0] in self._names

    def source(self, place: str) -> str:
        """Return the source of the module at a place, "" where there is none."""
        path = self._modules.get(place, "")
        return path if path.endswith(".py") else ""

    def is_closed(self, places: tuple[str, ...]) -> bool:
        """Return whether modules below these packages are files and nothing else."""
        return all(self._is_closed(place) for place in places)

    def text(self, path: str) -> bytes:
        """Return the bytes of a source, read once."""
        if path not in self._texts:
            self._texts[path] = self._files[path].read()
        return self._texts[path]

    def _is_closed(self, place: str) -> bool:
        if place not in self._closed:
            path = self.source(place)
            is_package = bool(path) and place in self._packages
            self._closed[place] = is_package and not _HACKS.search(self.text(path))
        return self._closed[place]

    def _is_inside(self, folder: str) -> bool:
        """Return whether a folder is a regular package, or lies in one."""
        if folder not in self._inside:
            around = (folder, *parents(folder))
            self._inside[folder] = any(place in self._packages for place in around)
        return self._inside[folder]
