"""What there is to say of a shrink, for machines."""

from __future__ import annotations

from slimmer import __version__
from slimmer.report.document import document_text
from slimmer.shrink.model import Shrinking

VERSION = 1


def render_json(found: Shrinking) -> str:
    """Return what was found as JSON with a newline at its end; sizes are whole bytes."""
    document = {
        "version": VERSION,
        "slim": __version__,
        "events": found.events,
        "repeat": found.repeat,
        "invocations": found.invocations,
        "trials": found.trials,
        "complete": found.complete,
        "kept": found.kept._asdict(),
        "used": found.used._asdict(),
        "dropped": found.dropped._asdict(),
        "unstable": list(found.unstable),
        "uses": [use._asdict() for use in found.uses],
        "guarded": found.shrunk.guarded,
        "units": [
            {
                "unit": row.unit,
                "size_bytes": row.size_bytes,
                "why": row.why,
                "paths": list(row.paths),
                "hollow": list(row.hollow),
                "inside": row.inside,
            }
            for row in found.shrunk.units
        ],
    }
    return document_text(document)
