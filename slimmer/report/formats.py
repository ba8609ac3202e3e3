"""The formats in which a command's result can be written, each a row of a table.

A command's table is in ``slimmer/report/COMMAND``. Each row becomes an option of the command.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast


class Format(NamedTuple):
    """A format: where its renderer is, and the help of the option that writes it."""

    #: ``module:function``; imported by the first value that is rendered.
    renderer: str
    help: str

    def render(self, value: Any) -> str:
        """Return the value in this format."""
        renderer = cast("Callable[[Any], str]", pkgutil.resolve_name(self.renderer))
        return renderer(value)


Formats = Mapping[str, Format]
"""The formats of a command by their names; ``json`` is written by ``--json``."""
