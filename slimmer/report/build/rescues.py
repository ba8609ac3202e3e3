"""What guards took back, as rows to read: single files of one folder together."""

from __future__ import annotations

from typing import NamedTuple

from slimmer.build.report import Report
from slimmer.model.rules import Rescue
from slimmer.paths import folder_of


class RescuedRow(NamedTuple):
    """Rescues from one component in one place, and why; ``beside`` are those after the first.

    ``zip_bytes`` is what they take in the zip, None where nothing was packed.
    """

    path: str
    beside: int
    files: int
    size_bytes: int
    zip_bytes: int | None
    component: str
    chain: str


def rescued_rows(report: Report) -> list[RescuedRow]:
    """Return what was rescued, in the order in which it was."""
    return [
        RescuedRow(
            group[0].path,
            len(group) - 1,
            sum(rescue.files for rescue in group),
            sum(rescue.size_bytes for rescue in group),
            sum(zip_bytes(report, rescue) for rescue in group) if report.artifact else None,
            group[0].component,
            group[0].chain,
        )
        for group in _together(report)
    ]


def zip_bytes(report: Report, rescue: Rescue) -> int:
    """Return what the files of a rescue take in the zip."""
    members = report.members
    return sum(members[path].zip_bytes for path in rescue.paths if path in members)


def _together(report: Report) -> list[list[Rescue]]:
    groups: dict[tuple[str, str], list[Rescue]] = {}
    for rescue in report.rescues:
        place = folder_of(rescue.path) + "/" if rescue.files == 1 else rescue.path
        if rescue.files:
            groups.setdefault((rescue.component, place), []).append(rescue)
    return list(groups.values())
