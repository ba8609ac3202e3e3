"""The baseline of what zips were once: read from its file, compared with, and made anew."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from slimmer.check.baseline import Baseline, parse_baseline, record, render_baseline
from slimmer.check.gate import CheckedZip, CheckResult
from slimmer.check.growth import Allowance, BaselineDelta, compare_with_baseline
from slimmer.errors import InputError, UsageError, reason_of
from slimmer.formats import FormatError
from slimmer.text import printable

MAX_BASELINE_BYTES = 50_000_000  # far above one of a hundred artifacts


def growth_since(
    path: Path, zips: Sequence[CheckedZip], allowance: Allowance | None, *, update: bool
) -> BaselineDelta | None:
    """Return what grew since the baseline; None where it is only written.

    Raises InputError for a baseline that cannot be read, UsageError for one of other zips.
    """
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
