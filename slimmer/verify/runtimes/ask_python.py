"""Asked of a Python: where its parts lie, and AWS's runtime client. ``python -I ask_python.py``.

This file runs by itself, under the Python that a function is to run under. It prints JSON:
``version``; ``program`` and ``stdlib``; ``suffix``, of extension modules; and of awslambdaric (or
boto3, where that is installed), and of what they need, pairs of where something lies and where it
belongs: ``packages`` are whole folders, ``files`` all that lies elsewhere.
"""

import csv
import importlib.machinery
import importlib.metadata
import json
import re
import sys
import sysconfig
from pathlib import Path

_IS_PACKAGE = re.compile(r"[^/]+/__init__\.py").fullmatch
_IS_ABOUT = re.compile(r"[^/]+\.(dist|egg)-info/.*").fullmatch

WANTED = ("awslambdaric", "boto3")  # what Lambda's own /var/runtime holds


def main() -> None:
    """Print what was asked for."""
    packages, files = {}, {}
    waiting = list(WANTED)
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        names = _names(found)
        whole = {name[: -len("/__init__.py")] for name in names if _IS_PACKAGE(name)}
        whole |= {name.partition("/")[0] for name in names if _IS_ABOUT(name)}
        packages.update({name: str(found.locate_file(name)) for name in whole})
        others = [name for name in names if name.partition("/")[0] not in whole]
        files.update({name: str(found.locate_file(name)) for name in others})
        plain = [line for line in found.requires or [] if "extra ==" not in line]
        waiting += [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in plain]
    answer = {
        "version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "program": str(Path(sys.executable).resolve()),
        "stdlib": sysconfig.get_path("stdlib"),
        "suffix": importlib.machinery.EXTENSION_SUFFIXES[0],
        "packages": [[where, name] for name, where in sorted(packages.items())],
        "files": [[where, name] for name, where in sorted(files.items())],
    }
    sys.stdout.write(json.dumps(answer))


def _names(found: importlib.metadata.Distribution) -> list[str]:
    """Return the paths of a distribution's files, without those outside of site-packages."""
    record = found.read_text("RECORD")  # its own attribute for them is slow
    rows = csv.reader(record.splitlines()) if record else ([str(f)] for f in found.files or [])
    names = [row[0] for row in rows if row]
    return [name for name in names if not {"..", "__pycache__"}.intersection(name.split("/"))]


if __name__ == "__main__":
    main()
