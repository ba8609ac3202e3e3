"""The report for machines: JSON, versioned, the same bytes for the same build.

Its form is published in ``report.schema.json`` beside this module, and told in words in
docs/report.md. Whoever changes a field changes all three, and the version.
"""

from __future__ import annotations

from typing import Any

from slimmer import __version__
from slimmer.build.report import VERSION, Count, DroppedComponent, KeptGroup, Report, TransformRow
from slimmer.model.artifact import Artifact, Member
from slimmer.model.plan import Drop, Generated, Link, Step
from slimmer.model.rules import Rescue
from slimmer.model.tree import Kind
from slimmer.report.build.rescues import zip_bytes
from slimmer.report.document import cap_row, document_text, finding_rows

SCHEMA = f"urn:slimmer:report:{VERSION}"


def render_json(report: Report) -> str:
    """Return the report as JSON with a newline at its end; all sizes are whole bytes.

    A name that is not UTF-8 has its odd bytes as escaped surrogates, as Python reads them.
    """
    document = {
        "$schema": SCHEMA,
        "version": VERSION,
        "slim": __version__,
        "target": report.target,
        "tier": report.tier.label,
        "prefix": report.prefix,
        "written": report.written,
        "verified": report.verified,
        "ok": not report.over,
        "artifacts": _artifacts(report),
        "siblings": [sibling._asdict() for sibling in report.siblings],
        "total": _measured(report, report.total),
        "kept": _measured(report, report.kept),
        "dropped": _measured(report, report.dropped),
        "linked": _measured(report, report.linked),
        **_sums(report),
        "caps": [cap_row(usage) for usage in report.usages],
        "bytecode": report.bytecode._asdict() if report.bytecode else None,
        "findings": finding_rows(report.findings),
        "entries": _entries(report),
    }
    return document_text(document)


def _artifacts(report: Report) -> list[dict[str, Any]]:
    """Return the zips of the build; of one that was parted its layers, with what lies in each."""
    layers = [layer for layer in report.layers if layer.artifact is not None]
    return [_artifact(layer.artifact, layer.units) for layer in layers if layer.artifact] or [
        _artifact(artifact) for artifact in report.artifacts
    ]


def _sums(report: Report) -> dict[str, Any]:
    """Return what is dropped, kept, changed and rescued, each summed up by its own kind."""
    return {
        "components": [_component(report, component) for component in report.components],
        "groups": [_group(group) for group in report.groups],
        "transforms": [_transform(row) for row in report.transforms],
        "rescues": [_rescue(report, rescue) for rescue in report.rescues],
        "savings": [
            {"option": s.option, **_count(s.amount), "zip_bytes": s.zip_bytes}
            for s in report.savings
        ],
    }


def _component(report: Report, component: DroppedComponent) -> dict[str, Any]:
    return {
        "name": component.name,
        "title": component.title,
        "tier": component.tier,
        "why": component.why,
        "public": component.public,
        **_measured(report, component.amount),
    }


def _group(group: KeptGroup) -> dict[str, Any]:
    return {
        "path": group.path,
        **_count(group.amount),
        "unzipped_bytes": group.unzipped_bytes,
        "zip_bytes": group.zip_bytes,
    }


def _transform(row: TransformRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "files": row.files,
        "saved_bytes": row.saved_bytes,
        "saved_zip_bytes": row.saved_zip_bytes,
        "refused": [{"path": path, "reason": reason} for path, reason in row.refused],
        "inside": [{"component": name, "members": count} for name, count in row.inside],
    }


def _rescue(report: Report, rescue: Rescue) -> dict[str, Any]:
    return {
        "path": rescue.path,
        "component": rescue.component,
        "chain": rescue.chain,
        "files": rescue.files,
        "size_bytes": rescue.size_bytes,
        "zip_bytes": zip_bytes(report, rescue) if report.artifact else None,
    }


def _artifact(artifact: Artifact, units: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "zip_bytes": artifact.zip_bytes,
        "unzipped_bytes": artifact.unzipped_bytes,
        "members": len(artifact.members),
        "sha256": artifact.sha256,
        "code_sha256": artifact.code_sha256,
        "compressor": artifact.compressor,
        "form": artifact.form,
        "digest": artifact.digest,
        "units": list(units),
    }


def _count(count: Count) -> dict[str, int]:
    return {"files": count.files, "size_bytes": count.size_bytes}


def _measured(report: Report, count: Count) -> dict[str, int | None]:
    """Return a count of the tree's files, with what they would take in the zip if measured."""
    measured = report.measured is not None
    return {**_count(count), "zip_bytes": count.zip_bytes if measured else None}


def _entries(report: Report) -> list[dict[str, Any]]:
    return [
        _entry(step, report)
        for step in sorted((*report.plan.steps, *report.plan.generated), key=lambda s: s.entry.path)
        if step.entry.kind is not Kind.DIRECTORY or step.entry.path in report.empty_folders
    ]


def _entry(step: Step | Generated, report: Report) -> dict[str, Any]:
    entry = step.entry
    row: dict[str, Any] = {
        "path": entry.path,
        "kind": entry.kind.value,
        "size_bytes": entry.size_bytes,
        "step": type(step).__name__.lower(),
        "owner": report.owner_of(step),
    }
    if isinstance(step, Drop):
        rule = step.rule
        row |= {"component": rule.component, "rule": rule.component, "pattern": rule.pattern}
        measure = (report.measured or {}).get(entry.path)
        return row | (measure._asdict() if measure else {})
    row["component"] = report.component_of[entry.path]
    if isinstance(step, Link):
        row["to"] = step.to
    elif isinstance(step, Generated):
        row["source"] = step.source
    elif step.rule is not None:
        row |= {"rule": step.rule.component, "pattern": step.rule.pattern}
    member = report.members.get(entry.path)
    return row | (_member(member) if member else {})


def _member(member: Member) -> dict[str, Any]:
    row: dict[str, Any] = {
        "unzipped_bytes": member.size_bytes,
        "compressed_bytes": member.compressed_bytes,
        "zip_bytes": member.zip_bytes,
        "crc32": f"{member.crc32:08x}",
    }
    change = member.change
    if change is not None and change.applied:
        row["transform"] = change.transform
        if change.left_out:
            row["left_out"] = [{"member": m, "rule": rule} for m, rule in change.left_out]
    return row
