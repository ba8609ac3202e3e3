"""The rows of the table of options that say what is remembered from one build to the next."""

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
    Option("--clear", Switch(), "Remove all entries of the cache."),
    Option(
        "--bound",
        Size("SIZE"),
        "How much the entries may take: the longest unused go first.  [default: 2GB]",
    ),
)
