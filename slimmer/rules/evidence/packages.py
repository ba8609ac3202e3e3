"""Whether a package, distribution or application says of itself what its folder is called."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from slimmer.formats.python.metadata import normal_name
from slimmer.formats.ruby.requires import spec_name
from slimmer.model.owners import OWN, SHARED
from slimmer.model.tree import Kind
from slimmer.paths import join, name_of
from slimmer.rules.evidence.surroundings import (
    Found,
    Surroundings,
    Unit,
    npm_package,
    top_folder,
)

_SCOPE = re.compile(r"(?:.*/|)node_modules/@[^/]+")
_APPLICATION = re.compile(r"(lib/([^/]+?)(?:-[\d.]+[\w.-]*)?)(?:/.*)?")
_EMULATOR = re.compile(r"((?:.*/|)erts-[\d.]+)/.*")
_GEM = re.compile(
    r"(?:gems|extensions/[^/]+/[^/]+)/(([^/]+)-\d[^/]*)(?:/.*)?"
    r"|specifications/(?:default/)?(([^/]+)-\d[^/]*)\.gemspec"
)
_INFO = re.compile(r"(.+?)(?:-[^-]+)?\.(?:dist|egg)-info")
_INFOS = (".dist-info", ".egg-info")
_NAME = re.compile(rb"^Name:[ \t]*([^\r\n]+)", re.MULTILINE)
#: The one application of OTP that has no .app file, and what it has instead.
_JINTERFACE = ("jinterface", ("java_src", "priv/OtpErlang.jar"))
#: Modules that a distribution of another name brings.
_MODULES = {
    "pkg_resources": "setuptools",
    "_distutils_hack": "setuptools",
    "distutils-precedence": "setuptools",
    "pytest": "pytest",
    "mypyc": "mypy",
}


def package(at: Surroundings, unit: Unit) -> Found:
    """Return whether the package that a unit is, or lies in, has the name that its folder has.

    Where a unit lies in no package, nothing is held against it.
    """
    folder, name = npm_package(unit.path)
    if folder:
        return _npm(at, folder, name)
    if _SCOPE.fullmatch(unit.path):
        return _scope(at, unit.path)
    application = _APPLICATION.fullmatch(unit.path[len(join(unit.root, "")) :])
    if application:
        around = join(unit.root, application[1])
        if at.has(f"{around}/ebin") or (unit.is_folder and unit.path == around):
            return _application(at, around, application[2])
    gem = _GEM.fullmatch(unit.path[len(join(unit.root, "")) :])
    if gem and at.has(join(unit.root, "specifications")):
        return _gem(at, unit.root, gem[1] or gem[3], gem[2] or gem[4])
    if emulator := _EMULATOR.fullmatch(unit.path):
        mark = f"{emulator[1]}/bin/beam.smp"
        return Found(at.has(mark), mark if at.has(mark) else f"no {mark}")
    if any(name.endswith(_INFOS) for name in at.names_in(unit.root)):
        return _distribution(at, unit)
    return Found(holds=True)


def _npm(at: Surroundings, folder: str, name: str) -> Found:
    entry = at.tree.by_path.get(folder)
    if entry is not None and entry.kind is Kind.LINK:
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(folder), entry.target))
        if folder not in at.tree.by_path:
            return Found(holds=True, what="a link")
    said = at.said(f"{folder}/package.json").get("name")
    if said == name:
        return Found(holds=True, what=f"package.json names {said}")
    missing = f"package.json names {said or 'nothing'}, not {name}"
    return Found(holds=False, what=missing)


def _scope(at: Surroundings, folder: str) -> Found:
    """Return whether all packages of a scope say so."""
    names = at.names_in(folder)
    found = [_npm(at, join(folder, n), f"{name_of(folder)}/{n}") for n in names]
    wrong = [each for each in found if not each.holds]
    if wrong or not found:
        return wrong[0] if wrong else Found(holds=False, what="no package in it")
    return found[0]


def _application(at: Surroundings, folder: str, name: str) -> Found:
    app = f"{folder}/ebin/{name}.app"
    if re.search(rb"\{\s*application\s*,\s*'?" + name.encode() + rb"'?\s*,", at.start(app)):
        return Found(holds=True, what=f"ebin/{name}.app")
    marks = [mark for mark in _JINTERFACE[1] if at.has(f"{folder}/{mark}")]
    if name == _JINTERFACE[0] and marks:
        return Found(holds=True, what=marks[0])
    return Found(holds=False, what=f"no application {name} in ebin/{name}.app")


def _gem(at: Surroundings, home: str, full: str, name: str) -> Found:
    """Return whether the specification of a gem names it."""
    for folder in ("specifications", "specifications/default"):
        spec = join(home, f"{folder}/{full}.gemspec")
        if at.has(spec):
            said = spec_name(at.start(spec))
            return Found(said == name, f"{full}.gemspec names {said or 'nothing'}")
    return Found(holds=False, what=f"no specification {full}.gemspec")


def _distribution(at: Surroundings, unit: Unit) -> Found:
    """Return whether the distribution that wrote a unit has its name."""
    folder = top_folder(unit)
    top = unit.path if folder == unit.root else folder
    if info := _INFO.fullmatch(name_of(top)):
        said = _name_of_distribution(at, top)
        holds = _plain(said) == _plain(info[1])
        return Found(holds, f"METADATA names {said or 'nothing'}")
    owner = _owner(at, unit, [e.path for e in at.tree.below(top)][:64])
    if not owner.startswith("python/"):
        return Found(holds=not unit.is_folder and owner != OWN, what="no distribution has it")
    name = name_of(top).partition(".")[0]
    wanted = {_plain(name), _plain(name.strip("_")), _plain(_MODULES.get(name, name))}
    distribution = owner.partition("/")[2]
    part = _plain(unit.path[len(join(unit.root, "")) :].replace("/", "-"))  # as nvidia/nccl is
    holds = _plain(distribution) in wanted or _plain(distribution).startswith(f"{part}-")
    return Found(holds, f"of the distribution {distribution}")


def _owner(at: Surroundings, unit: Unit, inside: Iterable[str]) -> str:
    """Return who installed a unit, or the first of what is in its folder that has one owner."""
    for path in (unit.path, *inside):
        owner = at.owners.get(path, OWN)
        if owner not in (SHARED, OWN):
            return owner
    return OWN


def _name_of_distribution(at: Surroundings, info: str) -> str:
    start = at.start(f"{info}/METADATA") or at.start(f"{info}/PKG-INFO")
    found = _NAME.search(start)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def _plain(name: str) -> str:
    """Return a distribution's name in the form in which names are compared, bare of dashes."""
    return normal_name(name).strip("-")
