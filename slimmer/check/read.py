"""Reading what the gate looks at: the zips, and the baseline of what they were once."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from slimmer.check.baseline import Baseline, parse_baseline, record, render_baseline
from slimmer.check.gate import FUNCTION, LAYER, CheckedZip, CheckResult
from slimmer.check.growth import Allowance, BaselineDelta, compare_with_baseline
from slimmer.check.measure import Measured, measured
from slimmer.check.needs import need_findings
from slimmer.check.zip_lint import broken_findings, leading_out_findings, zip_findings
from slimmer.decide.compiled import Looked, find_compiled
from slimmer.ecosystems.python.bytecode import stale_in
from slimmer.errors import InputError, UsageError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import Zip
from slimmer.formats.zip.unpack import link_targets
from slimmer.inputs.zip_file import look_into
from slimmer.inputs.zip_tree import open_zip
from slimmer.inventory.inventory import inventory_of_zip
from slimmer.model.findings import Finding
from slimmer.model.rules import Selector
from slimmer.model.tree import Kind
from slimmer.rules.packs import Pack
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import SecretRules, load_secret_rules
from slimmer.secrets.scanner import Found
from slimmer.targets import Target
from slimmer.text import printable

MAX_BASELINE_BYTES = 50_000_000  # far above one of a hundred artifacts
_PLACES = {LAYER: "/opt", FUNCTION: "/var/task"}


def read_zips(
    zips: Sequence[tuple[str, Path]], packs: Sequence[Pack], allowed: Sequence[Selector]
) -> tuple[list[CheckedZip], list[Finding]]:
    """Return what is known of each zip, and what is said of the secrets in them.

    Each of ``zips`` is a role and a path. Raises InputError for what cannot be read as a zip.
    """
    rules = load_secret_rules(examples=False)
    checked, found = [], []
    for role, path in zips:
        one, secrets = look_at(role, path, packs, rules)
        checked.append(one)
        found.append((path.name, secrets))
    return checked, secret_findings(rules, found, allowed)


def look_at(
    role: str, path: Path, packs: Sequence[Pack], rules: SecretRules
) -> tuple[CheckedZip, Found]:
    """Return what is known of one zip, and the secrets in it. Raises as ``read_zips`` does."""
    archive, zip_bytes, look = look_into(path, functools.partial(_look, rules))
    inventory = inventory_of_zip(path.name, zip_bytes, archive, packs)
    findings = (
        *zip_findings(path.name, archive),
        *leading_out_findings(path.name, look.links, _PLACES[role]),
        *broken_findings(path.name, look.measured.broken),
        *([] if look.measured.broken else _compiled_findings(path)),
    )
    return CheckedZip(role, inventory, len(archive.members), findings), look.measured.secrets


def _compiled_findings(path: Path) -> list[Finding]:
    """Return what a runtime would not use of a zip; nothing for one that cannot be unpacked."""
    source = open_zip(path)
    with contextlib.suppress(InputError):
        sizes = {e.path: e.size_bytes for e in source.tree.entries if e.kind is Kind.FILE}
        looked = Looked(sizes, source.mtime_ns, source.read)
        found = [
            *find_compiled(looked).findings,
            *stale_in(sizes, source.mtime_ns, lambda inside: source.read_part(inside, 0, 32)),
        ]
        return [each._replace(message=f"{printable(path.name)}: {each.message}") for each in found]
    return []


class _Look(NamedTuple):
    """What only the bytes of a zip tell."""

    measured: Measured
    #: The targets of the links by their paths.
    links: dict[str, str]


def _look(rules: SecretRules, data: Data, archive: Zip) -> _Look:
    return _Look(measured(rules, data, archive), link_targets(data, archive))


def missing_needs(layers: Sequence[Path], function: Path | None, target: Target) -> list[Finding]:
    """Return what one of these zips needs, and neither another nor the target has.

    A layer by itself is not judged, nor read. What cannot be read is told, not raised.
    """
    if function is None and len(layers) < 2:
        return []
    above = tuple(open_zip(path) for path in layers)
    return need_findings(above, open_zip(function) if function else None, target)


def growth_since(
    path: Path | None, zips: Sequence[CheckedZip], allowance: Allowance | None, *, update: bool
) -> BaselineDelta | None:
    """Return what grew since the baseline; None without one, or where it is only written.

    Raises InputError for a baseline that cannot be read, UsageError for one of other zips.
    """
    if path is None:
        return None
    now = [(z.role, z.inventory) for z in zips]
    if not update:
        return compare_with_baseline(path.name, _baseline(path), now, allowance)
    with contextlib.suppress(InputError, UsageError):  # whatever stands there is replaced
        return compare_with_baseline(path.name, _baseline(path), now, None)
    return None


def baseline_text(result: CheckResult) -> str:
    """Return the baseline of the zips that were checked."""
    return render_baseline(Baseline(tuple(record(z.role, z.inventory) for z in result.zips)))


def _baseline(path: Path) -> Baseline:
    """Return the baseline in a file. Raises InputError for any other file."""
    name = printable(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BASELINE_BYTES + 1)
        if len(data) > MAX_BASELINE_BYTES:
            raise FormatError("it is larger than any baseline")
        return parse_baseline(data.decode())
    except FileNotFoundError:
        raise InputError(f"{name}: no such baseline; write it with --update-baseline") from None
    except OSError as error:
        reason = reason_of(error)
        raise InputError(f"{name}: cannot be read ({reason}); name another baseline") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; write it again with --update-baseline") from None
    except FormatError as error:
        raise InputError(
            f"{name}: cannot be read as a baseline ({error}); write it again with --update-baseline"
        ) from None
