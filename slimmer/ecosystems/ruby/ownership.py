"""What installers of Ruby and RubyGems wrote.

An installation has ``rbconfig.rb``, in ``lib/ruby/X.Y.0/ARCH/`` or, as Debian has it, in
``lib/TRIPLE/ruby/X.Y.0/``. A gem has its folder by its specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from slimmer.formats.ruby.requires import spec_name
from slimmer.model.owners import Claims
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, join, name_of

RUNTIME = "ruby/runtime"
_CONFIG = re.compile(
    r"((?:.*/|))lib/(?:ruby/(?P<version>\d+\.\d+\.\d+)/[^/]+"
    r"|(?=[^/]+-linux-[^/])[^/]+/ruby/(?P<of_debian>\d+\.\d+\.\d+))/rbconfig\.rb"
)
_PROGRAMS = (
    *("ruby", "irb", "erb", "gem", "rdoc", "ri", "rake", "racc", "bundle", "bundler"),
    *("rbs", "typeprof", "rdbg", "syntax_suggest", "minitest", "test-unit"),
)
_GEM = re.compile(r"((?:.*/|))specifications/(default/)?([^/]+)\.gemspec")
_VERSION = re.compile(r"-(?=\d)")


class InstalledGem(NamedTuple):
    """An installed gem: where what belongs to it lies."""

    #: The folder of all gems, empty or with a slash at its end.
    home: str
    #: Its name and version, and the platform where it has one.
    full_name: str
    spec: str
    folder: str
    #: The folders of what was compiled for it.
    extensions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name up to the version."""
        return _VERSION.split(self.full_name)[0]

    @property
    def places(self) -> tuple[str, ...]:
        """All that a program needs of it."""
        return (self.folder, self.spec, *self.extensions)


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what installers of Ruby and of gems wrote."""
    found = Claims()
    for entry in tree.ending_in("rbconfig.rb"):
        config = _CONFIG.fullmatch(entry.path)
        if config and "RbConfig" in text(entry.path):
            version = config["version"] or config["of_debian"]
            _add_runtime(tree, config[1].rstrip("/"), version, folder_of(entry.path), found)
    _add_gems(tree, text, found)
    return found


def _add_runtime(tree: Tree, root: str, version: str, arch: str, found: Claims) -> None:
    minor = version.rpartition(".")[0]
    folders = [f"lib/ruby/{version}", f"share/ri/{version}", f"include/ruby-{version}"]
    found.folders |= {join(root, folder): RUNTIME for folder in folders}
    found.folders[arch] = RUNTIME
    found.files |= dict.fromkeys(_files(tree, root, minor), RUNTIME)


def _files(tree: Tree, root: str, minor: str) -> Iterator[str]:
    for name in _PROGRAMS:
        yield from (join(root, f"bin/{name}{end}") for end in ("", minor))
    for entry in tree.below(join(root, "lib/ruby/vendor_ruby")):  # of Debian's RubyGems
        first = entry.path[len(join(root, "lib/ruby/vendor_ruby/")) :].partition("/")[0]
        if first in ("rubygems", "rubygems.rb", "bundler", "bundler.rb", "debian"):
            yield entry.path
    for entry in tree.below(join(root, "lib")):
        if name_of(entry.path).startswith(("libruby.so", "libruby-", "libruby.a")):
            yield entry.path
    for entry in tree.below(join(root, "lib/pkgconfig")):
        if name_of(entry.path).startswith("ruby-"):
            yield entry.path


def installed_gems(tree: Tree) -> Iterator[InstalledGem]:
    """Yield the gems of a tree by their specifications, which are not read.

    Source: RubyGems' Gem::BasicSpecification, ``gem_dir`` and ``extension_dir``.
    """
    specs = [found for e in tree.ending_in(".gemspec") if (found := _GEM.fullmatch(e.path))]
    built: dict[str, list[str]] = {}
    for entry in tree.entries if specs else ():
        if entry.kind is Kind.DIRECTORY and "extensions/" in entry.path:
            built.setdefault(name_of(entry.path), []).append(entry.path)
    for spec in specs:
        home, _, full = spec.groups()
        extensions = [f for f in built.get(full, ()) if f.startswith(f"{home}extensions/")]
        yield InstalledGem(home, full, spec[0], f"{home}gems/{full}", tuple(extensions))


def _add_gems(tree: Tree, text: Callable[[str], str], found: Claims) -> None:
    """Add the gems that a specification names: their folders, and what was compiled of them."""
    for gem in installed_gems(tree):
        name = "-".join(_VERSION.split(gem.full_name)[:-1])
        if spec_name(text(gem.spec).encode()) != name:
            continue
        owner = f"ruby/{name}"
        files = (gem.spec, f"{gem.home}cache/{gem.full_name}.gem")
        folders = (gem.folder, f"{gem.home}doc/{gem.full_name}", *gem.extensions)
        found.files |= dict.fromkeys(files, owner)
        found.folders |= dict.fromkeys(folders, owner)
