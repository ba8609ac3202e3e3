"""The frame of every command: its options, the check of its paths, and what it is called with.

A command names the rows and groups of the table of options that it takes. What belongs together
reaches it as one value: the settings, the question's paths, the outputs, how a function is run.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from slimmer.cli.options import IS_FOLDER, OUT, FileOrFolderType, PathType, click_option
from slimmer.cli.outputs import STDOUT, Outputs
from slimmer.cli.paths import NamedPath, check_paths, real_path
from slimmer.cli.terminal import output_style, terminal_width
from slimmer.config.option import LOOK, QUESTION, RUN, Option
from slimmer.config.options import BY_FLAG, options_of
from slimmer.config.path_values import Inline, Role
from slimmer.config.values import Text
from slimmer.errors import UsageError
from slimmer.model.forms import FOLDER, FOLDERS, IMAGE, LAYOUT, ZIP, engine_image, form_of
from slimmer.report.fit import WIDTH
from slimmer.report.formats import Formats

if TYPE_CHECKING:
    from slimmer.config.settings import Settings
    from slimmer.decide.question import Question
    from slimmer.inputs.base import Source

Parameters = dict[str, Any]
_POSIX_ONLY = {"build", "shrink", "verify"}  # modes, links and isolation of POSIX
ARTIFACT, WORDS = "slimmer.artifact", "slimmer.words"  # keys of what contexts share

_ENDS = {ZIP: ".zip", IMAGE: ".tar", LAYOUT: "", FOLDER: ""}
_ARCHIVE_ENDS = (".zip", ".jar", ".war", ".tar", ".tar.gz", ".tgz", ".tar.zst")


class Asked(NamedTuple):
    """What the command line and the project's file say of the question about a tree."""

    settings: Settings
    siblings: tuple[Path, ...]
    base_layers: tuple[Path, ...]
    function: Path | None
    #: The fields of the settings that the command line speaks of.
    spoken: frozenset[str]

    @property
    def beside(self) -> tuple[Path, ...]:
        """The zips beside the tree's own, the function among them."""
        return (*self.siblings, self.function) if self.function else self.siblings

    def of(self, source: Source, form: str = ZIP, base_count: int = 0) -> Question:
        """Return the question about a tree that comes out in a form, above so many layers.

        Raises UsageError and InputError.
        """
        from slimmer.decide.question import Output, ask

        output = Output(form, base_count)
        return ask(source, self.settings, self.beside, self.base_layers, output)


class FramedCommand(click.Command):
    """A command whose paths are checked before it is called."""

    #: What is written where nobody names an output; empty: a zip that is called as the tree.
    output = ""
    #: The argument that may name artifacts of the project's file, or nothing; empty for none.
    named_by = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the words, for the artifacts of a project; parse them. Raises UsageError."""
        ctx.meta[WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Check that no output is an input, and call the command. Raises UsageError."""
        if ctx.info_name in _POSIX_ONLY and not hasattr(os, "fork"):
            raise UsageError(
                f"slim {ctx.info_name} needs Linux or macOS, and this system is neither; run it "
                "under WSL (check, inspect and diff work here)"
            )
        _name_form(ctx)
        if self.named_by and ARTIFACT not in ctx.meta:
            from slimmer.cli.project import run_artifacts

            check_paths(list(named_paths(ctx)))  # before a file is read that may be an output
            code = run_artifacts(self, ctx)
            if code is not None:
                return code
        for param in self.params:
            if param.required and not ctx.params.get(param.name or ""):
                raise click.MissingParameter(ctx=ctx, param=param)
        if "output" in ctx.params and ctx.params["output"] is None:
            tree = ctx.params["tree"] if "tree" in ctx.params else ctx.params["trees"][:1]
            tree = tree if isinstance(tree, Path) else next(iter(tree), Path())
            form = ctx.params.get("form", ZIP)
            ctx.params["output"] = default_output(tree, self.output, form)
        check_paths(list(named_paths(ctx)))
        return super().invoke(ctx)


def command(
    *names: str, formats: Formats | None = None, output: str = "", named_by: str = ""
) -> Callable[[Callable[..., int]], FramedCommand]:
    """Make a command of a function that takes the named rows and groups of the table of options.

    Beside its own parameters the function gets ``asked`` (with the group QUESTION), or else
    ``settings`` (with ``--config``), ``run_options`` (with RUN), ``style`` (with LOOK) and
    ``outputs`` (with formats). ``output`` is what is written where nobody names one, ``named_by``
    the argument that may name artifacts of the project's file instead of paths.
    """
    rows = options_of(*names)

    def decorated(function: Callable[..., int]) -> FramedCommand:
        @functools.wraps(function)
        def collected(**params: Any) -> int:
            WIDTH.set(terminal_width(to_stderr="-" in map(str, params.values())))
            return function(**_collected(params, names, rows, formats))

        for option in reversed([*map(click_option, rows), *_format_options(formats or {})]):
            collected = option(collected)
        made = click.command(cls=FramedCommand)(collected)
        made.output, made.named_by = output, named_by
        return made

    return decorated


def named_paths(ctx: click.Context) -> Iterator[NamedPath]:
    """Yield every path that a command was given, the project's settings file among them."""
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param.type, PathType):
            for name, path in _named(param, value):
                if isinstance(path, Inline) or _is_image(param.type, path):
                    continue
                role = _role(param.type, ctx.params)
                if path == STDOUT and role is Role.OUT and not _may_be_stdout(param.type):
                    raise UsageError(f"{name} -: only reports go to standard output; name a file")
                if path != STDOUT or role is Role.IN:
                    is_folder = name == "--output" and ctx.params.get("form") in FOLDERS
                    yield NamedPath(name, path, role, is_folder)
        elif isinstance(value, str) and "/" in value and names_program(param):
            yield NamedPath(param.opts[-1], Path(value), Role.IN)
    yield from _layers(ctx)
    if "config" in ctx.params and ctx.params["config"] is None:
        from slimmer.config.project_file import find_file

        file = find_file(Path())
        if file is not None:
            yield NamedPath(str(file), file, Role.IN)


def _layers(ctx: click.Context) -> Iterator[NamedPath]:
    """Yield the files that an output is parted into."""
    output, count = ctx.params.get("output"), ctx.params.get("split", 1)
    if output and count > 1:
        from slimmer.cli.split import layer_files

        for name, file in layer_files(output, count).items():
            yield NamedPath(name, file, Role.OUT)


def _is_image(kind: PathType, path: Path) -> bool:
    """Return whether an output is an image that an engine is to load."""
    return isinstance(kind, FileOrFolderType) and engine_image(str(path)) is not None


def _may_be_stdout(kind: PathType) -> bool:
    return kind is OUT or isinstance(kind, FileOrFolderType)


def _name_form(ctx: click.Context) -> None:
    """Have a command know in which form it writes, where only the output's name says so."""
    params = ctx.params
    if "output" in params and "form" in params and not params["form"]:
        output, is_folder = params.get("output"), ctx.meta.get(IS_FOLDER, False)
        is_image = bool(output) and (output == STDOUT or engine_image(str(output)))
        named = form_of(output.name, is_folder=is_folder) if output else ZIP
        params["form"] = IMAGE if is_image else named


def default_output(tree: Path, name: str = "", form: str = ZIP) -> Path:
    """Return what is written for a tree where nobody names it: by default a zip of its name.

    It lies in the working folder or, where that lies in the tree, beside the tree.
    """
    image = engine_image(str(tree))
    if tree == STDOUT or image:
        name = name or f"{_base_name(image.name) if image else 'image'}-slim{_ENDS[form]}"
        return Path(name)
    root, here = real_path(tree), Path.cwd()
    stem = _stem(root.name if tree.name in ("", "..") else tree.name, root)
    name = name or (f"{stem}.zip" if form == ZIP else f"{stem}-slim{_ENDS[form]}")
    name = "artifact.zip" if name == ".zip" else name
    is_inside = here.is_relative_to(root) and root.is_dir()
    return Path(os.path.relpath(root.parent, here), name) if is_inside else Path(name)


def _base_name(name: str) -> str:
    """Return the last part of an image's name, without its tag."""
    return name.rpartition("/")[2].partition(":")[0].partition("@")[0]


def _stem(name: str, root: Path) -> str:
    """Return a tree's name without what says that it is an archive; a zip's is told from it."""
    end = next((end for end in _ARCHIVE_ENDS if name.endswith(end)), "")
    if not end or not root.is_file():
        return name
    return name.removesuffix(end) + ("-slim" if end == ".zip" else "")


def _named(param: click.Parameter, value: Any) -> Iterator[tuple[str, Path | Inline]]:
    """Yield each path of a parameter, with what a message calls it."""
    name = param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name
    if isinstance(value, tuple):
        plain = name.strip("[].").partition("|")[0]
        many = len(value) > 1 and not isinstance(param, click.Option)
        for number, path in enumerate(value, start=1):
            yield (f"{plain} {number}" if many else plain), path
    elif value is not None:
        yield name, value


def _role(kind: PathType, params: Parameters) -> Role:
    """Return what a command does with a path; one that is read and written is an output."""
    return Role.OUT if kind.written_with and params.get(kind.written_with) else kind.role


def names_program(param: click.Parameter) -> bool:
    """Return whether an option names a program, by a path or as PATH finds it."""
    row = BY_FLAG.get(param.opts[-1]) if isinstance(param, click.Option) else None
    return row is not None and isinstance(row.value, Text) and row.value.program


def _format_options(formats: Formats) -> list[Callable[..., Any]]:
    return [
        click.option(f"--{name}", f"{name}_file", type=OUT, metavar="FILE", help=row.help)
        for name, row in formats.items()
    ]


def _collected(
    params: Parameters, names: tuple[str, ...], rows: tuple[Option, ...], formats: Formats | None
) -> Parameters:
    """Return what a command is called with: single values, and those that belong together."""
    if formats is not None:
        files = {f"--{name}": params.pop(f"{name}_file") for name in formats}
        params["outputs"] = Outputs.of(formats, files, params.get("output"))
    if LOOK in names:
        to_stderr = formats is not None and bool(params["outputs"].stdout)
        params["style"] = output_style(
            quiet=params.pop("quiet"), verbose=params.pop("verbose"), to_stderr=to_stderr
        )
    if "config" in params:
        _collect_settings(params, names, rows)
    if RUN in names:
        from slimmer.cli.run_options import RunOptions

        params["run_options"] = RunOptions(
            **{row.param: params.pop(row.param) for row in options_of(RUN)}
        )
    return params


def _collect_settings(params: Parameters, names: tuple[str, ...], rows: tuple[Option, ...]) -> None:
    from slimmer.config.settings import find_settings

    spoken = {row.param: params.pop(row.param) for row in rows if row.key}
    given = {field: value for field, value in spoken.items() if value is not None}
    artifact = click.get_current_context().meta.get(ARTIFACT, "")
    settings = find_settings(Path(), params.pop("config"), given, artifact)
    if QUESTION not in names:
        params["settings"] = settings
        return
    params["asked"] = Asked(
        settings=settings,
        siblings=params.pop("siblings"),
        base_layers=params.pop("base_layers"),
        function=params.pop("function"),
        spoken=frozenset(given),
    )
