"""The nouns of slim, all immutable: what was found, decided and made.

Nothing in here reads or writes anything; every other module speaks in these values.
"""

from __future__ import annotations

import bisect
import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias


class Kind(enum.Enum):
    """What an entry is, links and all, as ``lstat`` sees it."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    SPECIAL = "special"  # socket, device or fifo: nothing that a zip can hold


class Entry(NamedTuple):
    """One name in a tree.

    ``path`` is relative to the tree, with ``/`` between its parts; bytes that are not
    UTF-8 are in it as surrogates. ``size_bytes`` is 0 for all but files. ``executable``
    is the owner's bit only, so that no umask can change it. ``target`` is what a link
    says, as it says it.
    """

    path: str
    kind: Kind
    size_bytes: int = 0
    executable: bool = False
    target: str = ""


@dataclass(frozen=True)
class Tree:
    """An immutable picture of a folder: its entries in the order of their paths."""

    entries: tuple[Entry, ...]

    @cached_property
    def by_path(self) -> dict[str, Entry]:
        """The entries by their path."""
        return {entry.path: entry for entry in self.entries}

    def below(self, folder: str) -> Iterator[Entry]:
        """Yield ``folder`` itself and everything in it, in path order."""
        if folder in self.by_path:
            yield self.by_path[folder]
        prefix = folder + "/"
        for place in range(bisect.bisect_left(self._paths, prefix), len(self.entries)):
            if not self._paths[place].startswith(prefix):
                break
            yield self.entries[place]

    @cached_property
    def links(self) -> tuple[Entry, ...]:
        """The entries that are links, in path order."""
        link = Kind.LINK
        return tuple(entry for entry in self.entries if entry[1] is link)

    def ending_in(self, *ends: str) -> list[Entry]:
        """Return the files whose paths end in one of ``ends``, in path order."""
        keys = {end.rpartition(".")[2] for end in ends}
        if any("." not in end.rpartition("/")[2] for end in ends):
            found = list(self.entries)
        elif len(keys) == 1:
            found = self._by_end.get(keys.pop(), [])
        else:
            found = [entry for key in keys for entry in self._by_end.get(key, ())]
            found.sort(key=lambda entry: entry.path)
        return [e for e in found if e[0].endswith(ends) and e.kind is Kind.FILE]

    @cached_property
    def _by_end(self) -> dict[str, list[Entry]]:
        """The entries by what follows the last dot, as several guards ask for their own."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry[0].rpartition(".")[2], []).append(entry)
        return found

    @cached_property
    def _paths(self) -> list[str]:
        return [entry.path for entry in self.entries]


class Tier(enum.IntEnum):
    """How far to go; each tier holds the ones before it."""

    SAFE = 1  # no running program can miss it
    DEFAULT = 2  # a Lambda function has no use for it
    AGGRESSIVE = 3  # only where nothing that is kept asks for it

    @property
    def label(self) -> str:
        """The tier as people write it."""
        return self.name.lower()

    @classmethod
    def labels(cls) -> list[str]:
        """Every tier as people write it, mildest first."""
        return [tier.label for tier in cls]


class Action(enum.Enum):
    """What a rule says of an entry; a verdict is only ever KEEP or DROP."""

    KEEP = "keep"  # whatever any pack says
    SPARE = "spare"  # not by this pack: an exception from its drops
    DROP = "drop"


class Rule(NamedTuple):
    """One pattern of one component, or one word of the user's, or a guard's rescue.

    ``component`` is the full name (``erlang/gui``; ``user/keep``; ``guard/otp``).
    ``place`` names the file and line that the rule stands in, as people can open it.
    """

    component: str
    action: Action
    pattern: str
    why: str
    place: str


class Verdict(NamedTuple):
    """What becomes of an entry, and the rule that says so; None: no rule speaks of it."""

    action: Action
    rule: Rule | None = None

    @property
    def kept_by_user(self) -> bool:
        """Whether a keep of the user's says so, which nothing but the user overrules."""
        return self.rule is not None and self.rule.component == "user/keep"


class Keep(NamedTuple):
    """A step: the entry goes into the artifact; these transforms may make it smaller."""

    entry: Entry
    rule: Rule | None
    transforms: tuple[str, ...] = ()


class Drop(NamedTuple):
    """A step: the entry stays out; ``rule`` matches it, or the target of the link it is."""

    entry: Entry
    rule: Rule


class Link(NamedTuple):
    """A step: the file goes in as a link to ``to``, a kept file with the same bytes."""

    entry: Entry
    to: str


Step: TypeAlias = Keep | Drop | Link


class Made(NamedTuple):
    """A file that is not in the tree and goes into the artifact: bytecode of ``source``."""

    entry: Entry
    source: str


Shipped: TypeAlias = Keep | Link | Made


@dataclass(frozen=True)
class Plan:
    """One step for each entry of a tree, in path order; and what is made beside them."""

    steps: tuple[Step, ...]
    made: tuple[Made, ...] = ()

    @cached_property
    def shipped(self) -> tuple[Shipped, ...]:
        """What becomes members, in path order: files, links, empty folders, what is made.

        A folder that is kept while all in it is dropped stays as an empty one, since a
        program may list it; the folders around what is kept need no member of their own.
        """
        members: list[Shipped] = []
        around: set[str] = set()
        every = sorted((*self.steps, *self.made), key=lambda step: step.entry.path)
        for step in reversed(every):  # what is in a folder comes after it
            if isinstance(step, Drop):
                continue
            if step.entry.kind is Kind.DIRECTORY and step.entry.path in around:
                continue
            members.append(step)
            folder = step.entry.path.rpartition("/")[0]
            while folder and folder not in around:
                around.add(folder)
                folder = folder.rpartition("/")[0]
        return tuple(reversed(members))


class Reference(NamedTuple):
    """What kept content asks for: ``source`` asks for ``needs``, found at ``path``.

    ``path`` is the file or folder in the tree that would satisfy it, or empty where the
    tree has none. A ``certain`` reference to something dropped rescues it; any other
    only warns. ``how`` names where it stands, for the warning (``runtime_dependencies``),
    and ``file`` the file that says so, where ``source`` is another name.
    """

    source: str
    needs: str
    path: str
    certain: bool
    how: str = ""
    file: str = ""


class Rescue(NamedTuple):
    """What a guard took back from a rule: ``path`` and all below it that ``component`` dropped.

    ``paths`` are the files that came back.
    """

    path: str
    component: str
    chain: str
    files: int
    size_bytes: int
    paths: tuple[str, ...] = ()


class Word(NamedTuple):
    """What a user named for or against, a component or a pattern, and where."""

    text: str
    place: str


class Severity(enum.Enum):
    """How much a finding weighs: only a failure changes the exit code."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"


class Finding(NamedTuple):
    """Something that the user should know: a stable code, and one line of words."""

    code: str
    severity: Severity
    message: str


class Gauge(NamedTuple):
    """A cap and how full it is; ``strict`` caps must stay below their limit."""

    name: str
    title: str
    actual: int
    limit: int
    strict: bool = False
    unit: str = "B"

    @property
    def over(self) -> bool:
        """Whether the cap is passed."""
        return self.actual >= self.limit if self.strict else self.actual > self.limit

    @property
    def share(self) -> float:
        """How full it is: 1 at its limit."""
        return self.actual / max(self.limit, 1)


class Change(NamedTuple):
    """What a transform did to a file, or why it did nothing.

    ``refused``: well-formed, but must stay as it is; ``broken``: not understood.
    ``saved_bytes`` is less than nothing for an archive whose members are now stored.
    ``left_out``: the members of an archive that were dropped, each with its component.
    """

    transform: str
    saved_bytes: int
    refused: str = ""
    broken: str = ""
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def applied(self) -> bool:
        """Whether the file is another than it was."""
        return not (self.refused or self.broken)


class Member(NamedTuple):
    """One name in a zip as it was written, and what a transform did to it.

    ``packed_bytes`` is all that it takes there, its two headers with it, so that the
    members' add up to the zip less the 22 bytes of its end; ``compressed_bytes`` is its data
    alone. ``crc32`` is that of the content, of a link that of its target.
    """

    name: str
    mode: int
    size_bytes: int
    packed_bytes: int
    compressed_bytes: int
    crc32: int
    change: Change | None = None


@dataclass(frozen=True)
class Artifact:
    """A zip: its name without folder, its digest and its members in order."""

    name: str
    zip_bytes: int
    sha256: str
    code_sha256: str
    compressor: str
    members: tuple[Member, ...] = field(repr=False)

    @property
    def unzipped_bytes(self) -> int:
        """What the members take when unpacked; a link takes the length of its target."""
        return sum(member.size_bytes for member in self.members)


class OtherArtifact(NamedTuple):
    """A zip that is deployed beside this one: the function, or another layer."""

    name: str
    zip_bytes: int
    unzipped_bytes: int
