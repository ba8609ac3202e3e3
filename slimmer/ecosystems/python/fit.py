"""Python's extension modules against the version and processor of the runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimmer.ecosystems.native.pip import pip_install
from slimmer.ecosystems.native.platforms import TRIPLES, extension
from slimmer.ecosystems.shipped import Shipped
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Kind
from slimmer.targets import Language
from slimmer.text import and_more

_INTERPRETER = re.compile(r"(?:.+/)?bin/python3(?:\.\d+)?")
_OF_VERSION = re.compile(r"(?:.+/)?lib/python(\d\.\d+)/.+")


def check_python(shipped: Shipped) -> Iterator[Finding]:
    """Yield a failure where modules are for other Pythons, and no module beside them is not."""
    language = shipped.language("python")
    if language is None:
        return
    others: dict[str, list[tuple[str, str]]] = {}
    loaded = set()
    for path in (entry.path for entry in shipped.entries if entry.kind is not Kind.DIRECTORY):
        module = extension(path)
        if module is not None and module.tag and module.version not in ("", language.version):
            if not _is_elsewhere(path, language):
                others.setdefault(module.version, []).append((path, module.module))
        elif module is not None and _loads(shipped, module.triple):
            loaded.add(module.module)
    has_own = any(_INTERPRETER.fullmatch(entry.path) for entry in shipped.entries)
    wrong = {
        version: paths
        for version, modules in sorted(others.items())
        if (paths := [path for path, module in modules if module not in loaded])
    }
    # Another target is no way out of a tree that would not load there either.
    has_one = len(wrong) == 1 and not loaded
    for version, paths in wrong.items():
        yield _other_python(shipped, language, version, paths, has_own=has_own, has_one=has_one)


def _loads(shipped: Shipped, triple: str) -> bool:
    arch = shipped.context.arch
    return not triple or triple in ([TRIPLES[arch]] if arch else TRIPLES.values())


def _is_elsewhere(path: str, language: Language) -> bool:
    """Return whether a module lies in a folder for another version, which is not searched."""
    found = _OF_VERSION.fullmatch(path)
    return found is not None and found[1] != language.version


def _other_python(
    shipped: Shipped,
    language: Language,
    version: str,
    paths: list[str],
    *,
    has_own: bool,
    has_one: bool,
) -> Finding:
    name = shipped.target.name
    sisters = [t.name for t in shipped.sisters() if t.language and t.language.version == version]
    use = f"use {sisters[0]} or " if sisters and has_one else ""
    install = pip_install(shipped.context, paths)
    verb = "is" if len(paths) == 1 else "are"
    return finding(
        "python-abi",
        f"{and_more(paths)} {verb} for Python {version}; {name} has {language.version} and cannot "
        f"import {'it' if len(paths) == 1 else 'them'}; {use}install with "
        f"{install}",
        severity=Severity.WARN if has_own else Severity.FAIL,
    )
