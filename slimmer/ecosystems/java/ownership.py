"""What a JRE's or JDK's installer wrote, known by its ``release`` file, and Maven's second jars.

A runtime that has a folder of its own has all that its kind has. One that lies at a root that
others share, such as that of a function, has only the names that nobody else uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from slimmer.model.owners import Claims
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, join, name_of

_NAME = "java/runtime"
_MARKS = ("lib/jvm.cfg", "lib/server/libjvm.so")
_FOLDERS = ("bin", "conf", "demo", "docs", "include", "jmods", "legal", "lib", "man", "sample")
_FILES = frozenset(
    (
        *("release", "NOTICE", "LICENSE", "README", "README.md", "README.html", "COPYRIGHT"),
        *("ASSEMBLY_EXCEPTION", "THIRD_PARTY_README", "commitId-default.txt"),
    )
)
_HEADERS = ("jni.h", "jvmti.h", "jvmticmlr.h", "jawt.h", "classfile_constants.h", "jdwpTransport.h")
_SHARED = ("legal", "lib/server", "lib/security", "lib/jfr", "include/linux")
_SHARED_FILES = ("lib/modules", "release")
_OF_JDK = ("lib/ct.sym", "lib/src.zip")
_SYMBOLS = (".diz", ".debuginfo")
_SECOND = ("-sources.jar", "-javadoc.jar")
_VERSIONED = re.compile(r".+-\d")


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what installers of Java runtimes and of jars wrote."""
    found = Claims()
    for entry in tree.ending_in("release"):
        root = folder_of(entry.path)
        is_runtime = any(join(root, mark) in tree.by_path for mark in _MARKS)
        if name_of(entry.path) == "release" and is_runtime and "JAVA_VERSION=" in text(entry.path):
            if root and _has_own_folder(tree, root):
                found.folders[root] = _NAME
            else:
                found.folders |= {join(root, name): _NAME for name in _SHARED}
                found.files |= dict.fromkeys(_shared_files(tree, root), _NAME)
    for entry in tree.ending_in(".jar"):
        first = entry.path[: -len(_SECOND[0])] if entry.path.endswith(_SECOND) else ""
        if _VERSIONED.match(name_of(first)) and f"{first}.jar" in tree.by_path:
            found.files[entry.path] = f"java/{name_of(first)}"
    return found


def _has_own_folder(tree: Tree, root: str) -> bool:
    """Return whether nothing lies in a folder but what a runtime has there."""
    return all(
        name_of(entry.path) in (_FOLDERS if entry.kind is Kind.DIRECTORY else _FILES)
        or entry.kind is Kind.LINK
        for entry in tree.below(root)
        if folder_of(entry.path) == root
    )


def _shared_files(tree: Tree, root: str) -> Iterator[str]:
    yield from (join(root, name) for name in _SHARED_FILES)
    yield from (join(root, f"include/{name}") for name in _HEADERS)
    if join(root, "bin/javac") in tree.by_path:
        yield from (join(root, name) for name in _OF_JDK)
    yield from (e.path for e in tree.below(join(root, "jmods")) if e.path.endswith(".jmod"))
    for entry in tree.below(join(root, "man")):
        program = join(root, f"bin/{name_of(entry.path).partition('.')[0]}")
        if name_of(entry.path).endswith((".1", ".1.gz")) and program in tree.by_path:
            yield entry.path
    for entry in tree.ending_in(*_SYMBOLS):
        library = entry.path.rpartition(".")[0]
        if f"{library.removesuffix('.so')}.so" in tree.by_path:
            yield entry.path
