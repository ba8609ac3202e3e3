"""The vocabulary of evidence: the words that packs may use, each with its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.zip.reader import read_zip
from slimmer.model.tree import Entry, Kind
from slimmer.paths import join, name_of
from slimmer.rules.evidence.counterparts import counterpart
from slimmer.rules.evidence.formats import format_of
from slimmer.rules.evidence.interpreters import interpreter
from slimmer.rules.evidence.kinds import documents, readable, sources
from slimmer.rules.evidence.packages import package
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit
from slimmer.rules.evidence.templates import no_template
from slimmer.rules.evidence.tests import tests

_MAX_ARCHIVE_BYTES = 1 << 26  # of a jar whose members are looked at; the largest known has 40 MB
_NATIVE_ENDS = (".so", ".node", ".dll", ".exe", ".dylib")
_EXECUTABLE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


class Word(NamedTuple):
    """One word of the vocabulary."""

    #: What holds where it holds, in one sentence.
    meaning: str
    check: Callable[[Surroundings, Unit], Found]


def no_classes(at: Surroundings, unit: Unit) -> Found:
    """Return whether no class file lies in a unit, and none of the user's own in the tree.

    Below a class path any folder may be a package, such as ``com/example``.
    """
    inside = [unit.path] if unit.is_folder else []
    for folder in inside:
        if found := at.first_below(folder, (".class", ".jar")):
            return Found(holds=False, what=f"{name_of(found)} in it")
    if not unit.is_folder and unit.path.endswith(".jar"):
        return _no_class_in_jar(at, at.tree.by_path[unit.path])
    own = at.first_below("", (".class",))
    while own and not at.is_own(own):
        own = next((e.path for e in at.tree.ending_in(".class") if at.is_own(e.path)), "")
    return Found(not own, f"{own} makes it a class path" if own else "no class")


def _no_class_in_jar(at: Surroundings, entry: Entry) -> Found:
    data = (
        at.start(entry.path, _MAX_ARCHIVE_BYTES) if entry.size_bytes < _MAX_ARCHIVE_BYTES else b""
    )
    try:
        names = [member.name for member in read_zip(data).members]
    except FormatError as error:
        return Found(holds=False, what=f"it cannot be read as a zip: {error}")
    classes = [name for name in names if name.endswith(".class")]
    return Found(not classes, f"{classes[0]} in it" if classes else f"{len(names)} members")


def no_programs(at: Surroundings, unit: Unit) -> Found:
    """Return whether no program and no library lies in a unit."""
    for entry in at.files(unit):
        looks = entry.executable or entry.path.endswith(_NATIVE_ENDS)
        if looks and entry.kind is Kind.FILE and at.start(entry.path, 4).startswith(_EXECUTABLE):
            return Found(holds=False, what=f"{name_of(entry.path)} is a program")
    return Found(holds=True, what="no program")


def java_runtime(at: Surroundings, unit: Unit) -> Found:
    """Return whether the root of a unit is that of a Java runtime, as its release file says."""
    holds = b"JAVA_VERSION=" in at.start(join(unit.root, "release"))
    return Found(holds, "release" if holds else "no release file of Java beside it")


def distribution(at: Surroundings, unit: Unit) -> Found:
    """Return whether dpkg or apk keeps its records at the root of a unit."""
    from slimmer.formats import apk, dpkg  # noqa: PLC0415 - for images only

    records = (dpkg.STATUS, dpkg.STATUS_FOLDER, apk.INSTALLED)
    found = next((path for path in records if at.has(join(unit.root, path))), "")
    return Found(bool(found), found or "no records of dpkg or apk at its root")


def unmentioned(at: Surroundings, unit: Unit) -> Found:  # noqa: ARG001 - as all checks
    """Hold: the guards look for mentions in what is kept, and take back what one names."""
    return Found(holds=True, what="checked by the guards")


#: All words that a pack may use.
WORDS: Mapping[str, Word] = {
    "package": Word(
        "The package, distribution or application that it is, or lies in, says the name of its "
        "folder: in package.json, METADATA or ebin/NAME.app.",
        package,
    ),
    "format": Word(
        "A file starts as the format of its name does, such as `!<arch>` for a static library; a "
        "folder of a tool holds what that tool writes.",
        format_of,
    ),
    "counterpart": Word(
        "What runs instead lies beside it: the module of a stub, what a source was compiled into, "
        "the script of a source map, the original of a backup.",
        counterpart,
    ),
    "tests": Word(
        "It is, or holds, a module that is named or written as tests are.",
        tests,
    ),
    "documents": Word(
        "It is, or holds, what people read, and next to nothing that was compiled.",
        documents,
    ),
    "sources": Word(
        "It holds source code, nothing that was compiled, and no data that programs read.",
        sources,
    ),
    "readable": Word(
        "It is, or holds, a script, a source or a page that explains.",
        readable,
    ),
    "no-classes": Word(
        "No class file lies in it, in a folder or a jar, nor elsewhere as one of the user's own: "
        "any folder on a class path may be a package.",
        no_classes,
    ),
    "no-template": Word(
        "No generator copies it: it lies in no folder called templates/, skeleton/ or data/, in no "
        "project inside a package, in no package that writes projects, such as create-vite; and "
        "what a repository has at its top, such as .gitignore, lies at the top of its package.",
        no_template,
    ),
    "no-programs": Word(
        "No program and no native library lies in it.",
        no_programs,
    ),
    "java-runtime": Word(
        "It lies at the root of a Java runtime, which a release file proves.",
        java_runtime,
    ),
    "interpreter": Word(
        "It lies at the root of an installation of Ruby or PHP, or of what .NET publishes, which "
        "its own files prove: rbconfig.rb, a php that is a program, NAME.deps.json.",
        interpreter,
    ),
    "distribution": Word(
        "It lies in a root file system whose packages the records of dpkg or apk list.",
        distribution,
    ),
    "unmentioned": Word(
        "Nothing that is kept mentions it; the guards look for that and take it back.",
        unmentioned,
    ),
}
