"""``slim check``: hold zips, made by anyone, to caps, budgets and a baseline."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import click

from slimmer.check.baseline import Baseline, parse_baseline, record, render_baseline
from slimmer.check.gate import (
    FUNCTION,
    LAYER,
    CheckedZip,
    CheckResult,
    Gate,
    check_zips,
)
from slimmer.check.growth import Allowance, BaselineDelta, compare_with_baseline, parse_allowance
from slimmer.check.zip_lint import zip_findings
from slimmer.cli.outputs import Format, Formats, output_options, put
from slimmer.cli.paths import PATH, as_utf8, check_places
from slimmer.cli.terminal import output_style
from slimmer.config.budgets import Limits
from slimmer.config.check_settings import GateSettings, find_gate_settings
from slimmer.errors import EXIT_OK, EXIT_OVER, InputError, UsageError, reason_of
from slimmer.formats import FormatError
from slimmer.inputs.zip_file import look_into
from slimmer.inventory.inventory import inventory_of_zip
from slimmer.model.fail_on import parse_fail_on
from slimmer.model.findings import Finding, codes_of
from slimmer.model.rules import Selector
from slimmer.report.check.json import render_json
from slimmer.report.check.markdown import render_markdown
from slimmer.report.check.text import render_text
from slimmer.rules.packs import Pack, load_packs
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import load_secret_rules
from slimmer.secrets.scanner import zip_secrets
from slimmer.sizes import parse_percent, parse_size
from slimmer.targets import find_targets
from slimmer.text import printable

_MAX_BASELINE_BYTES = 50_000_000  # far above one of a hundred artifacts

_FORMATS = {
    "--json": Format(render_json, "Write the report as JSON too (- for stdout)."),
    "--markdown": Format(
        render_markdown,
        "Write the report as Markdown too (- for stdout), for a pull-request comment or GitHub's "
        "step summary.",
    ),
}


def _size(_context: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    return parse_size(value) if value is not None else None


def _share(_context: click.Context, _param: click.Parameter, value: str) -> Fraction:
    share = parse_percent(value)
    if share is None or not 0 < share <= 1:
        raise UsageError(f"--warn-at {value!r} is no share; write it as 90%")
    return share


def _allowance(
    _context: click.Context, _param: click.Parameter, value: str | None
) -> Allowance | None:
    return parse_allowance(value) if value is not None else None


def _codes(
    _context: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> frozenset[str] | None:
    return parse_fail_on(value, codes_of("check"))


@click.command(short_help="Hold zips to caps, budgets and a baseline.")
@click.argument("layers", type=PATH, nargs=-1, metavar="[LAYER]...")
@click.option("--function", type=PATH, metavar="ZIP", help="The function, beside its layers.")
@click.option(
    "--max",
    "max_bytes",
    callback=_size,
    metavar="SIZE",
    help="Fail when the zips together are larger.",
)
@click.option(
    "--max-unzipped",
    "max_unzipped_bytes",
    callback=_size,
    metavar="SIZE",
    help="Fail when they unpack to more than that together.",
)
@click.option(
    "--warn-at",
    callback=_share,
    default="90%",
    metavar="PERCENT",
    help="Warn from this share of a cap or budget on.  [default: 90%]",
)
@click.option(
    "--fail-on",
    callback=_codes,
    multiple=True,
    metavar="CODE,...",
    help="Which findings fail; all others only warn. default: those that fail without this "
    "option; none: none of them. Repeatable.",
)
@click.option(
    "--baseline",
    type=PATH,
    metavar="FILE",
    help="What the zips were once; what grew since is reported.",
)
@click.option(
    "--max-growth",
    callback=_allowance,
    metavar="PERCENT|SIZE",
    help="Fail when they grew by more since the baseline, zipped or unzipped: 2%, 100kB, 0.",
)
@click.option(
    "--update-baseline",
    is_flag=True,
    help="Write the baseline of these zips, unless a finding other than growth fails.",
)
@click.option(
    "--allow-secret",
    multiple=True,
    metavar="PATTERN",
    help="Let files that hold secrets pass if the pattern matches them; without it they always "
    "fail. Repeatable.",
)
@click.option(
    "--target",
    metavar="NAME",
    help="What they are deployed on, whose caps hold.  [default: lambda]",
)
@click.option(
    "--config",
    type=PATH,
    metavar="FILE",
    help="Settings instead of ./slim.toml or [tool.slim] in ./pyproject.toml.",
)
@output_options(_FORMATS)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but failures and warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def check(
    layers: tuple[Path, ...],
    function: Path | None,
    max_bytes: int | None,
    max_unzipped_bytes: int | None,
    warn_at: Fraction,
    fail_on: frozenset[str] | None,
    baseline: Path | None,
    max_growth: Allowance | None,
    update_baseline: bool,
    allow_secret: tuple[str, ...],
    target: str | None,
    config: Path | None,
    formats: Formats[CheckResult],
    quiet: bool,
    verbose: bool,
) -> int:
    """Hold LAYERs and a function, zips made by anyone, to caps, budgets and a baseline.

    Function and layers count together. They are searched for secrets. Nothing but the
    named reports and baseline is written.
    """
    settings = find_gate_settings(Path(), config)
    style = output_style(quiet=quiet, verbose=verbose, to_stderr=bool(formats.stdout))
    zips = [(LAYER, path) for path in layers] + ([(FUNCTION, function)] if function else [])
    _check_usage(zips, baseline, max_growth, update=update_baseline)
    _check_files(zips, formats, baseline, update=update_baseline)
    limits = Limits(max_bytes or settings.max_bytes, max_unzipped_bytes)
    packs = load_packs(rules=False)
    gate = _gate(settings, packs, target, limits, warn_at, fail_on)
    allowed = (
        *settings.allow_secret,
        *(Selector(as_utf8(p), "--allow-secret") for p in allow_secret),
    )
    checked, secrets = _looked_into(zips, packs, allowed)
    growth = _growth(baseline, checked, max_growth, update=update_baseline)
    result = check_zips(checked, gate, growth, secrets)
    new_baseline = baseline if update_baseline and not result.over else None
    _write(result, formats, new_baseline)
    text = render_text(result, style)
    if baseline and update_baseline and not quiet:
        said = "written" if new_baseline else "not written"
        text += f"baseline {said}: {printable(str(baseline))}\n"
    formats.show(result, text)
    return EXIT_OVER if result.over else EXIT_OK


def _check_files(
    zips: Sequence[tuple[str, Path]],
    formats: Formats[CheckResult],
    baseline: Path | None,
    *,
    update: bool,
) -> None:
    """Raise UsageError for files that could not be written, or that are read."""
    files, taken = dict(formats.files), {}
    for number, (role, path) in enumerate(zips, start=1):
        taken[f"{role} {number}"] = path
    if baseline:
        (files if update else taken)["--baseline"] = baseline
    check_places(files, taken)


def _write(result: CheckResult, formats: Formats[CheckResult], baseline: Path | None) -> None:
    """Put the reports, and the baseline of these zips, in their places once all are whole."""
    contents = {o: (path, formats.rendered(o, result)) for o, path in formats.files.items()}
    if baseline:
        now = Baseline(tuple(record(z.role, z.inventory) for z in result.zips))
        contents["--baseline"] = (baseline, render_baseline(now).encode())
    put(contents)


def _check_usage(
    zips: Sequence[object], baseline: Path | None, max_growth: Allowance | None, *, update: bool
) -> None:
    if not zips:
        raise UsageError("nothing to check; name a layer's zip, or the function with --function")
    for given, option in ((max_growth is not None, "--max-growth"), (update, "--update-baseline")):
        if given and baseline is None:
            raise UsageError(f"{option} needs to know the baseline; name its file with --baseline")


def _gate(
    settings: GateSettings,
    packs: Sequence[Pack],
    target: str | None,
    limits: Limits,
    warn_at: Fraction,
    fail_on: frozenset[str] | None,
) -> Gate:
    found, _ = find_targets(target or settings.target)
    names = frozenset(pack.name for pack in packs)
    return Gate(found, limits, warn_at, fail_on, settings.budgets, names)


def _looked_into(
    zips: Sequence[tuple[str, Path]], packs: Sequence[Pack], allowed: Sequence[Selector]
) -> tuple[list[CheckedZip], list[Finding]]:
    """Return what is known of each zip, and what is said of the secrets in them.

    Raises InputError for what cannot be read as a zip.
    """
    rules = load_secret_rules()
    checked, found = [], []
    for role, path in zips:
        archive, zip_bytes, secrets = look_into(path, functools.partial(zip_secrets, rules))
        inventory = inventory_of_zip(path.name, zip_bytes, archive, packs)
        findings = tuple(zip_findings(path.name, archive))
        checked.append(CheckedZip(role, inventory, len(archive.members), findings))
        found.append((path.name, secrets))
    return checked, secret_findings(rules, found, allowed)


def _growth(
    path: Path | None, zips: Sequence[CheckedZip], allowance: Allowance | None, *, update: bool
) -> BaselineDelta | None:
    """Return what grew since the baseline; None without one, or where it is only written."""
    if path is None:
        return None
    now = [(z.role, z.inventory) for z in zips]
    if not update:
        return compare_with_baseline(path.name, _baseline(path), now, allowance)
    with contextlib.suppress(InputError, UsageError):  # whatever stands there is replaced
        return compare_with_baseline(path.name, _baseline(path), now, None)
    return None


def _baseline(path: Path) -> Baseline:
    """Return a baseline that was written. Raises InputError when it is none."""
    name = printable(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BASELINE_BYTES + 1)
        if len(data) > _MAX_BASELINE_BYTES:
            raise FormatError("it is larger than any baseline")
        return parse_baseline(data.decode())
    except FileNotFoundError:
        raise InputError(f"{name}: no such baseline; write it with --update-baseline") from None
    except OSError as error:
        reason = reason_of(error)
        raise InputError(f"{name}: cannot be read ({reason}); name another baseline") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; write it anew with --update-baseline") from None
    except FormatError as error:
        raise InputError(
            f"{name}: no baseline that can be read ({error}); write it anew with --update-baseline"
        ) from None
