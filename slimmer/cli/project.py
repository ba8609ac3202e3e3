"""The artifacts of a project's file: each becomes the command that a user would type for it.

That command is printed before it runs; what the artifact's table sets for itself holds beside it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import ARTIFACT, WORDS
from slimmer.cli.outputs import emit
from slimmer.cli.paths import lies_in
from slimmer.config.artifacts import ArtifactSpec, in_order, is_path, needs, parse_artifacts
from slimmer.config.project_file import find_file, find_table
from slimmer.config.settings import Settings, find_settings
from slimmer.config.shards import shard_of
from slimmer.errors import EXIT_OK, SlimError, UsageError
from slimmer.model.forms import engine_image
from slimmer.text import did_you_mean, printable

if TYPE_CHECKING:
    from slimmer.cli.frame import FramedCommand


@dataclass(frozen=True)
class _Project:
    """The artifacts of a file, and the folder that their paths are relative to."""

    specs: Mapping[str, ArtifactSpec]
    folder: Path
    config: Path | None

    def path(self, word: str) -> str:
        """Return a path of the file's as the working folder has it."""
        return os.path.normpath(self.folder / word)

    def zip_of(self, word: str) -> str:
        """Return the zip that a word means: an artifact's output, or the path itself."""
        return self.path(self.specs[word].output if word in self.specs else word)

    def settings(self, spec: ArtifactSpec) -> Settings:
        """Return the settings that hold for an artifact."""
        return find_settings(Path(), self.config, artifact=spec.name)


def run_artifacts(command: FramedCommand, ctx: click.Context) -> int | None:
    """Run a command for the artifacts that it names, or for all where it names nothing.

    Returns None where the words are paths, as they are where no file has artifacts. All artifacts
    are tried, and the exit code is that of the first that fails. Raises UsageError.
    """
    # ./api is a path, also where an artifact is called api; a Path has lost that.
    said = set(_words(command, ctx))
    given = ctx.params[command.named_by]
    names = tuple(
        name if name in said else f".{os.sep}{name}"
        for name in map(str, (given,) if isinstance(given, Path) else given)
    )
    if not names and ctx.params.get("function") is not None:
        return None
    config = ctx.params.get("config")
    file = config or find_file(Path())
    table = find_table(Path(), config)
    specs = parse_artifacts(table) if table is not None and file is not None else {}
    if not specs or file is None:
        return None
    project = _Project(specs, file.parent, config)
    known = [name for name in names if name in specs]
    if names and not known:
        _say_whose(names, project, str(command.name))
        return None
    if len(known) < len(names):
        other = next(name for name in names if name not in specs)
        raise UsageError(
            f"{printable(other)} is no artifact of {file.name}, and {known[0]} is one; name "
            f"artifacts or paths, such as .{os.sep}{known[0]}, not both"
        )
    shard = ctx.params.get("shard")
    wanted = names or tuple(specs)
    chosen = shard_of(specs, wanted, shard) if shard else in_order(specs, wanted)
    if not chosen:
        emit(f"shard {shard} has no artifact\n", err=True)
        return EXIT_OK
    return _run_all(command, ctx, project, chosen, _rest(command, ctx, names))


def _say_whose(names: Sequence[str], project: _Project, command: str) -> None:
    """Say where an artifact has just these trees: its own settings do not hold for a path.

    Raises UsageError for a word that is neither an artifact nor a path.
    """
    for name in names:
        if os.sep not in name and not os.path.lexists(name) and not engine_image(name):
            near = did_you_mean(name, project.specs)
            raise UsageError(f"{printable(name)} is neither an artifact nor there as a path{near}")
    asked = [os.path.normpath(name) for name in names]
    for spec in project.specs.values():
        if [project.path(tree) for tree in spec.words["tree"]] == asked:
            line = (
                f"note: artifact {spec.name} has this tree; slim {command} {spec.name} takes that"
            )
            emit(f"{line}\n", err=True)


def _words(command: FramedCommand, ctx: click.Context) -> list[str]:
    """Return the words of the command line that are no options and no values of options."""
    words = ctx.meta[WORDS]
    is_value = [False, *(word in _valued(command) for word in words)]
    return [w for w, of in zip(words, is_value, strict=False) if not (of or w.startswith("-"))]


def _rest(command: FramedCommand, ctx: click.Context, names: Sequence[str]) -> list[str]:
    """Return the words of the command line without the artifacts: each as often as it is one."""
    rest, left = [], list(names)
    is_value = [False, *(word in _valued(command) for word in ctx.meta[WORDS])]
    for word, of in zip(ctx.meta[WORDS], is_value, strict=False):
        if word in left and not of:
            left.remove(word)
        else:
            rest.append(word)
    return rest


def _valued(command: FramedCommand) -> frozenset[str]:
    """Return the options of a command that take a value."""
    options = (param for param in command.params if isinstance(param, click.Option))
    return frozenset(
        name for each in options if not each.is_flag for name in (*each.opts, *each.secondary_opts)
    )


def _run_all(
    command: FramedCommand,
    ctx: click.Context,
    project: _Project,
    chosen: Sequence[ArtifactSpec],
    rest: list[str],
) -> int:
    from slimmer.cli.side_by_side import side_by_side

    lines = {
        "build": _build,
        "check": _check,
        "verify": _verify,
        "explain": _explain,
        "inspect": _inspect,
    }
    line_of = lines[str(command.name)]
    if len(chosen) > 1 and ctx.params.get("output") is not None:
        raise UsageError("--output names one zip, and there are several artifacts; name one")
    if line_of is _build:
        _check_written(project, chosen)
    runs = [spec for spec in chosen if line_of is not _verify or spec.verify is not None]
    if not runs:
        raise UsageError(
            f"{chosen[0].place}: no verify in [artifact.{chosen[0].name}]; give it a "
            'verify = { events = ["event.json"], handler = "app.handler" }'
        )
    quiet = bool(ctx.params.get("quiet"))
    for spec in chosen if not quiet else ():
        if spec not in runs:
            emit(f"{spec.name}: not verified, as its table has no verify\n", err=True)
    by_name = {spec.name: spec for spec in runs}

    def work(name: str) -> int:
        spec = by_name[name]
        runs_own = spec.run_words if line_of is _build and ctx.params.get("events") else ()
        words = [*line_of(spec, project), *runs_own, *rest]
        return _run_one(command, ctx, project, spec, words, quiet=quiet)

    if line_of is _verify or ctx.params.get("refresh"):  # times are measured; a cache is replaced
        codes = [work(name) for name in by_name]
    else:
        order = {name: needs(spec) for name, spec in by_name.items()}
        with contextlib.closing(side_by_side(order, work, quiet=quiet)) as outcomes:
            codes = [outcome.tell() for outcome in outcomes]
    return next(filter(None, codes), EXIT_OK)


def _check_written(project: _Project, chosen: Sequence[ArtifactSpec]) -> None:
    """Raise UsageError where what one artifact writes lies in the tree of another, and would ship.

    Each would come out otherwise than alone: by what was built before.
    """
    for spec in chosen:
        for other in project.specs.values():
            for path, tree in itertools.product(other.written, spec.words["tree"]):
                is_in = lies_in(Path(project.path(path)), Path(project.path(tree)))
                if is_in and other is not spec:
                    beside = os.path.normpath(Path(tree, "..", Path(path).name))
                    raise UsageError(
                        f"{other.place}: {printable(path)} lies in the tree of {spec.name}, and "
                        f"would ship with it; name one beside that, such as {printable(beside)}"
                    )


def _run_one(
    command: FramedCommand,
    ctx: click.Context,
    project: _Project,
    spec: ArtifactSpec,
    words: list[str],
    *,
    quiet: bool,
) -> int:
    """Print an artifact's command and run it; an error of its own is a line, and its exit code."""
    if "--update-baseline" in words and "--baseline" not in words:
        emit(f"{spec.name}: no baseline in its table, so none is written\n", err=True)
        words.remove("--update-baseline")
    if not quiet:
        own = f" (settings of {spec.place})" if spec.settings or spec.budgets else ""
        line = f"{spec.name}: slim {command.name} {shlex.join(words)}{own}"
        emit(f"{printable(line)}\n", err=True)
    try:
        return _run(command, ctx, spec, project, words)
    except SlimError as error:
        click.echo(f"slim: {spec.name}: {error}", err=True)
        return error.exit_code


def _run(
    command: FramedCommand,
    ctx: click.Context,
    spec: ArtifactSpec,
    project: _Project,
    words: list[str],
) -> int:
    if command.name == "build" and not (ctx.params.get("dry_run") or ctx.params.get("estimate")):
        Path(project.path(spec.output)).parent.mkdir(parents=True, exist_ok=True)
    ctx.meta[ARTIFACT] = spec.name
    try:
        with command.make_context(str(command.name), words, parent=ctx.parent) as child:
            done = command.invoke(child)
    finally:
        del ctx.meta[ARTIFACT]
    return done if isinstance(done, int) else EXIT_OK


def _build(spec: ArtifactSpec, project: _Project) -> list[str]:
    words = [*_trees(spec, project), "--output", project.path(spec.output)]
    words += [*_around(spec, project), *_kind(spec, project)]
    words += _each("--jlink", spec.words.get("jlink", ()))
    for format_name, file in spec.reports.items():
        words += [f"--{format_name}", project.path(file)]
    return words


def _inspect(spec: ArtifactSpec, project: _Project) -> list[str]:
    _check_built(spec, project)
    return [*_trees(spec, project), *_around(spec, project), *_kind(spec, project)]


def _explain(spec: ArtifactSpec, project: _Project) -> list[str]:
    _check_built(spec, project)
    first, *others = _trees(spec, project)
    return [first, *_each("--over", others), *_around(spec, project)]


def _check_built(spec: ArtifactSpec, project: _Project) -> None:
    """Raise UsageError where an artifact that goes with this one has no zip yet."""
    for name in needs(spec):
        if name in project.specs and not Path(project.zip_of(name)).is_file():
            raise UsageError(
                f"{spec.name} goes with {name}, which is not built yet; slim build {name} builds it"
            )


def _trees(spec: ArtifactSpec, project: _Project) -> list[str]:
    paths = [project.path(tree) for tree in spec.words["tree"]]
    return [f".{os.sep}{path}" if path in project.specs else path for path in paths]


def _around(spec: ArtifactSpec, project: _Project) -> list[str]:
    """Return the options that name what goes with the trees of an artifact."""
    words = []
    for key in ("with", "base", "function"):
        words += _each(f"--{key}", map(project.zip_of, spec.words.get(key, ())))
    for key in ("requirements", "npm"):
        words += [f"--{key}", project.path(spec.one(key))] if spec.one(key) else []
    return words


def _check(spec: ArtifactSpec, project: _Project) -> list[str]:
    layers, function = _deployed(spec, project)
    words = [*layers, *_each("--function", [function] if function else [])]
    for key in ("max-unzipped", "baseline", "max-growth"):
        value = spec.one(key)
        words += [f"--{key}", project.path(value) if key == "baseline" else value] if value else []
    return words


def _verify(spec: ArtifactSpec, project: _Project) -> list[str]:
    layers, function = _deployed(spec, project)
    words = [*layers, *_each("--function", [function] if function else [])]
    words += [] if function or spec.one("kind") != "layer" else ["--as-layer"]
    target = project.settings(spec).target
    words += ["--target", target] if target != "lambda" else []
    for row, values in spec.verify or ():
        option = row.flag if row is not None else "--event"
        given = [_path_or_json(v, project) if is_path(row) else v for v in values]
        words += [option] if values == ("",) else _each(option, given)
    return words


def _path_or_json(word: str, project: _Project) -> str:
    """Return what names an event or an answer: JSON as it is, a path from the file's folder."""
    return word if word == "-" or word.lstrip()[:1] in ("{", "[", '"') else project.path(word)


def _deployed(spec: ArtifactSpec, project: _Project) -> tuple[list[str], str]:
    """Return the layers that an artifact is deployed with, itself among them, and the function."""
    layers: list[str] = []
    function = project.zip_of(spec.one("function")) if spec.one("function") else ""
    others = [*spec.words.get("base", ()), *spec.words.get("with", ())]
    for word in (*others, spec.name):
        if word in project.specs and _is_function(project.specs[word], project):
            function = project.zip_of(word)
        else:
            layers.append(project.zip_of(word))
    return layers, function


def _is_function(spec: ArtifactSpec, project: _Project) -> bool:
    """Return whether an artifact is a function: as it says, or as a handler of it tells."""
    if spec.one("kind"):
        return spec.one("kind") == "function"
    rows = [row.flag for row, _ in spec.verify or () if row is not None]
    return "--handler" in rows and not project.settings(spec).prefix


def _kind(spec: ArtifactSpec, project: _Project) -> list[str]:
    """Return the option that says what an artifact is, where its table tells."""
    if _is_function(spec, project):
        return ["--as-function"]
    return ["--as-layer"] if spec.one("kind") else []


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
