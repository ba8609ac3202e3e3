"""The Java runtimes of a tree, and which of their modules the code in it and beside it reaches."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.java.module_facts import load_module_facts
from slimmer.ecosystems.java.runtime_modules import Runtime, Text, reached, read_runtime
from slimmer.formats import FormatError
from slimmer.formats.java.jimage import DESCRIPTOR
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.unpack import content
from slimmer.inputs.base import Sibling
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of, join, name_of

MODULES = "lib/modules"
_CODE = (".class", ".jar", ".war")
_JARS = (".jar", ".war")
_MAX_TEXT_BYTES = 1_000_000
_MAX_MEMBER_BYTES = 16 << 20
_MAX_NESTED_BYTES = 512 << 20
_HEAD_BYTES = 4_096  # a text has no zero byte in them
_ALL = re.compile(rb"\bALL-(?:MODULE-PATH|SYSTEM|DEFAULT)\b")
_AS_MODULES = re.compile(rb"--module-path|--add-modules|(?m:^|\s)-[pm]\s")

Read = Callable[[str], bytes]


class Reach(NamedTuple):
    """A runtime, and what of it is reached."""

    #: Its folder in the tree.
    root: str
    runtime: Runtime
    #: The modules that are reached, each with what reaches it.
    modules: dict[str, str]

    @property
    def unreached(self) -> list[str]:
        """The modules that nothing reaches, the largest first."""
        names = (name for name in self.runtime if name not in self.modules)
        return sorted(names, key=lambda name: (-self.runtime[name].size_bytes, name))


def runtime_roots(tree: Tree) -> list[str]:
    """Return the folders of runtimes that have a list of modules and a release file."""
    roots = (e.path.removesuffix(MODULES).rstrip("/") for e in tree.ending_in(MODULES) if _is(e))
    return [root for root in roots if join(root, "release") in tree.by_path]


def find_reach(
    tree: Tree, read: Read, siblings: Collection[Sibling], is_kept: Callable[[str], bool]
) -> list[Reach]:
    """Return the runtimes of a tree with what is reached; none where no code of Java is known.

    A runtime, or a jar, that cannot be understood says nothing, and neither do those beside it.
    Raises what reading raises.
    """
    roots = runtime_roots(tree)
    if not roots or not (_has_code(tree, roots) or any(_has_code(z.tree, ()) for z in siblings)):
        return []
    try:
        runtimes = {root: read_runtime(read(join(root, MODULES))) for root in roots}
        texts = list(_texts(tree, read, roots, is_kept))
        for zip_ in siblings:
            texts += _texts(zip_.tree, zip_.read, (), lambda _: True, f"{zip_.name}: ")
    except FormatError:
        return []
    plain = [text for text in texts if not text.path.endswith(".class")]
    if any(_ALL.search(text.data) for text in plain):
        return []
    if not any(_AS_MODULES.search(text.data) for text in plain):
        texts = [text for text in texts if name_of(text.path) != DESCRIPTOR]
    facts = load_module_facts()
    return [Reach(root, each, reached(each, texts, facts)) for root, each in runtimes.items()]


def _is(entry: Entry) -> bool:
    folder = folder_of(entry.path)
    return entry.kind is Kind.FILE and name_of(folder) == "lib" and name_of(entry.path) == "modules"


def _has_code(tree: Tree, roots: Collection[str]) -> bool:
    return any(not _is_below(entry.path, roots) for entry in tree.ending_in(*_CODE))


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return any(path.startswith(join(root, "")) for root in roots)


def _texts(
    tree: Tree, read: Read, roots: Collection[str], is_kept: Callable[[str], bool], name: str = ""
) -> Iterator[Text]:
    """Yield what may name a module, jars by their members. Raises FormatError for a broken jar."""
    for entry in tree.entries:
        path = entry.path
        if entry.kind is not Kind.FILE or _is_below(path, roots) or not is_kept(path):
            continue
        if path.endswith(_JARS):
            yield from _members(f"{name}{path}", read(path))
        elif path.endswith(".class") or entry.size_bytes <= _MAX_TEXT_BYTES:
            data = read(path)
            if path.endswith(".class") or b"\0" not in data[:_HEAD_BYTES]:
                yield Text(f"{name}{path}", path, data)


def _members(name: str, data: bytes) -> Iterator[Text]:
    """Yield the members of a jar, and those of jars in it."""
    for member, read in _files(data):
        if member.name.endswith(_JARS):
            inner = f"{name}/{member.name}"
            yield from _plain(inner, _files(read(_MAX_NESTED_BYTES)))
        else:
            yield from _plain(name, [(member, read)])


def _files(data: bytes) -> Iterator[tuple[ZipMember, Callable[[int], bytes]]]:
    """Yield the files in a zip, each with what gives its bytes up to a number of them."""
    for member in read_zip(data).members:
        if member.kind == "file":
            yield member, partial(content, data, member)


def _plain(name: str, files: Iterable[tuple[ZipMember, Callable[[int], bytes]]]) -> Iterator[Text]:
    for member, read in files:
        if member.size_bytes <= _MAX_MEMBER_BYTES:
            yield Text(name, member.name, read(_MAX_MEMBER_BYTES))
