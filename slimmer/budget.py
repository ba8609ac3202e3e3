"""Budgets: an artifact and those beside it against a target's caps and the user's.

Pure arithmetic. Being over is a finding, not an exception: the report is still wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from slimmer.model import Finding, Gauge, OtherArtifact, Severity
from slimmer.names import printable
from slimmer.schema import Table
from slimmer.sizes import exact_text, size_text
from slimmer.targets import Target


class Budget(NamedTuple):
    """What the user allows a part of what is deployed: components, or paths, by their name.

    ``max_bytes`` are compressed, as ``unzip -lv`` shows them. ``message`` is for whoever
    is over; ``place`` is the file and line that say all this.
    """

    name: str
    place: str
    max_bytes: int | None = None
    max_unzipped_bytes: int | None = None
    message: str = ""


class Limits(NamedTuple):
    """The user's caps on everything together, in bytes; None where there is none."""

    max_bytes: int | None = None
    max_unzipped_bytes: int | None = None


def parse_budgets(table: Table | None) -> tuple[Budget, ...]:
    """Return what ``[budgets]`` says. Raises UsageError, with file and line."""
    if table is None:
        return ()
    budgets = tuple(_budget(table, name) for name in table.keys)
    table.finish()
    return budgets


def _budget(table: Table, name: str) -> Budget:
    place = table.place(name)
    if table.is_text(name):
        return Budget(name, place, table.size(name))
    inner = table.table(name)
    if inner is None:
        table.fail(name, f"the budget {name!r} is not there")
    caps = [inner.size(key) if inner.has(key) else None for key in ("max", "max-unzipped")]
    message = inner.text("message") if inner.has("message") else ""
    inner.finish()
    if caps == [None, None]:
        table.fail(name, f'the budget {name!r} allows no size; give it a max = "7MB"')
    return Budget(name, place, caps[0], caps[1], message)


def deployed(
    zips: Sequence[OtherArtifact], layers: int, target: Target, limits: Limits
) -> list[Gauge]:
    """Return the caps on zips that are deployed together, ``layers`` of them as layers."""
    together = f"{len(zips)} zips, " if len(zips) > 1 else ""
    zipped = sum(other.zip_bytes for other in zips)
    unzipped = sum(other.unzipped_bytes for other in zips)
    title = f"{together}unzipped"
    caps = [Gauge("unzipped", title, unzipped, target.unzipped_below_bytes, strict=True)]
    if layers > 1:
        caps.append(Gauge("layers", "layers", layers, target.layers, unit=""))
    if limits.max_bytes is not None:
        caps.append(Gauge("max", f"{together}zipped (--max)", zipped, limits.max_bytes))
    if limits.max_unzipped_bytes is not None:
        title = f"{together}unzipped (--max-unzipped)"
        caps.append(Gauge("max-unzipped", title, unzipped, limits.max_unzipped_bytes))
    return caps


def zip_format(name: str, members: int, unzipped_bytes: int, target: Target) -> list[Gauge]:
    """Return the caps of the zip format that one zip passes."""
    caps = [
        Gauge("members", f"members of {printable(name)}", members, target.members, unit=""),
        Gauge(
            "archive",
            f"{printable(name)}, the zip's own limit",
            unzipped_bytes,
            target.archive_bytes,
        ),
    ]
    return [cap for cap in caps if cap.over]


def near(caps: Iterable[Gauge], share: Fraction) -> list[Finding]:
    """Return a warning for each cap that is not passed, and full to that share or more."""
    return [
        Finding(
            f"near-{cap.name}",
            Severity.WARN,
            f"near the cap: {cap.title} {_amount(cap, cap.actual)} of {_amount(cap, cap.limit)}, "
            f"{cap.actual / cap.limit:.1%}",
        )
        for cap in caps
        if is_near(cap, share)
    ]


def is_near(cap: Gauge, share: Fraction) -> bool:
    """Return whether a cap is full to that share or more, and not passed."""
    return not cap.over and cap.actual >= share * cap.limit


def _amount(cap: Gauge, number: int) -> str:
    return exact_text(number) if cap.unit else f"{number:,}"


def before_packing(
    unzipped_bytes: int, members: int, others: Sequence[OtherArtifact], target: Target
) -> list[Gauge]:
    """Return the caps that are known before anything is compressed.

    Those of the zip format are only there where they are passed. Of several artifacts at
    least all but one are layers.
    """
    together = unzipped_bytes + sum(other.unzipped_bytes for other in others)
    title = f"unzipped{_beside(others)}"
    caps = [Gauge("unzipped", title, together, target.unzipped_below_bytes, strict=True)]
    if others:
        caps.append(Gauge("layers", "layers at least", len(others), target.layers, unit=""))
    format_caps = [
        Gauge("members", "members of the zip", members, target.members, unit=""),
        Gauge("archive", "the zip's own limit", unzipped_bytes, target.archive_bytes),
    ]
    return caps + [cap for cap in format_caps if cap.over]


def after_packing(
    zip_bytes: int, others: Sequence[OtherArtifact], max_bytes: int | None
) -> list[Gauge]:
    """Return the user's cap on the zips together, if there is one."""
    if max_bytes is None:
        return []
    zipped = zip_bytes + sum(other.zip_bytes for other in others)
    return [Gauge("max", f"zipped{_beside(others)} (--max)", zipped, max_bytes)]


def _beside(others: Sequence[OtherArtifact]) -> str:
    return f" with {len(others)} beside it" if others else ""


def findings(caps: Iterable[Gauge]) -> list[Finding]:
    """Return a failure for each cap that is passed, with by how much."""
    return [_over(gauge) for gauge in caps if gauge.over]


def _over(gauge: Gauge) -> Finding:
    words = {
        "unzipped": "unzipped it must be smaller than",
        "max": "--max allows",
        "max-unzipped": "--max-unzipped allows",
        "layers": "the layers beside one function may be at most",
        "members": "a zip that Lambda takes holds at most",
        "archive": "a zip that Lambda takes unpacks to at most",
    }
    limit, actual = _amount(gauge, gauge.limit), _amount(gauge, gauge.actual)
    excess = gauge.actual - gauge.limit + gauge.strict
    over = size_text(excess) if gauge.unit else f"{excess:,}"
    return Finding(
        f"over-{gauge.name}",
        Severity.FAIL,
        f"over the cap: {gauge.title} {actual}; {words[gauge.name]} {limit}; {over} too much",
    )


def upload_notes(sizes: Iterable[tuple[str, int]], target: Target) -> list[Finding]:
    """Return a note for each zip, by name and size, too large to be sent with the request."""
    return [
        Finding(
            "needs-s3",
            Severity.NOTE,
            f"{printable(name)}: {exact_text(size)} is over the "
            f"{exact_text(target.direct_upload_bytes)} of a direct upload; deploy it through S3",
        )
        for name, size in sizes
        if size > target.direct_upload_bytes
    ]
