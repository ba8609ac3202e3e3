"""About how large a zip will be, without packing all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slimmer import caps
from slimmer.build.contents import Contents, plain_bytes
from slimmer.build.job import Job
from slimmer.build.planner import deployed_zips
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.model.plan import Shipped
from slimmer.outputs.estimate import estimate
from slimmer.sizes import count_text


def estimated(
    job: Job,
    steps: Sequence[Shipped],
    contents: Contents,
    progress: Callable[[str, int, int], object],
) -> tuple[list[LimitUsage], Finding]:
    """Return the caps on what is unzipped, and a note of about how many bytes the zip will have."""
    settings = job.question.settings
    total_bytes = sum(plain_bytes(step) for step in steps)
    found = estimate(
        [contents.pending(step, settings.prefix) for step in steps],
        settings.level,
        job.cache,
        lambda done_bytes: progress("estimating", done_bytes, total_bytes),
    )
    from_cache = f", {found.known_members:,} from the cache" if found.known_members else ""
    said = (
        f"about {found.zip_bytes:,} B zipped at level {settings.level}, {found.unzipped_bytes:,} B "
        f"unzipped, in {count_text(found.members, 'member')}{from_cache}; nothing was written"
    )
    zips = deployed_zips(job.question)
    usages = caps.before_packing(found.unzipped_bytes, len(steps), zips, job.target)
    return usages, finding("estimated", said)
