"""The rows of the table of options that say how much of a build is done.

What is remembered from one build to the next, and what a dry run leaves out.
"""

from __future__ import annotations

from slimmer.config.option import Option
from slimmer.config.values import Size, Switch, Text

CACHE_TABLE = (
    Option(
        "--cache",
        Text("PLACE"),
        "Where results are kept for the next build: a folder, or a location such as "
        "s3://BUCKET/PATH. The zip is the same with and without.  "
        "[default: SLIM_CACHE, or ~/.cache/slim/results]",
    ),
    Option("--no-cache", Switch(), "Take nothing from the cache, and add nothing to it."),
    Option("--dry-run", Switch(), "Decide, measure and report, but write no zip."),
    Option(
        "--estimate",
        Switch(),
        "Decide and say how large the zip will be, to about 2 %, from a sample: a dry run that "
        "packs a part.",
    ),
    Option("--clear", Switch(), "Remove all entries of the cache."),
    Option(
        "--bound",
        Size("SIZE"),
        "How much the entries may take: the longest unused go first.  [default: 2GB]",
    ),
)
