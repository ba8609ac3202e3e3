"""The report for machines: JSON, versioned, the same bytes for the same build."""

from __future__ import annotations

import json
from typing import Any

from slimmer import __version__
from slimmer.model import Artifact, Kind, Link, Made, Member, Step
from slimmer.report.summary import Count, Report, members_by_path

VERSION = 1


def render_json(report: Report) -> str:
    """Return the report as JSON with a newline at its end; all sizes are whole bytes.

    A name that is not UTF-8 has its odd bytes as escaped surrogates, as Python reads them.
    """
    document = {
        "version": VERSION,
        "slim": __version__,
        "target": report.target,
        "tier": report.tier.label,
        "prefix": report.prefix,
        "written": report.written,
        "verified": report.verified,
        "ok": not report.over,
        "artifact": _artifact(report.artifact) if report.artifact else None,
        "beside": [other._asdict() for other in report.others],
        "total": _count(report.total),
        "kept": _count(report.kept),
        "dropped": _count(report.dropped),
        "linked": _count(report.linked),
        **_sums(report),
        "caps": [{**gauge._asdict(), "over": gauge.over} for gauge in report.gauges],
        "bytecode": report.bytecode._asdict() if report.bytecode else None,
        "findings": [{**f._asdict(), "severity": f.severity.value} for f in report.findings],
        "entries": _entries(report),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def _sums(report: Report) -> dict[str, Any]:
    """Return what is dropped, kept, changed and rescued, each summed up by its own kind."""
    return {
        "components": [
            {"name": c.name, "title": c.title, "tier": c.tier, "why": c.why, **_count(c.amount)}
            for c in report.components
        ],
        "groups": [
            {
                "path": g.path,
                **_count(g.amount),
                "unzipped_bytes": g.unzipped_bytes,
                "packed_bytes": g.packed_bytes,
            }
            for g in report.groups
        ],
        "transforms": [
            {
                "name": t.name,
                "title": t.title,
                "files": t.files,
                "saved_bytes": t.saved_bytes,
                "refused": [{"path": path, "reason": reason} for path, reason in t.refused],
                "inside": [{"component": name, "members": count} for name, count in t.inside],
            }
            for t in report.transforms
        ],
        "rescues": [rescue._asdict() for rescue in report.rescues],
        "tiers": [
            {"tier": t.tier.label, **_count(t.amount), "packed_bytes": t.packed_bytes}
            for t in report.tiers
        ],
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "zip_bytes": artifact.zip_bytes,
        "unzipped_bytes": artifact.unzipped_bytes,
        "members": len(artifact.members),
        "sha256": artifact.sha256,
        "code_sha256": artifact.code_sha256,
        "compressor": artifact.compressor,
    }


def _count(count: Count) -> dict[str, int]:
    return {"files": count.files, "size_bytes": count.size_bytes}


def _entries(report: Report) -> list[dict[str, Any]]:
    artifact = report.artifact
    members = members_by_path(report.plan, report.prefix, artifact) if artifact else {}
    return [
        _entry(step, members.get(step.entry.path))
        for step in sorted((*report.plan.steps, *report.plan.made), key=lambda s: s.entry.path)
        if step.entry.kind is not Kind.DIRECTORY or step.entry.path in members
    ]


def _entry(step: Step | Made, member: Member | None) -> dict[str, Any]:
    entry = step.entry
    row: dict[str, Any] = {
        "path": entry.path,
        "kind": entry.kind.value,
        "size_bytes": entry.size_bytes,
        "step": type(step).__name__.lower(),
    }
    if isinstance(step, Link):
        row["to"] = step.to
    elif isinstance(step, Made):
        row["source"] = step.source
    elif step.rule is not None:
        row |= {"rule": step.rule.component, "pattern": step.rule.pattern}
    if member is not None:
        row |= {"unzipped_bytes": member.size_bytes, "packed_bytes": member.packed_bytes}
        change = member.change
        if change is not None and not (change.refused or change.broken):
            row["transform"] = change.transform
            if change.left_out:
                row["left_out"] = [{"member": m, "rule": rule} for m, rule in change.left_out]
    return row
