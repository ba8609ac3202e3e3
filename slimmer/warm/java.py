"""Java: an archive of the classes that the events loaded (AppCDS), for the JVM in the tree.

A JVM that has no archive of its own classes gets one at the place where it looks for it. Both
archives state times and sizes of jars and modules; slim's zips give all members one time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from slimmer.errors import InputError
from slimmer.folders import files_in
from slimmer.verify.model import RunSpec
from slimmer.warm.making import Hits, Made, Making
from slimmer.warm.plot import DESK, Plot

_ENV = "JAVA_TOOL_OPTIONS"
_ARCHIVE, _OWN, _LOG = "java.jsa", "classes.jsa", "log.txt"
_JVM = "lib/server/libjvm.so"
_HIT = "source: shared objects file (top)"
_VERSION = re.compile(rb'^JAVA_VERSION="([^"\n]+)"', re.MULTILINE)


def applies(spec: RunSpec, paths: Iterable[str]) -> bool:
    """Return whether a function starts a JVM of its own; AWS's names an archive of AWS's."""
    if spec.runtime and not spec.runtime.startswith("provided"):
        return False
    return any(f"/{path}".endswith(f"/{_JVM}") for path in paths)


def _home(plot: Plot) -> str:
    """Return the folder of the JVM, as the zip's path."""
    found = sorted(p for p in files_in(plot.root) if f"/{p}".endswith(f"/{_JVM}"))
    return os.path.relpath(found[0].parents[2], plot.root)


def _prepare(plot: Plot) -> Mapping[str, str]:
    home = _home(plot)
    own = f"{home}/lib/server/{_OWN}"
    if not (plot.root / own).is_file():
        java = f"{plot.place}/{home}/bin/java"
        why = plot.run_tool(java, "-Xshare:dump", f"-XX:SharedArchiveFile={DESK}/{_OWN}")
        if why:
            raise InputError(f"{home}/bin/java cannot archive its own classes: {why}")
        plot.put({own: plot.from_desk()[_OWN]})
    return {_ENV: f"-XX:ArchiveClassesAtExit={DESK}/{_ARCHIVE}"}


def _collect(plot: Plot, folder: str) -> Made:
    left = plot.from_desk()
    if not left.get(_ARCHIVE):
        raise InputError(
            "the JVM wrote no archive of classes; let bootstrap start it with exec, from jars, and "
            f"leave {_ENV} as it is"
        )
    home = _home(plot)
    files = {f"{folder}/{_ARCHIVE}": left[_ARCHIVE]}
    if _OWN in left:
        files[f"{home}/lib/server/{_OWN}"] = left[_OWN]
    release = plot.root / home / "release"
    found = _VERSION.search(release.read_bytes()) if release.is_file() else None
    title = f"Java {found[1].decode('utf-8', 'replace')}" if found else "Java"
    value = f"-XX:SharedArchiveFile={plot.place}/{folder}/{_ARCHIVE}"
    return Made(f"{title}, {os.uname().machine}", (_ENV, value), files)


def _watch(_: Plot, made: Made) -> Mapping[str, str]:
    name, value = made.env
    return {name: f"{value} -Xlog:class+load:file={DESK}/{_LOG}"}


def _hits(plot: Plot, made: Made) -> Hits:
    log = plot.from_desk().get(_LOG, b"").decode("utf-8", "replace")
    return Hits(log.count(_HIT), made.files)


def _spoil(plot: Plot, _: Made) -> None:
    """Give every jar another time, as one has that was made again."""
    for file in files_in(plot.root):
        if file.suffix == ".jar":
            os.utime(file)


MAKING = Making(_prepare, _collect, _watch, _hits, _spoil)
