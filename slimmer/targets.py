"""Targets: what a platform takes and what is there, from the text of data files.

A target that ``extends`` another has all that it does not say itself from that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.text import did_you_mean
from slimmer.toml import Table, data_folder, read_text

_NO_LIMIT = 2**63
LANGUAGES = ("python", "nodejs", "java", "ruby")


class System(NamedTuple):
    """An operating system: versions as people write them, libraries by their SONAME.

    ``glibcxx_later`` and ``cxxabi_later`` are what later releases have, which a function
    may or may not meet. ``doubtful`` libraries are there in some places and not in others.
    """

    title: str
    source: str
    glibc: str
    glibcxx: str
    cxxabi: str
    glibcxx_later: str
    cxxabi_later: str
    libraries: frozenset[str]
    doubtful: frozenset[str]


class Language(NamedTuple):
    """A managed runtime's language.

    ``abi`` is what native modules must be built for: Python's tag (``cp311``), Node's
    NODE_MODULE_VERSION, the highest class file version of Java, Ruby's ABI version.
    ``paths`` are the folders of a layer that are searched.
    """

    name: str
    version: str
    abi: str
    paths: tuple[str, ...]
    libraries: frozenset[str]


class Target(NamedTuple):
    """What a platform takes. Sizes are whole bytes.

    ``unzipped_below_bytes`` must not be reached by everything that is unpacked together;
    ``direct_upload_bytes`` is the largest zip that goes without S3; ``members`` and
    ``archive_bytes`` are what a zip can hold without zip64. Without a ``system`` nothing
    is known but these limits.
    """

    name: str
    title: str
    source: str
    unzipped_below_bytes: int
    direct_upload_bytes: int
    layers: int
    members: int
    archive_bytes: int
    #: The most that one zip may take, however it is uploaded; 0 where there is no such limit.
    zip_bytes: int = 0
    system: System | None = None
    language: Language | None = None

    @property
    def libraries(self) -> frozenset[str]:
        """The libraries that are known to be there, by their SONAME."""
        system = self.system.libraries if self.system else frozenset()
        return system | (self.language.libraries if self.language else frozenset())


def without_zip_limits(target: Target) -> Target:
    """Return a target without what only zips are held to."""
    return target._replace(
        members=_NO_LIMIT, archive_bytes=_NO_LIMIT, direct_upload_bytes=_NO_LIMIT
    )


def target_names() -> tuple[str, ...]:
    """Return the names of all targets."""
    return tuple(sorted(file.stem for file in (data_folder() / "targets").glob("*.toml")))


def load_targets(folder: Path | None = None) -> dict[str, Target]:
    """Return every target by its name. Raises UsageError for one that is broken."""
    folder = (folder or data_folder()) / "targets"
    files = sorted(folder.glob("*.toml"))
    return parse_targets({f.stem: (read_text(f), f"rules/targets/{f.name}") for f in files})


def find_target(name: str) -> Target:
    """Return the target of this name; no other is read but those that it extends.

    Raises UsageError.
    """
    known = target_names()
    if name not in known:
        raise UsageError(f"there is no target {name!r}{did_you_mean(name, known)}")
    tables: dict[str, Table] = {}
    wanted = name
    while wanted not in tables:
        text = read_text(data_folder() / "targets" / f"{wanted}.toml")
        tables[wanted] = table = Table.parse(text, f"rules/targets/{wanted}.toml")
        wanted = table.text("extends") if table.has("extends") else wanted
    return _parse(name, tables, {}, ())


def find_targets(name: str) -> tuple[Target, tuple[Target, ...]]:
    """Return the target of this name, and all there are. Raises UsageError."""
    targets = load_targets()
    if name not in targets:
        raise UsageError(f"there is no target {name!r}{did_you_mean(name, targets)}")
    return targets[name], tuple(targets.values())


def parse_targets(texts: Mapping[str, tuple[str, str]]) -> dict[str, Target]:
    """Return the targets that data files describe, by name.

    ``texts`` are pairs of a text and the name of its file, by the target's name. Raises
    UsageError, with file and line, for one that is broken or extends what there is not.
    """
    tables = {name: Table.parse(text, source) for name, (text, source) in texts.items()}
    done: dict[str, Target] = {}
    for name in tables:
        _parse(name, tables, done, ())
    return {name: done[name] for name in sorted(done)}


def _parse(
    name: str, tables: Mapping[str, Table], done: dict[str, Target], above: tuple[str, ...]
) -> Target:
    if name in done:
        return done[name]
    table = tables[name]
    base = None
    if table.has("extends"):
        wanted = table.text("extends")
        if wanted not in tables:
            table.fail("extends", f"there is no target {wanted!r}{did_you_mean(wanted, tables)}")
        if wanted in (*above, name):
            table.fail("extends", f"{name!r} extends itself by way of {wanted!r}")
        base = _parse(wanted, tables, done, (*above, name))
    system, language = table.table("system"), table.table("language")
    inherited = base.zip_bytes if base else 0
    done[name] = Target(
        name=name,
        title=table.text("title"),
        source=table.text("source"),
        unzipped_below_bytes=table.whole(
            "unzipped_below_bytes", base.unzipped_below_bytes if base else None
        ),
        direct_upload_bytes=table.whole(
            "direct_upload_bytes", base.direct_upload_bytes if base else None
        ),
        layers=table.whole("layers", base.layers if base else None),
        members=table.whole("members", base.members if base else None),
        archive_bytes=table.whole("archive_bytes", base.archive_bytes if base else None),
        zip_bytes=table.whole("zip_bytes") if table.has("zip_bytes") else inherited,
        system=_system(system) if system else base.system if base else None,
        language=_language(language) if language else base.language if base else None,
    )
    table.finish()
    return done[name]


def _system(table: Table) -> System:
    glibcxx, cxxabi = table.text("glibcxx"), table.text("cxxabi")
    system = System(
        title=table.text("title"),
        source=table.text("source"),
        glibc=table.text("glibc"),
        glibcxx=glibcxx,
        cxxabi=cxxabi,
        glibcxx_later=table.text("glibcxx_later", glibcxx),
        cxxabi_later=table.text("cxxabi_later", cxxabi),
        libraries=frozenset(table.texts("libraries")),
        doubtful=frozenset(table.texts("doubtful")),
    )
    table.finish()
    return system


def _language(table: Table) -> Language:
    language = Language(
        name=table.choice("name", LANGUAGES),
        version=table.text("version"),
        abi=table.text("abi"),
        paths=table.texts("paths"),
        libraries=frozenset(table.texts("libraries")),
    )
    table.finish()
    return language
