"""Whether a unit may be a template: what a generator copies into a project that it starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from slimmer.model.owners import OWN
from slimmer.paths import folder_of, join, name_of
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit, npm_package

_SITE = re.compile(r"(?:.*/|)(?:site-packages|dist-packages)/")
_FOLDERS = re.compile(
    r"(?i)(?:.*[-_.])?(?:templates?|tpl|skeletons?|scaffold(?:s|ing)?|boilerplates?|blueprints?"
    r"|archetypes?|cookiecutters?|starters?|generators?|schematics?|stencils?)(?:[-_.].*)?"
    r"|data|(?:.*[-_.])?files|\{\{.*|__[\w@]+__(?:[-_.].*)?"
)
_MARKED = re.compile(r"__(?:tests|mocks|fixtures|snapshots|benchmarks|pycache|pypackages)__")
# Names and keywords of packages that write projects: create-vite, generator-code, cra-template.
_NAME = re.compile(
    r"(?:@[^/]+/)?(?:create|generator|cra-template)(?:-.+)?|.*[-/]templates?(?:-.+)?"
)
_KEYWORD = re.compile(
    r"(?i).*(?:scaffold|boilerplate|yeoman|schematics|cra-template|starter|project[- ]template).*"
)
_COLLECTIONS = ("schematics", "generators")  # keys of package.json: where Angular's and Nx's lie
# What a repository has at its top. What a desktop leaves, or make writes, may lie anywhere.
_DOTTED = re.compile(r"\.(?!DS_Store$|deps$|.*\.sw[op]$).+")
_LOADED = ("main", "exports", "bin", "module", "browser", "types", "typings")  # what gives code
_INDEX = re.compile(r"index\.(?:[cm]?js|json|node|d\.[cm]?ts)")
_INFOS = (".dist-info", ".egg-info")
# A project as it lies on a disk, or with the names that keep npm and git from reading it.
_PROJECT = re.compile(
    r"_?package\.json(?:\..+)?|_gitignore|(?:dot|_)?\.?gitignore\.(?:txt|tmpl|tpl|ejs|hbs|template)"
    r"|dot[._]gitignore|pyproject\.toml(?:\..+)?|setup\.py(?:\..+)?|cookiecutter\.json|copier\.ya?ml"
)
_STARTS = ("scripts", "dependencies", "devDependencies")  # what a project's package.json has


def no_template(at: Surroundings, unit: Unit) -> Found:
    """Return whether nothing says that a generator copies what a unit is.

    That is said by the name of a folder on the way, by a whole project in it, by the package, and
    by the place of what a repository has at its top.
    """
    package_folder, _ = npm_package(folder_of(unit.path))
    site = _SITE.match(unit.path)
    start = package_folder or (site[0].rstrip("/") if site else unit.root)
    for folder in _between(start, unit.path):
        name = name_of(folder)
        if _FOLDERS.fullmatch(name) and not _MARKED.fullmatch(name):
            return Found(holds=False, what=f"a generator may copy what is in {name}/")
        if package_folder and (project := at.once(f"project {folder}", _project, folder)):
            return Found(holds=False, what=f"{name}/{project} makes {name}/ a project of its own")
    if package_folder and (said := _generator(at, package_folder, unit.path)):
        return Found(holds=False, what=f"its package may write projects: {said}")
    if _DOTTED.fullmatch(name_of(unit.path)) and _is_deep(at, unit, package_folder):
        return Found(holds=False, what="not at the top of its package, where a repository has it")
    return Found(holds=True, what="in no folder of templates")


def _between(start: str, path: str) -> Iterator[str]:
    """Yield the folders from below ``start`` down to the one that a path lies in."""
    around = folder_of(path)
    rest = around[len(join(start, "")) :] if around != start else ""
    place = start
    for name in rest.split("/") if rest else ():
        place = join(place, name)
        yield place


def _project(at: Surroundings, folder: str) -> str:
    """Return what shows that a folder of a package holds a project: its own manifest.

    The package's own, which a build copied, is none.
    """
    for name in at.names_in(folder):
        if _PROJECT.fullmatch(name):
            if name != "package.json":
                return name
            said = at.said(f"{folder}/{name}")
            package = at.said(f"{npm_package(folder)[0]}/{name}")
            if any(key in said for key in _STARTS) and said.get("name") != package.get("name"):
                return name
    return ""


def _generator(at: Surroundings, package: str, path: str) -> str:
    """Return what a package says of itself if it writes projects, and may copy this path."""
    if folder_of(path) == package:
        return ""
    said = at.said(f"{package}/package.json")
    for key in _COLLECTIONS:
        place = said.get(key)
        if isinstance(place, str):
            around = posixpath.normpath(join(package, posixpath.dirname(place)))
            if path.startswith(f"{around}/"):
                return f"{key} in package.json"
    return at.once(f"generator {package}", _called, package)


def _called(at: Surroundings, package: str) -> str:
    """Return by what a package says that its files are copied or read, not loaded."""
    said = at.said(f"{package}/package.json")
    is_code = any(key in said for key in _LOADED) or any(map(_INDEX.match, at.names_in(package)))
    if said and not is_code:
        return "it has nothing to load"
    name = said.get("name")
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    return next(filter(_KEYWORD.fullmatch, _keywords(said)), "")


def _keywords(said: Mapping[str, object]) -> list[str]:
    words = said.get("keywords")
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _is_deep(at: Surroundings, unit: Unit, package: str) -> bool:
    """Return whether a unit lies below the top of the package that brought it."""
    folder = folder_of(unit.path)
    if package:
        return folder != package
    around = (*at.names_in(folder), *at.names_in(folder_of(folder)))
    is_pythons = at.owners.get(unit.path, OWN).startswith("python/")
    return is_pythons and not any(name.endswith(_INFOS) for name in around)
