"""Rules and verdicts: what is said of an entry, by whom, and what kept content asks for."""

from __future__ import annotations

import enum
from typing import NamedTuple


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
    #: What the report calls that which drops by it; empty where a component has a title.
    title: str = ""
    #: The words whose checks must hold where it matches, for it to drop.
    evidence: tuple[str, ...] = ()
    #: Whether what it drops comes back where kept code names the folder that it lies in.
    by_folder: bool = True


class Verdict(NamedTuple):
    """What becomes of an entry, and the rule that says so; None: no rule matches it."""

    action: Action
    rule: Rule | None = None

    @property
    def kept(self) -> bool:
        """Whether the entry goes into the artifact."""
        return self.action is Action.KEEP

    @property
    def dropped(self) -> bool:
        """Whether the entry stays out."""
        return self.action is Action.DROP

    @property
    def kept_by_user(self) -> bool:
        """Whether a keep of the user's says so, which nothing but the user overrules."""
        return self.rule is not None and self.rule.component == "user/keep"


class Reference(NamedTuple):
    """What kept content asks for: ``source`` asks for ``needs``, found at ``path``.

    ``path`` is the file or folder in the tree that would satisfy it, or empty where the
    tree has none. A ``certain`` reference to something dropped rescues it; any other
    only warns. ``how`` names where it stands, for the warning (``runtime_dependencies``),
    and ``file`` the file that says so, where ``source`` is another name. With ``members``
    these are what is asked for, each at or below ``path``; ``line`` is that of the source
    which says so, counted from 1, or 0.
    """

    source: str
    needs: str
    path: str
    certain: bool
    how: str = ""
    file: str = ""
    members: tuple[str, ...] = ()
    line: int = 0


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


class Selector(NamedTuple):
    """What a user named for or against, a component or a pattern, and where."""

    text: str
    place: str
