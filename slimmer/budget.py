"""Budgets: an artifact and those beside it against a target's caps and the user's.

Pure arithmetic. Being over is a finding, not an exception: the report is still wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slimmer.model import Artifact, Finding, Gauge, OtherArtifact, Severity
from slimmer.sizes import exact_text, size_text
from slimmer.targets import Target


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
