"""How the image that a tree came from is started."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Where programs are looked for when nothing is said of it, as container engines have it.
ENGINE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Started(NamedTuple):
    """What an image's configuration says of its start; all paths mean the image's root."""

    #: Entrypoint and Cmd, one after the other.
    command: tuple[str, ...] = ()
    #: Its variables, each as ``NAME=value``.
    environment: tuple[str, ...] = ()
    #: The folder that it starts in.
    folder: str = "/"

    @property
    def variables(self) -> dict[str, str]:
        """The variables by name."""
        return dict(each.partition("=")[::2] for each in self.environment)

    def variable(self, name: str) -> str:
        """Return the value of a variable, empty where it has none."""
        values = (each.partition("=") for each in self.environment)
        return next((value for known, _, value in values if known == name), "")

    @property
    def search(self) -> tuple[str, ...]:
        """The folders in which programs are looked for, relative to the root."""
        folders = (self.variable("PATH") or ENGINE_PATH).split(":")
        return tuple(folder.strip("/") for folder in folders if folder.startswith("/"))


def named_paths(started: Started) -> Iterable[str]:
    """Yield the absolute paths in an image's variables, relative to its root.

    What lists programs, and libraries, names where they are looked for, not what is used.
    """
    for each in started.environment:
        name, _, value = each.partition("=")
        if name not in ("PATH", "LD_LIBRARY_PATH"):
            yield from (path.strip("/") for path in value.split(":") if path.startswith("/"))
