"""Virtual environments: a developer's, which Lambda's Python never looks into.

One is known by its pyvenv.cfg. It stays where the user's own files name its folder, or import what
lies nowhere else, since PYTHONPATH may lead into it; but for its links to this machine's Python,
which lead nowhere in Lambda. Source: PEP 405.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.ecosystems.own_texts import tool_of, writing_of
from slimmer.model.code import NOTE, WARN
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Tier, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import leading_out, resolve
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_MARK = "/pyvenv.cfg"
_RULE = Rule(
    "own/virtual-environments",
    Action.DROP,
    "pyvenv.cfg",
    "Lambda's Python does not look into a developer's environment.",
    "--keep",
    "Virtual environments",
)
_OUT = _RULE._replace(why="It leads to the Python of this machine, which Lambda does not have.")
_SITE = re.compile(r"(?:lib/python3[^/]*|Lib)/site-packages/([A-Za-z_]\w*)(?:\.py)?")
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack"})
_SETTING = re.compile(r"^(home|executable|version|version_info)\s*=\s*(.*?)\s*$", re.MULTILINE)
# What may name a folder and run. Others, such as .gitignore and a README, only speak of it.
_NAMING = (
    *(".py", ".sh", ".bash", ".js", ".cjs", ".mjs", ".ts", ".rb", ".pth", ".env", ".service"),
    *(".json", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".conf"),
)
# They may set PYTHONPATH, though nothing in Lambda reads them.
_DEPLOYS = re.compile(r"(?:template|serverless|samconfig|cdk)\.\w+|Dockerfile.*")
_MAX_NAMING_BYTES = 4 << 20
_NOWHERE_ELSE = "which lies nowhere else"


def drop_environments(request: DropRequest) -> Drops:
    """Return drops of virtual environments that nothing leads into. Raises what reading raises."""
    drops: dict[str, Verdict] = {}
    findings: list[Finding] = []
    for entry in request.context.tree.ending_in(_MARK):
        home = posixpath.dirname(entry.path)
        if request.verdicts[entry.path].kept and home not in drops:
            environment = _Environment(request, home)
            if not environment.is_one:
                continue
            reason = next(environment.reasons(), "")
            if request.tier > Tier.SAFE and not reason:
                drops |= dict.fromkeys(environment.droppable, Verdict(Action.DROP, _RULE))
            else:
                drops |= dict.fromkeys(environment.links_out, Verdict(Action.DROP, _OUT))
            findings.append(environment.finding(reason, is_dropped=home in drops))
    return Drops(drops, tuple(findings))


class _Environment:
    """One virtual environment of a tree, and what lies around it."""

    def __init__(self, request: DropRequest, home: str) -> None:
        self._request = request
        self._context = request.context
        self._tree = request.context.tree
        self._home = home
        self._inside = list(self._tree.below(home))

    @property
    def is_one(self) -> bool:
        programs = ("bin/python", "bin/python3", "Scripts/python.exe")
        return any(f"{self._home}/{program}" in self._tree.by_path for program in programs)

    @property
    def droppable(self) -> list[str]:
        verdicts = self._request.verdicts
        return [e.path for e in self._inside if not verdicts[e.path].kept_by_user]

    @property
    def links_out(self) -> list[str]:
        """The links to the Python that it was made with, and to one another on the way there."""
        targets = {link.path: link.target for link in self._tree.links}
        verdicts, inside = self._request.verdicts, f"{self._home}/"
        wanted = [p for p in targets if p.startswith(inside) and not verdicts[p].kept_by_user]
        return list(leading_out(targets, wanted))

    def reasons(self) -> Iterator[str]:
        """Yield why it must stay."""
        for link in self._tree.links:
            if self._is_around(link) and (resolve(self._tree, link.path).end or "").startswith(
                f"{self._home}/"
            ):
                yield f"{printable(link.path)} leads into it"
        name = re.escape(posixpath.basename(self._home).encode("utf-8", "surrogateescape"))
        named = re.compile(rb"(?<![\w.-])" + name + rb"[/\\\"'](?!\*\*)")
        yield from self._told(self._naming, named.search, lambda _: "names it")
        if self._only_here:
            modules = b"|".join(map(re.escape, map(str.encode, sorted(self._only_here))))
            imported = re.compile(
                rb"^[ \t]*(?:from|import)[ \t]+(" + modules + rb")\b", re.MULTILINE
            )
            sources = [e for e in self._naming if e.path.endswith(".py")]
            yield from self._told(
                sources,
                imported.search,
                lambda found: f"imports {found[1].decode()}, {_NOWHERE_ELSE}",
            )

    def _told(
        self,
        entries: list[Entry],
        search: Callable[[bytes], re.Match[bytes] | None],
        said: Callable[[re.Match[bytes]], str],
    ) -> Iterator[str]:
        for entry in entries:
            if found := search(self._context.read(entry.path)):
                yield f"{printable(entry.path)} {said(found)}"

    @cached_property
    def _naming(self) -> list[Entry]:
        """The files around it that may name it: the user's own, as no package knows it."""
        return [
            entry
            for entry in self._tree.entries
            if entry.kind is Kind.FILE
            and self._is_around(entry)
            and self._request.is_own(entry.path)
            and entry.size_bytes <= _MAX_NAMING_BYTES
            and _may_name(entry)
        ]

    @cached_property
    def _only_here(self) -> set[str]:
        """The modules of its packages that lie nowhere else, in the tree or beside it."""
        prefix = f"{self._home}/"
        held = {m[1] for e in self._inside if (m := _SITE.fullmatch(e.path[len(prefix) :]))}
        around = [e.path for e in self._tree.entries if self._is_around(e)]
        around += self._context.sibling_names
        others = {part.partition(".")[0] for path in around for part in path.split("/")}
        return held - others - _INSTALLERS

    def _is_around(self, entry: Entry) -> bool:
        is_inside = entry.path == self._home or entry.path.startswith(f"{self._home}/")
        return not is_inside and self._request.verdicts[entry.path].kept

    def finding(self, reason: str, *, is_dropped: bool) -> Finding:
        settings = dict(_SETTING.findall(self._text()))
        version = settings.get("version") or settings.get("version_info") or "unknown"
        python = f"Python {version} in {settings.get('home', 'an unknown folder')}"
        files = [e for e in self._inside if e.kind is not Kind.DIRECTORY]
        amount = f"{count_text(len(files), 'file')}, {size_text(sum(e.size_bytes for e in files))}"
        home = printable(self._home)
        what = f"{home}: a virtual environment of {printable(python)} ({amount})"
        if is_dropped:
            said = f"dropped, as nothing leads into it; keep it with --keep '/{home}/'"
        elif reason.endswith(_NOWHERE_ELSE):
            said = (
                f"kept, as {reason}, yet Lambda's Python does not look into it: name what to "
                "install with --requirements, or install it into the tree with pip install --target"
            )
        elif reason:
            said = f"kept, as {reason}; if that is for development, --drop '/{home}/'"
        else:
            said = f"kept; if nothing uses it, --drop '/{home}/'"
        if not is_dropped and (out := self.links_out):
            said += f"; {count_text(len(out), 'link')} to this machine's Python dropped"
        is_useless = not is_dropped and reason.endswith(_NOWHERE_ELSE)
        return finding("virtual-environment", f"{what}, {said}", WARN if is_useless else NOTE)

    def _text(self) -> str:
        return self._context.read(self._home + _MARK).decode("utf-8", "replace")


def _may_name(entry: Entry) -> bool:
    """Return whether a file of the user's own may lead a function into an environment.

    What is only read where a project is written, built or tested does not.
    """
    name = posixpath.basename(entry.path)
    if not (name.endswith(_NAMING) or "." not in name):
        return False
    is_read = writing_of(entry) is not None or name.endswith((".pth", ".jsx"))
    return (is_read and not tool_of(name)) or _DEPLOYS.fullmatch(name) is not None
