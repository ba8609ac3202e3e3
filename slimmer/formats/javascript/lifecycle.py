"""The scripts of a package.json that npm runs when it installs, and which of them change packages.

Source: npm's documentation, "scripts", "Life Cycle Operation Order" of ``npm ci``.
"""

from __future__ import annotations

import json
import re

from slimmer.formats.javascript.manifest import parse_manifest

_OF_PACKAGES = ("preinstall", "install", "postinstall")
_LIFECYCLE = (
    *(*_OF_PACKAGES, "prepublish", "preprepare", "prepare", "postprepare"),
    "dependencies",
)
_INSTALLS = b"install"
_AN_INSTALLER = re.compile(r"(?:[\w.-]+/)*(?:pre|post)-?install\.\w+")
_PARTS = re.compile(r"&&|\|\||[;&|]")
# Commands that write elsewhere: a client into a folder of its own, or hooks of git.
_ELSEWHERE = re.compile(
    r"\s*(?:npx\s+(?:--\S+\s+)*)?(?:prisma generate|zenstack generate|husky|simple-git-hooks"
    r"|lefthook install|is-ci|true|echo|exit)\b"
)


def changes_packages(manifest: bytes) -> str:
    """Return the script of a project that may change what is installed, such as patch-package.

    It is ``NAME, COMMAND``, and empty where there is none.
    """
    for name, command in _scripts(manifest).items():
        if name in _OF_PACKAGES and isinstance(command, str):
            parts = [part for part in _PARTS.split(command) if part.strip()]
            if not all(_ELSEWHERE.match(part) for part in parts):
                return f"{name}, {command}"
    return ""


def run_at_install(data: bytes) -> frozenset[str]:
    """Return the files that a package.json starts where its package is installed, and only there.

    Paths are relative to it. A file counts that is called for it, such as postinstall.sh, so that
    nobody takes it for something else. It never raises.
    """
    if _INSTALLS not in data:
        return frozenset()
    words = {True: set[str](), False: set[str]()}
    for script in parse_manifest(data).scripts:
        words[script.name in _OF_PACKAGES].update(
            word.removeprefix("./") for word in script.command.split()
        )
    return frozenset(w for w in words[True] - words[False] if _AN_INSTALLER.fullmatch(w))


def without_lifecycle(manifest: bytes) -> bytes:
    """Return a package.json without the scripts that an install runs; as it is where it has none.

    They ask for the project's files and its tools, which do not lie where packages are installed.
    """
    scripts = _scripts(manifest)
    if not any(name in scripts for name in _LIFECYCLE):
        return manifest
    rest = {name: text for name, text in scripts.items() if name not in _LIFECYCLE}
    return json.dumps({**json.loads(manifest), "scripts": rest}).encode()


def _scripts(manifest: bytes) -> dict[str, object]:
    try:
        found = json.loads(manifest)
    except (ValueError, RecursionError):
        return {}
    scripts = found.get("scripts") if isinstance(found, dict) else None
    return scripts if isinstance(scripts, dict) else {}
