"""What Erlang's, Elixir's and a release's installers wrote.

An application is ``lib/NAME-VERSION/`` with ``ebin/NAME.app``. An installation of OTP has
``releases/V/OTP_VERSION``, which no release has: ``mix release`` and relx write ``NAME.rel`` there.
So what lies at the root of an installation is OTP's, and at that of a release the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of, join, name_of

_APP = re.compile(r"(?:(.*)/)?lib/([^/]+)/ebin/([^/]+)\.app")
_EMULATOR = re.compile(r"((?:.*/)?erts-[\d.]+)/bin/beam\.smp")
_OTP = re.compile(r"(?:(.*)/)?releases/[^/]+/OTP_VERSION")
_RELEASE = re.compile(r"((?:.*/|)releases/[^/]+)/([^/]+)\.rel")
# OTP's .app files have it since OTP 17; Mix and rebar3 write none.
OF_OTP = "runtime_dependencies"
_OTP_FOLDERS = ("bin", "doc", "man", "misc", "releases", "usr")
_OTP_FILES = (
    "Install",
    "PR.template",
    "COPYRIGHT",
    "OTP_VERSION",
    "README.md",
    "README",
    "LICENSE.txt",
)
_RELEASE_ENDS = (".rel", ".script", ".boot", ".bat", ".ps1", ".src")
_JINTERFACE = re.compile(r"lib/jinterface-[\d.]+")  # the one application that has no .app
_ELIXIR_PROGRAMS = ("elixir", "elixirc", "iex", "mix")
_WINDOWS = (".bat", ".ps1")


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what installers of Erlang and Elixir wrote."""
    found = Claims()
    for entry in tree.ending_in(".app"):
        if (app := _APP.fullmatch(entry.path)) and _is_called(app[2], app[3]):
            _add_application(app[1] or "", app[2], app[3], found)
            if OF_OTP not in text(entry.path):  # what a project puts there is content
                found.folders[join(app[1] or "", f"lib/{app[2]}/priv")] = OWN
    for entry in tree.ending_in("beam.smp", "OTP_VERSION", ".rel"):
        if emulator := _EMULATOR.fullmatch(entry.path):
            found.folders[emulator[1]] = "erlang/erts"
        elif otp := _OTP.fullmatch(entry.path):
            if _is_installation(tree, folder_of(entry.path)):
                _add_installation(tree, otp[1] or "", found)
        elif (release := _RELEASE.fullmatch(entry.path)) and _boots(tree, release[1], release[2]):
            found.files |= dict.fromkeys(_release(tree, release[1], release[2]), "erlang/release")
    return found


def _add_application(root: str, folder: str, name: str, found: Claims) -> None:
    found.folders[join(root, f"lib/{folder}")] = f"erlang/{name}"
    if name == "elixir" and folder == name:  # in a release it has its version
        found.files |= dict.fromkeys(_elixir(root), "erlang/elixir")


def _is_called(folder: str, name: str) -> bool:
    return folder == name or folder.startswith(f"{name}-")


def _is_installation(tree: Tree, folder: str) -> bool:
    """Return whether OTP made the folder of this version: all its .rel files are OTP's own."""
    rels = [name_of(e.path) for e in tree.below(folder) if e.path.endswith(".rel")]
    return all(name.startswith(("start_", "no_dot_erlang", "start.")) for name in rels)


def _boots(tree: Tree, folder: str, name: str) -> bool:
    """Return whether a boot file of the release lies beside its .rel file."""
    return any(f"{folder}/{boot}.boot" in tree.by_path for boot in ("start", name))


def _add_installation(tree: Tree, root: str, found: Claims) -> None:
    found.folders |= {join(root, name): "erlang/otp" for name in _OTP_FOLDERS}
    found.files |= {join(root, name): "erlang/otp" for name in _OTP_FILES}
    for entry in tree.below(join(root, "lib")):
        if _JINTERFACE.fullmatch(entry.path[len(join(root, "")) :]):
            found.folders[entry.path] = "erlang/jinterface"
    # Distributions lay copies of, or links to, usr/lib and usr/include beside their own.
    prefix = folder_of(folder_of(root))
    for kind in ("lib", "include"):
        for entry in tree.below(join(root, f"usr/{kind}")):
            copy = join(prefix, f"{kind}/{name_of(entry.path)}")
            if entry.kind is not Kind.DIRECTORY and _is_same(tree.by_path.get(copy), entry):
                found.files[copy] = "erlang/otp"


def _is_same(one: Entry | None, other: Entry) -> bool:
    if one is None:
        return False
    return Kind.LINK in (one.kind, other.kind) or one.size_bytes == other.size_bytes


def _elixir(root: str) -> Iterator[str]:
    for name in _ELIXIR_PROGRAMS:
        yield join(root, f"man/{name}.1")
        yield from (join(root, f"bin/{name}{end}") for end in ("", *_WINDOWS))


def _release(tree: Tree, folder: str, name: str) -> Iterator[str]:
    """Yield what ``mix release`` and relx write for the release of a .rel file."""
    for entry in tree.below(folder):
        if folder_of(entry.path) == folder and entry.path.endswith(_RELEASE_ENDS):
            yield entry.path
    root = folder_of(folder_of(folder))
    yield from (join(root, f"bin/{name}{end}") for end in ("", *_WINDOWS))
    yield join(root, "bin/start_clean.boot")
