"""``slim check``: hold zips, made by anyone, to caps, budgets and a baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, write_files
from slimmer.config.option import LOOK
from slimmer.errors import EXIT_OK, EXIT_OVER, UsageError
from slimmer.report.check import FORMATS
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.check.gate import CheckedZip, CheckResult
    from slimmer.check.growth import Allowance, BaselineDelta
    from slimmer.config.settings import Settings
    from slimmer.report.terminal import OutputStyle

_BASELINE = "--baseline"


@command(
    "--function",
    "--max",
    "--max-unzipped",
    "--warn-at",
    "--fail-on",
    _BASELINE,
    "--max-growth",
    "--update-baseline",
    "--allow-secret",
    "--target",
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
    settings: Settings,
    outputs: Outputs,
    style: OutputStyle,
    *,
    update_baseline: bool,
) -> int:
    """Hold LAYERs and a function, zips made by anyone, to caps, budgets and a baseline.

    NAME is an artifact of slim.toml; without any zip all artifacts are checked. Function and
    layers count together. They are searched for secrets. Nothing but the
    named reports and baseline is written.
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
    checked, secrets = read_zips(zips, packs, settings.allow_secret)
    needs = missing_needs(layers, function, gate.target)
    growth = _growth(baseline, checked, allowance, update_baseline) if baseline else None
    result = check_zips(checked, gate, growth, [*secrets, *needs])
    files, contents = dict(outputs.files), outputs.contents(result)
    text = render_text(result, style)
    if baseline and update_baseline:
        if not result.over:
            files[_BASELINE], contents[_BASELINE] = baseline, _baseline_of(result)
        said = "not written" if result.over else "written"
        text += "" if style.quiet else f"baseline {said}: {printable(str(baseline))}\n"
    write_files(files, contents)
    outputs.show(result, text)
    return EXIT_OVER if result.over else EXIT_OK


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
