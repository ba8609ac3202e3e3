"""How files start that a format or a tool makes, by their names; what such folders hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from slimmer.paths import name_of
from slimmer.rules.evidence.kinds import is_text
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit

_TEXT = ""


class Start(NamedTuple):
    """How a file starts."""

    #: What its name is, as a regular expression.
    name: str
    #: What its first bytes are, as a regular expression; empty: any text.
    bytes: str
    #: What it is called.
    what: str


# The first row that fits a name counts. Sources: file(1)'s magic, and the tools' own manuals.
STARTS = (
    # RFC 1740, appendix B: the magic number of AppleDouble.
    Start(r"\._.*", r"\0\x05\x16\x07", "a resource fork in AppleDouble"),
    Start(r"\..*\.un~", r"Vim\x9fUnDo", "the undo history of Vim"),
    Start(r".*\.la", r"[^\0]{0,200}libtool library", "a libtool library"),
    Start(r".*\.(?:a|lib)", r"!<(?:arch|thin)>\n", "a static library"),
    # ELF: EI_CLASS, EI_DATA, then e_type 1; Mach-O: MH_OBJECT; COFF: the machine.
    Start(
        r".*\.o",
        r"\x7fELF.\x01.{10}\x01\0|\x7fELF.\x02.{10}\0\x01|[\xce\xcf]\xfa\xed\xfe|\x64\x86|\x64\xaa",
        "an object file",
    ),
    Start(r".*\.gch", r"gpch|CPCH", "a precompiled header"),
    Start(r".*\.gcno", r"oncg|gcno", "notes of gcov"),
    Start(r".*\.gcda", r"adcg|gcda", "data of gcov"),
    # tar(5): the first member of a gem is one of these two.
    Start(r".*\.gem", r"(?:metadata|data\.tar|checksums\.yaml)\.gz\0", "a gem"),
    Start(
        r"mkmf\.log|gem_make\.out", r"[^\0]*(?:gcc|ruby|extconf|make|have_)", "the log of a build"
    ),
    Start(r"CMakeCache\.txt", r"# This is the CMakeCache", "a cache of CMake"),
    Start(r".*\.sw[op]", r"b0VIM ", "a swap file of Vim"),
    Start(r"\.DS_Store", r"\0\0\0\x01Bud1", "a store of Finder"),
    Start(r"Thumbs\.db", r"\xd0\xcf\x11\xe0", "a store of Explorer"),
    Start(r"desktop\.ini", r"(?:\xff\xfe|\xef\xbb\xbf)?\s*\[|\xff\xfe", "settings of Explorer"),
    Start(r".*\.diz|src\.zip|ct\.sym", r"PK\x03\x04", "a zip"),
    Start(r".*\.(?:beam)", r"FOR1|\x1f\x8b", "a module of Erlang"),
    Start(r".*\.(?:boot)", r"\x83", "a boot file"),
    Start(r".*\.(?:script|rel|appup)", r"(?:\s|%[^\n]*\n)*[\[{]", "a term of Erlang"),
    Start(r".*\.so(?:\.\d+)*|.*\.bare", r"\x7fELF", "an ELF file"),
    Start(r".*\.pdb", r"Microsoft C/C\+\+", "debug data of Visual C++"),
    Start(r".*\.bat|.*\.cmd", r"(?i)\s*(?:@|rem\b|::|set|echo|if|goto)", "a batch file"),
    Start(r".*\.podspec", r"[^\0]*(?:Pod::|require)", "a podspec"),
    Start(r"yarn\.lock", r"\s*(?:#|__metadata)", "a lock of Yarn"),
    Start(r"bun\.lockb", r"#!/usr/bin/env bun\nbun-lockfile", "a lock of Bun"),
    Start(r"pnpm-lock\.yaml|lock\.yaml", r"[^\0]{0,999}lockfileVersion", "a lock of pnpm"),
    Start(r"pnpm-workspace\.yaml", r"[^\0]*\w:", "a workspace of pnpm"),
    Start(r"\.modules\.yaml|\.yarn-state\.yml|\.yarnrc\.yml", r"[^\0]*\w\"?:", "YAML"),
    Start(r".*package-lock\.json|npm-shrinkwrap\.json|bun\.lock", r"\s*\{", "a lock file"),
    Start(
        r".*\.json|.*\.tsbuildinfo|\.yarn-integrity|\.eslintcache", r"\s*(?:[{\[]|/[/*])", "JSON"
    ),
    Start(r"\.coverage(?:\..+)?", r"SQLite format 3\0|!coverage", "data of coverage.py"),
    Start(r"lcov\.info", r"(?:TN|SF):", "a report of lcov"),
    Start(r"clover\.xml", r"<\?xml[^>]*>\s*<coverage", "a report of Clover"),
    Start(r"\.slimignore|slim\.(?:shrink\.)?toml", _TEXT, "text"),
    Start(
        r"\..*|Makefile|Dockerfile|.*\.config\..*|Entries|Root|Repository|.*\.(?:src|py|[cm]?js|ts|ya?ml|ps1)",
        _TEXT,
        "text",
    ),
    Start(r"[^.]*|.*_fun", r"\x7fELF|#!", "a program"),
)
_STARTS = [
    (re.compile(row.name), re.compile(row.bytes.encode("latin-1"), re.DOTALL), row)
    for row in STARTS
]

# What a folder of a tool holds, by its name: one of these lies in it.
MARKS = {
    ".git": ("HEAD",),
    ".hg": ("store", "requires"),
    ".svn": ("wc.db", "entries", "format"),
    ".bzr": ("branch-format", "branch"),
    ".github": (
        *("workflows", "FUNDING.yml", "dependabot.yml", "ISSUE_TEMPLATE", "CODEOWNERS"),
        *("ISSUE_TEMPLATE.md", "PULL_REQUEST_TEMPLATE.md", "CONTRIBUTING.md", "actions"),
    ),
    ".idea": ("workspace.xml", "modules.xml", "misc.xml", "vcs.xml", "*.iml", "codeStyles"),
    ".vscode": ("settings.json", "launch.json", "tasks.json", "extensions.json"),
    "CMakeFiles": ("*.cmake", "*.dir", "cmake.check_cache", "TargetDirectories.txt", "Makefile2"),
    ".aws-sam": ("build.toml", "build", "cache"),
    ".serverless": ("*.zip", "serverless-state.json", "cloudformation-template*", "meta.json"),
    "cdk.out": ("cdk.out", "manifest.json", "tree.json"),
    ".terraform": ("providers", "modules", "environment", "terraform.tfstate", "plugins"),
    "cache": ("webpack", "swc", "fetch-cache", "images", "eslint", ".tsbuildinfo", ".rscinfo"),
    ".parcel-cache": ("*.mdb", "*.db", "snapshot-*"),
    ".turbo": ("*.log", "cache", "cookies", "daemon"),
    ".gradle": ("*.lock", "checksums", "vcs-1", "buildOutputCleanup", "file-system.probe"),
    ".mypy_cache": ("CACHEDIR.TAG", "3.*", "missing_stubs"),
    ".pytest_cache": ("CACHEDIR.TAG", "v", "README.md"),
    ".ruff_cache": ("CACHEDIR.TAG", "0.*"),
    ".hypothesis": ("examples", "unicode_data", "constants", "patches"),
    ".tox": ("CACHEDIR.TAG", ".pkg", "log", "py*", "lint"),
    ".nox": ("tests*", "lint*", ".cache"),
    ".ipynb_checkpoints": ("*-checkpoint.*",),
    "htmlcov": ("index.html",),
    ".nyc_output": ("*.json", "processinfo"),
    "lcov-report": ("index.html",),
    "internal": ("*.a",),  # of OTP's usr/lib
}
_MARKS = {
    folder: re.compile("|".join(re.escape(m).replace(r"\*", ".*") for m in marks))
    for folder, marks in MARKS.items()
}
_FORK = ("._", ".DS_Store")
_BUNDLE = re.compile("Contents")  # of debug symbols, Xcode's NAME.dSYM


def format_of(at: Surroundings, unit: Unit) -> Found:
    """Return whether a file starts as its name says; of a tool's folder, whether it is its work.

    Of names that are in neither table nothing is known, and nothing is held against them.
    """
    name = name_of(unit.path)
    if unit.is_folder:
        return _of_forks(at, unit) if name == "__MACOSX" else _marked(at, unit, name)
    return _started(at, unit.path, name)


def _started(at: Surroundings, path: str, name: str) -> Found:
    start = at.start(path)
    for names, starts, row in _STARTS:
        if names.fullmatch(name):
            holds = bool(starts.match(start)) if row.bytes else is_text(start)
            return Found(holds, row.what if holds else f"it does not start like {row.what}")
    return Found(holds=True)


def _of_forks(at: Surroundings, unit: Unit) -> Found:
    """Return whether a folder holds only what macOS adds to an archive."""
    for entry in at.files(unit):
        name = name_of(entry.path)
        if not (name.startswith(_FORK) and _started(at, entry.path, name).holds):
            return Found(holds=False, what=f"{entry.path} is something else")
    return Found(holds=True, what="resource forks in AppleDouble")


def _marked(at: Surroundings, unit: Unit, name: str) -> Found:
    marks = _BUNDLE if name.endswith(".dSYM") else _MARKS.get(name)
    if marks is None:
        return Found(holds=True)
    shown = next((each for each in at.names_in(unit.path) if marks.fullmatch(each)), "")
    return Found(bool(shown), shown or "nothing in it that its tool writes")
