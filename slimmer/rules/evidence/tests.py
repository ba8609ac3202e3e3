"""Whether something is a test suite: it has modules that are named or written as tests are."""

from __future__ import annotations

import re

from slimmer.model.tree import Kind
from slimmer.paths import folder_of, join, name_of
from slimmer.rules.evidence.kinds import COMPILED, SCRIPTS, SOURCES
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit

_CODE = (*SCRIPTS, *SOURCES, *COMPILED, ".pyc", ".doctest")
_NAME = re.compile(
    r"(?i:test|tests|spec|bench)[._-].*|(?:test|Test|bench)[A-Z0-9].*|conftest\..*"
    r"|.*[._-](?i:tests?|spec|bench|benchmarks?)\.\w+|.*_SUITE\.\w+|.*Tests?\.\w+|.*\.(?:t|doctest)"
)
# How tests are written: the frameworks that they name, and what those make of a test.
_WRITTEN = re.compile(
    rb"""(?<![.\w])(?:describe|suite|it|test|bench)(?:\.\w+)?\s{0,4}\(\s{0,40}["'`]"""
    rb"""|(?:\brequire\(\s{0,9}|\bfrom\s{0,9}|\bimport\s{0,9})["'](?:node:)?"""
    rb"""(?:assert|test|tap|tape|mocha|chai|ava|jest|vitest|uvu|should|expect(?:\.js)?|power-assert"""
    rb"""|proxyquire|sinon|nyc|benchmark|benchmarked|tinybench|@jest/globals)["'/]"""
    rb"""|\b(?:import|from)\s+(?:unittest|pytest|nose|doctest|hypothesis|pyperf|timeit)\b"""
    rb"""|\bnumpy\.testing\b|^\s{0,8}(?:async\s+)?def\s+(?:test|pytest)_|\bcollect_ignore"""
    rb"""|\bassert\.\w+\s{0,2}\(|\b[Bb]enchmark|\bExUnit\b|\beunit\.hrl|\bct\.hrl|\bjunit\b"""
    rb"""|\bRSpec\b|\bminitest\b""",
    re.MULTILINE,
)
_COVERAGE = ("lcov.info", "lcov-report", "coverage-final.json", "clover.xml", "coverage.json")
_LOOKED_INTO = 12  # modules of a folder whose names say nothing
_SPEAKS_OF_TEST = re.compile(rb"(?i)test|bench")
_SNAPSHOT = ".snap"


def tests(at: Surroundings, unit: Unit) -> Found:
    """Return whether a unit is a test suite, a test module, or what lies beside one for it."""
    if not unit.is_folder:
        return _module(at, unit)
    if module := _module_in(at, unit):
        return Found(holds=True, what=module)
    name = name_of(unit.path)
    if name == "coverage":
        marks = [mark for mark in _COVERAGE if at.has(join(unit.path, mark))]
        return Found(bool(marks), marks[0] if marks else "no report of test coverage in it")
    if (name.startswith("__") or "data" in name) and (module := _module_around(at, unit)):
        return Found(holds=True, what=f"{module}, beside it")
    return Found(holds=False, what="no test module in it")


def _module(at: Surroundings, unit: Unit) -> Found:
    start = at.start(unit.path)
    is_script = unit.path.endswith(SCRIPTS)
    speaks = _WRITTEN.search(start) if is_script else _SPEAKS_OF_TEST.search(start)
    if unit.path.endswith(".beam"):
        return Found(start.startswith(b"FOR1"), "a compiled module")
    if unit.path.endswith(".so"):
        return Found(start.startswith(b"\x7fELF"), "a shared library")
    return Found(bool(speaks), "written as tests are" if speaks else "not written as tests are")


def _module_in(at: Surroundings, unit: Unit) -> str:
    """Return a test module below a folder, known by its name or else by what is in it."""
    looked: list[str] = []
    for entry in at.files(unit):
        path = entry[0]
        if path.endswith((*_CODE, _SNAPSHOT)):
            if _NAME.fullmatch(name_of(path)) or path.endswith(_SNAPSHOT):
                return path[len(unit.path) + 1 :]
            if path.endswith(SCRIPTS) and len(looked) < _LOOKED_INTO:
                looked.append(path)
    written = (path for path in looked if _WRITTEN.search(at.start(path)))
    return next((path[len(unit.path) + 1 :] for path in written), "")


def _module_around(at: Surroundings, unit: Unit) -> str:
    """Return a test module in the folder that a folder of test data lies in."""
    around = folder_of(unit.path)
    for name in at.names_in(around):
        if name == name_of(unit.path):
            continue
        entry = at.tree.by_path[join(around, name)]
        is_folder = entry.kind is Kind.DIRECTORY
        if name == "__tests__" or (
            not is_folder and name.endswith(_CODE) and _NAME.fullmatch(name)
        ):
            return name
    return ""
