"""What a text can name: a class, a resource, a package, or a namespace of Clojure.

Clojure loads the namespace ``a.b-c`` from ``a/b_c__init.class`` or ``a/b_c.clj``, and ``(load
"x")`` in a namespace of the folder ``a`` is ``a/x`` (clojure.core, ``root-resource`` and ``load``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimmer.ecosystems.java.packages import CODE, META
from slimmer.paths import folder_of, name_of, parents

_EMPTY: frozenset[str] = frozenset()
# A class in a descriptor or signature, JVMS 4.3.2.
_DESCRIBED = re.compile(r"L([^;<>()\[:]{1,999})[;<]")
_JOINED = re.compile("[\x01\x02]")  # where a recipe of StringConcatFactory takes in a value
_INIT = "__init"
#: Files of services are named one by one, and those for other tools by nobody.
_LISTS = ("META-INF/services", "META-INF/native-image", "META-INF/proguard")
_FILES = (".jar", ".war")
_TOKEN = re.compile(rb"[\w$./-]{2,300}")
_FORM = re.compile(rb"[(\[{]|[)\]}]|[\w$./-]+")


class Names:
    """All that can be named in a tree, each with the parts that have it."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._homes: dict[str, frozenset[str]] = {}
        self._packages: dict[str, frozenset[str]] = {}

    def add(self, path: str, part: frozenset[str]) -> None:
        """Add a file as class loaders know it, of this one part."""
        name = path
        for end in CODE:
            if path.endswith(end):
                name = path.removesuffix(end).removesuffix(_INIT)
                break
        self._put(self._homes, name, part)
        folder = folder_of(path)
        if folder.startswith(_LISTS):
            return
        if folder and part - self._packages.get(folder, _EMPTY):
            self._put(self._packages, folder, part)
            if folder.startswith(META):
                for outer in parents(folder):
                    self._put(self._packages, outer, part)

    def add_file(self, path: str, part: frozenset[str]) -> None:
        """Add a file that is named by its path, such as a jar."""
        self._put(self._homes, path, part)

    def of_class(self, name: str) -> frozenset[str]:
        """Return the parts that have a class, or a namespace, of this name with dots."""
        return self._homes.get(name.replace(".", "/"), _EMPTY)

    def named(self, text: str) -> Iterator[frozenset[str]]:
        """Yield the parts that a text names, in any way that it can be read."""
        if ";" in text:
            for name in _DESCRIBED.findall(text):
                yield self._found(name)
        for piece in _JOINED.split(text) if "\x01" in text else (text,):
            yield self._found(piece.rpartition(":")[2])

    def _found(self, text: str) -> frozenset[str]:
        path = text.strip("/")
        if "/" not in path and "." not in path:
            return _EMPTY
        if path.endswith(_FILES):  # wherever it lies where it runs
            return self._homes.get(path, _EMPTY) | self._homes.get(name_of(path), _EMPTY)
        name = path.replace(".", "/").strip("/")
        found = self._homes.get(name, _EMPTY) | self._homes.get(path, _EMPTY)
        if "-" in name:
            found |= self._homes.get(name.replace("-", "_"), _EMPTY)
        before, slash, _ = path.partition("/")
        if slash and "." in before:  # a symbol of a namespace, a.b/c
            found |= self._found(before)
        if found or "/" not in name:
            return found
        found = self._packages.get(name, _EMPTY)
        for folder in () if found else {folder_of(path), folder_of(name)}:
            if "/" in folder:
                found |= self._packages.get(folder, _EMPTY)
        return found

    def loaded(self, folder: str, text: str) -> frozenset[str]:
        """Return the parts that ``(load "TEXT")`` means in a namespace of a folder."""
        return self._homes.get(f"{folder}/{text}".replace("-", "_"), _EMPTY)

    def below(self, prefix: str) -> frozenset[str]:
        """Return the parts with packages below one of two parts or more, ending as a prefix."""
        start = prefix.replace(".", "/").strip("/") + "/"
        if start.count("/") < 2 and start != META:
            return _EMPTY
        return _EMPTY.union(*(p for f, p in self._packages.items() if f"{f}/".startswith(start)))

    @staticmethod
    def _put(known: dict[str, frozenset[str]], name: str, part: frozenset[str]) -> None:
        there = known.get(name)
        known[name] = part if there is None else there | part


def words(data: bytes) -> Iterable[str]:
    """Return all words of a file that can name something, whatever the file is."""
    return {word.strip(b".").decode("utf-8", "replace") for word in _TOKEN.findall(data)}


def forms(data: bytes) -> Iterator[str]:
    """Yield what forms of Clojure name by a prefix: ``(a.b C [d :as e])`` is a.b.C and a.b.d.

    That is how ``:import`` and the prefix lists of ``require`` are written.
    """
    stack: list[bytes] = []  # the first word of each form that is open
    for match in _FORM.finditer(data):
        word = match[0]
        if word in b"([{":
            stack.append(b"")
        elif word in b")]}":
            if stack:
                stack.pop()
        elif stack:
            prefix = stack[-1]
            if not prefix:
                stack[-1] = word
                prefix = stack[-2] if len(stack) > 1 else b""
            if prefix:
                yield b".".join((prefix, word)).decode("utf-8", "replace")
