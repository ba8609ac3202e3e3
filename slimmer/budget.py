"""Budgets: an artifact and those beside it against a target's caps and the user's.

Pure arithmetic. Being over is a finding, not an exception: the report is still wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slimmer.model import Artifact, Finding, Gauge, OtherArtifact, Severity
from slimmer.sizes import exact_text, size_text
from slimmer.targets import Target


def before_packing(unzipped_bytes: int, members: int, target: Target) -> list[Gauge]:
    """Return the caps of the zip format itself, known before anything is compressed."""
    return [
        Gauge("members", "members of the zip", members, target.members, unit=""),
        Gauge("archive", "the zip's own limit", unzipped_bytes, target.archive_bytes),
    ]


def gauges(
    unzipped_bytes: int,
    zip_bytes: int | None,
    others: Sequence[OtherArtifact],
    target: Target,
    max_bytes: int | None,
) -> list[Gauge]:
    """Return every cap with how full it is.

    ``zip_bytes`` is None where nothing was compressed; then the user's cap is not there.
    Of several artifacts at least all but one are layers.
    """
    beside = f" with {len(others)} beside it" if others else ""
    unzipped = unzipped_bytes + sum(other.unzipped_bytes for other in others)
    found = [
        Gauge("unzipped", f"unzipped{beside}", unzipped, target.unzipped_below_bytes, strict=True)
    ]
    if max_bytes is not None and zip_bytes is not None:
        zipped = zip_bytes + sum(other.zip_bytes for other in others)
        found.append(Gauge("max", f"zipped{beside} (--max)", zipped, max_bytes))
    if others:
        found.append(Gauge("layers", "layers at least", len(others), target.layers, unit=""))
    return found


def findings(caps: Iterable[Gauge]) -> list[Finding]:
    """Return a failure for each cap that is passed, with by how much."""
    return [_over(gauge) for gauge in caps if gauge.over]


def _over(gauge: Gauge) -> Finding:
    words = {
        "unzipped": "unzipped it must be smaller than",
        "max": "--max allows",
        "layers": "the layers beside one function may be at most",
        "members": "a zip that Lambda takes holds at most",
        "archive": "a zip that Lambda takes unpacks to at most",
    }
    limit = exact_text(gauge.limit) if gauge.unit else f"{gauge.limit:,}"
    actual = exact_text(gauge.actual) if gauge.unit else f"{gauge.actual:,}"
    excess = gauge.actual - gauge.limit + gauge.strict
    over = size_text(excess) if gauge.unit else f"{excess:,}"
    return Finding(
        f"over-{gauge.name}",
        Severity.FAIL,
        f"over the cap: {gauge.title} {actual}; {words[gauge.name]} {limit}; {over} too much",
    )


def upload_notes(
    artifact: Artifact, others: Sequence[OtherArtifact], target: Target
) -> list[Finding]:
    """Return a note for each zip that is too large to be sent with the request itself."""
    sizes = [(artifact.name, artifact.zip_bytes), *((o.name, o.zip_bytes) for o in others)]
    return [
        Finding(
            "needs-s3",
            Severity.NOTE,
            f"{name}: {exact_text(size)} is over the {exact_text(target.direct_upload_bytes)} of "
            "a direct upload; deploy it through S3",
        )
        for name, size in sizes
        if size > target.direct_upload_bytes
    ]
