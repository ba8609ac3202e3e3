"""The options that several commands share, and the settings that they make together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from slimmer.cli.paths import PATH, as_utf8
from slimmer.config.settings import (
    Settings,
    clean_folder,
    clean_prefix,
    find_settings,
    merge_selectors,
)
from slimmer.ecosystems import GUARDS
from slimmer.ecosystems.native import ARCHES, FOREIGN_MODES
from slimmer.ecosystems.python import PYC_MODES as MODES
from slimmer.errors import UsageError
from slimmer.model.rules import Selector, Tier
from slimmer.sizes import parse_size
from slimmer.targets import Target, find_targets
from slimmer.text import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])


def size_option(_context: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """Return the whole bytes that an option's size means."""
    return parse_size(value) if value is not None else None


class OneOf:
    """A callback that takes one of a few names, and offers the nearest for another.

    ``what`` says what they are, for the message; completion offers the names.
    """

    def __init__(self, what: str, names: list[str]):
        self.what = what
        self.names = names

    def __call__(self, _context: click.Context, param: click.Parameter, value: Any) -> Any:
        """Return the value, all of whose names are known. Raises UsageError for another."""
        for name in value if param.multiple else [value] if value is not None else []:
            if name not in self.names:
                raise UsageError(
                    f"there is no {self.what} {name!r}{did_you_mean(name, self.names)}"
                )
        return value


one_of = OneOf  # an option reads as a sentence: callback=one_of("tier", ...)


_DECIDING = (
    click.option(
        "--tier",
        callback=one_of("tier", Tier.labels()),
        metavar="|".join(Tier.labels()),
        help="How far to go. safe: what no running program can miss; default: also what a Lambda "
        "function has no use for; aggressive: also what only some functions use.",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="NAME|PATTERN",
        help="Keep a component (erlang/network), or all paths that a gitignore pattern matches. "
        "Repeatable.",
    ),
    click.option(
        "--drop",
        multiple=True,
        metavar="NAME|PATTERN",
        help="Drop a component, also one past the tier, or all paths that a pattern matches. "
        "Repeatable.",
    ),
    click.option(
        "--no-guard",
        multiple=True,
        callback=one_of("guard", list(GUARDS)),
        metavar="|".join(GUARDS),
        help="Do not let a guard rescue what kept content asks for. Repeatable.",
    ),
    click.option(
        "--pyc",
        callback=one_of("mode", list(MODES)),
        metavar="|".join(MODES),
        help="Python's bytecode. keep: ship what is valid, so that it stays valid; drop: ship "
        "none; compile: make it anew, with --python.  [default: keep]",
    ),
    click.option(
        "--target",
        metavar="NAME",
        help="What it is deployed on: provided.al2023, python3.13, nodejs22.x ...; what cannot "
        "load there fails. lambda: only the limits are known.  [default: lambda]",
    ),
    click.option(
        "--arch",
        callback=one_of("processor", list(ARCHES)),
        metavar="|".join(ARCHES),
        help="The function's processor; native files for another are dropped.",
    ),
    click.option(
        "--foreign",
        callback=one_of("mode", list(FOREIGN_MODES)),
        metavar="|".join(FOREIGN_MODES),
        help="Native files that Lambda cannot load (other systems, processors, C libraries). "
        " [default: drop]",
    ),
    click.option(
        "--config",
        type=PATH,
        metavar="FILE",
        help="Settings instead of ./slim.toml or [tool.slim] in ./pyproject.toml.",
    ),
)


def deciding(command: F) -> F:
    """Add the options that decide what is kept and what is dropped."""
    for option in reversed(_DECIDING):
        command = option(command)
    return command


def settings_from(
    *,
    config: Path | None,
    tier: str | None,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    no_guard: tuple[str, ...],
    pyc: str | None,
    target: str | None,
    arch: str | None,
    foreign: str | None,
    no_transform: tuple[str, ...] = (),
    keep_bytes: tuple[str, ...] = (),
    allow_secret: tuple[str, ...] = (),
) -> Settings:
    """Return the settings of the file, overridden by the options that decide."""
    settings = find_settings(Path(), config)
    keeps, drops = merge_selectors(
        settings.keep,
        settings.drop,
        [Selector(as_utf8(text), "--keep") for text in keep],
        [Selector(as_utf8(text), "--drop") for text in drop],
    )
    return replace(
        settings,
        tier=Tier[tier.upper()] if tier else settings.tier,
        keep=keeps,
        drop=drops,
        guards=tuple(name for name in settings.guards if name not in no_guard),
        pyc=pyc or settings.pyc,
        target=target or settings.target,
        arch=arch or settings.arch,
        foreign=foreign or settings.foreign,
        transforms=tuple(name for name in settings.transforms if name not in no_transform),
        keep_bytes=(
            *settings.keep_bytes,
            *(Selector(as_utf8(p), "--keep-bytes") for p in keep_bytes),
        ),
        allow_secret=(
            *settings.allow_secret,
            *(Selector(as_utf8(p), "--allow-secret") for p in allow_secret),
        ),
    )


def target_of(settings: Settings) -> tuple[Target, tuple[Target, ...]]:
    """Return the target that settings name, and all there are. Raises UsageError."""
    return find_targets(settings.target)


def prefix_option(
    _context: click.Context, _param: click.Parameter, value: str | None
) -> str | None:
    """Return ``--prefix`` without slashes at its ends."""
    return clean_prefix(as_utf8(value)) if value is not None else None


def folder_option(
    _context: click.Context, _param: click.Parameter, value: str | None
) -> str | None:
    """Return ``--unpacked-at`` without a slash at its end."""
    return clean_folder(as_utf8(value)) if value is not None else None
