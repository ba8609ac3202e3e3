"""Ecosystems: all that slim knows of one language, in one folder each.

A row of ECOSYSTEMS names what a language brings, as ``module:name`` in its folder. A part is
imported when a run needs it, by :mod:`slimmer.ecosystems.parts`; ``--help`` reads the table
alone. Adding a language is a folder, a row, and a pack in ``rules/``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Installed(NamedTuple):
    """Where a runtime lies on the machines that have it, as globs parted by spaces."""

    #: Names of folders in ``lib``, ``lib64`` and ``share``.
    folders: str
    #: Names of programs in ``bin``.
    programs: str


class Ecosystem(NamedTuple):
    """What one language brings; see :mod:`slimmer.ecosystems.interface` for each kind of part."""

    #: The language's folder below ``slimmer/ecosystems/``.
    name: str
    #: The ends of paths that need it. Where neither the tree nor a zip beside it has such a
    #: path, nothing of the language is imported. Every path ends in the empty one.
    endings: tuple[str, ...] = ("",)
    #: Its guards by the names that ``--no-guard`` takes, each ``module:class``.
    guards: Mapping[str, str] = {}
    #: What else goes where the packs drop a part of something, ``module:function`` (Companions).
    companions: str = ""
    #: Its passes that drop more after the guards, each ``module:function`` (DropPass).
    drops: tuple[str, ...] = ()
    #: Its drop passes that run before the guards, which take nothing back of what these drop.
    aside: tuple[str, ...] = ()
    #: Its checks of what ships against the target, each ``module:function`` (Check).
    checks: tuple[str, ...] = ()
    #: What it would do about starts, ``module:function`` (Advise).
    advice: str = ""
    #: What says which files its installers wrote, ``module:function`` (Claim).
    owners: str = ""
    #: What finds who uses whom among its units, ``module:function`` (FindUses).
    uses: str = ""
    #: What finds what zips deployed together need and have, ``module:function`` (FindNeeds).
    needs: str = ""
    #: What finds what used files do without in silence, ``module:function`` (FindSilent).
    silent: str = ""
    #: How a published package of it is recognised, ``module:class`` (Published).
    published: str = ""
    #: What of it ``slim verify`` hides of this machine, by the names that the user is told.
    installed: Mapping[str, Installed] = {}


# Guards are listed, and drop passes run, in this order: jars are compared while all bytecode is
# still there, since a kept file may name a jar.
ECOSYSTEMS = (
    Ecosystem(
        "erlang",
        endings=(".app", ".boot", ".rel", ".beam", "OTP_VERSION"),
        guards={"otp": "applications:OtpGuard", "beam": "calls:BeamGuard"},
        drops=("chunks:keep_chunks",),
        advice="advice:advise",
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
        published="published:PublishedOtp",
        installed={
            "elixir": Installed("elixir", "elixir elixirc iex mix"),
            "erlang": Installed(
                "erlang", "beam.smp ct_run dialyzer epmd erl erlc erlexec escript run_erl to_erl"
            ),
        },
    ),
    Ecosystem(
        "distribution",
        endings=("var/lib/dpkg/status", ".list", ".md5sums", "lib/apk/db/installed"),
        guards={"packages": "guard:PackagesGuard"},
        companions="orphans:drop_companions",
        drops=("orphans:drop_records",),
        owners="ownership:claims",
        uses="uses:find_uses",
    ),
    Ecosystem(
        "native",  # any file may be a program
        guards={"native": "guard:NativeGuard"},
        drops=("foreign:drop_foreign",),
        checks=(
            "versions:check_versions",
            "libraries:check_libraries",
            "bootstrap:check_bootstrap",
        ),
        advice="advice:advise",
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
    ),
    Ecosystem(
        "java",
        endings=(".class", ".jar", ".war", "libjvm.so", "jvm.cfg"),
        guards={"cds": "class_archives:ClassArchivesGuard"},
        drops=("shaded_jars:drop_shaded_jars",),
        checks=("fit:check_classes",),
        advice="advice:advise",
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
        installed={"java": Installed("jvm java", "java javac jar jlink")},
    ),
    Ecosystem(
        "python",
        endings=(".py", ".pyi", ".pyc", ".so", ".pyd", "METADATA", "PKG-INFO"),
        guards={"python": "guard:PythonGuard"},
        silent="guard:find_silent",
        companions="companions:drop_companions",
        aside=("environments:drop_environments",),
        drops=(
            "scripts:drop_scripts",
            "bytecode:drop_stale_bytecode",
            "editable:find_editable",
        ),
        checks=("fit:check_python", "search_path:check_search_path"),
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
        published="published:PublishedPython",
        installed={
            "python": Installed("python[23]* pypy*", "python[23]* python pypy* pip pip[23]*")
        },
    ),
    Ecosystem(
        "php",
        endings=("bin/php", "/php.ini-production", "opcache.so", "php-fpm", "main/php.h"),
        guards={"php": "guard:PhpGuard"},
        advice="advice:advise",
    ),
    Ecosystem(
        "dotnet",
        endings=(".deps.json",),
        guards={"dotnet": "guard:DotnetGuard"},
        owners="ownership:claims",
    ),
    Ecosystem(
        "ruby",
        endings=(".gemspec", "rbconfig.rb"),
        guards={"ruby": "guard:RubyGuard"},
        owners="ownership:claims",
    ),
    Ecosystem(
        "node",
        endings=(
            *("node_modules", "package.json"),
            *(".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".tsx", ".jsx", ".node"),
        ),
        guards={"node": "guard:NodeGuard"},
        drops=("plug_n_play:drop_cache_copies", "pnpm:drop_outside"),
        checks=("fit:check_node", "search_path:check_search_path"),
        silent="silent:find_silent",
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
        published="published:PublishedNode",
        installed={
            "node": Installed("node_modules nodejs", "corepack node nodejs npm npx yarn"),
        },
    ),
)

READERS = "readers"  # the guard of the packs' own tables, for every language
PATHS = "paths"  # the guard of what the user's own files name by its path
GUARDS = (*(guard for ecosystem in ECOSYSTEMS for guard in ecosystem.guards), READERS, PATHS)


def needed(paths: Collection[str]) -> tuple[Ecosystem, ...]:
    """Return the ecosystems that these paths need, in the order of the table."""
    return tuple(e for e in ECOSYSTEMS if any(path.endswith(e.endings) for path in paths))
