"""What a shrink leaves of functions: wrong uses of what it was shown, and what it was not shown.

Each of the project's trees gets a function of many uses. It is shrunk with four of them, and then
asked for ten wrong uses and ten other features. With three of the four, the fourth is another one.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.each import each
from trees import probed

OPTIONS = (("--guard-drops",), ("--guard-drops", "--within-units"))


def main() -> None:
    for name, folder in each("features", probed.LAYOUTS):
        _measure(name, probed.lay_out(name, folder))


def _measure(name: str, tree: probed.Probed) -> None:
    uses = tree.names("use")
    before = tree.ask(tree.build("before.zip"), [*uses, *tree.names("bad"), *tree.names("new")])
    for options in OPTIONS:
        found = tree.shrunk(uses, before, *options)
        print(f"features, {name} {' '.join(options)}: {told(found)}", flush=True)
    found = tree.shrunk(uses[:-1], {uses[-1]: before[uses[-1]]}, *OPTIONS[-1])
    print(f"features, {name}, three uses of four: {told(found)}", flush=True)


def told(found: Mapping[str, str]) -> str:
    """Return how many names of each kind do what."""
    parts = []
    for kind in dict.fromkeys(name.partition("_")[0] for name in found):
        mine = {name: what for name, what in found.items() if name.startswith(f"{kind}_")}
        counts = "; ".join(_count(what, mine) for what in dict.fromkeys(mine.values()))
        parts.append(f"{kind}: {counts}")
    return ", ".join(parts)


def _count(what: str, found: Mapping[str, str]) -> str:
    names = [name for name, each in found.items() if each == what]
    return f"{len(names)} {what}" + (f" ({' '.join(names)})" if what != probed.WORKS else "")
