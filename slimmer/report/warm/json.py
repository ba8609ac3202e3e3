"""What there is to say of caches, for machines."""

from __future__ import annotations

from slimmer import __version__
from slimmer.report.document import document_text
from slimmer.warm.warm import Warmed

VERSION = 1


def render_json(found: Warmed) -> str:
    """Return what was made as JSON with a newline at its end; sizes are whole bytes."""
    runs = {"cold": found.cold, "warm": found.hit, "missed": found.missed}
    document = {
        "version": VERSION,
        "slim": __version__,
        "caches": [cache._asdict() for cache in found.warm.caches],
        "files": {path: len(data) for path, data in sorted(found.warm.files.items())},
        "runs": {
            name: {"init_cpu_s": run.init_cpu_s, "first_answer_cpu_s": run.first_cpu_s}
            for name, run in runs.items()
        },
    }
    return document_text(document)
