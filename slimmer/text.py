"""Names near to a mistyped one, so that every error about a name can offer the right one."""

import re
from collections.abc import Iterable, Sequence

_VERSION = re.compile(r"(?<!\d)\d{1,9}\.[\dx]+")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` most likely meant, or None when none is near.

    Another version is not near: python3.15 is no slip for python3.14. Nor is a name for the folder
    alone that both are in.
    """
    import difflib  # where a name is wrong, and only there

    words = _VERSION.sub("", name)
    folder, slash, last = name.rpartition("/")
    others = sorted(each for each in known if each == name or _VERSION.sub("", each) != words)
    beside = {each.rpartition("/")[2]: each for each in others if each.startswith(folder + slash)}
    for wanted, names in ((last, beside if slash else {}), (name, {each: each for each in others})):
        for match in difflib.get_close_matches(wanted, names, n=1, cutoff=0.6):
            if wanted == last or names[match] not in beside.values():
                return str(names[match])
    return None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'X'?``, or the known names, of its folder, when none is near."""
    names = sorted(known)
    near = nearest(name, names)
    if near is not None:
        return f"; did you mean {near!r}?"
    folder, slash, _ = name.rpartition("/")
    names = [each for each in names if slash and each.startswith(folder + slash)] or names
    return f"; known are {', '.join(names)}" if names else ""


def printable(path: str) -> str:
    """Return a path that any terminal and any encoder can take, odd bytes escaped."""
    try:
        raw = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a character, as JSON may hold
        raw = path
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in raw)


def and_more(paths: Sequence[str]) -> str:
    """Return the first path, and how many there are beside it."""
    first = printable(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1:,} more"
