"""The rows of the table of options that say how far ``slim shrink`` goes."""

from __future__ import annotations

from slimmer.config.option import Option
from slimmer.config.path_values import PathOf, Role
from slimmer.config.values import Seconds, Switch, Whole

SHRINK_TABLE = (
    Option(
        "-o --shrink-file",
        PathOf("FILE", role=Role.OUT),
        "The file to write.  [default: slim.shrink.toml]",
        param="output",
    ),
    Option(
        "--repeat",
        Whole("N", least=1, most=100, default=3),
        "How often all events are run and watched.  [default: 3]",
    ),
    Option(
        "--runs",
        Whole("N", least=1, most=10_000, default=40),
        "The most runs that prove the result and try to do without more.  [default: 40]",
    ),
    Option(
        "--time",
        Seconds("SECONDS", most=86_400, default=600.0),
        "The time limit of these runs; what is proven by then is written.  [default: 600]",
        param="time_s",
    ),
    Option(
        "--observe",
        Switch(),
        "Ship what --shrink would drop, with a recorder in its Python and Node.js code that tells "
        "the log when it is used.",
        param="observes",
    ),
    Option(
        "--evidence",
        PathOf("LOG", multiple=True, role=Role.IN),
        "A log of the function that was built with --observe, as text or JSON: what it says was "
        "used stays. Repeatable.",
    ),
    Option(
        "--guard-drops",
        Switch(),
        "Ship a small module in the place of dropped Python and Node.js code, which says who "
        "dropped it.",
        param="guarded",
    ),
    Option(
        "--within-units",
        Switch(),
        "Inside a package that was used, also drop files that kept files name.",
    ),
)
