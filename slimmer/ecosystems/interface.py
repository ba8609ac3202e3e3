"""What a language's parts look like: a guard, a check, a drop pass, a judge of whose a file is.

Each is small, so that a language can bring one without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from slimmer.inputs.base import Sibling
from slimmer.model.findings import Finding
from slimmer.model.needs import Needs
from slimmer.model.owners import OWN, Claims
from slimmer.model.rules import Reference, Tier, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.model.unit_rules import PartsRule, VariantsRule
from slimmer.model.uses import Uses, own_part, part_of
from slimmer.targets import Target

if TYPE_CHECKING:
    from slimmer.ecosystems.context import Context
    from slimmer.ecosystems.shipped import Shipped

LAYERS_AT, FUNCTION_AT = "opt/", "var/task/"  # where Lambda unpacks them, below /


class Guard(Protocol):
    """What kept content asks of the dropped, as one language knows it.

    A guard is made for one tree and then asked, verdicts in hand, for the references of what
    is kept. A certain reference to something dropped rescues it; any other only warns.
    """

    def __init__(self, context: Context) -> None:
        """Look at the tree and at what is deployed beside it; read nothing yet."""

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterable[Reference]:
        """Yield what the kept entries ask for, whether or not it is kept."""

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Yield what else there is to say, once nothing more comes back."""


#: A check of what ships against the target; yields what does not fit.
Check: TypeAlias = "Callable[[Shipped], Iterable[Finding]]"


#: What says how a start could cost less. It raises what reading raises.
Advise: TypeAlias = "Callable[[Context, Mapping[str, Verdict]], Iterable[Finding]]"


class FindSilent(Protocol):
    """What used files would do without, and say nothing or something else."""

    def __call__(
        self, context: Context, used: frozenset[str], verdicts: Mapping[str, Verdict]
    ) -> Iterable[str]:
        """Return paths of what ``verdicts`` drop. Raises what reading raises."""


class Companions(Protocol):
    """What else goes where packs drop a part of something, before the guards have their say."""

    def __call__(
        self, context: Context, verdicts: Mapping[str, Verdict], owners: Mapping[str, str]
    ) -> Mapping[str, Verdict]:
        """Return further drops; ``owners`` tells who installed each path, or OWN."""


@dataclass(frozen=True)
class DropRequest:
    """What a drop pass decides on."""

    #: The tree, its bytes, and where it goes.
    context: Context
    #: What becomes of each entry so far: rules, guards and the passes before.
    verdicts: Mapping[str, Verdict]
    #: How far to go.
    tier: Tier
    #: What becomes of native files that Lambda cannot load, one of ``native.FOREIGN_MODES``.
    foreign: str
    #: What becomes of Python's bytecode, one of ``python.PYC_MODES``.
    pyc: str
    #: The names of the guards that are on.
    guards: Collection[str]
    #: Who installed each path of the tree, or OWN.
    owners: Mapping[str, str]
    #: When a file was last changed, in whole seconds since 1970.
    mtime_s: Callable[[str], int]

    def is_own(self, path: str) -> bool:
        """Return whether no installer wrote a path."""
        return self.owners.get(path, OWN) == OWN


@dataclass(frozen=True)
class Drops:
    """What one drop pass, or all of them, decided."""

    #: What is dropped beyond the verdicts of the request, by path.
    drops: dict[str, Verdict] = field(default_factory=dict)
    #: What there is to say of it.
    findings: tuple[Finding, ...] = ()
    #: The bytecode that Python would use, so that a transform may make it unchecked.
    valid_bytecode: frozenset[str] = frozenset()
    #: The chunks that stay in Erlang's modules, by the path of each module that has any.
    kept_chunks: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    #: The packages of a distribution of which nothing is left.
    gone_packages: frozenset[str] = frozenset()


#: A pass that drops more once the guards are done. It raises what reading raises.
DropPass: TypeAlias = "Callable[[DropRequest], Drops]"


class OwnFile(NamedTuple):
    """A file of the user's own, or of a zip beside."""

    #: The file as the user is told of it.
    name: str
    entry: Entry
    #: The part that it is.
    part: str
    #: Gives its bytes. Raises InputError.
    read: Callable[[], bytes]


@dataclass(frozen=True)
class UsesRequest:
    """What is looked at to find who uses whom."""

    #: The tree, its bytes, and where it goes.
    context: Context
    #: Who installed each path, or OWN.
    owners: Mapping[str, str]
    #: What becomes of each entry once the guards are done.
    verdicts: Mapping[str, Verdict]
    #: What the pack of each name says of parts of units.
    parts: Mapping[str, tuple[PartsRule, ...]] = field(default_factory=dict)
    #: What the packs say of variants.
    variants: tuple[VariantsRule, ...] = ()
    #: What the user says that is started, as for ``--entry``.
    entry: tuple[str, ...] = ()
    #: Whether the user asks for what is reached, by ``--entry`` or ``--tree-shake``.
    is_asked: bool = False
    #: The parts that the user names as what runs, or keeps by name.
    named: frozenset[str] = frozenset()

    def kept(self, *ends: str) -> list[Entry]:
        """Return the kept files whose paths end in one of ``ends``, in path order."""
        return [e for e in self.context.tree.ending_in(*ends) if self.verdicts[e.path].kept]

    def own_files(self) -> Iterator[OwnFile]:
        """Yield the kept files of the user's own that may name something, and zips beside whole."""
        read, accounts = self.context.read, self.context.accounts
        for entry in self.context.tree.entries:
            path, kind, *_ = entry
            is_own = kind is Kind.FILE and self.owners[path] == OWN and path not in accounts
            if is_own and self.verdicts[path].kept:
                yield OwnFile(path, entry, own_part(path), partial(read, path))
        for zip_ in self.context.deployment.siblings:
            for entry in zip_.tree.entries:
                if entry.kind is Kind.FILE:
                    name = f"{zip_.name}: {entry.path}"
                    yield OwnFile(name, entry, name, partial(zip_.read, entry.path))

    def part(self, path: str) -> str:
        """Return the part that a path of the tree belongs to."""
        return part_of(path, self.owners[path])


#: A search for who uses whom among the parts of one language. It raises what reading raises.
FindUses: TypeAlias = "Callable[[UsesRequest], Uses]"


class Placed(NamedTuple):
    """A file of one of the zips that are deployed together."""

    zip: Sibling
    #: Its path in that zip.
    path: str

    @property
    def name(self) -> str:
        """The file as the user is told of it."""
        return f"{self.zip.name}: {self.path}"

    def read(self) -> bytes:
        """Return its bytes. Raises InputError."""
        return self.zip.read(self.path)


@dataclass(frozen=True)
class NeedsRequest:
    """What is looked at to find what zips that are deployed together need and do not have."""

    #: The layers, in the order in which they are unpacked.
    layers: tuple[Sibling, ...]
    function: Sibling | None
    target: Target

    @cached_property
    def files(self) -> dict[str, Placed]:
        """The files by where Lambda has them, below ``/``; a later layer's win."""
        zips = [(LAYERS_AT, zip_) for zip_ in self.layers]
        zips += [(FUNCTION_AT, self.function)] if self.function else []
        return {
            root + path: Placed(zip_, path)
            for root, zip_ in zips
            for path, what in zip_.placed.items()
            if what is not None
        }

    def may_run(self, language: str) -> bool:
        """Return whether the target's runtime is one of a language, as far as it says."""
        known = self.target.language
        return known.name == language if known else self.target.system is None


#: What files of one language need, and what is there. It raises what reading raises.
FindNeeds: TypeAlias = "Callable[[NeedsRequest], Needs]"


class Published(Protocol):
    """Which files came with a package of one language that anybody can download."""

    def __init__(self, names: Collection[str], text: Callable[[str], str]) -> None:
        """Take the paths of all files, and what gives the text of one, ``""`` where it has none.

        Nothing is read before somebody asks.
        """

    def covers(self, path: str, digest: Callable[[], bytes]) -> bool:
        """Return whether the file at ``path``, whose bytes have this SHA-256, is published."""


class Claim(Protocol):
    """What the installers of one language wrote into a tree, as they or their marks say."""

    def __call__(self, tree: Tree, text: Callable[[str], str]) -> Claims:
        """Return the claims; ``text`` gives the text of a file, ``""`` where it has none."""
