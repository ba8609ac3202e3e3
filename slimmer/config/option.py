"""An option as a value: a row of the table in :mod:`slimmer.config.options`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slimmer.config.values import Value

QUESTION = "question"  # what decides a tree: build, explain, inspect and rules take it alike
RUN = "run"  # how a function is run: verify, and build --verify
LOOK = "look"  # how much is printed


@dataclass(frozen=True, eq=False, repr=False)
class Option:
    """One option of the command line, and its key in slim.toml if it has one."""

    #: As people write it, the short form first: ``-o --output``.
    names: str
    #: How its value is written.
    value: Value[Any]
    #: What it does, for ``--help`` and the manuals.
    help: str
    #: The command's parameter and the field of Settings; empty: as the flag is called.
    param: str = ""
    #: Its key in slim.toml; empty: as the flag is called, if it is a setting at all.
    key: str = ""
    #: The options that it belongs to; a command takes a whole group.
    group: str = ""
    #: Whether it can stand in slim.toml.
    is_setting: bool = False

    def __post_init__(self) -> None:
        name = self.flag.removeprefix("--")
        if self.is_setting and not self.key:
            object.__setattr__(self, "key", name)
        if not self.param:
            object.__setattr__(self, "param", name.replace("-", "_"))

    @property
    def flags(self) -> list[str]:
        """The short and the long form."""
        return self.names.split()

    @property
    def flag(self) -> str:
        """The option as messages name it."""
        return self.flags[-1]
