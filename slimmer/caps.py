"""Budgets: an artifact and those beside it against a target's caps and the user's.

Pure arithmetic. Being over is a finding, not an exception: the report is still wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from slimmer.config.budgets import Limits
from slimmer.model.artifact import DeployedZip
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.sizes import exact_text, size_text
from slimmer.targets import Target
from slimmer.text import printable

_OF_THE_USER = ("max", "max-unzipped")
_ODD_BELOW_BYTES = 1000  # no artifact is so small; such a cap lacks its unit


def deployed(
    zips: Sequence[DeployedZip], layers: int, target: Target, limits: Limits
) -> list[LimitUsage]:
    """Return the caps on zips that are deployed together, ``layers`` of them as layers."""
    together = f"{len(zips)} zips, " if len(zips) > 1 else ""
    zipped = sum(sibling.zip_bytes for sibling in zips)
    unzipped = sum(sibling.unzipped_bytes for sibling in zips)
    title = f"{together}unzipped"
    caps = [LimitUsage("unzipped", title, unzipped, target.unzipped_below_bytes, strict=True)]
    caps += _zipped(zipped, f"{together}zipped", target)
    if layers > 1:
        caps.append(LimitUsage("layers", "layers", layers, target.layers, unit=""))
    if limits.max_bytes is not None:
        caps.append(LimitUsage("max", f"{together}zipped (--max)", zipped, limits.max_bytes))
    if limits.max_unzipped_bytes is not None:
        title = f"{together}unzipped (--max-unzipped)"
        caps.append(LimitUsage("max-unzipped", title, unzipped, limits.max_unzipped_bytes))
    return caps


def _zipped(zip_bytes: int, title: str, target: Target) -> list[LimitUsage]:
    """Return the target's cap on zips, if it has one."""
    limit = target.zip_bytes
    return [LimitUsage("zipped", title, zip_bytes, limit)] if limit else []


def zip_format(name: str, members: int, unzipped_bytes: int, target: Target) -> list[LimitUsage]:
    """Return the caps of the zip format that one zip passes."""
    caps = [
        LimitUsage("members", f"members of {printable(name)}", members, target.members, unit=""),
        LimitUsage(
            "archive",
            f"{printable(name)}, the zip's own limit",
            unzipped_bytes,
            target.archive_bytes,
        ),
    ]
    return [cap for cap in caps if cap.over]


def near(caps: Iterable[LimitUsage], share: Fraction) -> list[Finding]:
    """Return a warning for each cap that is not passed, and full to that share or more."""
    return [
        finding(
            f"near-{cap.name}",
            f"near the cap: {cap.title} {_amount(cap, cap.actual)} of {_amount(cap, cap.limit)}, "
            f"{cap.actual / cap.limit:.1%}",
        )
        for cap in caps
        if is_near(cap, share)
    ]


def is_near(cap: LimitUsage, share: Fraction) -> bool:
    """Return whether a cap is full to that share or more, and not passed."""
    return not cap.over and cap.actual >= share * cap.limit


def _amount(cap: LimitUsage, number: int) -> str:
    return exact_text(number) if cap.unit else f"{number:,}"


def before_packing(
    unzipped_bytes: int,
    members: int,
    siblings: Sequence[DeployedZip],
    target: Target,
    *,
    layers: int = 1,
) -> list[LimitUsage]:
    """Return the caps that are known before anything is compressed, of so many layers.

    Those of the zip format are only there where they are passed. Of several artifacts at
    least all but one are layers.
    """
    together = unzipped_bytes + sum(sibling.unzipped_bytes for sibling in siblings)
    title = f"unzipped{_siblings(siblings)}"
    caps = [LimitUsage("unzipped", title, together, target.unzipped_below_bytes, strict=True)]
    if siblings or layers > 1:
        beside = len(siblings) + layers - 1
        caps.append(LimitUsage("layers", "layers at least", beside, target.layers, unit=""))
    format_caps = [
        LimitUsage("members", "members of the zip", members, target.members, unit=""),
        LimitUsage("archive", "the zip's own limit", unzipped_bytes, target.archive_bytes),
    ]
    return caps + [cap for cap in format_caps if cap.over]


def after_packing(
    zip_bytes: int, siblings: Sequence[DeployedZip], target: Target, max_bytes: int | None
) -> list[LimitUsage]:
    """Return the caps on the zips together: the target's and the user's, if there are."""
    zipped = zip_bytes + sum(sibling.zip_bytes for sibling in siblings)
    title = f"zipped{_siblings(siblings)}"
    caps = _zipped(zipped, title, target)
    if max_bytes is not None:
        caps.append(LimitUsage("max", f"{title} (--max)", zipped, max_bytes))
    return caps


def _siblings(siblings: Sequence[DeployedZip]) -> str:
    return f" with {len(siblings)} beside it" if siblings else ""


def findings(caps: Iterable[LimitUsage]) -> list[Finding]:
    """Return a failure for each cap that is passed, with by how much."""
    return [_over(usage) for usage in caps if usage.over]


def _over(usage: LimitUsage) -> Finding:
    words = {
        "unzipped": "unzipped it must be smaller than",
        "zipped": "the target takes at most",
        "max": "--max allows",
        "max-unzipped": "--max-unzipped allows",
        "layers": "the layers beside one function may be at most",
        "members": "a zip that Lambda takes holds at most",
        "archive": "a zip that Lambda takes unpacks to at most",
    }
    limit, actual = _amount(usage, usage.limit), _amount(usage, usage.actual)
    excess = usage.actual - usage.limit + usage.strict
    over = size_text(excess) if usage.unit else f"{excess:,}"
    is_odd = usage.name in _OF_THE_USER and usage.limit < _ODD_BELOW_BYTES
    hint = f"; did you mean {usage.limit}MB?" if is_odd else ""
    return finding(
        f"over-{usage.name}",
        f"over the cap: {usage.title} {actual}; {words[usage.name]} {limit}; {over} too much{hint}",
    )


def upload_notes(sizes: Iterable[tuple[str, int]], target: Target) -> list[Finding]:
    """Return a note for each zip, by name and size, too large to be sent with the request."""
    return [
        finding(
            "needs-s3",
            f"{printable(name)}: {exact_text(size)} is over the "
            f"{exact_text(target.direct_upload_bytes)} of a direct upload; deploy it through S3",
        )
        for name, size in sizes
        if size > target.direct_upload_bytes
    ]
