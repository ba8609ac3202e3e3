"""Settings: defaults, overridden by slim.toml or ``[tool.slim]``, overridden by options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimmer.config.budgets import parse_budgets
from slimmer.config.project_file import find_table, selectors, table_of
from slimmer.ecosystems import GUARDS
from slimmer.ecosystems.native import ARCHES, FOREIGN_MODES
from slimmer.ecosystems.python import PYC_MODES as MODES
from slimmer.errors import UsageError
from slimmer.model.rules import Selector, Tier
from slimmer.rules.packs import Pack, parse_components
from slimmer.targets import load_targets
from slimmer.text import did_you_mean, printable
from slimmer.toml import Table
from slimmer.transforms import BEAM_MODES, TRANSFORMS

PROJECT = "project"
MAX_PREFIX_BYTES = 4096  # as long as a path may be on Linux, PATH_MAX
DEFAULT_LEVEL = 12  # libdeflate's highest; measured against the others in bench/


@dataclass(frozen=True)
class Settings:
    """Everything that a build can be told. Sizes are whole bytes.

    ``project`` is the pack of the components that a project declares for itself.
    ``python`` is the command that compiles bytecode, and ``unpacked_at`` the folder in
    which the zip's files will lie; only compiled bytecode knows of it.
    """

    tier: Tier = Tier.DEFAULT
    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()
    max_bytes: int | None = None
    prefix: str = ""
    dedupe: bool = True
    pyc: str = "keep"
    beams: str = "auto"
    python: str = ""
    unpacked_at: str = "/opt"
    guards: tuple[str, ...] = tuple(GUARDS)
    transforms: tuple[str, ...] = tuple(TRANSFORMS)
    keep_bytes: tuple[Selector, ...] = ()
    level: int = DEFAULT_LEVEL
    target: str = "lambda"
    arch: str = ""
    foreign: str = "drop"
    allow_secret: tuple[Selector, ...] = ()
    project: Pack | None = None


def find_settings(folder: Path, named: Path | None) -> Settings:
    """Return the settings of ``named``, else of slim.toml or pyproject.toml in ``folder``.

    Without such a file these are the defaults. Raises UsageError, with file and line, for
    a file that cannot be followed.
    """
    table = find_table(folder, named)
    return _settings(table) if table is not None else Settings()


def parse_settings(text: str, source: str) -> Settings:
    """Return the settings in the text of slim.toml, or in ``[tool.slim]`` of pyproject.toml."""
    table = table_of(text, source)
    return _settings(table) if table is not None else Settings()


def _settings(table: Table) -> Settings:
    default = Settings()
    settings = Settings(
        tier=Tier[table.choice("tier", Tier.labels(), default.tier.label).upper()],
        keep=selectors(table, "keep"),
        drop=selectors(table, "drop"),
        max_bytes=table.size("max") if table.has("max") else None,
        prefix=_prefix(table),
        dedupe=table.flag("dedupe", default=default.dedupe),
        pyc=table.choice("pyc", MODES, default.pyc),
        beams=table.choice("beams", BEAM_MODES, default.beams),
        python=table.text("python") if table.has("python") else default.python,
        unpacked_at=_folder(table, default.unpacked_at),
        guards=_without(table, "no-guard", "guard", GUARDS),
        transforms=_without(table, "no-transform", "transform", TRANSFORMS),
        keep_bytes=selectors(table, "keep-bytes"),
        level=_level(table, default.level),
        target=table.choice("target", load_targets()) if table.has("target") else default.target,
        arch=table.choice("arch", ARCHES) if table.has("arch") else default.arch,
        foreign=table.choice("foreign", FOREIGN_MODES, default.foreign),
        allow_secret=selectors(table, "allow-secret"),
        project=_project(table),
    )
    parse_budgets(table.table("budgets"))  # the gate's, but a mistake in them is one here too
    table.finish()
    return settings


def _prefix(table: Table) -> str:
    if not table.has("prefix"):
        return ""
    try:
        return clean_prefix(table.text("prefix"))
    except UsageError as error:
        if str(error).startswith(table.source):
            raise
        table.fail("prefix", str(error))


def clean_prefix(text: str) -> str:
    """Return a folder for inside the zip, such as ``python``, without slashes at its ends.

    Raises UsageError when it would climb out of the zip.
    """
    parts = text.strip("/").split("/")
    if text.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise UsageError(f"prefix {text!r} must be a plain relative folder, such as python")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            f"prefix '{printable(text)}' is not UTF-8; a zip could not hold it"
        ) from None
    if len(raw) > MAX_PREFIX_BYTES:
        raise UsageError(
            f"prefix '{text[:20]}…' is longer than {MAX_PREFIX_BYTES} bytes; "
            "take a short one, such as python"
        )
    return "/".join(parts)


def _folder(table: Table, default: str) -> str:
    text = table.text("unpacked-at", default)
    try:
        return clean_folder(text)
    except UsageError as error:
        table.fail("unpacked-at", str(error))


def clean_folder(text: str) -> str:
    """Return an absolute folder without a slash at its end. Raises UsageError for any other."""
    parts = text.strip("/").split("/")
    if not text.startswith("/") or any(part in (".", "..") for part in parts):
        raise UsageError(f"{printable(text)!r} must be an absolute folder, such as /var/task")
    return "/" + "/".join(part for part in parts if part)


def _without(table: Table, key: str, what: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names less those that the array under ``key`` turns off."""
    known, off = list(known), table.texts(key)
    for name in off:
        if name not in known:
            table.fail(key, f"there is no {what} {name!r}{did_you_mean(name, known)}")
    return tuple(name for name in known if name not in off)


def _level(table: Table, default: int) -> int:
    level = table.whole("level", default)
    if level > 12:
        table.fail("level", f"level must be 1 to 12, not {level}")
    return level


def _project(table: Table) -> Pack | None:
    components = parse_components(PROJECT, table)
    if not components:
        return None
    return Pack(PROJECT, "This project's own", (".",), (), (), (), components, table.source)


def merge_selectors(
    keep: Sequence[Selector],
    drop: Sequence[Selector],
    keep_more: Sequence[Selector],
    drop_more: Sequence[Selector],
) -> tuple[tuple[Selector, ...], tuple[Selector, ...]]:
    """Return keeps and drops of a file and of the command line, where the latter wins.

    Raises UsageError when one of the two names the same thing in both.
    """
    for keeps, drops in ((keep, drop), (keep_more, drop_more)):
        for selector in keeps:
            if selector.text in {other.text for other in drops}:
                raise UsageError(
                    f"{selector.place}: {printable(selector.text)!r} is to be kept and to be "
                    "dropped; take one out"
                )
    kept = {selector.text for selector in keep_more}
    dropped = {selector.text for selector in drop_more}
    keeps = [selector for selector in keep if selector.text not in dropped]
    drops = [selector for selector in drop if selector.text not in kept]
    return (*keeps, *keep_more), (*drops, *drop_more)
