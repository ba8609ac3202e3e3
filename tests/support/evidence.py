"""Trees in which the evidence of a component holds, and trees in which one word of it does not."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.model.rules import Verdict
from slimmer.paths import parents
from slimmer.rules.engine import Ruleset, decide, place_packs
from slimmer.rules.evidence.formats import MARKS, STARTS
from slimmer.rules.evidence.judge import Judge
from slimmer.rules.evidence.surroundings import npm_package
from slimmer.rules.packs import Component, Pack
from tests.support.trees import MemorySource

Files = dict[str, bytes]

INSIDE = "notes.txt"  # what lies in every folder that a pattern matches
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0>\0"
OBJECT = ELF[:16] + b"\x01\0>\0"
_BINARY = b"\0\x01\x02 no format of anybody\0"

# How files start, by name; the first row that fits counts.
_FORMATS: tuple[tuple[str, bytes], ...] = (
    (r"\._.*", b"\0\x05\x16\x07\0\2\0\0"),
    (r"\..*\.un~", b"Vim\x9fUnDo\xe5\0\2"),
    (r".*\.la", b"# libx.la - a libtool library file\n"),
    (r".*\.(?:a|lib)", b"!<arch>\nx.o/"),
    (r".*\.o", OBJECT),
    (r".*\.gch", b"gpch"),
    (r".*\.gcno", b"oncg"),
    (r".*\.gcda", b"adcg"),
    (r"CMakeCache\.txt", b"# This is the CMakeCache file.\n"),
    (r".*\.sw[op]", b"b0VIM 9.0"),
    (r"\.DS_Store", b"\0\0\0\x01Bud1"),
    (r"Thumbs\.db", b"\xd0\xcf\x11\xe0\xa1\xb1"),
    (r"desktop\.ini", b"[.ShellClassInfo]\r\n"),
    (r".*\.diz|src\.zip|ct\.sym", b"PK\x03\x04"),
    (r".*\.gem", b"metadata.gz\0"),
    (r"mkmf\.log|gem_make\.out", b"ruby extconf.rb\n"),
    (r".*\.beam", b"FOR1\0\0\0\0BEAM"),
    (r".*\.boot", b"\x83h\x03"),
    (r".*\.(?:script|rel|appup)", b"%% x\n{x, []}.\n"),
    (r".*\.so.*|.*\.bare", ELF),
    (r".*\.pdb", b"Microsoft C/C++ MSF 7.00\r\n"),
    (r".*\.(?:bat|cmd)", b"@echo off\r\n"),
    (r".*\.podspec", b"Pod::Spec.new do |s|\n"),
    (r"yarn\.lock", b"# yarn lockfile v1\n"),
    (r"bun\.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n"),
    (r".*\.ya?ml", b"lockfileVersion: '9.0'\n"),
    (r".*\.json|.*\.tsbuildinfo|bun\.lock|\.yarn-integrity|\.eslintcache", b'{"version": 1}'),
    (r"\.coverage(?:\..+)?", b"SQLite format 3\0"),
    (r"lcov\.info", b"TN:\nSF:a.js\n"),
    (r"clover\.xml", b'<?xml version="1.0"?>\n<coverage>\n'),
    (r"[^.]*|.*_fun", b"#!/bin/sh\n"),
)

# What runs instead of a unit, by the unit's name: paths by what ``_places`` fills in.
_COUNTERPARTS: tuple[tuple[str, str], ...] = (
    (r".*\.pyi", "{stem}.py"),
    (r"py\.typed", "{folder}__init__.py"),
    (r".*\.map", "{plain}"),
    (r".*\.rb[si]|sig|rbi", "{gem}lib/x.rb"),
    (r".*\.dbg", "{plain}"),
    (r".*\.d\.(?:\w+\.)?[cm]?ts|.*\.flow", "{package}index.js"),
    (r".*\.(?:ts|tsx|cts|mts)", "{stem}.js"),
    (r".*\.(?:pyx|pxd|pxi)(?:\.in)?", "{stem}.cpython-312-x86_64-linux-gnu.so"),
    (r".*\.(?:c|cc|cpp|cxx|f90|h|hh|hpp|hxx|gyp|gypi|mk|pdb|lib)", "{native}"),
    (r".*\.tsbuildinfo", "{stem}.js"),
    (r"Makefile|CMakeLists\.txt|include|includes|npy-pkg-config|.*\.a", "{native}"),
    (r"pkgconfig|cmake|aclocal|src|obj|obj\.target|\.deps|Debug", "{native}"),
    (r".*\.(?:cmd|ps1)", "{plain}"),
    (r".*~|\._.*", "{original}"),
    (r".*-(?:sources|javadoc)\.jar", "{first_jar}"),
    (r".*\.po", "{stem}.mo"),
    (r".*\.java", "{stem}.class"),
    (r"pom\.xml", "{folder}pom.properties"),
    (r".*\.xml", "{stem}.dll"),
    (r".*\.(?:diz|debuginfo)", "{stem}.so"),
    (r".*\.jsa", "{folder}libjvm.so"),
    (r"examples-1\.json", "{folder}service-2.json.gz"),
    (r".*\.examples\.json", "{stem}.min.json"),
    (r"SOURCES\.txt|installed-files\.txt|dependency_links\.txt|not-zip-safe", "{folder}PKG-INFO"),
    (r"WHEEL|INSTALLER|REQUESTED|direct_url\.json|zip-safe|RECORD\..*|sboms", "{folder}METADATA"),
    (r"dist-es", "{folder}dist-cjs/index.js"),
    (r"module", "{folder}main/index.js"),
    (r"dist-types|@types|devtools-protocol", "{path}/index.d.ts"),
    (r".*-stubs", "{path}/__init__.pyi"),
    (r".*", "{package}main.js"),
)
_DECLARED_ONLY = re.compile(r"dist-types|@types|devtools-protocol")


_SCOPE = re.compile(r"node_modules/@[^/]+")
_GEM = re.compile(
    r"(?:gems|extensions/[^/]+/[^/]+)/([^/]+)|specifications/(?:default/)?(.+)\.gemspec"
)


class Matched(NamedTuple):
    """What a pattern matches, relative to the pack's root."""

    path: str
    is_folder: bool

    @property
    def file(self) -> str:
        """The file that the pattern drops."""
        inside = f"x/{INSIDE}" if _SCOPE.fullmatch(self.path) else INSIDE
        inside = f"._{INSIDE}" if self.name == "__MACOSX" else inside
        return f"{self.path}/{inside}" if self.is_folder else self.path

    @property
    def name(self) -> str:
        """Its last part."""
        return self.path.rpartition("/")[2]


def matched(pattern: str, deep: str = "deep/", one: str = "1") -> Matched:
    """Return something that a pattern matches, with these parts for its wildcards."""
    path = re.sub(r"\[[^]!]([^]]*)\]", lambda m: m[0][1], pattern)
    if not pattern.startswith(("/", "**/")) and "/" not in pattern.rstrip("/"):
        path = f"{deep}{path}"  # a name matches anywhere
    path = path.replace("**/*", f"{deep}*").replace("**/", deep)
    path = path.replace("[!@.]*", one).replace("[!@]*", one).replace("*", one).replace("?", one)
    return Matched(path.strip("/"), path.endswith("/"))


def holding(component: Component, unit: Matched) -> Files:
    """Return a tree with the unit in which all of the component's evidence holds."""
    files = {unit.file: _content(component, unit)}
    for word in component.evidence:
        made = dict(_made(word, unit))
        files |= {path: data for path, data in made.items() if not _taken(path, files)}
    return files


def _taken(path: str, files: Files) -> bool:
    return any(other == path or other.startswith(f"{path}/") for other in files)


def failing(component: Component, pattern: str) -> Iterator[tuple[str, Matched, Files]]:
    """Yield a word of the evidence and a tree in which that word alone does not hold.

    Words that say nothing of what a pattern matches are left out.
    """
    unit = matched(pattern)
    whole = holding(component, unit)
    for word in component.evidence:
        if word == "no-template":
            inside = matched(pattern, "x/x-templates/", "templates")
            package, _ = npm_package(inside.path)
            if "templates/" in inside.path[len(package) + 1 :]:
                yield word, inside, holding(component, inside)
        elif files := _spoilt(word, unit, whole):
            yield word, unit, files


def example_tree(pack: Pack, component: Component, path: str) -> Files:
    """Return a tree with an example of a component, and what it asks for as evidence."""
    found = verdicts(
        Ruleset((without_evidence(pack, component)[0],), _only(component)), {path: b""}
    )
    places = [path, *parents(path)]
    rule = found[path].rule
    unit = next(
        (p for p in reversed(places) if found[path].dropped and found[p].rule == rule), path
    )
    matched_unit = Matched(unit, unit != path)
    inside = _format(path.rpartition("/")[2]) if matched_unit.name == "__MACOSX" else b""
    files = {path: inside, **holding(component, matched_unit)}
    if "package" in component.evidence:
        files |= dict(_package(Matched(path, is_folder=False)))
    return {p: data for p, data in files.items() if not path.startswith(f"{p}/")}


def drops(pack: Pack, component: Component, unit: Matched, files: Mapping[str, bytes]) -> bool:
    """Return whether a component, alone, drops what one of its patterns matches."""
    return verdicts(Ruleset((pack,), _only(component)), files)[unit.file].dropped


def verdicts(ruleset: Ruleset, files: Mapping[str, bytes]) -> dict[str, Verdict]:
    """Return the verdicts of one pack at the root of a tree that an installer wrote."""
    source = MemorySource(files)
    names = {name for path in files if (name := _distribution(path))}
    owner = f"python/{min(names)}" if names else "x/installed"
    owners = dict.fromkeys(source.tree.by_path, owner)
    roots = {pack.name: ("",) for pack in ruleset.packs}
    judge = Judge(source.tree, source.read_part, owners)
    return decide(source.tree.entries, place_packs(roots, ruleset), judge)


def _only(component: Component) -> frozenset[str]:
    return frozenset({component.name})


def bare(component: Component) -> Component:
    """Return a component whose evidence was taken out."""
    rules = tuple(rule._replace(evidence=()) for rule in component.rules)
    return component._replace(rules=rules, evidence=())


def names_alone(
    packs: Iterable[Pack], but: Callable[[Component], bool] = lambda _: False
) -> tuple[Pack, ...]:
    """Return packs in which a name is enough, ``but`` for components that keep their evidence."""
    return tuple(
        pack._replace(components=tuple(c if but(c) else bare(c) for c in pack.components))
        for pack in packs
    )


def without_evidence(pack: Pack, component: Component) -> tuple[Pack, Component]:
    """Return a pack with one component only, whose evidence was taken out, and that component."""
    return pack._replace(components=(bare(component),)), bare(component)


def _distribution(path: str) -> str:
    found = re.fullmatch(r"([^/]+)-1\.0\.dist-info/METADATA", path)
    return found[1] if found else ""


def _content(component: Component, unit: Matched) -> bytes:
    """Return what the file that a pattern drops holds, so that the evidence of it is there."""
    words = component.evidence
    if unit.name == "__MACOSX":
        return _format(unit.file.rpartition("/")[2])
    if unit.is_folder:
        return b"Notes.\n"
    if "tests" in words:
        return _test(unit.path)
    if "format" in words:
        return _format(unit.name)
    if unit.name != "pom.xml" and unit.name.endswith(".xml") and "counterpart" in words:
        return b"<doc><assembly>"
    if gem := _GEM.fullmatch(unit.path):
        return _specification(gem[1] or gem[2])
    if unit.path.endswith(".jar"):
        return _jar("x/X.java")
    return b"Text.\n"


def _test(path: str) -> bytes:
    if path.endswith(".beam"):
        return b"FOR1\0\0\0\0BEAM"
    if path.endswith(".so"):
        return ELF
    return b'import pytest\ndescribe("x", () => {})\n# tests\n'


def _format(name: str) -> bytes:
    return next((data for names, data in _FORMATS if re.fullmatch(names, name)), b"Text.\n")


def _jar(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return data.getvalue()


def _made(word: str, unit: Matched) -> Iterator[tuple[str, bytes]]:
    """Yield files beside the unit's own with which a word holds."""
    if word == "package":
        yield from _package(unit)
    elif word == "counterpart":
        yield _counterpart(unit), ELF
        if unit.path.endswith(".pxd.in"):
            yield f"{unit.path.removesuffix('.pxd.in')}.so", ELF
    elif word == "java-runtime":
        yield "release", b'JAVA_VERSION="21.0.1"\n'
    elif word == "interpreter":
        yield "lib/ruby/1/1/rbconfig.rb", b"module RbConfig\nend\n"
    elif word == "distribution":
        yield "var/lib/dpkg/status", b"Package: x\n\n"
    elif word == "format" and unit.is_folder:
        marks = MARKS.get(unit.name, ("Contents",) if unit.name.endswith(".dSYM") else ())
        if marks:
            yield f"{unit.path}/{marks[0].replace('*', 'x')}", b"x"
    elif unit.is_folder:
        yield from _inside(word, unit)


def _inside(word: str, unit: Matched) -> Iterator[tuple[str, bytes]]:
    """Yield files in the unit with which a word holds."""
    if word == "tests" and unit.name == "coverage":
        yield f"{unit.path}/lcov.info", b"TN:\n"
    elif word == "tests":
        yield f"{unit.path}/test_x.py", b"import pytest\n"
    elif word == "documents":
        yield f"{unit.path}/index.html", b"<html>\n"
    elif word in ("sources", "readable"):
        yield f"{unit.path}/x.erl", b"-module(x).\n"


_OF_FILES = ("documents", "readable", "sources", "tests")


def _spoilt(word: str, unit: Matched, whole: Files) -> Files:
    """Return the tree changed so that a word does not hold, or none where it cannot be."""
    made = dict(_made(word, unit))
    left = {path: data for path, data in whole.items() if path not in made}
    if word == "package":
        return _misnamed(whole, made)
    if word in ("counterpart", "distribution", "interpreter", "java-runtime") or (
        word == "tests" and unit.is_folder
    ):
        if _DECLARED_ONLY.fullmatch(unit.name):
            return {**whole, f"{unit.path}/index.js": b"x"}
        return left
    if word == "format" and (made or not unit.is_folder):
        known = any(re.fullmatch(row.name, unit.name) for row in STARTS)
        return left if made else {**left, unit.path: _BINARY} if known else {}
    if word == "readable" and unit.is_folder:
        return {**left, unit.file: _BINARY}
    return {**whole, **added} if (added := _added(word, unit)) else {}


def _added(word: str, unit: Matched) -> Files:
    """Return what makes a word false where it lies in the unit, or is its content."""
    if word == "no-classes" and unit.path.endswith(".jar"):
        return {unit.path: _jar("ev/Ev.class")}
    if not unit.is_folder:
        return {unit.path: _BINARY} if word in _OF_FILES else {}
    added = {
        "format": {unit.file: b"Notes.\n"} if unit.name == "__MACOSX" else {},
        "documents": {f"{unit.path}/x.so": ELF},
        "sources": {f"{unit.path}/schema.json": b"{}"},
        "no-classes": {f"{unit.path}/X.class": b"\xca\xfe\xba\xbe"},
        "no-programs": {f"{unit.path}/chrome.so": ELF},
    }
    return added.get(word, {})


def _misnamed(whole: Files, made: Files) -> Files:
    """Return the tree in which a package calls itself otherwise."""
    found = dict(whole)
    for path, data in made.items():
        if path.endswith("-1.0.dist-info/METADATA"):
            del found[path]
            found["other-1.0.dist-info/METADATA"] = b"Name: other\n"
        elif path.endswith("/beam.smp"):
            del found[path]
        else:
            found[path] = re.sub(
                rb'(Name: |"name": "|application,|s\.name = ")', rb"\1other-", data
            )
    return found if made else {}


_DISTRIBUTIONS = {
    "pkg_resources": "setuptools",
    "_distutils_hack": "setuptools",
    "distutils-precedence.pth": "setuptools",
    "_pytest": "pytest",
    "mypyc": "mypy",
}


def _package(unit: Matched) -> Iterator[tuple[str, bytes]]:
    """Yield what says the name of the package that a unit is, or lies in."""
    folder, name = npm_package(unit.path)
    first = unit.path.partition("/")[0]
    if _SCOPE.fullmatch(unit.path):
        folder, name = f"{unit.path}/x", f"{unit.name}/x"
    gem = _GEM.match(unit.path)
    if gem:
        full = gem[1] or gem[2]
        yield unit.path if gem[2] else f"specifications/{full}.gemspec", _specification(full)
    elif folder:
        yield f"{folder}/package.json", json.dumps({"name": name}).encode()
    elif app := re.match(r"lib/([^/]+?)(?:-[\d.]+)?(?:/|$)", unit.path):
        folder = app[0].rstrip("/")
        text = f"{{application,{app[1]},[]}}.\n"
        yield f"{folder}/ebin/{app[1]}.app", text.encode()
    elif first.startswith("erts-"):
        yield f"{first}/bin/beam.smp", ELF
    elif info := re.fullmatch(r"(.+?)(?:-[\d.]+)?\.dist-info", first):
        yield f"{first}/METADATA", f"Name: {info[1]}\n".encode()
    elif first not in ("bin", "releases", "usr"):
        name = _DISTRIBUTIONS.get(first, first)
        yield f"{name}-1.0.dist-info/METADATA", f"Name: {name}\n".encode()


def _specification(full: str) -> bytes:
    name = re.split(r"-(?=\d)", full)[0]
    return f'  s.name = "{name}".freeze\n'.encode()


def _counterpart(unit: Matched) -> str:
    path, name = unit.path, unit.name
    row = next(row for names, row in _COUNTERPARTS if re.fullmatch(names, name))
    folder = path.removesuffix(name)
    package, _ = npm_package(path)
    original = name[2:] if name.startswith("._") else name.removesuffix("~").removesuffix(".un")
    if name.endswith(".un~"):
        original = original[1:]
    stem = re.sub(r"(?:\.d\.[cm]?ts|\.(?:pyx|pxd)\.in|\.[^./]*)$", "", path)
    top = f"{package}/" if package else ""
    if row.startswith("{package}") and not top:
        return f"{stem}.js"
    gem = re.match(r"gems/[^/]+/", path)
    return row.format(
        gem=gem[0] if gem else "",
        path=path,
        package=top,
        folder=folder,
        stem=stem,
        plain=re.sub(r"\.\w+$", "", path),
        native=f"{top}x.node" if top else f"{stem}.so",
        original=folder + original,
        first_jar=re.sub(r"-(?:sources|javadoc)\.jar$", ".jar", path),
    )
