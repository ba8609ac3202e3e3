"""Java functions run under AWS's own client, which loads classes as Lambda does.

That is the function's root and its lib/*.jar, and /opt/java/lib/*.jar of layers.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.inputs.folder import scan
from slimmer.verify.rootfs import ETC, LANGUAGE, ROOT, RUNTIME, Mount
from slimmer.verify.runtimes.program import BIN, Asked, Program, copy_into, said

_GROUP = "com.amazonaws"
_CLIENT = "aws-lambda-java-runtime-interface-client"
_GROUPS = ("com/amazonaws", "software/amazon/awssdk")  # where what it needs mostly lies
_MAIN = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
_REPOSITORY = Path(".m2", "repository")
_HOMES = Path("/usr/lib/jvm")
_HEAP = 0.85  # of the memory; Lambda leaves the rest to classes and threads

#: What Lambda starts Java with (the command line of its java17, read in a function), but for its
#: archive of shared classes and its patch of Log4j.
_OPTIONS = (
    *("-XX:+UseSerialGC", "-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1"),
    *("--add-opens=java.base/java.io=ALL-UNNAMED", "-XX:+ErrorFileToStderr"),
    *("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",),
    *("-Djava.net.preferIPv4Stack=true",),
)


def start(asked: Asked) -> Program:
    """Return what starts a Java function. Raises UsageError where something is missing."""
    home = _find(asked)
    jars = _client(asked)
    copy_into([(str(jar), f"lib/{jar.name}") for jar in jars], asked.dest)
    heap_kib = int(asked.memory_bytes * _HEAP) // 1024
    return Program(
        (
            f"{BIN}/java",
            f"-XX:MaxHeapSize={heap_kib}k",
            *_OPTIONS,
            *("-classpath", ":".join(f"{RUNTIME}/lib/{jar.name}" for jar in jars)),
            *(_MAIN, asked.handler),
        ),
        {"PATH": BIN, "LD_LIBRARY_PATH": f"{LANGUAGE}/lib"},
        (Mount("bind", LANGUAGE, str(home)), *_elsewhere(home)),
        {"java": str(home / "bin" / "java")},
    )


def _find(asked: Asked) -> Path:
    """Return the home of the Java of the version that is asked for."""
    named = asked.interpreter
    for program in [named] if named else _programs():
        version = _version(program)
        if version == asked.version:
            return Path(os.path.realpath(program)).parents[1]
        if named:
            what = f"is Java {version}" if version else "is no Java that runs"
            raise UsageError(
                f"--interpreter {named}: {what}; name one of Java {asked.version}, or the "
                "--runtime that it is for"
            )
    raise UsageError(
        f"--runtime {asked.runtime}: Java {asked.version} is not found by JAVA_HOME, on PATH or in "
        f"{_HOMES}; install it, or name its program with --interpreter"
    )


def _version(program: str) -> str:
    """Return the major version of a Java, empty for what is none.

    It stands in the file ``release`` of its home, where there is one, which is faster than to ask
    it; the first line that it says begins with ``openjdk 21.0.8 2025-07-15``.
    """
    release = Path(os.path.realpath(program)).parents[1] / "release"
    try:
        text = release.read_text("utf-8", "replace")
    except OSError:
        text = ""
    if found := re.search(r'^JAVA_VERSION="(\d{1,9})', text, re.MULTILINE):
        return found[1]
    words = said([program, "--version"]).split()
    number = words[1].partition(".")[0] if len(words) > 1 else ""
    return number if number.isdigit() else ""


def _programs() -> Iterator[str]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield str(Path(home, "bin", "java"))
    if on_path := shutil.which("java"):
        yield on_path
    yield from sorted(str(path) for path in _HOMES.glob("*/bin/java"))


def _client(asked: Asked) -> list[Path]:
    """Return the jars of AWS's client: its own, and those that its manifest names."""
    if asked.client:
        jars = {jar.name: jar for jar in sorted(Path(asked.client).glob("**/*.jar"))}
        where = f"--client {asked.client}: there is no {{}} in it"
    else:
        repository = Path.home() / _REPOSITORY
        found = (repository / _GROUP.replace(".", "/") / _CLIENT).glob("*/*.jar")
        jars = {jar.name: jar for jar in found}
        where = f"--runtime {asked.runtime}: AWS's client for Java, {{}}, is not in ~/{_REPOSITORY}"
    client = max((j for j in jars.values() if _artifact(j.name) == _CLIENT), key=_age, default=None)
    if client is None:
        raise UsageError(f"{where.format(_CLIENT)}; {_bring(asked)}")
    parts = [client]
    for name in _named_by(client):
        part = _likest(name, jars) if asked.client else _in_repository(name)
        if part is None:
            raise UsageError(f"{where.format(name)}; {_bring(asked)}")
        parts.append(part)
    return parts


def _bring(asked: Asked) -> str:
    command = f"bring it with mvn dependency:get -Dartifact={_GROUP}:{_CLIENT}:LATEST"
    return f"{command}, and leave --client out" if asked.client else command


def _named_by(client: Path) -> list[str]:
    """Return the names of the jars that the client's manifest asks for."""
    try:
        with zipfile.ZipFile(client) as jar:
            text = jar.read("META-INF/MANIFEST.MF").decode("utf-8", "replace")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        raise UsageError(f"{client}: is no jar; remove it, and bring it again") from None
    unfolded = re.sub(r"\r?\n ", "", text)
    line = re.search(r"^Class-Path: (.*)$", unfolded, re.MULTILINE)
    return line[1].split() if line else []


def _artifact(name: str) -> str:
    """Return the artifact that a jar's name begins with, without its version."""
    return re.split(r"-(?=\d)", name)[0]


def _age(jar: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", jar.name)]


def _likest(name: str, jars: Mapping[str, Path]) -> Path | None:
    same = (jar for jar in jars.values() if _artifact(jar.name) == _artifact(name))
    return jars.get(name) or max(same, key=_age, default=None)


def _in_repository(name: str) -> Path | None:
    """Return a jar of Maven's own folder, where its version is the name of the folder."""
    artifact = _artifact(name)
    version = name.removeprefix(f"{artifact}-").removesuffix(".jar")
    repository = Path.home() / _REPOSITORY
    usual = [repository / group / artifact / version / name for group in _GROUPS]
    here = (path for path in usual if path.is_file())
    return next(here, None) or next(repository.glob(f"**/{artifact}/{version}/{name}"), None)


def _elsewhere(home: Path) -> list[Mount]:
    """Return the mounts of what a distribution's Java keeps outside of its home, such as /etc."""
    outside = set()
    for link in scan(Path(home)).tree.links:
        target = os.path.realpath(Path(home, link.path))
        if Path(target).exists() and not _seen(home, target):
            outside.add(_base(target))
    return [Mount("bind", path, path) for path in sorted(outside)]


def _seen(home: Path, target: str) -> bool:
    first, _, rest = target.lstrip("/").partition("/")
    is_ours = Path(target).is_relative_to(home)
    return is_ours or first in ROOT or (first == "etc" and rest.split("/")[0] in ETC)


def _base(target: str) -> str:
    """Return the outermost folder that is the Java's own: below /etc, its first."""
    parts = target.split("/")
    return "/".join(parts[:3]) if parts[1] == "etc" else target
