"""Editable installs: distributions whose code lies elsewhere, so that no zip would hold it.

Sources: PEP 610 "Recording the Direct URL Origin of installed distributions"; the names of the
``.pth`` files that setuptools, hatchling and setuptools' older ``develop`` write.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from urllib.parse import unquote

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.formats.python.metadata import file_name
from slimmer.model.findings import Finding, finding
from slimmer.text import printable

_DIRECT_URL = ".dist-info/direct_url.json"
_PTH = re.compile(
    r"(?:__editable__\.(?P<built>[^/]+?)-[^-/]+|_editable_impl_(?P<hatch>[^/]+)|easy-install)\.pth"
)


def find_editable(request: DropRequest) -> Drops:
    """Return a failure for each editable install of which no code is in the tree.

    It drops nothing. Raises what reading raises.
    """
    return Drops(findings=tuple(_Editable(request).findings()))


class _Editable:
    """One look at the kept distributions of a tree."""

    def __init__(self, request: DropRequest) -> None:
        self._context = request.context
        self._verdicts = request.verdicts

    def findings(self) -> Iterator[Finding]:
        told = set()
        for entry in self._context.tree.ending_in(_DIRECT_URL):
            info = posixpath.dirname(entry.path)
            url = _editable_url(self._context.read(entry.path))
            metadata = self._verdicts.get(f"{info}/METADATA")
            if url is None or metadata is None or metadata.dropped:
                continue
            site, name = posixpath.split(info.removesuffix(".dist-info"))
            name = name.partition("-")[0]
            told.add((site, file_name(name)))
            if not self._has_code(site, self._modules(info, name)):
                yield _finding(info, name, url)
        for entry in self._context.tree.ending_in(".pth"):
            named = _PTH.fullmatch(posixpath.basename(entry.path))
            if named and self._verdicts[entry.path].kept:
                site = posixpath.dirname(entry.path)
                name = file_name(named["built"] or named["hatch"] or "")
                yield from self._of_pth(entry.path, site, name, told=(site, name) in told)

    def _of_pth(self, path: str, site: str, name: str, *, told: bool) -> Iterator[Finding]:
        """Yield a failure for each folder outside the tree that a .pth file names."""
        if told or (name and self._has_code(site, (name,))):
            return
        lines = self._context.read(path).decode("utf-8", "replace").splitlines()
        for line in filter(None, map(str.strip, lines)):
            if not line.startswith(("#", "import ", "import\t")) and self._is_outside(site, line):
                yield _finding(path, name or posixpath.basename(line), line)

    def _is_outside(self, site: str, folder: str) -> bool:
        inside = self._context.inside(folder.rstrip("/") + "/")
        if inside is None and posixpath.isabs(folder):
            return True
        path = inside if inside is not None else posixpath.join(site, folder)
        return posixpath.normpath(path) not in self._context.tree.by_path

    def _modules(self, info: str, name: str) -> tuple[str, ...]:
        top = self._context.tree.by_path.get(f"{info}/top_level.txt")
        listed = self._context.read(top.path).decode("utf-8", "replace").split() if top else []
        plain = file_name(name)
        return (*listed, plain, plain.lower())

    def _has_code(self, site: str, modules: tuple[str, ...]) -> bool:
        """Return whether a module lies beside the metadata, beside the function, or in a layer."""
        beside = self._context.sibling_names
        for module in modules:
            for folder in dict.fromkeys((site, "", "python")):
                for end in ("", ".py"):
                    path = posixpath.join(folder, module + end)
                    verdict = self._verdicts.get(path)
                    if verdict is not None and verdict.kept:
                        return True
                    if any(f"{name}/".startswith(path + "/") for name in beside):
                        return True
        return False


def _editable_url(text: bytes) -> str | None:
    """Return where the code of an editable install lies; None for any other direct_url.json."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    said = document.get("dir_info") if isinstance(document, dict) else None
    if not isinstance(said, dict) or said.get("editable") is not True:
        return None
    url = document.get("url")
    return unquote(url.removeprefix("file://")) if isinstance(url, str) else ""


def _finding(path: str, name: str, folder: str) -> Finding:
    where = printable(folder or "PROJECT")
    pip = f"pip install --target DIR {shlex.quote(where)}"
    return finding(
        "editable-install",
        f"{printable(path)}: {printable(name)} is installed editable, and its code, in {where}, is "
        f"not in the tree; install it with {pip}, without -e",
    )
