"""A Java runtime of fewer modules, made by a JDK's ``jlink`` in the place of a tree's own.

It is kept in the cache under all that decides it. What people change in a runtime stays theirs:
settings, certificates and fonts. Source: jlink(1), and JEP 493 for a JDK without ``jmods/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, UsageError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.java.classes import has_lines
from slimmer.formats.java.jimage import Resource, content, read_jimage
from slimmer.inputs.base import Source
from slimmer.inputs.cache import TREE, alone, cache_folder, half_done
from slimmer.inputs.folder import Folder, scan
from slimmer.inputs.image import ImageTree
from slimmer.inputs.overlay import Layered, Overlay
from slimmer.model.findings import Finding, finding
from slimmer.paths import join
from slimmer.programs.guarded import answer_of
from slimmer.sizes import size_text
from slimmer.text import printable

_TIMEOUT_S = 900.0
_SAID = 400  # characters of what a tool said
_SETTINGS = ("conf", "lib/security", "lib/fonts")
_MODULES = "lib/modules"
_NAMED_LEVELS = 21  # the first release whose jlink names levels of compression
_STRIP, _STRIPS_JAVA_ALONE = "--strip-java-debug-attributes", 13  # needs no objcopy
_ANY_CLASS = ("java.base", "java/lang/String.class")
_LOCALES = "jdk.localedata"
#: The end of a name such as FormatData_zh_Hant_HK.class: language, script, region, variant.
_LOCALE = re.compile(
    r"_([a-z]{2,3}(?:_[A-Z][a-z]{3})?(?:_(?:[A-Z]{2}|\d{3}))?(?:_[A-Z\d]{2,8})?)\.[a-z]+\Z"
)
#: Codes that ISO 639 gave up, by which classes are named still (java.util.Locale, section 4).
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "no": "nb"}
_OWN_ARCHIVE = "lib/server/classes.jsa"
_RELEASE = re.compile(rb'^(JAVA_VERSION|OS_ARCH)="([^"\n]{1,80})"', re.MULTILINE)
_ARCHS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64"}

Tell = Callable[[str], object]


class Wanted(NamedTuple):
    """A runtime that is made: its folder in the tree, and its modules."""

    root: str
    modules: tuple[str, ...]


class _Release(NamedTuple):
    """What the release file of a runtime says."""

    version: str
    arch: str

    @property
    def feature(self) -> str:
        """The version of Java."""
        return self.version.partition(".")[0]


def relinked(
    source: Source,
    wanted: Sequence[Wanted],
    jdk: Path | None,
    arch: str,
    tell: Tell,
    *,
    as_before: bool = False,
) -> tuple[Source, list[Finding]]:
    """Return a tree with runtimes of these modules, and what there is to say of it.

    ``tell`` is told the commands. Modules are without debug attributes where those of the tree
    were, and for its locales. With ``as_before`` they are compressed, too: an image is stored
    unpacked; a zip gets smaller without. Raises UsageError where no JDK is known or none that fits,
    and InputError where jlink makes nothing, or a runtime that does not start.
    """
    found: list[Finding] = []
    if isinstance(source, Folder) and source.is_root:
        raise UsageError("--jlink goes with an image and not with --rootfs; leave one of them out")
    for each in wanted:
        if not each.root:
            raise UsageError(
                "--jlink: the runtime lies at the top of the tree; move it into a folder of its own"
            )
        before = _release(source.read(join(each.root, "release")))
        home = _home(source, each.root, jdk)
        after = _release(_read(home / "release"))
        _check(before, after, home, arch)
        if before.version != after.version:
            message = f"it is of Java {before.version}, and what --jlink makes of {after.version}"
            found.append(finding("jlink-version", f"{printable(each.root)}: {message}"))
        has_archive = join(each.root, _OWN_ARCHIVE) in source.tree.by_path
        modules = source.read(join(each.root, _MODULES))
        words = _as_linked(modules, after.feature, each.modules, packs=as_before)
        made = _made(home, each, tell, words, has_archive=has_archive)
        own = tuple(f"{each.root}/{name}" for name in _SETTINGS)
        if as_before and (larger := _larger(each.root, made, len(modules))):
            found.append(larger)
        overlay = Overlay(
            [
                Layered(f"{home}", scan(made)),
                Layered(f"{each.root} of the tree", source, each.root, own, is_own=True),
            ]
        )
        found += [each for each in overlay.findings() if each.code == "trees-meet"]
        source = source.replaced(each.root, overlay) if isinstance(source, ImageTree) else overlay
    return source, found


def _larger(root: str, made: Path, before_bytes: int) -> Finding | None:
    """Return what there is to say of a runtime that became larger; a JDK may have more locales."""
    after_bytes = (made / root / _MODULES).stat().st_size
    if after_bytes <= before_bytes:
        return None
    message = f"--jlink links {size_text(after_bytes)} of modules in place of"
    return finding(
        "jlink-larger",
        f"{printable(root)}: {message} {size_text(before_bytes)}; leave it out, or name fewer",
    )


def _home(source: Source, root: str, jdk: Path | None) -> Path:
    """Return the JDK that links: that which is named, the tree's own, or this machine's."""
    if jdk is not None:
        if not _links(jdk):
            raise UsageError(f"{printable(str(jdk))}: no bin/jlink in it; name a JDK with --jdk")
        return jdk
    own = source.root / root if isinstance(source, Folder) else None
    named = os.environ.get("JAVA_HOME")
    on_path = shutil.which("jlink")
    homes = [own, Path(named) if named else None]
    homes.append(Path(on_path).resolve().parents[1] if on_path else None)
    home = next((each for each in homes if each and _links(each)), None)
    if home is None:
        raise UsageError("--jlink needs a JDK of the runtime's version; name its folder with --jdk")
    return home


def _links(home: Path) -> bool:
    return (home / "bin" / "jlink").is_file() and (home / "release").is_file()


def _check(before: _Release, after: _Release, home: Path, arch: str) -> None:
    """Raise UsageError for a JDK that makes another runtime than the tree has."""
    name = printable(str(home))
    if before.feature != after.feature:
        raise UsageError(
            f"{name} is a JDK {after.feature}, and the tree's runtime is Java {before.feature}; "
            f"name a JDK {before.feature} with --jdk"
        )
    wanted = arch or _ARCHS.get(before.arch, "")
    made = _ARCHS.get(after.arch, after.arch)
    if wanted and made and wanted != made:
        raise UsageError(
            f"{name} makes a runtime for {made}, and {wanted} is wanted; name another with --jdk"
        )


def _as_linked(modules: bytes, feature: str, wanted: Sequence[str], *, packs: bool) -> list[str]:
    """Return how jlink is told to make modules as these were made, by its version (jlink(1)).

    They are without lines of source for traces where these are, for the locales of these, and where
    ``packs`` says so, compressed where these are.
    """
    try:
        found = read_jimage(modules)
    except FormatError:
        return []
    number = int(feature) if feature.isdigit() else 0
    words = []
    if packs and any(each.is_packed for each in found):
        words.append(f"--compress={'zip-6' if number >= _NAMED_LEVELS else '2'}")
    if not _may_have_lines(modules, found):
        words.append(_STRIP if number >= _STRIPS_JAVA_ALONE else "--strip-debug")
    if _LOCALES in wanted and (locales := _locales(found)):
        words.append(f"--include-locales={','.join(locales)}")
    return words


def _locales(resources: Sequence[Resource]) -> list[str]:
    """Return the locales of a runtime as ranges of BCP 47, of which none is left out."""
    names = (_LOCALE.search(each.path) for each in resources if each.module == _LOCALES)
    tags = {name[1].replace("_", "-") for name in names if name}
    for tag in tuple(tags):
        language, *rest = tag.split("-")
        if language in _RENAMED:
            tags.add("-".join((_RENAMED[language], *rest)))
    # A range takes in what begins as it does (RFC 4647, 3.3.2).
    return sorted(
        tag for tag in tags if not any(f"{tag}-".startswith(f"{o}-") for o in tags - {tag})
    )


def _may_have_lines(modules: bytes, resources: Sequence[Resource]) -> bool:
    """Return whether classes tell the lines of their sources, or nobody can say."""
    known = next((each for each in resources if (each.module, each.path) == _ANY_CLASS), None)
    try:
        return known is None or has_lines(content(modules, known))
    except FormatError:
        return True


def _made(
    home: Path, wanted: Wanted, tell: Tell, more: Sequence[str], *, has_archive: bool
) -> Path:
    """Return the folder that holds the runtime at its place in the tree. Raises InputError."""
    words = ["--add-modules", ",".join(wanted.modules), "--no-header-files", "--no-man-pages"]
    words += more
    key = [_read(home / "release").hex(), wanted.root, words, has_archive]
    entry = cache_folder() / hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]
    with alone(entry, tell):
        tree = entry / TREE
        if tree.is_dir():
            tell(f"{wanted.root}: as linked before, in {tree}")
            return tree
        tell(f"{wanted.root}: jlink {' '.join(words)} --output {wanted.root}")
        with half_done(entry) as into:
            output = into / wanted.root
            output.parent.mkdir(parents=True, exist_ok=True)
            _run(home / "bin" / "jlink", *words, "--output", str(output))
            if has_archive:
                _run(output / "bin" / "java", "-Xshare:dump")
            _run(output / "bin" / "java", "-version")
            into.rename(tree)
    return tree


def _run(program: Path, *args: str) -> None:
    """Run a program of Java's. Raises InputError with what it said."""
    try:
        done = answer_of([str(program.absolute()), *args], _TIMEOUT_S)
    except OSError as error:
        raise InputError(f"{program}: cannot be started ({reason_of(error)})") from None
    except subprocess.TimeoutExpired:
        raise InputError(f"{program}: not done after {_TIMEOUT_S:.0f} s; try again") from None
    if done.returncode:
        lines = (done.stderr + done.stdout).decode("utf-8", "replace").split("\n")
        said = " ".join(printable(line.strip()) for line in lines if line.strip())
        shown = " ".join((program.name, *args[:2]))
        raise InputError(f"--jlink: {shown} fails: {said[:_SAID] or done.returncode}")


def _release(text: bytes) -> _Release:
    found = {
        key.decode(): value.decode("utf-8", "replace") for key, value in _RELEASE.findall(text)
    }
    return _Release(found.get("JAVA_VERSION", ""), found.get("OS_ARCH", ""))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{printable(str(file))}: cannot be read ({reason_of(error)})") from None
