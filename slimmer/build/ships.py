"""What ships, for auditors: the packages with their versions, and the licences of all of them.

Sources: "Core metadata" (PyPA) for METADATA; package.json of npm; the ``.app`` files of OTP; what
Maven calls its jars.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from slimmer.model.owners import OWN
from slimmer.model.plan import Plan
from slimmer.model.tree import Kind

_LICENCE = re.compile(r"(?i)^(?:un)?(?:licen[cs]e|copying|copyright|notice|patents?)(?![a-z])")
_CODE = (".py", ".pyc", ".js", ".mjs", ".cjs", ".ts", ".json", ".so", ".class", ".beam")
_APP = re.compile(rb"\{\s*application\s*,\s*'?(\w+)'?")
_VSN = re.compile(rb'\{\s*vsn\s*,\s*"([^"]{1,99})"')
_JAR = re.compile(r"([^/]+?)-(\d[\w.]*(?:-[A-Za-z][\w.]*)?)\.jar$")
_MOST_BYTES = 4_000_000  # of a text; what is larger is no licence

_METADATA = {(".dist-info", "METADATA"), (".egg-info", "PKG-INFO")}

Read = Callable[[str], bytes]


class ShippedPackage(NamedTuple):
    """A package of which the zip holds the metadata, under its path in the tree."""

    #: As package URLs call the kind: pypi, npm; or otp, jar.
    kind: str
    name: str
    version: str
    #: As the package itself says it; empty where it does not.
    licence: str
    path: str


class Notice(NamedTuple):
    """The text of a licence, and the files in which the tree has it."""

    text: str
    paths: tuple[str, ...]


class Ships(NamedTuple):
    """The packages that ship, and the notices of all owners of which anything ships."""

    packages: tuple[ShippedPackage, ...]
    notices: tuple[Notice, ...]


def what_ships(plan: Plan, owners: Mapping[str, str], read: Read) -> Ships:
    """Return the packages and the licences of what a plan ships.

    A licence counts too if it was dropped itself, while something else of its owner ships.
    """
    files = [s.entry.path for s in plan.shipped if s.entry.kind is Kind.FILE]
    packages = {found for path in files for found in _package(path, read)}
    shipping = {owners.get(path, OWN) for path in files}
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for step in plan.steps:
        entry = step.entry
        is_text = entry.kind is Kind.FILE and entry.size_bytes < _MOST_BYTES
        if is_text and is_licence(entry.path) and owners.get(entry.path, OWN) in shipping:
            text = read(entry.path).decode("utf-8", "replace").replace("\r\n", "\n").strip()
            texts[text].append(entry.path)
    notices = (Notice(text, tuple(sorted(paths))) for text, paths in texts.items() if text)
    return Ships(tuple(sorted(packages)), tuple(sorted(notices, key=lambda n: n.paths)))


def is_licence(path: str) -> bool:
    """Return whether a file is a licence by its name, or lies in a folder of licences."""
    *folders, name = path.split("/")
    if name.endswith(_CODE):
        return False
    in_folder = len(folders) > 1 and folders[-1] == "licenses" and ".dist-info" in folders[-2]
    return in_folder or bool(_LICENCE.match(name))


def _package(path: str, read: Read) -> Iterator[ShippedPackage]:
    folder, _, name = path.rpartition("/")
    above = folder.rpartition("/")[2]
    if any(name == file and above.endswith(end) for end, file in _METADATA):
        yield from _distribution(path, read(path))
    elif name == "package.json" and re.search(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/]+$", folder):
        yield from _node(path, read(path))
    elif name.endswith(".app") and above == "ebin":
        data = read(path)
        app, version = _APP.search(data), _VSN.search(data)
        if app and version:
            yield ShippedPackage("otp", _text(app[1]), _text(version[1]), "", path)
    elif match := _JAR.fullmatch(name):
        yield ShippedPackage("jar", match[1], match[2], "", path)


def _distribution(path: str, metadata: bytes) -> Iterator[ShippedPackage]:
    head = metadata.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")[0]
    fields: dict[str, str] = {}
    for line in head.split("\n"):
        key, colon, value = line.partition(": ")
        if colon and not key.startswith((" ", "\t")):
            fields.setdefault(key.lower(), value.strip())
    licence = fields.get("license-expression") or fields.get("license", "")
    if fields.get("name") and fields.get("version"):
        yield ShippedPackage("pypi", fields["name"], fields["version"], licence, path)


def _node(path: str, data: bytes) -> Iterator[ShippedPackage]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(manifest, dict):
        return
    name, version = manifest.get("name"), manifest.get("version")
    licence = manifest.get("license")
    if isinstance(licence, dict):
        licence = licence.get("type")
    if isinstance(name, str) and isinstance(version, str) and name and version:
        said = licence if isinstance(licence, str) else ""
        yield ShippedPackage("npm", name, version, said, path)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
