"""The command that installs for Lambda what extension modules belong to, as people type it.

Source: "pip install", --platform and --python-version, in pip's manual; PEP 600.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.native.platforms import TRIPLES, extension, package_of
from slimmer.formats.native import X86_64
from slimmer.formats.python.metadata import normal_name

_MODERN = 28  # of glibc 2.X, which manylinux_2_28 asks for
_OWNER = "python/"


def pip_install(context: Context, paths: Sequence[str]) -> str:
    """Return the command for the target's Python; that of the first, where no target names one."""
    target = context.deployment.target
    language = target.language if target else None
    system = target.system if target else None
    machine = TRIPLES[context.arch or X86_64].partition("-")[0]
    is_modern = system is not None and int(system.glibc.partition(".")[2]) >= _MODERN
    tags = [f"manylinux_2_28_{machine}"] if is_modern else []
    platforms = " ".join(f"--platform {tag}" for tag in (*tags, f"manylinux2014_{machine}"))
    module = extension(paths[0])
    of_module = module.version if module and module.version.replace(".", "").isdigit() else ""
    version = language.version if language and language.name == "python" else of_module
    python = f" --python-version {version}" if version else ""
    wanted = shlex.join(dict.fromkeys(_requirement(context, path) for path in paths))
    return f"pip install --target DIR {platforms}{python} --only-binary=:all: {wanted}"


def _requirement(context: Context, path: str) -> str:
    """Return the distribution of a module, in the version that the tree has: others pin it."""
    owner = context.owners.get(path, "")
    if not owner.startswith(_OWNER):
        return package_of(path)
    name = owner.removeprefix(_OWNER)
    for entry in context.tree.ending_in(".dist-info/METADATA"):
        info = posixpath.basename(posixpath.dirname(entry.path)).removesuffix(".dist-info")
        other, _, version = info.partition("-")
        # A local version, such as 2.9.0+cpu, need not be published for the other platform.
        if normal_name(other) == normal_name(name) and version and "+" not in version:
            return f"{normal_name(name)}=={version}"
    return normal_name(name)
