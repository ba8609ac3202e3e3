"""What the checks look at: the kept files of a tree, and the target that they go to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.model.forms import DeployedAs
from slimmer.model.rules import Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.targets import Language, Target

# Where Lambda's LD_LIBRARY_PATH leads to in a zip: /var/task, /var/task/lib and /opt/lib.
LIBRARY_PATH = ("", "lib")


@dataclass(frozen=True)
class Shipped:
    """The kept entries of a tree in path order, folders among them."""

    context: Context
    target: Target
    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, context: Context, verdicts: Mapping[str, Verdict], target: Target) -> Shipped:
        """Return what these verdicts keep."""
        kept = (e for e in context.tree.entries if verdicts[e.path].kept)
        return cls(context, target, tuple(kept))

    @cached_property
    def programs(self) -> dict[str, Dynamic]:
        """The ELF files for Linux by their path, and what they ask of the loader."""
        found = ((e.path, self.context.binaries.of(e)) for e in self.entries)
        return {
            path: binary.dynamic
            for path, binary in found
            if binary and binary.dynamic and binary.native.system == "linux"
        }

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of the kept files and links by their last part."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            if entry.kind in (Kind.FILE, Kind.LINK):
                found.setdefault(posixpath.basename(entry.path), []).append(entry.path)
        return found

    @cached_property
    def sibling_names(self) -> frozenset[str]:
        """The last parts of all that the zips beside this one place."""
        return frozenset(posixpath.basename(path) for path in self.context.sibling_names)

    @cached_property
    def has_own_loader(self) -> bool:
        """Whether programs are started by a loader that lies in the artifact (PT_INTERP)."""
        names = {dynamic.interpreter for dynamic in self.programs.values()}
        inside = {self.context.inside(name) for name in names if name}
        return any(entry.path in inside for entry in self.entries)

    def language(self, name: str) -> Language | None:
        """Return the target's language if it is this one."""
        language = self.target.language
        return language if language is not None and language.name == name else None

    @property
    def deployed_as(self) -> DeployedAs | None:
        """What the artifact is deployed as; None where nobody says."""
        return self.context.deployment.deployed_as

    def may_be_function(self, ends: Collection[str], packages: Collection[str] = ()) -> bool:
        """Return whether it is a function, as was said or as code at the root of the zip tells.

        Code has one of these endings. A file that has the name of one of ``packages``, in small
        letters, is none.
        """
        if self.deployed_as is not None:
            return self.deployed_as is DeployedAs.FUNCTION
        for entry in self.entries:
            name = self.context.in_zip(entry.path)
            stem, end = posixpath.splitext(name)
            if "/" not in name and end in ends and stem.casefold() not in packages:
                return True
        return False

    def searched(self, path: str, dynamic: Dynamic) -> set[str]:
        """Return the folders of the tree, or of Lambda, in which the loader looks for a file."""
        prefix = self.context.prefix
        own = prefix + "/" if prefix else ""
        folders = {
            p.removeprefix(own) for p in LIBRARY_PATH if not own or (p + "/").startswith(own)
        }
        origin = posixpath.dirname(path)
        return folders | {self.context.search_folder(search, origin) for search in dynamic.search}

    def first_found(self, path: str, dynamic: Dynamic, library: str) -> str | None:
        """Return the kept file of this name that the loader finds, or None."""
        folders = self.searched(path, dynamic)
        for found in self.by_name.get(library, []):
            if posixpath.dirname(found) in folders:
                return found
        return None

    def sisters(self) -> list[Target]:
        """Return the other targets of the same kind, oldest first: provided.*, python3.*."""
        mine = self.target
        kind = mine.language.name if mine.language else ""
        return [
            target
            for target in sorted(self.context.deployment.targets, key=lambda t: numbers(t.name))
            if target.system
            and target.name != mine.name
            and (target.language.name if target.language else "") == kind
        ]


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers in a version, to compare it with another."""
    return tuple(int(digits[:9]) for digits in re.findall(r"\d+", text))
