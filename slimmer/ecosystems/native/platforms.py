"""Platforms as names tell them: npm's fields, Python's tags, and the words in paths.

Sources: npm's documentation of package.json (os, cpu, libc); PEP 3149 and
``importlib.machinery.EXTENSION_SUFFIXES`` for the names of extension modules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.formats.native import ARM64, X86_64

NPM_CPUS = {X86_64: "x64", ARM64: "arm64"}
TRIPLES = {X86_64: "x86_64-linux-gnu", ARM64: "aarch64-linux-gnu"}

_PLATFORM_WORDS = (
    "aix android apple darwin dragonflybsd freebsd linux linux32 linux64 linuxmusl mac macos "
    "macosx netbsd openbsd openharmony osx solaris sunos win win32 win64 windows musl glibc gnu "
    "linuxglibc universal aarch64 amd64 arm arm64 armhf armv6 armv6l armv7 armv7l i386 i686 ia32 "
    "loong64 loongarch64 mips64 mips64el ppc64 ppc64le riscv64 s390x sparc sparcv9 x32 x64 x86"
)
_WORDS = frozenset(_PLATFORM_WORDS.split())
_ENDINGS = frozenset({"so", "dll", "dylib", "jnilib"})
_SEPARATORS = re.compile(r"[-_.]")
_PACKAGE = re.compile(r"(?:.+/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*")
_SITE = re.compile(r"(?:.+/)?(?:site-packages|dist-packages|python)/")
_EXTENSION = re.compile(
    r"(?P<module>.+?)(?:\.(?P<tag>(?:cpython-|cp|pypy|graalpy|abi)\d+[^/.]*))?\.(?:so|pyd)"
)
_CPYTHON = re.compile(r"(?:cpython-|cp)(\d)(\d+)([a-z]*)(?:-(.+))?")


class Extension(NamedTuple):
    """A Python extension module: its path without endings, and its tag, empty for none."""

    module: str
    tag: str

    @property
    def version(self) -> str:
        """The Python that the tag is for (``3.11``, ``3.13t``), or "" where any will do."""
        found = _CPYTHON.fullmatch(self.tag)
        if found:
            return f"{found[1]}.{found[2]}{found[3]}"
        return "" if not self.tag or self.tag.startswith("abi") else self.tag

    @property
    def triple(self) -> str:
        """The platform in the tag (``x86_64-linux-gnu``), or ""."""
        found = _CPYTHON.fullmatch(self.tag)
        return (found[4] or "") if found else ""


def extension(path: str) -> Extension | None:
    """Return what the name of an extension module says; None for what has no such name.

    A plain ``name.so`` is one too, as far as a name can tell.
    """
    found = _EXTENSION.fullmatch(path)
    return Extension(found["module"], found["tag"] or "") if found else None


def package_of(path: str) -> str:
    """Return what a path says of the distribution that an extension module belongs to."""
    site = _SITE.match(path)
    package, slash, _ = path[site.end() if site else 0 :].partition("/")
    return package.removesuffix(".libs").replace("_", "-") if slash else "PACKAGE"


def family(path: str) -> str:
    """Return what a path shares with the same thing for another platform.

    ``node_modules/@img/sharp-darwin-arm64/lib/x.node`` gives ``node_modules/@img/sharp``; a
    path without the word of a platform gives itself without its endings.
    """
    above = ""
    for part in path.split("/"):
        words = _SEPARATORS.split(part)
        place = next((n for n, word in enumerate(words) if word.casefold() in _WORDS), None)
        if place is not None and (place or "/" in path[len(above) :]):
            return above + part[: sum(len(word) + 1 for word in words[:place])].rstrip("-_.")
        above += part + "/"
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


def library_name(name: str) -> str:
    """Return a library's file name without what is its platform's: ``lib``, words, ending.

    ``libzstd-jni-1.5.6.so`` and ``zstd-jni-1.5.6.dll`` give the same.
    """
    words = _SEPARATORS.split(name.removeprefix("lib"))
    place = next((n for n, word in enumerate(words) if word.casefold() in _WORDS), len(words) - 1)
    return "-".join(word for word in words[:place] if word not in _ENDINGS)


def has_platform_word(name: str) -> bool:
    """Return whether a name holds the word of a platform, as ``sharp-darwin-arm64`` does."""
    return any(word.casefold() in _WORDS for word in _SEPARATORS.split(name))


def npm_package(path: str) -> str:
    """Return the folder of the npm package that a path lies in, or ""."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if _PACKAGE.fullmatch(path):
            return path
    return ""


def npm_name(path: str) -> str:
    """Return the name of the npm package that a path lies in, as people install it.

    Empty for none, and for one that is for a platform, which another package brings.
    """
    name = npm_package(path).rpartition("node_modules/")[2]
    return "" if has_platform_word(name.rpartition("/")[2]) else name


class NpmPlatform(NamedTuple):
    """What a package.json says of platforms; without a field all will do."""

    os: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()
    libc: tuple[str, ...] = ()

    def accepts(self, processors: Iterable[str]) -> bool:
        """Return whether npm would install it on Linux with glibc and one of these processors."""
        cpus = [NPM_CPUS[name] for name in processors]
        return (
            _accepts(self.os, "linux")
            and _accepts(self.libc, "glibc")
            and any(_accepts(self.cpu, cpu) for cpu in cpus)
        )


def npm_platform(package_json: bytes) -> NpmPlatform:
    """Return the platforms of a package.json; one that cannot be read says nothing."""
    try:
        document = json.loads(package_json)
    except (ValueError, RecursionError):
        return NpmPlatform()
    if not isinstance(document, dict):
        return NpmPlatform()
    return NpmPlatform(*(_texts(document.get(field)) for field in NpmPlatform._fields))


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(text for text in values if isinstance(text, str))


def _accepts(wanted: tuple[str, ...], name: str) -> bool:
    """Apply npm's rule: ``!x`` excludes, and where anything is named, it must be ours or any."""
    if f"!{name}" in wanted:
        return False
    named = [word for word in wanted if not word.startswith("!")]
    return not named or name in named or "any" in named
