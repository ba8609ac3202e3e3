"""package.json: what Node's resolution reads of it, and which file each of its fields means.

The algorithm is that of https://nodejs.org/api/esm.html#resolution-algorithm-specification;
here it only turns names into paths, relative to the package, and opens nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_BYTES = 4_000_000
_MAX_PATTERNS = 1_000  # of one package; the largest in wide use have some dozens
_MAX_DEPTH = 16  # conditions nest two or three deep
_MAX_LOOKS = 1_000  # at conditions and alternatives, until a name means something
_Conditions: TypeAlias = "tuple[frozenset[str], ...]"
_ALWAYS = frozenset({"node", "default", "node-addons"})
CONDITIONS = {
    "require": (_ALWAYS | {"require", "module-sync"}, _ALWAYS | {"require"}),
    "import": (_ALWAYS | {"import", "module-sync"}, _ALWAYS | {"import"}),
}
"""What Node looks for: of version 22.10 and later, and of those before."""
_OTHERS = {
    how: (_ALWAYS | {how, "bun"}, _ALWAYS | {how, "deno", "module-sync"}) for how in CONDITIONS
}
"""What Bun and Deno look for."""


class Names(NamedTuple):
    """What ``exports`` or ``imports`` maps: names as they are, and patterns, the best first.

    A pattern is what stands before its ``*`` and after it; Node 16's ``./x/`` is one, too.
    """

    exact: Mapping[str, Json] = {}
    patterns: tuple[tuple[str, str, Json], ...] = ()


class Package(NamedTuple):
    """A package.json; what is missing, or not of the right type, is empty.

    ``development`` is what only its own development needs: no other field names it;
    ``peers`` are those that it cannot do without; ``commands`` are the paths in ``bin``, and
    ``programs`` what npm calls them. Without ``exports`` every file of the package
    can be asked for.
    """

    name: str = ""
    main: str = ""
    module: str = ""
    exports: Names | None = None
    imports: Names = Names()
    dependencies: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    development: frozenset[str] = frozenset()
    peers: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    commands: tuple[str, ...] = ()


def parse_package(data: bytes) -> Package:
    """Return what a package.json says.

    Raises FormatError for what is not a JSON object, and for more patterns than anyone writes.
    """
    if len(data) > MAX_BYTES:
        raise FormatError("more than 4 MB")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise FormatError("not a JSON object")
    exports, imports = found.get("exports"), found.get("imports")
    if not isinstance(exports, dict) or not any(key.startswith(".") for key in exports):
        exports = None if exports is None else {".": exports}
    optional = _names(found.get("optionalDependencies"))
    asked = _names(found.get("dependencies")) | _names(found.get("peerDependencies"))
    return Package(
        name=_text(found.get("name")),
        main=_text(found.get("main")),
        module=_text(found.get("module")),
        exports=None if exports is None else _mapped(exports),
        imports=_mapped(imports if isinstance(imports, dict) else {}),
        dependencies=_names(found.get("dependencies")) - optional,
        optional=optional,
        development=_names(found.get("devDependencies")) - asked - optional,
        peers=_names(found.get("peerDependencies")) - _may_be_absent(found, optional),
        programs=_programs(found.get("bin"), _text(found.get("name"))),
        commands=_texts(found.get("bin")),
    )


def _mapped(mapping: Mapping[str, Json]) -> Names:
    exact: dict[str, Json] = {}
    patterns: list[tuple[str, str, Json]] = []
    for key, target in mapping.items():
        head, star, tail = key.partition("*")
        if star or key.endswith("/"):
            patterns.append((head, tail, target))
        else:
            exact[key] = target
    if len(patterns) > _MAX_PATTERNS:
        raise FormatError("more than 1,000 patterns")
    patterns.sort(key=lambda pattern: (-len(pattern[0]), -len(pattern[1])))
    return Names(exact, tuple(patterns))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Json) -> tuple[str, ...]:
    values = value.values() if isinstance(value, dict) else (value,)
    return tuple(text for text in values if isinstance(text, str))


def _names(value: Json) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _programs(value: Json, name: str) -> frozenset[str]:
    return frozenset({name.rpartition("/")[2]}) if isinstance(value, str) else _names(value)


def _may_be_absent(found: Mapping[str, Json], optional: frozenset[str]) -> frozenset[str]:
    """Return the peers that a package can do without, as ``peerDependenciesMeta`` says."""
    meta = found.get("peerDependenciesMeta")
    said = meta.items() if isinstance(meta, dict) else ()
    return optional | {n for n, m in said if isinstance(m, dict) and m.get("optional") is True}


def exported(package: Package, subpath: str, how: str) -> tuple[str, ...]:
    """Return what ``exports`` means by a subpath (``.`` or ``./x``), for each Node, Bun and Deno.

    ``how`` is ``require`` or ``import``. A path is relative to the package, without ``./``.
    """
    return _resolved(package.exports or Names(), subpath, (*CONDITIONS[how], *_OTHERS[how]))


def imported(package: Package, specifier: str, how: str) -> tuple[str, ...]:
    """Return what ``imports`` means by a name such as ``#x``: paths, or other packages' names."""
    return _resolved(package.imports, specifier, (*CONDITIONS[how], *_OTHERS[how]))


def entries(package: Package, *, others: bool = False) -> Iterator[str]:
    """Yield the paths that ``exports`` lists without a pattern, for every Node.

    With ``others`` also those for Bun and Deno.
    """
    groups = (*CONDITIONS.values(), *(_OTHERS.values() if others else ()))
    for target in package.exports.exact.values() if package.exports else ():
        for conditions in groups:
            yield from _chosen(target, "", conditions)


def _resolved(names: Names, key: str, conditions: _Conditions) -> tuple[str, ...]:
    if key in names.exact:
        return _chosen(names.exact[key], "", conditions)
    for head, tail, target in names.patterns:
        is_longer = len(key) > len(head) + len(tail)
        if is_longer and key.startswith(head) and key.endswith(tail):
            return _chosen(target, key[len(head) : len(key) - len(tail)], conditions)
    return ()


def _chosen(target: Json, star: str, conditions: _Conditions) -> tuple[str, ...]:
    """Return the paths that a target means under each set of conditions, ``star`` put in."""
    found = (_Choice(each).of(target, 0) for each in conditions)
    return tuple(dict.fromkeys(_filled(path, star) for path in found if path))


def _filled(target: str, star: str) -> str:
    path = target.replace("*", star) if "*" in target else target
    return (path + star if target.endswith("/") else path).removeprefix("./")


class _Choice:
    """One walk through nested conditions; it gives up where they are without end."""

    def __init__(self, conditions: frozenset[str]) -> None:
        self._conditions = conditions
        self._looks = _MAX_LOOKS

    def of(self, target: Json, depth: int) -> str | None:
        """Return the target; "" where it is closed on purpose, None where it is not said."""
        if isinstance(target, str):
            return target
        if depth == _MAX_DEPTH:
            return None
        if isinstance(target, dict):
            chosen: Iterable[Json] = (target[key] for key in target if self._is_met(key))
        elif isinstance(target, list):
            chosen = target
        else:
            return "" if target is None else None
        for inner in chosen:
            self._looks -= 1
            found = self.of(inner, depth + 1) if self._looks > 0 else None
            if found is not None and (found or isinstance(target, dict)):
                return found
            if self._looks <= 0:
                break
        return None

    def _is_met(self, key: str) -> bool:
        self._looks -= 1
        return self._looks > 0 and key in self._conditions
