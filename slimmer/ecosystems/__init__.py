"""Ecosystems: all that slim knows of one language, in one folder each.

A row of ECOSYSTEMS names what a language brings, as ``module:name`` in its folder. A part is
imported when a run needs it. Adding a language is a folder, a row, and a pack in ``rules/``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from slimmer.ecosystems.interface import (
    Advise,
    Check,
    Claim,
    Companions,
    DropPass,
    DropRequest,
    Drops,
    FindNeeds,
    FindUses,
    Guard,
    Installed,
    NeedsRequest,
    Published,
    UsesRequest,
)
from slimmer.model.findings import Finding
from slimmer.model.needs import Needs
from slimmer.model.owners import Claims, owners_of
from slimmer.model.rules import Verdict
from slimmer.model.tree import Kind
from slimmer.model.uses import Uses

if TYPE_CHECKING:
    from slimmer.ecosystems.context import Context


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
        drops=("shaded_jars:drop_shaded_jars",),
        checks=("fit:check_classes",),
        advice="advice:advise",
        owners="ownership:claims",
        uses="uses:find_uses",
        installed={"java": Installed("jvm java", "java javac jar jlink")},
    ),
    Ecosystem(
        "python",
        endings=(".py", ".pyi", ".pyc", ".so", ".pyd", "METADATA", "PKG-INFO"),
        guards={"python": "guard:PythonGuard"},
        companions="companions:drop_companions",
        drops=(
            "environments:drop_environments",
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
        "node",
        endings=(
            *("node_modules", "package.json"),
            *(".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".tsx", ".jsx", ".node"),
        ),
        guards={"node": "guard:NodeGuard"},
        drops=("plug_n_play:drop_cache_copies", "pnpm:drop_outside"),
        checks=("fit:check_node", "search_path:check_search_path"),
        owners="ownership:claims",
        uses="uses:find_uses",
        needs="needs:find_needs",
        published="published:PublishedNode",
        installed={
            "node": Installed("node_modules nodejs", "corepack node nodejs npm npx yarn"),
        },
    ),
)

_MAX_TEXT_BYTES = 16 * 1024 * 1024  # of a list of files; the largest known has some 3 MB

READERS = "readers"  # the guard of the packs' own tables, for every language
PATHS = "paths"  # the guard of what the user's own files name by its path
GUARDS = (*(guard for ecosystem in ECOSYSTEMS for guard in ecosystem.guards), READERS, PATHS)


def needed(paths: Collection[str]) -> tuple[Ecosystem, ...]:
    """Return the ecosystems that these paths need, in the order of the table."""
    return tuple(e for e in ECOSYSTEMS if any(path.endswith(e.endings) for path in paths))


def needed_by(context: Context) -> tuple[Ecosystem, ...]:
    """Return the ecosystems that a tree and the zips beside it need."""
    return needed([*(entry.path for entry in context.tree.entries), *context.sibling_names])


def make_guards(
    ecosystems: Iterable[Ecosystem], names: Iterable[str], context: Context
) -> dict[str, Guard]:
    """Return the guards of these names that the ecosystems have, made for one tree."""
    places = {guard: (e, place) for e in ecosystems for guard, place in e.guards.items()}
    guards = {name: _part(*places[name]) for name in names if name in places}
    return {name: cast("type[Guard]", guard)(context) for name, guard in guards.items()}


def drop_companions(
    ecosystems: Iterable[Ecosystem],
    context: Context,
    verdicts: Mapping[str, Verdict],
    owners: Mapping[str, str],
) -> dict[str, Verdict]:
    """Return drops of what belongs to something that packs drop. Raises what reading raises."""
    parts = [cast("Companions", _part(e, e.companions)) for e in ecosystems if e.companions]
    return {
        path: verdict for part in parts for path, verdict in part(context, verdicts, owners).items()
    }


def drop_more(ecosystems: Iterable[Ecosystem], request: DropRequest) -> Drops:
    """Return what the passes of the ecosystems drop, each told of those before it.

    Raises what reading raises.
    """
    drops: dict[str, Verdict] = {}
    findings: tuple[Finding, ...] = ()
    valid_bytecode: frozenset[str] = frozenset()
    chunks: dict[str, frozenset[bytes]] = {}
    for ecosystem, place in ((e, place) for e in ecosystems for place in e.drops):
        drop = cast("DropPass", _part(ecosystem, place))
        more = drop(replace(request, verdicts={**request.verdicts, **drops}))
        drops |= more.drops
        findings += more.findings
        valid_bytecode |= more.valid_bytecode
        chunks |= more.kept_chunks
    return Drops(drops, findings, valid_bytecode, chunks)


def find_owners(
    ecosystems: Iterable[Ecosystem], context: Context, more: Iterable[Claims] = ()
) -> Mapping[str, str]:
    """Return the owner of each path of a tree: who installed it, or OWN.

    ``more`` are the claims of others, such as packs.
    Raises what reading raises.
    """
    tree = context.tree

    def text(path: str) -> str:
        entry = tree.by_path.get(path)
        if entry is None or entry.kind is not Kind.FILE or entry.size_bytes > _MAX_TEXT_BYTES:
            return ""
        return context.read(path).decode("utf-8", "replace")

    parts = [cast("Claim", _part(e, e.owners)) for e in ecosystems if e.owners]
    return owners_of(tree, [*more, *(claim(tree, text) for claim in parts)])


def find_uses(ecosystems: Iterable[Ecosystem], request: UsesRequest) -> list[Uses]:
    """Return who uses whom, as each ecosystem knows it. Raises what reading raises."""
    parts = [cast("FindUses", _part(e, e.uses)) for e in ecosystems if e.uses]
    return [find(request) for find in parts]


def find_needs(request: NeedsRequest) -> list[Needs]:
    """Return what zips deployed together need and have. Raises what reading raises."""
    ecosystems = [e for e in needed(request.files) if e.needs]
    parts = [cast("FindNeeds", _part(e, e.needs)) for e in ecosystems]
    return [find(request) for find in parts]


def check_fit(
    ecosystems: Iterable[Ecosystem], context: Context, verdicts: Mapping[str, Verdict]
) -> list[Finding]:
    """Return what does not fit the target of ``context``. Raises what reading raises.

    What certainly cannot load is a failure, what is not known for sure a warning. Without a
    target that names a runtime there is nothing to check.
    """
    from slimmer.ecosystems.shipped import Shipped  # noqa: PLC0415 - for fit only

    target = context.deployment.target
    if target is None or target.system is None:
        return []
    shipped = Shipped.of(context, verdicts, target)
    checks = [cast("Check", _part(e, place)) for e in ecosystems for place in e.checks]
    return [finding for check in checks for finding in check(shipped)]


def advise(
    ecosystems: Iterable[Ecosystem], context: Context, verdicts: Mapping[str, Verdict]
) -> list[Finding]:
    """Return what could start sooner, or not from where it will lie. Raises what reading raises."""
    parts = [cast("Advise", _part(e, e.advice)) for e in ecosystems if e.advice]
    return [finding for part in parts for finding in part(context, verdicts)]


def published_by(paths: Collection[str]) -> list[type[Published]]:
    """Return what recognises the published packages of the languages that these paths need."""
    return [cast("type[Published]", _part(e, e.published)) for e in needed(paths) if e.published]


def _part(ecosystem: Ecosystem, place: str) -> object:
    """Return what ``module:name`` names in the folder of an ecosystem."""
    return pkgutil.resolve_name(f"{__name__}.{ecosystem.name}.{place}")
