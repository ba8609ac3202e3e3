"""How the value of an option is written: on the command line, in slim.toml, and which wins.

A value knows both spellings, so that an option and its key cannot mean two things. Values are
made once and never changed or compared. Their classes do not enforce it, since that would take
longer than all else that ``--help`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from slimmer.errors import UsageError
from slimmer.model.rules import Selector, Tier
from slimmer.sizes import parse_size
from slimmer.text import did_you_mean, printable

if TYPE_CHECKING:
    from slimmer.toml import Table

MAX_PREFIX_BYTES = 4096  # as long as a path may be on Linux, PATH_MAX

T = TypeVar("T")


@dataclass(eq=False, repr=False)
class Value(Generic[T]):
    """A kind of value."""

    #: How ``--help`` shows it.
    metavar: str = ""
    #: Whether the option may be given several times.
    multiple: bool = False
    #: What it is where the command line says nothing; None where that is told apart.
    default: T | None = None

    def names(self) -> Iterable[str]:
        """Return the names that a shell may offer."""
        return ()

    def given(self, option: str, raw: Any) -> T:
        """Return the value of what stands on the command line. Raises UsageError."""
        raise NotImplementedError

    def written(self, table: Table, key: str) -> T:
        """Return the value under a key of slim.toml. Raises UsageError, with file and line."""
        raise NotImplementedError

    def merged(self, written: T, given: T) -> T:  # noqa: ARG002 - other values add the two
        """Return what holds where a file and the command line both say something."""
        return given


@dataclass(eq=False, repr=False)
class Choice(Value[str]):
    """One of a few names; ``what`` says what they are, for the message."""

    what: str = "name"
    choices: Callable[[], Iterable[str]] = tuple
    #: What others call a choice, by that name.
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> Iterable[str]:
        """Return the choices."""
        return self.choices()

    def given(self, option: str, raw: Any) -> str:  # noqa: ARG002 - the message names the kind
        """Return the choice. Raises UsageError for another, with the nearest."""
        return known_name(self.what, self.synonyms.get(str(raw), str(raw)), self.choices())

    def written(self, table: Table, key: str) -> str:
        """Return the choice under a key."""
        text = table.text(key)
        return self.synonyms[text] if text in self.synonyms else table.choice(key, self.choices())


def one_of(
    what: str, names: tuple[str, ...], synonyms: Mapping[str, str] = MappingProxyType({})
) -> Choice:
    """Return the choice among a few names, all of which ``--help`` shows, but for synonyms."""
    return Choice("|".join(names), what=what, choices=lambda: names, synonyms=synonyms)


@dataclass(eq=False, repr=False)
class SwitchedChoice(Choice):
    """One of a few names; in a file also ``true``, the first of them, or ``false``, the last."""

    #: The flag that means the last name.
    off: str = ""

    def written(self, table: Table, key: str) -> str:
        """Return the choice under a key."""
        names = tuple(self.choices())
        if not table.is_text(key):
            return names[0] if table.flag(key, default=True) else names[-1]
        text = table.text(key)
        if text not in names:
            quoted = ", ".join(f'"{name}"' for name in names)
            table.fail(key, f"{key} must be true or false, or one of {quoted}, not {text!r}")
        return text


@dataclass(eq=False, repr=False)
class TierChoice(Value[Tier]):
    """A tier by its name."""

    def names(self) -> Iterable[str]:
        """Return the tiers, mildest first."""
        return Tier.labels()

    def given(self, option: str, raw: Any) -> Tier:  # noqa: ARG002 - the message names the kind
        """Return the tier. Raises UsageError for another name."""
        return Tier[known_name("tier", str(raw), Tier.labels()).upper()]

    def written(self, table: Table, key: str) -> Tier:
        """Return the tier under a key."""
        return Tier[table.choice(key, Tier.labels()).upper()]


@dataclass(eq=False, repr=False)
class Without(Value[tuple[str, ...]]):
    """The known names less those that are named; ``what`` says what they are."""

    what: str = "name"
    known: tuple[str, ...] = ()
    multiple: bool = True

    def names(self) -> Iterable[str]:
        """Return the names that can be turned off."""
        return self.known

    def given(self, option: str, raw: Any) -> tuple[str, ...]:  # noqa: ARG002
        """Return the names that are left. Raises UsageError for one that there is not."""
        off = {known_name(self.what, name, self.known) for name in raw}
        return tuple(name for name in self.known if name not in off)

    def written(self, table: Table, key: str) -> tuple[str, ...]:
        """Return the names that the array under a key leaves."""
        off = table.texts(key)
        for name in off:
            if name not in self.known:
                table.fail(key, f"there is no {self.what} {name!r}{did_you_mean(name, self.known)}")
        return tuple(name for name in self.known if name not in off)

    def merged(self, written: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
        """Return what both leave."""
        return tuple(name for name in written if name in given)


@dataclass(eq=False, repr=False)
class Selectors(Value[tuple[Selector, ...]]):
    """Components or gitignore patterns, each with the place that says so."""

    multiple: bool = True
    #: Gives the names that a shell may offer.
    offered: Callable[[], Iterable[str]] = tuple

    def names(self) -> Iterable[str]:
        """Return the names that a shell may offer."""
        return self.offered()

    def given(self, option: str, raw: Any) -> tuple[Selector, ...]:
        """Return the selectors of the command line."""
        return tuple(Selector(text, option) for text in raw)

    def written(self, table: Table, key: str) -> tuple[Selector, ...]:
        """Return the selectors under a key."""
        return tuple(Selector(text, table.place(key)) for text in table.texts(key))

    def merged(
        self, written: tuple[Selector, ...], given: tuple[Selector, ...]
    ) -> tuple[Selector, ...]:
        """Return all of them."""
        return (*written, *given)


@dataclass(eq=False, repr=False)
class Size(Value[int]):
    """A size with its unit, as whole bytes."""

    metavar: str = "SIZE"

    def given(self, option: str, raw: Any) -> int:  # noqa: ARG002 - the message quotes the text
        """Return the bytes. Raises UsageError for what is no size."""
        return parse_size(str(raw))

    def written(self, table: Table, key: str) -> int:
        """Return the bytes under a key."""
        return table.size(key)


@dataclass(eq=False, repr=False)
class Text(Value[str]):
    """Words on one line."""

    #: Makes the text clean; raises UsageError for what it must not be.
    clean: Callable[[str], str] = str
    #: Whether it names a program, by its path or as PATH finds it.
    program: bool = False

    def given(self, option: str, raw: Any) -> str:  # noqa: ARG002 - the message quotes the text
        """Return the text."""
        return self.clean(str(raw))

    def written(self, table: Table, key: str) -> str:
        """Return the text under a key."""
        text = table.text(key)
        try:
            return self.clean(text)
        except UsageError as error:
            table.fail(key, str(error))


@dataclass(eq=False, repr=False)
class Whole(Value[int]):
    """A whole number from ``least`` to ``most``."""

    least: int = 1
    most: int = 1

    def given(self, option: str, raw: Any) -> int:  # noqa: ARG002 - the command line has checked
        """Return the number."""
        return int(raw)

    def written(self, table: Table, key: str) -> int:
        """Return the number under a key."""
        number = table.whole(key)
        if not self.least <= number <= self.most:
            table.fail(key, f"{key} must be {self.least} to {self.most}, not {number}")
        return number


@dataclass(eq=False, repr=False)
class Texts(Value[tuple[str, ...]]):
    """Words, each given by itself; in a file an array, whose place the command line takes."""

    multiple: bool = True
    #: Gives the names that a shell may offer.
    offered: Callable[[], Iterable[str]] = tuple

    def names(self) -> Iterable[str]:
        """Return the names that a shell may offer."""
        return self.offered()

    def given(self, option: str, raw: Any) -> tuple[str, ...]:  # noqa: ARG002
        """Return the words."""
        return tuple(raw)

    def written(self, table: Table, key: str) -> tuple[str, ...]:
        """Return the words under a key; one may stand without the array."""
        return table.one_or_many(key)


@dataclass(eq=False, repr=False)
class Seconds(Value[float]):
    """A time above zero."""

    most: float = 1.0

    def given(self, option: str, raw: Any) -> float:  # noqa: ARG002 - the command line has checked
        """Return the seconds."""
        return float(raw)

    def written(self, table: Table, key: str) -> float:
        """Return the seconds under a key."""
        return table.number(key, self.most)


class Ratio(Seconds):
    """A ratio above zero."""


@dataclass(eq=False, repr=False)
class Switch(Value[bool]):
    """Something that is off unless the command line turns it on."""

    def given(self, option: str, raw: Any) -> bool:  # noqa: ARG002 - a flag has no text
        """Return whether it is on."""
        return bool(raw)

    def written(self, table: Table, key: str) -> bool:
        """Return whether it is on under a key."""
        return table.flag(key, default=False)


def known_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return a name that is known. Raises UsageError for another, with the nearest."""
    names = list(known)
    if name not in names:
        raise UsageError(f"there is no {what} {name!r}{did_you_mean(name, names)}")
    return name


def clean_prefix(text: str) -> str:
    """Return a folder for inside the zip, such as ``python``, without slashes at its ends.

    Raises UsageError when it would climb out of the zip.
    """
    parts = text.strip("/").split("/")
    if text.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise UsageError(f"prefix {text!r} must be a plain relative folder, such as python")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            f"prefix '{printable(text)}' is not UTF-8; a zip could not hold it"
        ) from None
    if len(raw) > MAX_PREFIX_BYTES:
        raise UsageError(
            f"prefix '{text[:20]}…' is longer than {MAX_PREFIX_BYTES} bytes; "
            "take a short one, such as python"
        )
    return "/".join(parts)


def clean_folder(text: str) -> str:
    """Return an absolute folder without a slash at its end. Raises UsageError for any other."""
    parts = text.strip("/").split("/")
    if not text.startswith("/") or any(part in (".", "..") for part in parts):
        raise UsageError(f"{printable(text)!r} must be an absolute folder, such as /var/task")
    return "/" + "/".join(part for part in parts if part)


def merge_selectors(
    written: tuple[Sequence[Selector], Sequence[Selector]],
    given: tuple[Sequence[Selector], Sequence[Selector]],
) -> tuple[tuple[Selector, ...], tuple[Selector, ...]]:
    """Return keeps and drops of a file and of the command line, where the latter wins.

    Each argument is a pair of keeps and drops. Raises UsageError when one of the two names the
    same thing in both.
    """
    for keeps, drops in (written, given):
        for selector in keeps:
            if selector.text in {other.text for other in drops}:
                raise UsageError(
                    f"{selector.place}: {printable(selector.text)!r} is both kept and "
                    "dropped; remove one"
                )
    kept, dropped = ({selector.text for selector in those} for those in given)
    keeps = [selector for selector in written[0] if selector.text not in dropped]
    drops = [selector for selector in written[1] if selector.text not in kept]
    return (*keeps, *given[0]), (*drops, *given[1])
