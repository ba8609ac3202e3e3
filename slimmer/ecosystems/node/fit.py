"""Node's native addons and the versions that packages ask for, against the runtime."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from slimmer.ecosystems.native.platforms import npm_package
from slimmer.ecosystems.shipped import Shipped
from slimmer.formats.javascript.semver import allows_major
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind
from slimmer.text import and_more, printable

_ABI = re.compile(r"node\.abi(\d+)(?:\..+)?\.node")
_SHOWN = 5


def check_node(shipped: Shipped) -> Iterator[Finding]:
    """Yield a warning for each package that says it is for other Nodes, by engines or by ABI."""
    language = shipped.language("nodejs")
    if language is None:
        return
    yield from _addons(shipped, language.abi)
    refusing = []
    for entry in shipped.entries:
        folder, _, name = entry.path.rpartition("/")
        if name == "package.json" and entry.kind is Kind.FILE and npm_package(entry.path) == folder:
            wanted = _engines(shipped, entry)
            if wanted and not allows_major(wanted, int(language.version)):
                refusing.append(f"{printable(folder)} wants Node {printable(wanted)}")
    for text in refusing[:_SHOWN]:
        yield finding("node-engines", f"{text}; {shipped.target.name} has {language.version}")
    if len(refusing) > _SHOWN:
        more = f"and {len(refusing) - _SHOWN:,} more packages that want another Node"
        yield finding("node-engines", more)


def _engines(shipped: Shipped, entry: Entry) -> str:
    data = shipped.context.read(entry.path)
    if b'"engines"' not in data:
        return ""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    engines = document.get("engines") if isinstance(document, dict) else None
    wanted = engines.get("node") if isinstance(engines, dict) else None
    return wanted if isinstance(wanted, str) else ""


def _addons(shipped: Shipped, abi: str) -> Iterator[Finding]:
    """Yield a warning for folders whose addons are all for other ABIs than the runtime's."""
    folders: dict[str, list[Entry]] = {}
    for entry in shipped.entries:
        if entry.path.endswith(".node") and entry.kind is Kind.FILE:
            folders.setdefault(posixpath.dirname(entry.path), []).append(entry)
    for addons in folders.values():
        tags = [_ABI.fullmatch(posixpath.basename(entry.path)) for entry in addons]
        if all(tag and tag[1] != abi for tag in tags):
            yield finding(
                "node-abi",
                f"{and_more([entry.path for entry in addons])}: for other Nodes; "
                f"{shipped.target.name} has ABI {abi}; install the package with that Node",
            )
