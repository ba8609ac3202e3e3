"""``slim check``: hold zips, made by anyone, to caps, budgets and a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import command
from slimmer.cli.images import image_alone
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, new_files, write_files
from slimmer.config.option import LOOK
from slimmer.errors import EXIT_OK, EXIT_OVER, InputError, UsageError
from slimmer.report.check import FORMATS
from slimmer.sizes import count_text, exact_text
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.check.gate import CheckedZip, CheckResult
    from slimmer.check.growth import Allowance, BaselineDelta
    from slimmer.cli.outputs import New
    from slimmer.config.budgets import Budget
    from slimmer.config.settings import Settings
    from slimmer.model.findings import Finding
    from slimmer.report.terminal import OutputStyle
    from slimmer.rules.packs import Pack

_BASELINE = "--baseline"
_OF_IMAGES = "lambda-image"  # the target whose limits hold for them


@command(
    "--function",
    "--max",
    "--max-unzipped",
    "--warn-at",
    "--fail-on",
    _BASELINE,
    "--max-growth",
    "--update-baseline",
    "--fix",
    "--allow-secret",
    "--target",
    "--arch",
    "--config",
    LOOK,
    formats=FORMATS,
    named_by="layers",
)
@click.argument("layers", type=IN, nargs=-1, metavar="[LAYER|NAME]...")
def check(
    layers: tuple[Path, ...],
    function: Path | None,
    max_unzipped_bytes: int | None,
    warn_at: str,
    fail_on: tuple[str, ...],
    baseline: Path | None,
    max_growth: str | None,
    fix: Path | None,
    settings: Settings,
    outputs: Outputs,
    style: OutputStyle,
    *,
    update_baseline: bool,
) -> int:
    """Hold LAYERs and a function, zips made by anyone, to caps, budgets and a baseline.

    NAME is an artifact of slim.toml; without any zip all artifacts are checked. Function and
    layers count together. They are searched for secrets. An image (a tar of docker save, an OCI
    layout in a tar or folder, docker:NAME, podman:NAME) is checked alone. Nothing but the named
    reports and baseline is written.
    """
    from slimmer.check.gate import (
        FUNCTION,
        LAYER,
        Gate,
        check_zips,
        parse_warn_at,
    )
    from slimmer.check.read import missing_needs, read_zips
    from slimmer.config.budgets import Limits
    from slimmer.model.codes import codes_of
    from slimmer.model.fail_on import parse_fail_on
    from slimmer.report.check.text import render_text
    from slimmer.rules.packs import load_packs
    from slimmer.targets import find_target

    allowance = _allowance(max_growth) if max_growth is not None else None
    share, codes = parse_warn_at(warn_at), parse_fail_on(fail_on, codes_of("check"))
    zips = [(LAYER, path) for path in layers] + ([(FUNCTION, function)] if function else [])
    _check_usage(zips, baseline, max_growth, update=update_baseline)
    packs = load_packs(rules=False)
    gate = Gate(
        target=find_target(settings.target),
        limits=Limits(settings.max_bytes, max_unzipped_bytes),
        warn_at=share,
        fail_on=codes,
        budgets=settings.budgets,
        accepted=settings.accepted,
        packs=frozenset(pack.name for pack in packs),
    )
    image = image_alone([path for _, path in zips], "an image is deployed alone")
    if fix and not image:
        raise UsageError("--fix writes an image; name one, or leave it out")
    with new_files({"--fix": fix}) if fix else nullcontext() as new:
        needs: list[Finding] = []
        if image:
            gate = gate._replace(target=find_target(_OF_IMAGES))
            fixed = new["--fix"] if new else None
            checked, secrets, said = _look_at(image, settings, packs, fixed)
        else:
            checked, secrets = read_zips(zips, packs, settings.allow_secret)
            needs = missing_needs(layers, function, gate.target)
            budgets, elsewhere = _budgets(settings, checked, packs)
            gate, needs, said = gate._replace(budgets=budgets), [*needs, *elsewhere], ""
        growth = _growth(baseline, checked, allowance, update_baseline) if baseline else None
        result = check_zips(checked, gate, growth, [*secrets, *needs])
        if new:
            commit(dict.fromkeys(new.values(), b""))
    files, contents = dict(outputs.files), outputs.contents(result)
    text = render_text(result, style) + ("" if style.quiet else said)
    if baseline and update_baseline:
        if not result.over:
            files[_BASELINE], contents[_BASELINE] = baseline, _baseline_of(result)
        said = "not written" if result.over else "written"
        text += "" if style.quiet else f"baseline {said}: {printable(str(baseline))}\n"
    write_files(files, contents)
    outputs.show(result, text)
    return EXIT_OVER if result.over else EXIT_OK


def _look_at(
    image: Path, settings: Settings, packs: Sequence[Pack], fixed: New | None
) -> tuple[list[CheckedZip], list[Finding], str]:
    """Return what is known of an image and its secrets; write it as Lambda takes it, if asked."""
    from slimmer.check.read_image import mended, read_image

    looked = read_image(image, settings.arch, packs, settings.allow_secret)
    if fixed is None:
        return [looked.checked], looked.secrets, ""
    if isinstance(looked.image, InputError):
        raise looked.image
    from slimmer.build.image_fix import fix_image
    from slimmer.outputs.atomic import NewFile

    assert isinstance(fixed, NewFile)  # noqa: S101 - no folder is asked for
    made = fix_image(looked.image, fixed, settings.level)
    kept, packed = count_text(made.kept, "layer"), count_text(made.packed, "layer")
    said = f"{kept} as before, {packed} gzipped, {made.digest}"
    line = f"fixed: {printable(str(fixed.path))}, {exact_text(made.size_bytes)}: {said}\n"
    return [mended(looked.checked)], looked.secrets, line


def _budgets(
    settings: Settings, checked: list[CheckedZip], packs: Sequence[Pack]
) -> tuple[tuple[Budget, ...], list[Finding]]:
    """Return the budgets of these zips, and what is said of those that name others' parts."""
    if not any(budget.shared_by for budget in settings.budgets):
        return settings.budgets, []
    from slimmer.check.read_shared import budgets_of

    return budgets_of(settings.budgets, checked, packs)


def _allowance(text: str) -> Allowance:
    from slimmer.check.growth import parse_allowance

    return parse_allowance(text)


def _growth(
    baseline: Path, checked: list[CheckedZip], allowance: Allowance | None, is_update: bool
) -> BaselineDelta | None:
    from slimmer.check.read_baseline import growth_since

    return growth_since(baseline, checked, allowance, update=is_update)


def _baseline_of(result: CheckResult) -> bytes:
    from slimmer.check.read_baseline import baseline_text

    return baseline_text(result).encode()


def _check_usage(
    zips: list[tuple[str, Path]], baseline: Path | None, max_growth: str | None, *, update: bool
) -> None:
    if not zips:
        raise UsageError("nothing to check; name a layer's zip, or the function with --function")
    for given, option in ((max_growth is not None, "--max-growth"), (update, "--update-baseline")):
        if given and baseline is None:
            raise UsageError(f"{option} needs to know the baseline; name its file with --baseline")
