"""What is dropped on an assumption that a function could prove wrong, where none is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, name_of
from slimmer.rules.components import unit_of
from slimmer.rules.packs import Component
from slimmer.text import printable

_SHOWN = 30
#: Folders that no code asks for by these names.
_UNNAMED = frozenset(("bin", ".bin", "test", "tests"))
_METADATA = "-info"


def public_findings(
    tree: Tree, verdicts: Mapping[str, Verdict], components: Iterable[Component]
) -> Iterator[Finding]:
    """Yield a note that names the public parts of a tree that are dropped."""
    public = {component.name: component for component in components if component.public}
    names: dict[str, None] = {}
    for entry in tree.entries:
        rule = verdicts[entry.path].rule if verdicts[entry.path].dropped else None
        component = public.get(rule.component) if rule is not None else None
        if component is None:
            continue
        above = verdicts.get(folder_of(entry.path))
        is_outermost = above is None or not above.dropped
        if component.public_names:
            names |= dict.fromkeys(component.public_names)
        elif is_outermost and entry.kind is Kind.DIRECTORY:
            folder, _, name = entry.path.rpartition("/")
            scope = f"{name_of(folder)}/" if name_of(folder).startswith("@") else ""
            if name not in _UNNAMED and not name.endswith(_METADATA):
                names[scope + unit_of(name)] = None
    if names:
        shown = [printable(name) for name in names][:_SHOWN]
        shown += [f"{len(names) - _SHOWN:,} more"] if len(names) > _SHOWN else []
        yield finding(
            "public-dropped",
            f"dropped, since few functions use them and none is known here: {', '.join(shown)}; "
            "name the function's zip with --with, and what it uses stays",
        )
