"""Which modules of a Java runtime the code beside it reaches.

A class, a source or a list that names a package reaches the module that has it, a module what it
requires and what others give to interfaces that it uses. ``rules/java/modules.toml`` has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.ecosystems.java.module_facts import ModuleFacts, Optional
from slimmer.formats.java.classes import makes
from slimmer.formats.java.jimage import DESCRIPTOR, content, read_jimage
from slimmer.formats.java.module_info import ModuleInfo, read_module_info
from slimmer.paths import folder_of

_NAME = re.compile(rb"(?:java|javax|jdk|sun|com|org|netscape)(?:[./][\w$]{1,200}){1,30}")


class RuntimeModule(NamedTuple):
    """A module of a runtime."""

    info: ModuleInfo
    packages: frozenset[str]
    #: What it takes in ``lib/modules``.
    size_bytes: int


Runtime = Mapping[str, RuntimeModule]


class Text(NamedTuple):
    """A file that may name something: its name for people, its path for class loaders."""

    name: str
    path: str
    data: bytes


def read_runtime(data: bytes) -> Runtime:
    """Return the modules in ``lib/modules``. Raises FormatError where it cannot be understood."""
    infos: dict[str, ModuleInfo] = {}
    packages: dict[str, set[str]] = {}
    sizes: dict[str, int] = {}
    for each in read_jimage(data):
        sizes[each.module] = sizes.get(each.module, 0) + each.size_bytes
        inside = packages.setdefault(each.module, set())
        if folder_of(each.path):
            inside.add(folder_of(each.path).replace("/", "."))
        if each.path == DESCRIPTOR:
            infos[each.module] = read_module_info(content(data, each))
    return {
        name: RuntimeModule(info, frozenset(packages[name]), sizes[name])
        for name, info in sorted(infos.items())
    }


def reached(runtime: Runtime, texts: Iterable[Text], facts: ModuleFacts) -> dict[str, str]:
    """Return the modules that are reached, each with what reaches it: a file or a module."""
    found = dict.fromkeys((name for name in facts.always if name in runtime), "its words")
    for name, why in _Search(runtime, facts).of(texts).items():
        found.setdefault(name, why)
    return _closed(runtime, found, facts)


class _Search:
    def __init__(self, runtime: Runtime, facts: ModuleFacts) -> None:
        self._facts = facts
        self._homes = {p: name for name, each in runtime.items() for p in each.packages}
        self._names = runtime.keys()
        self._words = {
            word: re.compile(rb"(?<![\w$])" + re.escape(word) + rb"(?![\w$])")
            for word in sorted(facts.words)
        }

    def of(self, texts: Iterable[Text]) -> dict[str, str]:
        """Return the modules that texts name, each with the first."""
        found: dict[str, str] = {}
        waiting: dict[int, dict[str, str]] = {}
        said: set[int] = set()
        for text in texts:
            words = frozenset(self._said(text.data))
            named = dict.fromkeys(self._named(text.data), text.name)
            for row in self._facts.named:
                if row.words & words or (row.makes and makes(text.data, row.makes)):
                    found.setdefault(row.module, text.name)
            place = next((n for n, row in self._rows() if row.members.match(text.path)), None)
            into = found if place is None else waiting.setdefault(place, {})
            for module, name in named.items():
                into.setdefault(module, name)
            said |= {
                n for n, row in self._rows() if row.words & words and not _is_of(text, row.code)
            }
        for place in said & waiting.keys():
            found = waiting[place] | found
        return {name: why for name, why in found.items() if name in self._names}

    def _said(self, data: bytes) -> Iterator[bytes]:
        """Yield the words that stand in some bytes."""
        for word, whole in self._words.items():
            if word in data and whole.search(data):
                yield word

    def _rows(self) -> Iterator[tuple[int, Optional]]:
        yield from enumerate(self._facts.optional)

    def _named(self, data: bytes) -> Iterator[str]:
        """Yield the modules whose packages, or whose own names, stand in some bytes."""
        for raw in set(_NAME.findall(data)):
            name = raw.decode("ascii", "replace").replace("/", ".")
            if name in self._names:
                yield name
            while name and name not in self._homes:
                name = name.rpartition(".")[0]
            if name:
                yield self._homes[name]


def _is_of(text: Text, code: str) -> bool:
    return text.path.startswith(code)


def _closed(runtime: Runtime, found: dict[str, str], facts: ModuleFacts) -> dict[str, str]:
    """Return modules with what they require, and with what others give to them."""
    todo = list(found)
    while todo:
        module = runtime.get(todo.pop())
        if module is None:
            continue
        more = [name for name in module.info.requires if name in runtime]
        wanted = facts.services.intersection(module.info.uses)
        more += [n for n, each in runtime.items() if wanted.intersection(each.info.provides)]
        for name in more:
            if name not in found:
                found[name] = module.info.name
                todo.append(name)
    return {name: found[name] for name in sorted(found)}
