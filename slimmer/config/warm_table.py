"""The rows of the table of options that are about ``slim warm``."""

from __future__ import annotations

from slimmer.config.option import Option
from slimmer.config.path_values import FileOf, PathOf, Role

WARM_TABLE = (
    Option(
        "--warm",
        FileOf("FILE"),
        "Ship what slim warm made, as its FILE says.",
        is_setting=True,
    ),
    Option(
        "-o --warm-file",
        PathOf("FILE", role=Role.OUT),
        "The file to write.  [default: slim.warm.zip]",
        param="output",
    ),
)
