"""The OTP guard: applications and boot files against what the rules would drop.

An application cannot start without what its .app file lists under ``applications`` and
``included_applications``, nor without the module of its ``mod``. A release started in
embedded mode (Mix, rebar3) cannot boot without a single module that its boot file names.
``runtime_dependencies`` over-approximate, so they only warn.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.unreadable import unreadable
from slimmer.formats import FormatError
from slimmer.formats.erlang.applications import App, Boot, parse_app, parse_boot, parse_rel
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind

_APP = re.compile(r"(?:(.+)/)?ebin/([^/]+)\.app")
_BOOT = re.compile(r"(?:(.+)/)?(?:releases/[^/]+|bin)/[^/]+\.boot")
_APPLICATIONS, _RUNTIME = "applications", "runtime_dependencies"
_EMULATOR = "erts"  # its .app may stand in lib/, but the emulator itself is what is meant

#: Programs of Erlang and Elixir that packs drop, and that a script may start all the same.
_TOOLS = (
    *("mix", "iex", "elixirc", "erlc", "escript", "ct_run", "dialyzer", "typer", "erl_call"),
    *("run_erl", "to_erl"),
)

T = TypeVar("T")


class OtpGuard:
    """Knows the applications and boot files of one tree; reads those that are kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read = context.read
        self._tree = tree = context.tree
        self._in_zips = {  # by the names that reports give them
            f"{zip_.name}: {path}": (zip_, path)
            for zip_ in context.deployment.siblings
            for path, what in sorted(zip_.placed.items())
            if what and _APP.fullmatch(path)
        }
        self._siblings = {app[2] for path in context.sibling_names if (app := _APP.fullmatch(path))}
        self._known_apps: dict[str, App | None] = {}
        self._known_boots: dict[str, Boot | None] = {}
        self._broken: dict[str, str] = {}
        self._apps: dict[str, list[str]] = {}
        self._boots: dict[str, str] = {}
        for entry in tree.ending_in(".app", ".boot"):
            path = entry.path
            if (app := _APP.fullmatch(path)) and _is_home_of(app[1] or "", app[2]):
                self._apps.setdefault(app[2], []).append(path)
            elif boot := _BOOT.fullmatch(path):
                self._boots[path] = boot[1] or ""

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what kept applications and boot files ask for, in path order."""
        for name, paths in sorted(self._apps.items()):
            for path in paths:
                if verdicts[path].kept:
                    yield from self._of_app(name, path, verdicts)
        for path, root in sorted(self._boots.items()):
            if verdicts[path].kept:
                yield from self._of_boot(path, root)
        for name in self._in_zips:
            yield from self._of_sibling(name, verdicts)
        for path in self._tools:
            if verdicts[path].dropped:
                yield from self._of_text(path, verdicts)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the files that could not be understood; they are kept as they are."""
        yield from unreadable(self._broken, "what it needs is not known")

    def _of_app(
        self, name: str, app_path: str, verdicts: Mapping[str, Verdict]
    ) -> Iterator[Reference]:
        app = self._app(app_path)
        if app is None:
            return
        home = _home(app_path, name)
        if app.start_module:
            module = f"{home}/ebin/{app.start_module}.beam".lstrip("/")
            if module in self._tree.by_path:
                yield Reference(name, app.start_module, module, certain=True)
        for needed in app.required:
            certain = needed not in app.optional
            path = self._nearest(home, needed, verdicts)
            if path or needed not in self._siblings:
                yield Reference(name, needed, path, certain, _APPLICATIONS, app_path)
        for needed in app.runtime:
            if needed != _EMULATOR:
                yield Reference(
                    name, needed, self._nearest(home, needed, verdicts), False, _RUNTIME
                )

    @cached_property
    def _tools(self) -> list[str]:
        """The programs that people start, and that a function does without unless it says so."""
        return [path for name in _TOOLS for path in self._named_in_bin(name)]

    def _named_in_bin(self, name: str) -> Iterator[str]:
        for entry in self._tree.ending_in(f"bin/{name}"):
            if entry.kind is not Kind.DIRECTORY and f"/{entry.path}".endswith(f"/bin/{name}"):
                yield entry.path

    def _of_text(self, path: str, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield a program that the user's own text names, and the application that it starts."""
        name = posixpath.basename(path)
        mention = self._context.mentions.of(name)
        if mention is None:
            return
        home = self._nearest(posixpath.dirname(path), name, verdicts)
        for asked in filter(None, (path, home)):
            yield Reference(mention.path, name, asked, certain=True, line=mention.line)

    def _of_sibling(self, name: str, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what an application in a zip beside needs, and this tree has.

        One that cannot be understood may need them all.
        """
        zip_, path = self._in_zips[name]
        app = self._app(name)
        if app is None:
            for needed in self._apps:
                home = self._nearest("", needed, verdicts)
                yield Reference(name, needed, home, True, "cannot be understood", path)
            return
        for needed in app.required:
            if home := self._nearest("", needed, verdicts):
                who, certain = (
                    f"{zip_.name}: {posixpath.basename(path)}",
                    needed not in app.optional,
                )
                yield Reference(who, needed, home, certain, _APPLICATIONS, path)

    def _nearest(self, home: str, needed: str, verdicts: Mapping[str, Verdict]) -> str:
        """Return the application that the one at ``home`` would find: its folder, or "".

        A tree may hold several releases. What lies beside it counts first, then what
        shares most of its path; of those a kept one, and then the newest.
        """
        copies = self._apps.get(needed, [])
        nearness = {path: _nearness(home, _home(path, needed)) for path in copies}
        nearest = max(nearness.values(), default=None)
        near = [path for path in copies if nearness[path] == nearest]
        kept = [path for path in near if verdicts[path].kept]
        return _home(max(kept or near, key=_version_key, default=""), needed)

    def _of_boot(self, path: str, root: str) -> Iterator[Reference]:
        boot = self._boot(path)
        written = {folder: self._locate(root, folder) for folder in boot.folders} if boot else {}
        if boot is None:
            written = {folder: folder for folder in self._from_rel(path, root)}
        folders = [folder for folder in written.values() if folder is not None]
        for asked, folder in written.items():
            home = (folder or asked).removesuffix("/ebin")
            yield Reference(path, home.rpartition("/")[2], home if folder else "", certain=True)
        for module in boot.modules if boot else ():
            for folder in folders:
                beam = f"{folder}/{module}.beam"
                if beam in self._tree.by_path:
                    yield Reference(path, module, beam, certain=True)
                    break

    def _locate(self, root: str, written: str) -> str | None:
        """Return the folder in the tree that a boot file means by ``$ROOT/lib/x-1/ebin``."""
        inside = written.removeprefix("$ROOT/")
        if inside.startswith("$"):
            inside = "lib/" + inside.partition("/")[2]
        folder = posixpath.normpath(f"{root}/{inside}".strip("/"))
        return folder if folder in self._tree.by_path else None

    def _from_rel(self, boot: str, root: str) -> Iterator[str]:
        """Yield the code folders of the .rel files beside a boot file that is broken."""
        beside = boot.rpartition("/")[0] + "/"
        for entry in self._tree.entries:
            if entry.path.startswith(beside) and entry.path.endswith(".rel"):
                for name, version in self._parse_rel(entry.path):
                    folder = self._locate(root, f"$ROOT/lib/{name}-{version}/ebin")
                    if folder is not None:
                        yield folder

    def _parse_rel(self, path: str) -> tuple[tuple[str, str], ...]:
        return self._understand(path, parse_rel) or ()

    def _app(self, path: str) -> App | None:
        if path not in self._known_apps:
            self._known_apps[path] = self._understand(path, parse_app)
        return self._known_apps[path]

    def _boot(self, path: str) -> Boot | None:
        if path not in self._known_boots:
            self._known_boots[path] = self._understand(path, parse_boot)
        return self._known_boots[path]

    def _understand(self, path: str, parser: Callable[[bytes], T]) -> T | None:
        zip_, inside = self._in_zips.get(path, (None, path))
        try:
            return parser(zip_.read(inside) if zip_ else self._read(path))
        except FormatError as error:
            self._broken[path] = str(error)
            return None


def _home(app_path: str, name: str) -> str:
    """Return the folder of an application; of one at the tree itself, and of none, ""."""
    return app_path.removesuffix(f"ebin/{name}.app").rstrip("/")


def _is_home_of(home: str, name: str) -> bool:
    """Return whether a folder is called as an application's is: NAME or NAME-VERSION."""
    folder = home.rpartition("/")[2]
    return not home or folder == name or folder.startswith(name + "-")


def _nearness(home: str, other: str) -> tuple[bool, int]:
    one, two = home.split("/"), other.split("/")
    shared = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False))
    return one[:-1] == two[:-1], len(list(shared))


def _version_key(app_path: str) -> tuple[tuple[int, ...], str]:
    """Order copies of an application as the code server does: by version, as numbers."""
    folder = app_path.rpartition("/ebin/")[0].rpartition("/")[2]
    digits: Iterable[str] = re.findall(r"\d+", folder.rpartition("-")[2])
    return tuple(int(digit[:18]) for digit in digits), app_path
