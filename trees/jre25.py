"""A Java runtime 25 as Debian's newest suite has it, alone and with a function in Clojure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, jvm, once

_PACKAGE = "openjdk-25-jre-headless"
_HOME = "usr/lib/jvm/java-25-openjdk-amd64"
_SUITE = "sid"
_JDKS = ("temurin-25-jdk-amd64", "java-25-openjdk-amd64", "openjdk-25")


@once
def runtime() -> Path:
    """Give the runtime in a folder of its own, with its settings in the place of links to /etc."""
    dest = REAL / "jre-25"
    if not dest.is_dir():
        root = debian.brought_of(_SUITE, REAL / "jre-25-package", [_PACKAGE])
        with debian.aside(dest) as folder:
            shutil.copytree(root / _HOME, folder, symlinks=True, dirs_exist_ok=True)
            _make_whole(folder, root)
    return dest


def function(folder: Path) -> Path:
    """Lay out the runtime and the function in a new folder."""
    shutil.copytree(HERE / "jvm_app", folder)
    shutil.copytree(runtime(), folder / "jre", symlinks=True)
    shutil.copy(jvm.tree() / "app.jar", folder)
    return folder


def jdk() -> Path:
    """Give a JDK 25 of this machine. Raises Unavailable."""
    named = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for home in (*named, *(Path("/usr/lib/jvm") / name for name in _JDKS)):
        release = home / "release"
        if (home / "bin/jlink").is_file() and 'VERSION="25' in release.read_text("utf-8"):
            return home
    raise Unavailable("no JDK 25 here; name one with JAVA_HOME")


def _make_whole(home: Path, root: Path) -> None:
    """Put what links to /etc and elsewhere lead to in their place, where the package has it."""
    for folder, folders, files in os.walk(home):
        for name in (*folders, *files):
            link = Path(folder, name)
            if not link.is_symlink():
                continue
            target = str(link.readlink())
            inside = root / target.lstrip("/")
            if target.startswith("/"):
                link.unlink()
                if inside.is_dir():
                    shutil.copytree(inside, link)
                elif inside.is_file():
                    shutil.copy(inside, link)
            elif not link.resolve().is_relative_to(home.resolve()):
                link.unlink()
