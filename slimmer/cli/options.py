"""The rows of the table of options as click's options, with names that a shell may offer."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slimmer.cli.paths import as_utf8
from slimmer.config.option import Option
from slimmer.config.path_values import FileOrFolderOf, Inline, JsonOf, PathOf, Role
from slimmer.config.values import Seconds, Switch, SwitchedChoice, Whole

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Parameters = dict[str, Any]
#: One more than Lambda takes of an event, so that what is too large is seen.
MOST_JSON_BYTES = 6 * 2**20 + 101
IS_FOLDER = "slimmer.is_folder"  # the key under which contexts share whether it is one
#: What JSON starts with that no path is given for, or is as a whole.
_INLINE = re.compile(r"\s*(?:[{\[\"]|(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$)")

Callback = Callable[[click.Context, click.Parameter, Any], Any]


class PathType(click.Path):
    """The path of a file or folder; its role says what the command does with it."""

    def __init__(self, role: Role, *, written_with: str = "") -> None:
        super().__init__(path_type=Path, readable=False)
        self.role = role
        self.written_with = written_with


class FileOrFolderType(PathType):
    """The path of a file, or of a folder: its name ends in a slash."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a path, and remember whether it is that of a folder."""
        if ctx is not None and isinstance(value, str):
            ctx.meta[IS_FOLDER] = value.endswith(os.sep)
        return super().convert(value, param, ctx)


class JsonType(PathType):
    """The path of a JSON file, JSON itself, or ``-`` for standard input, which is read at once."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a path, or the JSON that needs none."""
        if value == "-":
            return Inline("-", sys.stdin.buffer.read(MOST_JSON_BYTES))
        if isinstance(value, str) and _INLINE.match(value) and not os.access(value, os.F_OK):
            return Inline("", os.fsencode(value))
        return super().convert(value, param, ctx)


IN, OUT = PathType(Role.IN), PathType(Role.OUT)


class NameType(click.ParamType[str]):
    """A text of which a shell may offer some; whether it is right is checked elsewhere."""

    name = "text"

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self.names = names

    def shell_complete(
        self, _context: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Return the names that start as the incomplete one does."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]


class NeededOption(click.Option):
    """An option that must be given, except where artifacts of a project's file say it."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the value; none where it is missing and the command looks later."""
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter:
            if getattr(ctx.command, "named_by", ""):
                return ()
            raise


def click_option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds a row of the table to a command."""
    value = option.value
    if isinstance(value, Switch):
        return click.option(
            *option.flags, option.param, is_flag=True, callback=_switched(option), help=option.help
        )
    needed = isinstance(value, PathOf) and value.required
    add = click.option(
        *option.flags,
        option.param,
        cls=NeededOption if needed else None,
        type=_type_of(option),
        multiple=value.multiple,
        required=needed,
        default=value.default,
        callback=_given(option),
        metavar=value.metavar,
        help=option.help,
    )
    if not isinstance(value, SwitchedChoice):
        return add
    switch = _switch(option, value)
    return lambda command: add(switch(command))


def _switch(
    option: Option, value: SwitchedChoice
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the flag that turns a choice off; of the two the last one counts."""
    *_, last = value.choices()
    return click.option(
        value.off,
        option.param,
        flag_value=last,
        default=None,
        callback=_given(option),
        help=f"The same as {option.flag} {last}.",
    )


def _type_of(option: Option) -> click.ParamType[Any]:
    value = option.value
    if isinstance(value, JsonOf):
        return JsonType(value.role)
    if isinstance(value, FileOrFolderOf):
        return FileOrFolderType(value.role)
    if isinstance(value, PathOf):
        return PathType(value.role, written_with=value.written_with)
    if isinstance(value, Whole):
        return click.IntRange(value.least, value.most)
    if isinstance(value, Seconds):
        return click.FloatRange(0, value.most, min_open=True)
    return NameType(value.names)


def _switched(option: Option) -> Callback:
    """Return what gives a switch its value; None where a setting was not spoken of."""

    def callback(_context: click.Context, _param: click.Parameter, raw: bool) -> bool | None:
        return None if option.key and not raw else bool(option.value.given(option.flag, raw))

    return callback


def _given(option: Option) -> Callback:
    """Return what gives an option its value; None where a setting was not spoken of."""

    def callback(_context: click.Context, _param: click.Parameter, raw: Any) -> Any:
        if raw is None or (option.key and raw == ()):
            return None
        return option.value.given(option.flag, _as_utf8(raw))

    return callback


def _as_utf8(raw: Any) -> Any:
    if isinstance(raw, str):
        return as_utf8(raw)
    if isinstance(raw, tuple):
        return tuple(_as_utf8(one) for one in raw)
    return raw
