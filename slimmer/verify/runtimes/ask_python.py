"""Asked of a Python: where its parts lie, and AWS's runtime client. ``python -I ask_python.py``.

This file runs by itself, under the Python that a function is to run under. It prints a dictionary
as Python writes it: ``version``; ``program`` and ``stdlib``; ``suffix``, of extension modules;
``libraries``, what the program is linked to. Of awslambdaric (or boto3, where that is installed),
and of what they need, it has pairs of where something lies and where it belongs: ``packages`` are
whole folders, ``files`` all that lies elsewhere. ``has_pip`` and ``is_managed`` say whether it has
pip, and whether its owner wants nothing installed into it (PEP 668).

It reads the distributions itself, as importlib.metadata takes longer to import than all of this
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/).
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

WANTED = ("awslambdaric", "boto3")  # what Lambda's own /var/runtime holds
_ABOUT = ".dist-info"


def main() -> None:
    """Print what was asked for."""
    known = _known()
    packages, files = {}, {}
    waiting = list(WANTED)
    while waiting:
        place, about = known.pop(_normal(waiting.pop()), ("", ""))
        if not place:
            continue
        names = _names(_read(f"{place}/{about}/RECORD"))
        whole = {name.partition("/")[0] for name in names if name.count("/") == 1 and _ends(name)}
        whole.add(about)
        packages.update({name: f"{place}/{name}" for name in whole})
        others = [name for name in names if name.partition("/")[0] not in whole]
        files.update({name: f"{place}/{name}" for name in others})
        waiting += _required(_read(f"{place}/{about}/METADATA"))
    answer = {
        "version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "program": os.path.realpath(sys.executable),
        "stdlib": os.path.dirname(os.__file__),
        "suffix": EXTENSION_SUFFIXES[0],
        "has_pip": find_spec("pip") is not None,
        "is_managed": sys.prefix == sys.base_prefix
        and os.path.exists(f"{os.path.dirname(os.__file__)}/EXTERNALLY-MANAGED"),
        "libraries": sorted({line.partition("/")[2] for line in _read("/proc/self/maps")} - {""}),
        "packages": [(where, name) for name, where in sorted(packages.items())],
        "files": [(where, name) for name, where in sorted(files.items())],
    }
    sys.stdout.write(ascii(answer))


def _known() -> dict[str, tuple[str, str]]:
    """Return each distribution that is installed: its folder, and that of its metadata."""
    known: dict[str, tuple[str, str]] = {}
    for place in sys.path:
        for about in os.listdir(place) if os.path.isdir(place) else ():
            if about.endswith(_ABOUT):
                known.setdefault(_normal(about.partition("-")[0]), (place, about))
    return known


def _normal(name: str) -> str:
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))


def _read(path: str) -> list[str]:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return []
    try:
        return b"".join(iter(lambda: os.read(handle, 1 << 20), b"")).decode().splitlines()
    finally:
        os.close(handle)


def _names(record: list[str]) -> list[str]:
    """Return the paths of a distribution's files, but for those outside of site-packages."""
    rows = [row.rpartition(",")[0].rpartition(",")[0] for row in record]
    names = [row[1:-1].replace('""', '"') if row.startswith('"') else row for row in rows]
    return [name for name in names if not {"", "..", "__pycache__"}.intersection(name.split("/"))]


def _ends(name: str) -> bool:
    return name.endswith("/__init__.py")


def _required(metadata: list[str]) -> list[str]:
    """Return the names of what a distribution needs without an extra."""
    names = []
    for line in metadata:
        if not line:
            break
        key, _, text = line.partition(": ")
        if key == "Requires-Dist" and "extra ==" not in text:
            end = next((at for at, c in enumerate(text) if not (c.isalnum() or c in "._-")), None)
            names.append(text[:end])
    return names


if __name__ == "__main__":
    main()
