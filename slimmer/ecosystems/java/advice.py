"""What a start of a JVM costs that need not be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.java.class_path import JARS
from slimmer.ecosystems.java.runtimes import Reach, find_reach
from slimmer.ecosystems.start_scripts import bootstraps
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Verdict
from slimmer.paths import join
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_RUNS = re.compile(r"(?:^|[\s/\"'])java\"?\s+[^=\s]")
_TIERED = "TieredStopAtLevel"
_SHOWN = 3  # modules that are named


def advise(context: Context, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
    """Yield notes on a bootstrap that starts a JVM with all its compilers, and on spare modules."""
    for script in bootstraps(context, verdicts):
        starts = any(_RUNS.search(line) for line in script.lines)
        if starts and not any(_TIERED in line for line in script.lines):
            yield finding(
                "jvm-flags",
                f"{printable(script.name)} starts java without -XX:TieredStopAtLevel=1, with which "
                "a start took 0.70 instead of 1.14 CPU s, and 0.37 with an AppCDS archive too "
                "(measured, Clojure on JDK 17)",
            )
    reaches = find_reach(
        context.tree,
        context.read,
        context.deployment.siblings,
        lambda path: verdicts[path].kept and _may_name(context, path),
    )
    for reach in reaches:
        if reach.unreached and verdicts[join(reach.root, "lib/modules")].kept:
            yield _unreached(reach)


def _may_name(context: Context, path: str) -> bool:
    """Return whether a file may be code that Java runs, or name it: not all of a system's can."""
    is_own = context.owners.get(path, OWN) == OWN
    return is_own or context.started is None or path.endswith((".class", *JARS))


def _unreached(reach: Reach) -> Finding:
    names = reach.unreached
    spare = sum(reach.runtime[name].size_bytes for name in names)
    first = ", ".join(f"{n} {size_text(reach.runtime[n].size_bytes)}" for n in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return finding(
        "modules-unreached",
        f"{printable(reach.root or '.')}: nothing reaches {count_text(len(names), 'module')} of "
        f"{len(reach.runtime):,}, {size_text(spare)}: {first}{more}; --jlink reached leaves them "
        f"out, as does jlink --add-modules {','.join(reach.modules)} --output jre",
    )
