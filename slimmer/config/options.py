"""The one table of options: of every command, of slim.toml, of completion and of the manuals.

An option is a row. A row with a ``key`` can stand in slim.toml, and its ``param`` is the field
of :class:`slimmer.config.settings.Settings` that holds it. The command line's options, the reader
of settings, completion and the tables in ``docs/`` all follow from this table.
"""

from __future__ import annotations

from slimmer.config.cache_table import CACHE_TABLE
from slimmer.config.install_table import INSTALL_TABLE
from slimmer.config.option import LOOK, QUESTION, Option
from slimmer.config.output_table import OUTPUT_TABLE
from slimmer.config.path_values import FileOf, JsonOf, PathOf, Role
from slimmer.config.run_table import RUN_TABLE
from slimmer.config.shrink_table import SHRINK_TABLE
from slimmer.config.values import (
    Choice,
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
from slimmer.config.warm_table import WARM_TABLE
from slimmer.ecosystems import GUARDS
from slimmer.ecosystems.native import ARCH_SYNONYMS, ARCHES, FOREIGN_MODES
from slimmer.ecosystems.python import PYC_MODES
from slimmer.model.codes import CODES
from slimmer.model.fail_on import DEFAULT, NONE
from slimmer.model.rules import Tier
from slimmer.transforms import BEAM_MODES, TRANSFORM_NAMES

#: Which identical files become links: those that no server hands out, media as well, or none.
DEDUPE_MODES = ("on", "media", "off")


def _component_names() -> list[str]:
    """Return the components of the packs, which take longer to read than ``--help`` takes."""
    from slimmer.rules.packs import component_names

    return component_names()


def _target_names() -> tuple[str, ...]:
    from slimmer.targets import target_names

    return target_names()


def _labels(names: tuple[str, ...] | list[str]) -> str:
    return "|".join(names)


TABLE = (
    Option(
        "--tier",
        TierChoice(_labels(Tier.labels())),
        "How much to drop. safe: what no running program can miss; default: also what a Lambda "
        "function never uses; aggressive: also what only some functions use.  [default: default]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--keep",
        Selectors("NAME|PATTERN", offered=_component_names),
        "Keep a component (erlang/network), or all paths that a gitignore pattern matches. A "
        "keep beats a drop. Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--drop",
        Selectors("NAME|PATTERN", offered=_component_names),
        "Drop a component, whatever its tier, or all paths that a gitignore pattern matches. "
        "Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--gitignore",
        Switch(),
        "Leave out what the .gitignore at TREE's top matches, as its .slimignore does.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--no-guard",
        Without(_labels(GUARDS), what="guard", known=GUARDS),
        "Turn off a guard, so that it rescues nothing. Repeatable.",
        param="guards",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--pyc",
        one_of("mode", PYC_MODES),
        "Python's bytecode. keep: ship what is valid, in a form that stays valid; drop: ship "
        "none; compile: compile all sources with --python.  [default: keep]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--target",
        Choice("NAME", what="target", choices=_target_names),
        "The Lambda runtime to deploy to, such as provided.al2023, python3.13 or nodejs22.x. "
        "Its caps apply, and slim build fails if a file cannot load there. lambda: only the "
        "limits apply.  [default: lambda]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--arch",
        one_of("processor", ARCHES, ARCH_SYNONYMS),
        "The function's processor, also as amd64, x64 or aarch64. Native files for the other one "
        "are dropped.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--foreign",
        one_of("mode", FOREIGN_MODES),
        "What to do with native files that Lambda cannot load, for another system, processor "
        "or C library.  [default: drop]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--entry",
        Texts("HANDLER|FILE"),
        "What Lambda starts, such as app.handler or com.acme.Main::handle. What it does not "
        "reach is told. Without this option, all files of your own count. Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--tree-shake",
        Switch(),
        "Drop the packages, distributions, applications and jars that nothing reaches from "
        "--entry, your own files and the zips beside.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--shrink",
        FileOf("FILE"),
        "Drop what slim shrink found that no event needs, as its FILE says.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--with",
        PathOf("ZIP", multiple=True, role=Role.IN),
        "Another zip of the same deployment: the function or a layer. It counts towards every "
        "cap, and what it needs is kept. Repeatable.",
        param="siblings",
        group=QUESTION,
    ),
    Option(
        "--base",
        PathOf("ZIP", multiple=True, role=Role.IN),
        "A layer below this one. It counts towards every cap, and files that it holds already, "
        "byte for byte, are not shipped again. Repeatable.",
        param="base_layers",
        group=QUESTION,
    ),
    Option(
        "--function",
        PathOf("ZIP", role=Role.IN),
        "The function's zip, for /var/task. It counts together with the layers.",
        group=QUESTION,
    ),
    Option(
        "--prefix",
        Text("DIR", clean=clean_prefix),
        "Put the tree under DIR in the zip, such as python.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--no-transform",
        Without(_labels(TRANSFORM_NAMES), what="transform", known=TRANSFORM_NAMES),
        "Turn off a transform. Repeatable.",
        param="transforms",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--keep-bytes",
        Selectors("PATTERN"),
        "Ship the files that a gitignore pattern matches unchanged, byte for byte. Repeatable.",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--beams",
        one_of("mode", BEAM_MODES),
        "How to ship Erlang's modules. auto: plain, which makes the smaller zip, or gzipped if "
        "only that fits unzipped.  [default: auto]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--dedupe",
        SwitchedChoice(
            _labels(DEDUPE_MODES), what="mode", choices=lambda: DEDUPE_MODES, off="--no-dedupe"
        ),
        "Which identical files become links. on: those that no web server serves; media: images "
        "and fonts too; off: none.  [default: on]",
        group=QUESTION,
        is_setting=True,
    ),
    Option(
        "--config",
        PathOf("FILE", role=Role.IN),
        "Read settings from FILE instead of ./slim.toml or [tool.slim] in ./pyproject.toml.",
        group=QUESTION,
    ),
    *OUTPUT_TABLE,
    Option(
        "--max",
        Size(),
        "Fail if the zips together are larger than SIZE.",
        param="max_bytes",
        is_setting=True,
    ),
    Option(
        "--max-unzipped",
        Size(),
        "Fail if the zips together unpack to more than SIZE.",
        param="max_unzipped_bytes",
    ),
    Option(
        "--allow-secret",
        Selectors("PATTERN"),
        "Let the files that a gitignore pattern matches pass, although they hold secrets. "
        "Every other secret fails. Repeatable.",
        is_setting=True,
    ),
    Option(
        "--python",
        Text("EXE", program=True),
        "The interpreter that --pyc compile uses. Without it, the target's python3.X on PATH.",
        is_setting=True,
    ),
    Option(
        "--unpacked-at",
        Text("DIR", clean=clean_folder),
        "The folder into which Lambda unpacks the zip. Compiled bytecode names it in "
        "tracebacks.  [default: /opt]",
        is_setting=True,
    ),
    Option(
        "--level",
        Whole("LEVEL", least=1, most=12),
        "libdeflate's compression level, 1 to 12. For a release: 12, which takes about twice as "
        "long for 0.1 % fewer bytes.  [default: 10]",
        is_setting=True,
    ),
    Option(
        "--fail-on",
        Texts("CODE,...", offered=lambda: (*CODES, DEFAULT, NONE)),
        "The codes of findings that fail; all others only warn. default: those that fail "
        "without this option; none: no code. A secret always fails. Repeatable.",
    ),
    *INSTALL_TABLE,
    *CACHE_TABLE,
    Option(
        "--verify",
        JsonOf("EVENT", multiple=True, role=Role.IN),
        "Run the zip or image with this event, a JSON file, JSON or -, as slim verify does, and "
        "write it only if it passes. The options of slim verify apply. Repeatable.",
        param="events",
    ),
    Option("--as-function", Switch(), "TREE is the function itself, and no layer."),
    Option(
        "--as-layer",
        Switch(),
        "All are layers, even with the handler's module at the root of one.",
    ),
    Option(
        "--event",
        JsonOf("FILE|JSON", multiple=True, role=Role.IN, required=True),
        "An event to answer: a JSON file, JSON itself, or - for standard input. Repeatable: one "
        "process answers all events, in this order.",
        param="events",
    ),
    *RUN_TABLE,
    *SHRINK_TABLE,
    *WARM_TABLE,
    Option(
        "--warn-at",
        Text("PERCENT", default="90%"),
        "Warn from this share of a cap or budget on.  [default: 90%]",
    ),
    Option(
        "--baseline",
        PathOf("FILE", role=Role.IN, written_with="update_baseline"),
        "The recorded sizes to compare with. The report says what grew since.",
    ),
    Option(
        "--max-growth",
        Text("PERCENT|SIZE"),
        "Fail if the zips grew by more since the baseline, zipped or unzipped: 2%, 100kB, 0.",
    ),
    Option(
        "--update-baseline",
        Switch(),
        "Write the baseline of these zips, unless a finding other than growth fails.",
    ),
    Option(
        "--fix",
        PathOf("FILE", role=Role.OUT),
        "Write the image as Lambda takes it: one manifest, each layer packed with gzip.",
    ),
    Option("-q --quiet", Switch(), "Print only errors, failures and warnings.", group=LOOK),
    Option(
        "-v --verbose", Switch(), "Print all rows of all tables, and every finding.", group=LOOK
    ),
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
