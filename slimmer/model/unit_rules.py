"""What packs say of units that are a part of what is installed: a rule for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class PartsRule(NamedTuple):
    """That each folder in one of a unit's folders is a part of its own, asked for by its name.

    It is a ``[[parts]]`` table of a pack, placed at one root of the pack.
    """

    #: The unit's name, such as ``botocore``.
    unit: str
    #: The folder that holds the parts, as a path of the tree.
    folder: str
    #: The functions whose first argument names a part: ``client("s3")``.
    calls: tuple[str, ...]
    #: The distributions whose own calls only pass on the name that they are given.
    passing: frozenset[str]
    #: The parts that the unit asks for itself.
    always: tuple[str, ...]


class VariantsRule(NamedTuple):
    """That files of a folder are variants of one thing, of which a deployment uses one or two.

    It is a ``[[variants]]`` table of a pack: ``query_engine_bg.mysql.js`` and its likes.
    """

    #: The unit's name, such as ``@prisma/client``.
    unit: str
    #: The folder that holds the variants, as the last parts of its path.
    folder: str
    #: A regular expression: the variant that a file is of, as the beginning of its name.
    names: str
    #: A regular expression: code that puts the name of a variant together.
    joined: str
    #: The packages that may use any of them.
    any_for: tuple[str, ...]
    #: The packages that only pass on what they are given.
    passing: frozenset[str]
    #: The library by which a platform is known, and what is in the variant for it by processor.
    platforms: Mapping[str, Mapping[str, str]]
