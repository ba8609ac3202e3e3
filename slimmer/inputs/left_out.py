"""What pip leaves out where it installs for another machine, without a word.

pip takes conditions such as ``python_version >= "3.12"`` as the Python that runs it meets them,
whatever its ``--python-version`` and ``--platform`` say ("pip install", --python-version). Sources:
PyPA specifications, "Dependency specifiers" (markers) and "Core metadata" (Requires-Dist).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from slimmer.inputs.install_plan import ARM64, Platform

_MOST_FILES = 100
_NAMED = re.compile(r"\s*(-r|--requirement|-c|--constraint)[\s=]*([^\s#]+)")
_CONTINUED = re.compile(r"\\\r?\n")
_REST = re.compile(r"(?:^|\s)(?:#|--).*")  # a comment, or options such as --hash
_MOST_BYTES = 16_000_000  # of METADATA or a file of requirements


def left_out(file: Path, folder: Path, place: Platform) -> list[str]:
    """Return what a file of requirements asks for on a target and a folder lacks, by name.

    What the distributions in the folder require counts too. Raises OSError.
    """
    marks = _marks(place)
    found = {
        canonicalize_name(path.parent.name.partition("-")[0]): list(_required(_text(path)))
        for path in folder.glob("*.dist-info/METADATA")
    }
    asked = {(name, ""): None for name in found}
    for requirement in (
        each for path in files_of(file, ("-r", "--requirement")) for each in _listed(_text(path))
    ):
        if _holds(requirement, marks, ""):
            name = canonicalize_name(requirement.name)
            asked |= dict.fromkeys((name, extra) for extra in ("", *requirement.extras))
    todo = list(asked)
    for name, extra in todo:
        for requirement in found.get(name, ()):
            if _holds(requirement, marks, extra):
                other = canonicalize_name(requirement.name)
                new = [(other, each) for each in ("", *requirement.extras)]
                todo += [each for each in new if each not in asked]
                asked |= dict.fromkeys(new)
    return sorted({name for name, _ in asked} - found.keys())


def files_of(
    file: Path, options: Collection[str] = ("-r", "--requirement", "-c", "--constraint")
) -> list[Path]:
    """Return a requirements.txt, and the files that it and these name with an option; at most 100.

    Files that are not there are left out. Raises OSError.
    """
    found = [file]
    for path in found:
        for line in _text(path).split("\n"):
            named = _NAMED.match(line)
            if named and named[1] in options:
                other = path.parent / named[2]
                if other not in found and other.is_file() and len(found) < _MOST_FILES:
                    found.append(other)
    return found


def _holds(requirement: Requirement, marks: Mapping[str, str], extra: str) -> bool:
    """Return whether a requirement is one of a target, for an extra or for none."""
    return requirement.marker is None or requirement.marker.evaluate({**marks, "extra": extra})


def _marks(place: Platform) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{place.python}.0",
        "os_name": "posix",
        "platform_machine": "aarch64" if place.arch == ARM64 else place.arch,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{place.python}.0",
        "python_version": place.python,
        "sys_platform": "linux",
    }


def _listed(text: str) -> Iterator[Requirement]:
    """Yield the requirements of a requirements.txt; paths, and files that it names, are not."""
    for line in _CONTINUED.sub(" ", text).split("\n"):
        yield from _parsed(_REST.sub("", line))


def _required(metadata: str) -> Iterator[Requirement]:
    """Yield what the headers of a METADATA require."""
    for line in metadata.replace("\r\n", "\n").partition("\n\n")[0].split("\n"):
        key, _, value = line.partition(":")
        if key.lower() == "requires-dist":
            yield from _parsed(value)


def _parsed(text: str) -> Iterator[Requirement]:
    if text.strip() and not text.startswith("-"):
        try:
            yield Requirement(text.strip())
        except InvalidRequirement:
            return


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
