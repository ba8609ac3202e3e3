"""What the packages of a distribution placed, as dpkg's and apk's records list it.

A language's own installer is asked first: an application of OTP is one in a distribution's package
too. What no list names is the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from slimmer.ecosystems.distribution.records import ALPINE, DEBIAN, RECORDS, STAYS, Placer, Records
from slimmer.formats import apk, dpkg
from slimmer.formats.python.pyc import owned_with
from slimmer.model.owners import Claims
from slimmer.model.tree import Tree

_DPKG = re.compile(rf"((?:.*/|)){re.escape(dpkg.INFO_FOLDER)}/([^/:]+)(?::[^/]+)?\.list")
_APK = re.compile(rf"((?:.*/|)){re.escape(apk.INSTALLED)}")


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what packages placed: by the records at the top, and by any list below."""

    def read(path: str) -> bytes:
        return text(path).encode("utf-8", "surrogateescape")

    found = Claims(placed=dict(_listed(tree, read)))
    records = Records(tree, read)
    for name, paths in records.files.items() if records.family else ():
        found.placed |= dict.fromkeys(paths, f"{records.family}/{name}")
    if records.family:
        found.placed |= dict.fromkeys(STAYS, f"{records.family}/{RECORDS}")
    # py3compile compiles what a package brings when it is installed; no list names that.
    found.placed |= owned_with(found.placed, (entry.path for entry in tree.ending_in(".pyc")))
    return found


def _listed(tree: Tree, read: Callable[[str], bytes]) -> Iterator[tuple[str, str]]:
    """Yield what any list in the tree names, and the owner."""
    placer = Placer(tree)
    for entry in tree.ending_in(".list"):
        if package := _DPKG.fullmatch(entry.path):
            root, name = package.groups()
            for path in dpkg.parse_list(read(entry.path)):
                if place := placer.place(root + path):
                    yield place, f"{DEBIAN}/{name}"
    for entry in tree.ending_in(apk.INSTALLED):
        if database := _APK.fullmatch(entry.path):
            root = database[1]
            for each in apk.parse_installed(read(entry.path)):
                for path in each.files:
                    if place := placer.place(root + path):
                        yield place, f"{ALPINE}/{each.name}"
