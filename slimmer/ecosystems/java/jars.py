"""Jars as units: which part each member is of, and what the members of a part ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from slimmer.ecosystems.java.names import forms, words
from slimmer.ecosystems.java.packages import META, Packages, loaded_as
from slimmer.formats import FormatError
from slimmer.formats.java.classes import read_class
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.signed import MANIFEST, MAX_MANIFEST_BYTES
from slimmer.formats.zip.unpack import content
from slimmer.paths import folder_of, name_of

MAX_CLASS_BYTES = 16 << 20
_MAX_TEXT_BYTES = 1 << 20  # of a list or a file of settings
_SERVICES = "META-INF/services/"
_SOURCES = (".clj", ".cljc")
#: What every jar has of its own, and nobody looks for by name to use the jar.
_UNASKED = re.compile(
    r"META-INF/(?:maven/.*|MANIFEST\.MF|INDEX\.LIST|DEPENDENCIES|[^/]+\.(?:SF|RSA|DSA|EC)"
    r"|(?:licen[cs]e|notice|copying|copyright|al2\.0|lgpl)[^/]*)"
    r"|(?:BOOT|WEB)-INF/(?:classpath|layers)\.idx"
    r"|(?:.*/)?(?:module|package)-info\.class|[^/]*(?:licen[cs]e|notice|readme)[^/]*",
    re.IGNORECASE,
)
_STARTS = re.compile(
    rb"^(?:main|start|premain|agent|launcher-agent)-class: *([^\n]*)", re.IGNORECASE | re.MULTILINE
)
_AGENT = re.compile(rb"^(?:premain|agent|launcher-agent)-class:", re.IGNORECASE | re.MULTILINE)
#: Classes that name others of all the world only to refuse them. Source: jackson-databind 2.18.
_REFUSING = frozenset(("com/fasterxml/jackson/databind/jsontype/impl/SubTypeValidator",))
#: Spring Boot's, which puts the jars on the class path and starts one class: it names no other.
_LOADER = "org/springframework/boot/loader/"
#: Jars that a jar brings and its own loader, or a web server, puts on the class path.
_NESTED = re.compile(r"(?:BOOT|WEB)-INF/lib(?:-provided)?/[^/]+\.jar")
_MAX_NESTED_BYTES = 512 << 20
#: What web servers look for in every jar of a web application (Servlet 6.0, 8.2 and 4.6).
_SEARCHED = re.compile(r"META-INF/(?:web-fragment\.xml|resources/.*|(?:.*/)?[^/]+\.tld)")
_BY_NAME = frozenset((b"forName", b"loadClass", b"classForName", b"findClass"))
_ENDS = (b".", b"/")


@dataclass
class Asked:
    """What the members of a part ask for, as it is written."""

    #: The texts of class files.
    texts: set[bytes] = field(default_factory=set)
    #: The words of all other files.
    words: set[str] = field(default_factory=set)
    #: What Clojure may load beside a namespace: the folder of it, and the text.
    loads: set[tuple[str, str]] = field(default_factory=set)
    #: The beginnings of names that code puts together and loads.
    prefixes: set[bytes] = field(default_factory=set)
    #: The members that cannot be understood, so that they may ask for all.
    broken: list[str] = field(default_factory=list)

    def add_class(self, path: str, data: bytes) -> None:
        """Add what a class file names."""
        try:
            found = read_class(data)
        except FormatError:
            self.broken.append(path)
            return
        if found.name in _REFUSING:
            return
        self.texts |= found.texts
        if not found.texts.isdisjoint(_BY_NAME):
            firsts = (text.partition(b"\x01")[0] for text in found.texts)
            self.prefixes |= {text for text in firsts if text.endswith(_ENDS)}
        if path.endswith("__init.class"):
            folder = folder_of(path)
            self.loads |= {
                (folder, text.decode("utf-8", "replace"))
                for text in found.texts
                if b"." not in text and len(text) < len(path) + 100
            }

    def add_other(self, path: str, data: bytes) -> None:
        """Add the words of a source or another file."""
        self.words |= set(words(data))
        if path.endswith(_SOURCES):
            self.words |= set(forms(data))
            self.loads |= {(folder_of(path), word) for word in words(data)}


class Jar:
    """A jar that is open."""

    def __init__(self, path: str, data: bytes, name: str, *, nests: bool = True) -> None:
        """Take its path and bytes, and what it is called as a unit. Raises FormatError.

        Jars in it are opened where it ``nests``.
        """
        self.path = path
        self.name = name
        self._data = data
        files = [m for m in read_zip(data).members if m.kind == "file"]
        manifest = next((m for m in files if m.name.upper() == MANIFEST), None)
        said = content(data, manifest, MAX_MANIFEST_BYTES) if manifest else b""
        whole = re.sub(rb"\r\n?", b"\n", said).replace(b"\n ", b"")
        #: The classes that its manifest starts.
        self.starts = [found.decode("utf-8", "replace").strip() for found in _STARTS.findall(whole)]
        self.is_agent = bool(_AGENT.search(whole))
        #: The jars in it that are parts of their own.
        self.nested: dict[str, Jar] = {}
        #: The members of each part.
        self.parts: dict[str, list[ZipMember]] = {name: []}
        #: The parts that are one list in a fat jar: it counts once somebody names it, and stays.
        self.lists: set[str] = set()
        self._broken: list[str] = []
        nested = {member for member in files if nests and _NESTED.fullmatch(member.name)}
        plain = () if nested else (member.name for member in files)
        packages = Packages(plain, is_program=bool(self.starts))
        for member in files:
            if member in nested:
                self._add_nested(member)
                continue
            part = self._part(packages.place(member.name))
            if part == name and packages.are_many and _is_list(member.name):
                part = f"{name}:{member.name}"
                self.lists.add(part)
            self.parts.setdefault(part, []).append(member)

    def _add_nested(self, member: ZipMember) -> None:
        part = f"{self.name}:{name_of(member.name).removesuffix('.jar')}"
        try:
            data = content(self._data, member, _MAX_NESTED_BYTES)
            self.nested[part] = Jar(f"{self.path}!/{member.name}", data, part, nests=False)
        except FormatError:
            self._broken.append(member.name)
            part = self.name
        self.parts.setdefault(part, []).append(member)

    def _part(self, place: str) -> str:
        return f"{self.name}:{place.replace('/', '.')}" if place else self.name

    @property
    def has_code(self) -> bool:
        """Whether anything in it is found by the name of a class or a namespace."""
        return any(inner.has_code for inner in self.nested.values()) or any(
            member.name.endswith((".class", *_SOURCES))
            for members in self.parts.values()
            for member in members
        )

    def asked_names(self) -> Iterator[tuple[str, str]]:
        """Yield the members that somebody may look for, as loaders know them, with their parts."""
        for part, inner in self.nested.items():
            yield from ((name, part) for name, _ in inner.asked_names())
        for part, members in self.parts.items():
            for member in members:
                if not _UNASKED.fullmatch(member.name):
                    yield loaded_as(member.name), part

    def asked_by(self, part: str) -> Asked:
        """Return what the members of a part ask for, lists of services not counted."""
        if part in self.nested:
            return self.nested[part].asked_by_all()
        asked = Asked(broken=list(self._broken) if part == self.name else [])
        self._add(asked, self.parts[part])
        return asked

    def asked_by_all(self) -> Asked:
        """Return what all of its members ask for, lists of services not counted."""
        asked = Asked()
        for members in self.parts.values():
            self._add(asked, members)
        return asked

    def searched(self) -> Iterator[str]:
        """Yield the nested jars in which web servers look for more than classes."""
        for part, inner in self.nested.items():
            names = (member.name for members in inner.parts.values() for member in members)
            if any(map(_SEARCHED.fullmatch, names)):
                yield part

    def _add(self, asked: Asked, members: Iterable[ZipMember]) -> None:
        for member in members:
            is_class = member.name.endswith(".class")
            limit = MAX_CLASS_BYTES if is_class else _MAX_TEXT_BYTES
            if _UNASKED.fullmatch(member.name) or _serves(member.name):
                continue
            if self.nested and member.name.startswith(_LOADER):
                continue
            if member.size_bytes > limit:
                if is_class:
                    asked.broken.append(member.name)
                continue
            try:
                data = content(self._data, member, limit)
            except FormatError:
                asked.broken.append(member.name)
                continue
            (asked.add_class if is_class else asked.add_other)(loaded_as(member.name), data)

    def services(self) -> Iterator[tuple[str, set[str]]]:
        """Yield what lists of providers are for, each a class in most cases, and who provides."""
        for inner in self.nested.values():
            yield from inner.services()
        for members in self.parts.values():
            for member in members:
                if (service := _serves(member.name)) and member.size_bytes <= _MAX_TEXT_BYTES:
                    try:
                        data = content(self._data, member, _MAX_TEXT_BYTES)
                    except FormatError:
                        continue
                    yield service, set(words(re.sub(rb"#[^\n]*", b"", data)))

    def inside(self) -> dict[str, str]:
        """Return the part of each member that is of another than the jar's own."""
        return {
            member.name: part
            for part, members in self.parts.items()
            if part != self.name and part not in self.lists
            for member in members
        }


def _is_list(member: str) -> bool:
    """Return whether code reads a member by its name in META-INF, such as spring.factories."""
    if not member.startswith(META) or member.endswith(".class"):
        return False
    return not (_UNASKED.fullmatch(member) or _serves(member))


def _serves(member: str) -> str:
    """Return what a list of providers is for; empty for any other member.

    Sources: java.util.ServiceLoader, Spring Boot's ImportCandidates, Groovy's extension modules.
    """
    if not member.startswith(META):
        return ""
    if member.startswith(_SERVICES):
        return member.removeprefix(_SERVICES)
    if member.startswith("META-INF/groovy/"):
        return name_of(member)
    if member.endswith(".imports"):
        return name_of(member).removesuffix(".imports")
    return ""


def class_names(paths: Iterable[str]) -> list[str]:
    """Return the classes at these paths as people write them."""
    return [path.removesuffix(".class").replace("/", ".") for path in paths]
