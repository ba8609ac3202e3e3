"""The trees that a command is given, laid over one another and over what is installed for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from slimmer.cli.outputs import teller
from slimmer.cli.terminal import progress
from slimmer.errors import UsageError
from slimmer.inputs.install import NPM, PYTHON, installed, skipped_scripts
from slimmer.inputs.install_plan import Platform
from slimmer.inputs.overlay import Overlay, open_all
from slimmer.targets import Target, find_targets

if TYPE_CHECKING:
    from slimmer.config.settings import Settings
    from slimmer.inputs.base import Source
    from slimmer.model.findings import Finding


def wanted_of(requirements: Path | None, npm: Path | None) -> dict[str, Path]:
    """Return the files of dependencies that were named, by option."""
    return {option: file for option, file in ((PYTHON, requirements), (NPM, npm)) if file}


def open_trees(
    trees: tuple[Path, ...],
    wanted: Mapping[str, Path],
    settings: Settings,
    *,
    rootfs: bool = False,
    refresh: bool,
    quiet: bool,
) -> tuple[Source, list[Finding]]:
    """Return the trees over what is installed for them, and what there is to say of that.

    ``wanted`` are the files of dependencies, by option; ``rootfs`` says that the one
    tree is the root of an image. Raises UsageError and InputError.
    """
    if not trees and not wanted:
        raise UsageError(
            "nothing to build; name a folder, or describe artifacts in slim.toml (slim init)"
        )
    arch = settings.arch or "x86_64"
    place = _platform(find_targets(settings.target)[0], arch)
    tell = teller(quiet=quiet)
    have = {}
    for option, file in wanted.items():
        with progress(quiet=quiet) as show:
            shown = _shown(show)
            have[option] = installed(option, file, place, tell, shown, refresh=refresh)
    folders = [each.folder for each in have.values() if any(each.folder.iterdir())]
    source = open_all(trees, folders, settings.arch, lock=wanted.get(NPM), is_root=rootfs)
    found = source.findings() if isinstance(source, Overlay) else []
    if PYTHON in wanted:
        from slimmer.inputs.stale_lock import stale_lock

        found += stale_lock(wanted[PYTHON])
    if NPM in have:
        found += skipped_scripts(wanted[NPM], arch, have[NPM].warned)
    return source, found


def _shown(show: Callable[[str, int, int], object]) -> Callable[[str], object]:
    """Return what shows a phase whose length nobody knows."""
    return lambda phase: show(phase, 0, 0)


def _platform(target: Target, arch: str) -> Platform:
    language, system = target.language, target.system
    if language is None or language.name != "python" or system is None:
        return Platform(target.name, arch)
    return Platform(target.name, arch, language.version, system.glibc)
