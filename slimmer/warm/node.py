"""Node.js: the compile cache of what the events loaded, and a module that switches it on.

The cache's folder is named after version, processor, V8's tag of its flags, and user
(``module.enableCompileCache``, Node.js 22.1). V8 checks its own data, and accepts it on other
processors of the same kind. So the module makes a folder of this host's name that leads to the
cache, which may lie where nothing can be written. In another version of Node.js it does nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from slimmer.errors import InputError
from slimmer.verify.model import RunSpec
from slimmer.warm.making import Hits, Made, Making
from slimmer.warm.plot import DESK, Plot

_ENV = "NODE_OPTIONS"
_DEBUG = {"NODE_DEBUG_NATIVE": "COMPILE_CACHE"}
_MAKE, _WATCH, _LOG, _CACHE = "make.cjs", "watch.cjs", "log.txt", "node"
_PRELOAD, _ENTRIES = "node.cjs", "node"
_NAMED = re.compile(r"(v[\d.]+)-(\w+)-[0-9a-f]+(?:-\d+)?")
_READING = re.compile(r"reading cache from \S*/([0-9a-f]+) for \w+ (.+?)\.\.\.\[?")
_ACCEPTED = re.compile(r"(?m)^.{0,80}?cache for (.+) was accepted")

_MAKING = f"""\
try {{ require("node:module").enableCompileCache("{DESK}/{_CACHE}"); }} catch {{}}
process.once("SIGTERM", () => process.exit(0));
"""
_WATCHING = f"""\
const fs = require("node:fs");
fs.closeSync(2);
fs.openSync("{DESK}/{_LOG}", "a");
"""
_SHIPPED = """\
// Made by slim warm. Lets Node.js %(version)s load what it has compiled before, from the folder
// beside this file. Any other version, and any fault, leaves the start as it was.
"use strict";
try {
  if (process.version === "%(version)s" && process.arch === "%(arch)s") {
    const fs = require("node:fs");
    const tag = require("node:v8").cachedDataVersionTag().toString(16).padStart(8, "0");
    const own = fs.mkdtempSync("/tmp/slim-warm-");
    const name = [process.version, process.arch, tag, process.getuid()].join("-");
    fs.symlinkSync(`${__dirname}/node`, `${own}/${name}`);
    require("node:module").enableCompileCache(own);
  }
} catch {}
"""


def applies(spec: RunSpec, paths: Iterable[str]) -> bool:
    """Return whether a function runs in Node.js: as its runtime says, or by a node of its own."""
    if spec.runtime and not spec.runtime.startswith("provided"):
        return spec.runtime.startswith("nodejs")
    return any(PurePosixPath(path).name == "node" for path in paths)


def _prepare(plot: Plot) -> Mapping[str, str]:
    return {_ENV: f"--require={plot.put_on_desk(_MAKE, _MAKING)}"}


def _collect(plot: Plot, folder: str) -> Made:
    entries: dict[str, dict[str, bytes]] = {}
    for path, data in plot.from_desk().items():
        top, _, rest = path.partition("/")
        name, _, entry = rest.partition("/")
        if top == _CACHE and entry and _NAMED.fullmatch(name):
            entries.setdefault(name, {})[entry] = data
    if not entries:
        raise InputError(
            "Node.js wrote no compile cache, which it has since version 22.1; name a newer "
            f"--runtime, and let bootstrap leave {_ENV} as it is and end on SIGTERM"
        )
    name = max(sorted(entries), key=lambda each: len(entries[each]))
    found = _NAMED.fullmatch(name)
    version, arch = found.groups() if found else ("", "")
    preload = _SHIPPED % {"version": version, "arch": arch}
    files = {f"{folder}/{_PRELOAD}": preload.encode()}
    files |= {f"{folder}/{_ENTRIES}/{entry}": data for entry, data in entries[name].items()}
    value = f"--require={plot.place}/{folder}/{_PRELOAD}"
    return Made(f"Node.js {version}, {arch}", (_ENV, value), files)


def _watch(plot: Plot, made: Made) -> Mapping[str, str]:
    # Standard error goes to a file, since Node.js says more of each module than is kept of a run.
    watching = plot.put_on_desk(_WATCH, _WATCHING)
    return {**_DEBUG, _ENV: f"--require={watching} {made.env[1]}"}


def _hits(plot: Plot, made: Made) -> Hits:
    """Return the modules of the artifact that were hit: a runtime of AWS's own has others."""
    log = plot.from_desk().get(_LOG, b"").decode("utf-8", "replace")
    entry_of = {module: entry for entry, module in _READING.findall(log)}
    accepted = {module for module in _ACCEPTED.findall(log) if _is_own(module, plot.place)}
    hit = {entry_of[module] for module in accepted if module in entry_of}
    keep = {path: data for path, data in made.files.items() if _may_ship(path, hit)}
    return Hits(len(hit), keep)


def _is_own(module: str, place: str) -> bool:
    return module.removeprefix("file://").startswith(f"{place}/")


def _may_ship(path: str, hit: set[str]) -> bool:
    return PurePosixPath(path).name in hit or path.endswith(f"/{_PRELOAD}")


def _spoil(plot: Plot, made: Made) -> None:
    version = json.dumps(made.title.split()[1].rstrip(","))
    preload = next(path for path in made.files if path.endswith(f"/{_PRELOAD}"))
    text = made.files[preload].decode().replace(f"=== {version}", '=== "v0.0.0"')
    plot.put({preload: text.encode()})


MAKING = Making(_prepare, _collect, _watch, _hits, _spoil)
