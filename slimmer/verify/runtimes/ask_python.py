"""Asked of a Python: where its parts lie, and AWS's runtime client. ``python -I ask_python.py``.

This file runs by itself, under the Python that a function is to run under. It prints JSON:
``version``; ``program`` and ``stdlib``; ``suffix``, of extension modules; and ``files``, the
pairs of where a file of awslambdaric (or boto3, where that is installed), or of what they
need, lies and where it belongs.
"""

import importlib.metadata
import json
import re
import sys
import sysconfig
from pathlib import Path

WANTED = ("awslambdaric", "boto3")  # what Lambda's own /var/runtime holds


def main() -> None:
    """Print what was asked for."""
    files = {}
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
        for file in found.files or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                files[str(file)] = str(found.locate_file(file))
        plain = [line for line in found.requires or [] if "extra ==" not in line]
        waiting += [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in plain]
    answer = {
        "version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "program": str(Path(sys.executable).resolve()),
        "stdlib": sysconfig.get_path("stdlib"),
        "suffix": sysconfig.get_config_var("EXT_SUFFIX"),
        "files": [[where, name] for name, where in sorted(files.items())],
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
