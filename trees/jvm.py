"""A Java runtime by jlink and a Clojure uberjar, made of Debian's packages and kept in build/."""

import os
import subprocess
import zipfile
from pathlib import Path

from trees import REAL, Unavailable, debian, once

JDK = "usr/lib/jvm/java-17-openjdk-amd64"
_PACKAGES = ["openjdk-17-jdk-headless", "openjdk-17-jre-headless"]
_CLOJURE = ["libclojure-java", "libspec-alpha-clojure", "libcore-specs-alpha-clojure"]
_JARS = ("clojure-1.*.*.jar", "spec.alpha-*.jar", "core.specs.alpha-*.jar")
_MODULES = (
    "java.base,java.logging,java.management,java.naming,java.sql,jdk.crypto.ec,jdk.unsupported"
)
_MANIFEST = "Manifest-Version: 1.0\nMain-Class: clojure.main\n\n"


@once
def tree() -> Path:
    """Give jre/ and app.jar in a folder: what a function in Clojure has before slimming."""
    dest = REAL / "jvm"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            _link(folder / "jre", _MODULES)
            _uberjar(_brought(_CLOJURE, "clojure") / "usr" / "share" / "java", folder / "app.jar")
    return dest


@once
def runtime(*modules: str) -> Path:
    """Give a Java runtime of these modules."""
    dest = REAL / "-".join(["jlink", *modules])
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            _link(folder / "jre", ",".join(modules))
            for path in (folder / "jre").iterdir():
                path.rename(folder / path.name)
            (folder / "jre").rmdir()
    return dest


def compiled(folder: Path, **sources: str) -> Path:
    """Compile sources, named by their classes, into a new folder, and give it."""
    folder.mkdir()
    files = [folder / f"{name.rpartition('.')[2]}.java" for name in sources]
    for file, text in zip(files, sources.values(), strict=True):
        file.write_text(text, "utf-8")
    _ran("javac", "-d", folder, *files)
    for file in files:
        file.unlink()
    return folder


def _link(dest: Path, modules: str) -> None:
    _ran("jlink", "--compress=0", "--add-modules", modules, "--output", dest)


def _ran(tool: str, *args: Path | str) -> None:
    argv = (_jdk() / "bin" / tool, *args)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{tool} makes nothing: {done.stdout}{done.stderr}")


def jars() -> list[Path]:
    """Give Debian's own jars, as they were packaged."""
    folder = _brought(_CLOJURE, "clojure") / "usr" / "share" / "java"
    return sorted(path for path in folder.glob("*.jar") if not path.is_symlink())


@once
def _jdk() -> Path:
    return _brought(_PACKAGES, "jdk") / JDK


def _brought(packages: list[str], name: str) -> Path:
    dest = REAL / name
    if not dest.is_dir():
        debian.brought(dest, lambda _: packages, ", ".join(packages))
        _make_links_relative(dest)
    return dest


def _make_links_relative(root: Path) -> None:
    """Let links to what the packages would have put into /etc lead to it where it is."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and str(path.readlink()).startswith("/"):
                inside = root / str(path.readlink()).lstrip("/")
                if inside.exists():
                    path.unlink()
                    path.symlink_to(os.path.relpath(inside, folder))


def _uberjar(folder: Path, dest: Path) -> None:
    """Write the jars' members into one jar, deflated, with the times they have there."""
    seen = {"META-INF/MANIFEST.MF"}
    with zipfile.ZipFile(dest, "w", zipfile.ZIP_DEFLATED) as uberjar:
        uberjar.writestr("META-INF/MANIFEST.MF", _MANIFEST)
        for pattern in _JARS:
            [jar] = sorted(folder.glob(pattern))
            with zipfile.ZipFile(jar) as archive:
                for info in archive.infolist():
                    if info.filename not in seen and not info.is_dir():
                        seen.add(info.filename)
                        uberjar.writestr(info, archive.read(info), zipfile.ZIP_DEFLATED)
