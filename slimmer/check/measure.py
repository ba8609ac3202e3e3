"""Unpacking every member of a zip once: what the gate counts is measured, not believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.measure import why_broken
from slimmer.formats.zip.reader import Zip
from slimmer.inputs.zip_file import MEMBER_BYTES
from slimmer.parallel import shared_with
from slimmer.secrets.kinds import SecretRules
from slimmer.secrets.scanner import (
    FREE_BYTES,
    Found,
    Secret,
    Unsearched,
    ZipSearch,
    zip_secrets,
)

T = TypeVar("T")

MAX_MEASURED_BYTES = 4_000_000_000  # of a zip, sixteen times what Lambda takes


class Measured(NamedTuple):
    """What only the bytes of the members tell."""

    secrets: Found
    #: The members that are not what the zip says, each by its name, with the reason.
    broken: list[tuple[str, str]]


#: What was found, in plain values that a process hands to another.
_Plain = tuple[list[tuple[str, tuple[str, ...]]], list[tuple[str, str]]]
#: What is known of a member: what was found in it, how many bytes were unpacked for that, and why
#: it is broken.
_Look = tuple[_Plain | None, int, str]


def measured(
    rules: SecretRules, data: Data, archive: Zip, rest: Callable[[], T]
) -> tuple[Measured, T]:
    """Search the members of a zip for secrets, and hold each to what the zip says of it.

    What the search has read to its end needs no second look. Two processes take part; ``rest`` is
    what else is to be done, and what it returns is returned too.
    """
    if sum(member.size_bytes for member in archive.members) > MAX_MEASURED_BYTES:
        too_large = [("", "it says that it unpacks to more than 4 GB")]
        return Measured(zip_secrets(rules, data, archive), too_large), rest()
    search = ZipSearch(rules, data, archive)

    def look(number: int) -> _Look:
        before, member = search.unpacked_bytes, search.members[number]
        found = search.look(number)
        plain = None if found is None else _plain(found)
        why = "" if member.header_offset in search.whole else why_broken(data, member)
        return plain, search.unpacked_bytes - before, why

    costs = [member.size_bytes + MEMBER_BYTES for member in search.members]
    looks, other = shared_with(costs, look, rest)
    reasons = {
        member.header_offset: why for member, (_, _, why) in zip(search.members, looks, strict=True)
    }
    for member in archive.members:
        if member.header_offset not in reasons:
            reasons[member.header_offset] = why_broken(data, member)
    broken = [(m.name, why) for m in archive.members if (why := reasons[m.header_offset])]
    return Measured(_together(looks) or zip_secrets(rules, data, archive), broken), other


def _plain(found: Found) -> _Plain:
    unsearched = [(row.path, row.reason) for row in found.unsearched]
    return [(secret.path, secret.kinds) for secret in found.secrets], unsearched


def _together(looks: Sequence[_Look]) -> Found | None:
    """Return all that was found; None where it may depend on the order of the looks."""
    found = [plain for plain, _, _ in looks if plain is not None]
    if len(found) < len(looks) or sum(unpacked for _, unpacked, _ in looks) > FREE_BYTES:
        return None
    secrets = dict.fromkeys(Secret(*row) for rows, _ in found for row in rows)
    return Found(tuple(secrets), tuple(Unsearched(*row) for _, rows in found for row in rows))
