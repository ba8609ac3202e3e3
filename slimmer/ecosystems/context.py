"""What a guard or a check may look at: the tree, its bytes, and where it will be deployed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from slimmer.cache.readings import NO_READINGS, Readings
from slimmer.ecosystems import needed
from slimmer.ecosystems.mentions import Beside, Mentions
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.ecosystems.own_texts import ACCOUNTS
from slimmer.ecosystems.parts import find_owners
from slimmer.inputs.base import Sibling
from slimmer.model.forms import DeployedAs
from slimmer.model.rules import Tier
from slimmer.model.started import Started
from slimmer.model.tree import Tree
from slimmer.paths import join
from slimmer.targets import Target

if TYPE_CHECKING:
    from slimmer.ecosystems.distribution.records import Records

ROOTS = ("/opt/", "/var/task/")  # where Lambda unpacks layers and the function

_ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})")


@dataclass(frozen=True)
class Deployment:
    """Where an artifact goes: on which target, and beside which zips.

    ``targets`` are all that there are, so that advice can name another. Without a target
    nothing is known of the place.
    """

    target: Target | None = None
    targets: tuple[Target, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    #: Those of the siblings that lie below; what they place already is not shipped again.
    base_layers: tuple[Sibling, ...] = ()
    #: As what; None where nobody says.
    deployed_as: DeployedAs | None = None


NOWHERE = Deployment()


@dataclass(frozen=True)
class Context:
    """All that a guard is made from.

    ``read`` gives the bytes of a path and may raise InputError. ``prefix`` is the folder
    of the zip that the tree goes into; ``arch`` the processor, empty where it is not known.
    """

    tree: Tree
    read: Callable[[str], bytes]
    binaries: Binaries
    deployment: Deployment
    prefix: str = ""
    arch: str = ""
    #: How far the rules go.
    tier: Tier = Tier.DEFAULT
    #: Who installed each path, or OWN; nothing before that is known.
    owners: Mapping[str, str] = field(default_factory=dict)
    #: How the image is started whose root the tree is; None for any other tree.
    started: Started | None = None
    #: What former builds found in the files.
    readings: Readings = NO_READINGS

    @cached_property
    def mentions(self) -> Mentions:
        """What the user's own text mentions."""
        command = self.started.command if self.started is not None else ()
        return Mentions(self.tree, self.owners, self.read, self._beside, self.accounts, command)

    @property
    def accounts(self) -> frozenset[str]:
        """The files of an image that name people and services, and nothing that runs."""
        return ACCOUNTS if self.started is not None else frozenset()

    def _beside(self) -> Iterator[Beside]:
        """Yield the zips beside this one, and who installed what is in them."""
        for zip_ in self.deployment.siblings:
            binaries = Binaries(zip_.tree, zip_.read_part)
            context = Context(zip_.tree, zip_.read, binaries, self.deployment)
            languages = needed([entry.path for entry in zip_.tree.entries])
            yield Beside(zip_, find_owners(languages, context))

    @cached_property
    def package_records(self) -> Records:
        """The packages of a distribution, as the records at the top of the tree have them."""
        from slimmer.ecosystems.distribution.records import Records  # noqa: PLC0415 - of images

        return Records(self.tree, self.read)

    @cached_property
    def sibling_names(self) -> dict[str, str]:
        """The paths that zips beside this one place, and which zip it is."""
        return {p: zip_.name for zip_ in reversed(self.deployment.siblings) for p in zip_.placed}

    def inside(self, path: str) -> str | None:
        """Return the path in the tree that a path on Lambda means; None for one outside."""
        if self.started is not None:
            return posixpath.normpath(path).strip("/") if path.startswith("/") else None
        for root in ROOTS:
            start = root + join(self.prefix, "")
            if path.startswith(start):
                return path[len(start) :]
        return None

    def search_folder(self, search: str, origin: str) -> str:
        """Return the folder of the tree, ``""`` for its top, that a part of RPATH or RUNPATH means.

        ``origin`` is the folder of the file that has it (``$ORIGIN``, ld.so(8)). Of a folder
        outside the tree, that one.
        """
        named = _ORIGIN.sub(lambda _: origin or ".", search)
        inside = self.inside(named.rstrip("/") + "/")
        named = posixpath.normpath(inside if inside is not None else named)
        return "" if named == "." else named

    def in_zip(self, path: str) -> str:
        """Return where a path of the tree lies in the zip."""
        return join(self.prefix, path)
