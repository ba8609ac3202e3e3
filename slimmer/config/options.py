"""The one table of options: of every command, of slim.toml, of completion and of the manuals.

An option is a row. A row with a ``key`` can stand in slim.toml, and its ``param`` is the field
of :class:`slimmer.config.settings.Settings` that holds it. The command line's options, the reader
of settings, completion and the tables in ``docs/`` all follow from this table.
"""

from __future__ import annotations

from slimmer.config.option import LOOK, QUESTION, RUN, Option
from slimmer.config.values import (
    Choice,
    PathOf,
    Role,
    Seconds,
    Selectors,
    Size,
    Switch,
    SwitchedChoice,
    Text,
    Texts,
    TierChoice,
    Whole,
    Without,
    clean_folder,
    clean_prefix,
    one_of,
)
from slimmer.ecosystems import GUARDS
from slimmer.ecosystems.native import ARCHES, FOREIGN_MODES
from slimmer.ecosystems.python import PYC_MODES
from slimmer.model.fail_on import DEFAULT, NONE
from slimmer.model.findings import CODES
from slimmer.model.plan import DEDUPE_MODES
from slimmer.model.rules import Tier
from slimmer.rules.packs import component_names
from slimmer.targets import target_names
from slimmer.transforms import BEAM_MODES, TRANSFORM_NAMES

SANDBOXES = ("bwrap", "unshare", "none")  # the best first; see slimmer/verify/sandboxes.py


def _labels(names: tuple[str, ...] | list[str]) -> str:
    return "|".join(names)


TABLE = (
    Option(
        "--tier",
        TierChoice(_labels(Tier.labels())),
        "How far to go. safe: what no running program can miss; default: also what a Lambda "
        "function has no use for; aggressive: also what only some functions use.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--keep",
        Selectors("NAME|PATTERN", offered=component_names),
        "Keep a component (erlang/network), or all paths that a gitignore pattern matches. "
        "Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--drop",
        Selectors("NAME|PATTERN", offered=component_names),
        "Drop a component, also one past the tier, or all paths that a pattern matches. "
        "Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--no-guard",
        Without(_labels(GUARDS), what="guard", known=GUARDS),
        "Do not let a guard rescue what kept content asks for. Repeatable.",
        param="guards",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--pyc",
        one_of("mode", PYC_MODES),
        "Python's bytecode. keep: ship what is valid, so that it stays valid; drop: ship none; "
        "compile: compile it again, with --python.  [default: keep]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--target",
        Choice("NAME", what="target", choices=target_names),
        "What it is deployed on: provided.al2023, python3.13, nodejs22.x ...; what cannot load "
        "there fails, and its caps hold. lambda: only the limits are known.  [default: lambda]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--arch",
        one_of("processor", ARCHES),
        "The function's processor; native files for another are dropped.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--foreign",
        one_of("mode", FOREIGN_MODES),
        "Native files that Lambda cannot load (other systems, processors, C libraries).  "
        "[default: drop]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--with",
        PathOf("ZIP", multiple=True, role=Role.IN),
        "A zip deployed beside this one (function, other layer): counted too, and what it needs "
        "is kept. Repeatable.",
        param="siblings",
        group=QUESTION,
    ),
    Option(
        "--base",
        PathOf("ZIP", multiple=True, role=Role.IN),
        "A layer below this one, counted too: what it places already, byte for byte, is not "
        "shipped again. Repeatable.",
        param="base_layers",
        group=QUESTION,
    ),
    Option(
        "--function",
        PathOf("ZIP", role=Role.IN),
        "The function's zip, for /var/task: counted with the layers.",
        group=QUESTION,
    ),
    Option(
        "--prefix",
        Text("DIR", clean=clean_prefix),
        "Put the tree under DIR in the zip.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--no-transform",
        Without(_labels(TRANSFORM_NAMES), what="transform", known=TRANSFORM_NAMES),
        "Do not use this transform. Repeatable.",
        param="transforms",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--keep-bytes",
        Selectors("PATTERN"),
        "Ship what the pattern matches byte for byte as it is. Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--beams",
        one_of("mode", BEAM_MODES),
        "Erlang's modules in the zip. auto: plain, which makes the smaller zip, or gzipped where "
        "only that fits unzipped.  [default: auto]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--dedupe",
        SwitchedChoice(
            _labels(DEDUPE_MODES), what="mode", choices=lambda: DEDUPE_MODES, off="--no-dedupe"
        ),
        "Links of identical files. on: of those that no server hands out; media: also of images "
        "and fonts; off: none.  [default: on]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--config",
        PathOf("FILE", role=Role.IN),
        "Settings instead of ./slim.toml or [tool.slim] in ./pyproject.toml.",
        group=QUESTION,
    ),
    Option(
        "-o --output",
        PathOf("FILE", role=Role.OUT),
        "The zip to write.  [default: TREE's name.zip]",
    ),
    Option(
        "--max",
        Size(),
        "Fail when the zips together are larger.",
        param="max_bytes",
        is_setting=True,
    ),
    Option(
        "--max-unzipped",
        Size(),
        "Fail when they unpack to more than that together.",
        param="max_unzipped_bytes",
    ),
    Option(
        "--allow-secret",
        Selectors("PATTERN"),
        "Let files that hold secrets pass if the pattern matches them; without it they always "
        "fail. Repeatable.",
        is_setting=True,
    ),
    Option(
        "--python",
        Text("EXE", program=True),
        "The Python that compiles bytecode, of the target's version; for --pyc compile.",
        is_setting=True,
    ),
    Option(
        "--unpacked-at",
        Text("DIR", clean=clean_folder),
        "Where the zip's files will lie; compiled bytecode names it in tracebacks.  "
        "[default: /opt]",
        is_setting=True,
    ),
    Option(
        "--level",
        Whole("LEVEL", least=1, most=12),
        "libdeflate's level, 1 to 12.  [default: 12]",
        is_setting=True,
    ),
    Option(
        "--fail-on",
        Texts("CODE,...", offered=lambda: (*CODES, DEFAULT, NONE)),
        "Which findings fail; all others only warn. default: those that fail without this option; "
        "none: none of them. Repeatable.",
    ),
    Option(
        "--measure-dropped",
        Switch(),
        "Also compress what is dropped, linked or was transformed, as it is in the tree, to tell "
        "what it would take in the zip. Costs the time to pack all of the tree.",
    ),
    Option("--dry-run", Switch(), "Decide, measure and report, but write no zip."),
    Option(
        "--verify",
        PathOf("EVENT", multiple=True, role=Role.IN),
        "Run the zip with this JSON file, as slim verify does, and put it in place only if that "
        "passes. Its options, below, say how. Repeatable.",
        param="events",
    ),
    Option("--as-function", Switch(), "To --verify, this zip is the function itself."),
    Option(
        "--event",
        PathOf("FILE", multiple=True, role=Role.IN, required=True),
        "A JSON file to answer. Repeatable: one process answers all, in this order.",
        param="events",
    ),
    Option(
        "--expect",
        PathOf("FILE", multiple=True, role=Role.IN),
        "The JSON that the answer should be; one for each event, in the same order.",
        param="expected",
        group=RUN,
    ),
    Option(
        "--against",
        PathOf("ORIGINAL", role=Role.IN),
        "The last layer (or else the function) before it was slimmed, a folder or a zip: it is "
        "run the same way, and its answers should be the same.",
        group=RUN,
    ),
    Option(
        "--runtime",
        Text("NAME", default=""),
        "python3.X or nodejsX.x; any other starts bootstrap.  [default: the target's]",
        group=RUN,
    ),
    Option("--handler", Text("NAME", default=""), "The handler, such as app.handler.", group=RUN),
    Option(
        "--timeout",
        Seconds("SECONDS", most=900, default=30.0),
        "For each event.  [default: 30]",
        param="timeout_s",
        group=RUN,
    ),
    Option(
        "--memory",
        Whole("MIB", least=1, most=10240, default=1024),
        "What it may use, as Lambda counts it.  [default: 1024]",
        param="memory_mib",
        group=RUN,
    ),
    Option("--env", Texts("NAME=VALUE"), "An environment variable. Repeatable.", group=RUN),
    Option(
        "--sandbox",
        one_of("sandbox", SANDBOXES),
        "What keeps it apart from this machine.  [default: the first that works here]",
        group=RUN,
    ),
    Option(
        "--warn-at",
        Text("PERCENT", default="90%"),
        "Warn from this share of a cap or budget on.  [default: 90%]",
    ),
    Option(
        "--baseline",
        PathOf("FILE", role=Role.IN, written_with="update_baseline"),
        "What the zips were once; what grew since is reported.",
    ),
    Option(
        "--max-growth",
        Text("PERCENT|SIZE"),
        "Fail when they grew by more since the baseline, zipped or unzipped: 2%, 100kB, 0.",
    ),
    Option(
        "--update-baseline",
        Switch(),
        "Write the baseline of these zips, unless a finding other than growth fails.",
    ),
    Option("-q --quiet", Switch(), "Print only errors, failures and warnings.", group=LOOK),
    Option("-v --verbose", Switch(), "Cut no table, and print every finding.", group=LOOK),
)

BY_FLAG = {option.flag: option for option in TABLE}
SETTINGS = {option.param: option for option in TABLE if option.key}
"""The options that can stand in slim.toml, by their field of Settings."""


def options_of(*names: str) -> tuple[Option, ...]:
    """Return the rows of these flags and groups, in the order in which they are named.

    ``names`` are flags such as ``--max``, or groups such as QUESTION.
    """
    found: list[Option] = []
    for name in names:
        rows = [o for o in TABLE if o.group == name or name == o.flag]
        assert rows, f"no option or group is called {name}"  # noqa: S101 - a command names a row
        found += rows
    return tuple(found)
