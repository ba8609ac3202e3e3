"""Foreign files: what the target can never load, told by headers and names.

Programs and libraries of another system, processor or C library are dropped with that reason,
and so are extension modules of another Python where the right one lies beside them. Where all
native files that a tree needs are foreign, none is dropped: then the tree was made for another
machine, and that is an error to name, not to hide. A helper that a package brings to every machine
is dropped with a warning; what the user has for other systems, by its name, stays with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.ecosystems.native import ARCHES
from slimmer.ecosystems.native.binaries import Binary
from slimmer.ecosystems.native.helpers import FOREIGN_ENDS, Helpers
from slimmer.ecosystems.native.pip import pip_install
from slimmer.ecosystems.native.platforms import (
    NPM_CPUS,
    TRIPLES,
    NpmPlatform,
    extension,
    family,
    has_platform_word,
    npm_name,
    npm_package,
    npm_platform,
)
from slimmer.formats.native import ARM64, UNKNOWN, X86_64
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.text import and_more, printable


def _rule(name: str, title: str, why: str) -> Rule:
    return Rule(f"foreign/{name}", Action.DROP, "*", why, "--foreign keep", title)


SYSTEM = _rule(
    "system",
    "Native files of other systems",
    "Lambda runs Linux, and this is for another system.",
)
PROCESSOR = _rule("processor", "Native files for other processors", "It is for another processor.")
LIBC = _rule(
    "libc",
    "Native files for another C library",
    "Lambda has glibc, and this needs another C library.",
)
PYTHON = _rule(
    "python",
    "Modules of other Pythons",
    "Another Python's module; the right one lies beside it.",
)
PACKAGE = _rule(
    "package",
    "Packages for other platforms",
    "Its package.json says that it is for another platform.",
)

RULES = (SYSTEM, PROCESSOR, LIBC, PYTHON, PACKAGE)

_SMALLER = {X86_64: "x86", ARM64: "arm"}
_LOADER = "ld-musl-"  # of musl, as the file that it is
_SHOWN = 5  # lines of what is there only for other platforms
_SYSTEMS = {"macos": "macOS", "windows": "Windows", "linux": "Linux"}


def drop_foreign(request: DropRequest) -> Drops:
    """Return what becomes of the kept native files that Lambda cannot load.

    What the user keeps by name stays. Raises what reading raises.
    """
    if request.foreign == "keep":
        return Drops()
    return _ForeignFiles(request).drops_and_findings()


def foreign_rule(binary: Binary, arch: str, *, own_libc: bool) -> Rule | None:
    """Return why no Lambda function on ``arch`` (on any, where it is empty) loads a file."""
    if binary.native.system != "linux":
        return SYSTEM
    if binary.other_libc and not own_libc:
        return LIBC
    wanted = set((arch,) if arch else ARCHES)
    if binary.is_static:  # the processor may have a 32-bit mode, and the kernel let it run
        wanted |= {_SMALLER[name] for name in wanted}
    known = [name for name in binary.native.processors if not name.startswith(UNKNOWN)]
    return PROCESSOR if known and wanted.isdisjoint(known) else None


def brings_libc(names: Iterable[str]) -> bool:
    """Return whether one of these files is the loader of another C library than glibc."""
    return any(name.rpartition("/")[2].startswith(_LOADER) for name in names)


class _ForeignFiles:
    """One look at the native files that are kept."""

    def __init__(self, request: DropRequest):
        self._context = context = request.context
        self._verdicts = verdicts = request.verdicts
        self._is_own = request.is_own
        self._helpers = Helpers(request)
        self._packages: dict[str, NpmPlatform] = {}
        self._native: list[tuple[Entry, Binary]] = []
        self._foreign: list[tuple[Entry, Binary, Rule]] = []
        loaders = [*context.binaries.candidates, *context.tree.links]
        names = [e.path for e in loaders if verdicts[e.path].kept]
        own_libc = brings_libc([*names, *context.sibling_names])
        for entry in context.binaries.candidates:
            verdict = verdicts[entry.path]
            binary = context.binaries.of(entry) if verdict.kept else None
            if binary is None or verdict.kept_by_user:
                continue
            rule = foreign_rule(binary, context.arch, own_libc=own_libc)
            if rule is None:
                self._native.append((entry, binary))
            else:
                self._foreign.append((entry, binary, rule))

    def drops_and_findings(self) -> Drops:
        findings = list(_processors(self._native, self._context)) if not self._context.arch else []
        data = [(e, b) for e, b, _ in self._foreign if self._is_own_data(e)]
        findings += _own(data)
        as_data = {e.path for e, _ in data}
        self._foreign = [each for each in self._foreign if each[0].path not in as_data]
        missed = [(e, b, r) for e, b, r in self._foreign if self._would_be_missed(e)]
        needed = [each for each in missed if not self._helpers.is_helper(each[0].path)]
        if needed and not self._native:
            return Drops(findings=(*findings, _whole_tree(needed, self._context)))
        ours = {family(entry.path) for entry, _ in self._native}
        alone = [(e, b) for e, b, _ in missed if family(e.path) not in ours]
        stays = {e.path for e, _, _ in needed if _is_python(e.path)} & {e.path for e, _ in alone}
        if stays:
            stay = [(e, b) for e, b in alone if e.path in stays]
            findings.append(_cannot_load(stay, self._context))
        must = {e.path for e, _, _ in needed}
        missing = [(e, b) for e, b in alone if e.path in must - stays]
        findings += _alone(missing, lambda first: _if_used(first, self._context))
        findings += _alone([(e, b) for e, b in alone if e.path not in must], _if_read)
        drops = {
            e.path: Verdict(Action.DROP, r) for e, _, r in self._foreign if e.path not in stays
        }
        drops |= self._whole_packages(drops)
        return Drops(drops | self._other_pythons(), tuple(findings))

    def _is_own_data(self, entry: Entry) -> bool:
        """Return whether a file is the user's own, and certainly nothing that is loaded here."""
        has_foreign_name = entry.path.casefold().endswith(FOREIGN_ENDS)
        if not self._is_own(entry.path) or not has_foreign_name or npm_package(entry.path):
            return False
        return not self._helpers.is_loaded(entry.path)

    def _would_be_missed(self, entry: Entry) -> bool:
        """Return whether a file has a task that one for Linux would do.

        A Windows program beside a library is a launcher for Windows alone, and a package
        for one system whose name says nothing of it has no task on another.
        """
        if entry.path.casefold().endswith(".exe") and not npm_package(entry.path):
            return False
        package = npm_package(entry.path)
        only_there = package and not self._platform(package).accepts(self._arches())
        return not (only_there and not has_platform_word(package.partition("node_modules/")[2]))

    def _whole_packages(self, drops: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Return drops of all that is in packages which say that they are for elsewhere."""
        packages = {npm_package(path) for path in drops} - {""}
        gone = {p for p in packages if not self._platform(p).accepts(self._arches())}
        return {
            entry.path: drops.get(entry.path, Verdict(Action.DROP, PACKAGE))
            for package in gone
            for entry in self._context.tree.below(package)
            if self._verdicts[entry.path].kept and not self._verdicts[entry.path].kept_by_user
        }

    def _other_pythons(self) -> dict[str, Verdict]:
        """Return drops of modules for another Python, where one that loads lies beside them."""
        target = self._context.deployment.target
        language = target.language if target else None
        if language is None or language.name != "python":
            return {}
        loaded, others = set(), []
        for entry in self._context.tree.entries:
            if self._verdicts[entry.path].dropped:
                continue
            module = extension(entry.path)
            if module is None or entry.kind is Kind.DIRECTORY:
                continue
            if module.version not in ("", language.version):
                others.append((entry.path, module.module))
            elif not module.triple or module.triple in self._triples():
                loaded.add(module.module)
        return {
            path: Verdict(Action.DROP, PYTHON)
            for path, module in others
            if module in loaded and not self._verdicts[path].kept_by_user
        }

    def _platform(self, package: str) -> NpmPlatform:
        if package not in self._packages:
            path = f"{package}/package.json"
            entry = self._context.tree.by_path.get(path)
            is_file = entry is not None and entry.kind is Kind.FILE
            text = self._context.read(path) if is_file else b""
            self._packages[package] = npm_platform(text)
        return self._packages[package]

    def _arches(self) -> Sequence[str]:
        return (self._context.arch,) if self._context.arch else ARCHES

    def _triples(self) -> set[str]:
        return {TRIPLES[arch] for arch in self._arches()}


def _is_python(path: str) -> bool:
    """Return whether a file is an extension module by its name, tag and all."""
    module = extension(path)
    return module is not None and bool(module.tag)


def what_for(binary: Binary) -> str:
    """Return what a native file is for, in words (``macOS, arm64``)."""
    system = _SYSTEMS.get(binary.native.system, binary.native.system)
    libc = f" with {binary.other_libc} C library" if binary.other_libc else ""
    return f"{system}{libc}, {' and '.join(binary.native.processors)}"


def _kinds(binaries: Iterable[Binary]) -> str:
    return "; ".join(sorted({what_for(binary) for binary in binaries}, key=str.casefold))


def _and_more(entries: Sequence[Entry]) -> str:
    return and_more([entry.path for entry in entries])


def _install(entries: Sequence[Entry], context: Context) -> str:
    """Return how to get for Lambda what files are for; where no one said, for its default.

    The first says with which tool.
    """
    entry, arch = entries[0], context.arch or X86_64
    if npm_package(entry.path):
        options = f"--os=linux --cpu={NPM_CPUS[arch]} --libc=glibc {npm_name(entry.path)}"
        return f"install it with npm install {options.rstrip()}"
    if _is_python(entry.path):
        paths = [each.path for each in entries if _is_python(each.path)]
        return f"install it with {pip_install(context, paths)}"
    return "install it for Lambda"


def _whole_tree(missed: Sequence[tuple[Entry, Binary, Rule]], context: Context) -> Finding:
    kinds = _kinds(binary for _, binary, _ in missed)
    there = context.arch or " or ".join(ARCHES)
    entries = [entry for entry, _, _ in missed]
    return finding(
        "foreign-tree",
        f"{_and_more(entries)}: all that is native in this tree is for {kinds}, and Lambda is "
        f"Linux with glibc, {there}; {_install(entries, context)}",
    )


def _cannot_load(alone: Sequence[tuple[Entry, Binary]], context: Context) -> Finding:
    kinds = _kinds(binary for _, binary in alone)
    entries = [entry for entry, _ in alone]
    return finding(
        "foreign-module",
        f"{_and_more(entries)}: for {kinds}, and no such module for Lambda lies beside; "
        f"{_install(entries, context)}, or drop it with --drop",
    )


def _if_used(first: Entry, context: Context) -> str:
    install = _install([first], context)
    return f"nothing of its kind is here for Lambda; if the function uses it, {install}"


def _own(data: Sequence[tuple[Entry, Binary]]) -> Iterator[Finding]:
    """Yield a warning that names the user's own files for other systems; they stay."""
    if data:
        yield finding(
            "foreign-own",
            f"{_and_more([entry for entry, _ in data])}: of your own, for "
            f"{_kinds(binary for _, binary in data)}, and kept; if nothing reads it, drop it with "
            f"--drop '/{printable(data[0][0].path)}'",
        )


def _if_read(first: Entry) -> str:
    return (
        "its package brings it to every machine; if the function reads it, keep it with "
        f"--keep '/{printable(first.path)}'"
    )


def _alone(
    alone: Iterable[tuple[Entry, Binary]], advice: Callable[[Entry], str]
) -> Iterator[Finding]:
    """Yield a warning for each thing that is there only for other platforms."""
    groups: dict[str, list[tuple[Entry, Binary]]] = {}
    for entry, binary in alone:
        groups.setdefault(family(entry.path), []).append((entry, binary))
    for number, members in enumerate(groups.values()):
        if number == _SHOWN:
            more = len(groups) - _SHOWN
            yield finding("foreign-only", f"and {more:,} more only for other platforms")
            return
        kinds = _kinds(binary for _, binary in members)
        yield finding(
            "foreign-only",
            f"{_and_more([entry for entry, _ in members])}: dropped, as it is for {kinds}, and "
            f"{advice(members[0][0])}",
        )


def _processors(native: Sequence[tuple[Entry, Binary]], context: Context) -> Iterator[Finding]:
    """Yield a note where a function's processor matters, and is not known."""
    counts = {arch: [e for e, b in native if b.native.processors == (arch,)] for arch in ARCHES}
    if all(counts.values()):
        each = "; ".join(f"{arch}: {_and_more(entries)}" for arch, entries in counts.items())
        yield finding(
            "two-processors",
            f"native files for both processors are kept ({each}); name the function's with --arch",
        )
    elif counts[ARM64]:
        yield finding(
            "arm64-only",
            f"{_and_more(counts[ARM64])}: for arm64, and Lambda takes x86_64 unless told "
            f"otherwise; make the function for arm64 (--arch {ARM64} here), or "
            f"{_install(counts[ARM64], context)}",
        )
