"""How a function is run, as the options say it, for ``slim verify`` and ``slim build --verify``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from slimmer.cli.images import check_alone, image_or_artifact
from slimmer.config.path_values import Inline
from slimmer.errors import InputError, UsageError, reason_of
from slimmer.formats.zip.reader import MAX_MEMBERS
from slimmer.inputs.looks import may_be_image
from slimmer.model.forms import ENGINES, DeployedAs
from slimmer.targets import find_target
from slimmer.text import printable
from slimmer.verify.model import (
    ANY,
    MAX_PAYLOAD_BYTES,
    NONE,
    ArtifactRef,
    Bounds,
    Event,
    Job,
    Limits,
    MostInit,
    Proof,
    RunSpec,
)

if TYPE_CHECKING:
    from slimmer.cli.frame import Asked
    from slimmer.cli.role import Role
    from slimmer.decide.question import Question
    from slimmer.inputs.base import Source
    from slimmer.verify.proof import Tell

ORIGINAL_BELOW_BYTES = 4_000_000_000  # Lambda need not take it, yet a bomb is no original
STARTS = 5  # are measured for a budget where nobody says how many
INIT_S = 10.0  # Lambda's own limit of the init phase, "Understanding the execution environment"


class RunOptions(NamedTuple):
    """The options that say how a function is run, as they were given."""

    expected: tuple[Path | Inline, ...]
    expect_exact: bool
    ignored: tuple[str, ...]
    against: Path | None
    runtime: str
    handler: str
    interpreter: Path | None
    client: Path | None
    timeout_s: float
    memory_mib: int
    env: tuple[str, ...]
    sandbox: str | None
    image: str
    client_context: Path | None
    cognito_identity: Path | None

    def job(
        self,
        events: Sequence[Path | Inline],
        layers: Sequence[Path],
        function: Path | None,
        *,
        target: str = "lambda",
        prefix: str = "",
        of_function: bool = False,
        starts: int = 0,
        most: MostInit = ANY,
        image: Path | None = None,
    ) -> Job:
        """Return the job that the options describe.

        What is unpacked is held to the limits of ``target``, whose runtime is meant without
        ``--runtime``, where it can be started here. ``image`` is what is run where there is a
        container image instead of layers and a function. ``--against`` is the original
        of the last layer, or of the function where ``of_function`` says so; a folder's
        content goes below ``prefix``. ``starts`` is how many fresh starts are measured, and
        ``most`` what their init may take. Raises UsageError for options
        that do not go together, InputError for a file that is no JSON or more than Lambda takes.
        """
        from slimmer.verify.runtimes.table import can_start

        self._check(events)
        if image:
            self._check_image()
        limits = find_target(target)
        memory_bytes = self.memory_mib * 2**20
        spec = RunSpec(
            layers=tuple(ArtifactRef(str(path)) for path in layers),
            function=ArtifactRef(str(function)) if function else None,
            bounds=Bounds(limits.unzipped_below_bytes, limits.members),
            runtime=self.runtime or (target if can_start(target) and not image else ""),
            handler=self.handler,
            memory_bytes=memory_bytes,
            env=dict(_variable(text) for text in self.env),
            sandbox=self.sandbox,
            image=self.image,
            headers=self._headers(),
            interpreter=str(self.interpreter or ""),
            client=str(self.client or ""),
            root=image_or_artifact(image) if image else None,
        )
        against = image_or_artifact(self.against, prefix) if self.against else None
        return Job(
            spec=spec,
            events=tuple(_event(number, given) for number, given in enumerate(events, start=1)),
            limits=Limits(self.timeout_s, max(self.timeout_s, INIT_S), memory_bytes),
            expected=tuple(_json(given, "--expect") for given in self.expected),
            is_exact=self.expect_exact,
            ignored=self.ignored,
            original=_original(spec, against, of_function=of_function) if against else None,
            starts=starts or (STARTS if any(most) else 0),
            most=most,
        )

    def check_startable(
        self, events: Sequence[Path | Inline], target: str, *, of_image: bool = False
    ) -> None:
        """Raise as ``job`` does, and for a runtime that cannot be had here.

        That is known before there is anything to run. ``of_image`` says that it is an image.
        """
        if events:
            from slimmer.verify.workspace import check_startable

            image = Path() if of_image else None
            check_startable(self.job(events, (), None, target=target, image=image).spec)

    def function_mark(self, source: Source, target: str, prefix: str = "") -> str:
        """Return the file that makes an artifact the function; empty where it is taken as a layer.

        Raises InputError for what cannot be read.
        """
        from slimmer.decide.role import function_mark
        from slimmer.verify.runtimes.table import can_start

        managed = can_start(self.runtime or target)
        return function_mark(source, self.handler, prefix, managed=managed)

    def _check(self, events: Sequence[Path | Inline]) -> None:
        if [one.name for one in (*events, *self.expected)].count("-") > 1:
            raise UsageError("-: standard input is read once; name a file for the others")
        for place in self.ignored:
            if not place.startswith((".", "[")):
                raise UsageError(f"--ignore {place!r}: write it as a failure does: .body.time")
        if self.expect_exact and not self.expected:
            raise UsageError("--expect-exact needs --expect; say what the answers should be")
        if self.expected and self.against:
            raise UsageError(
                "--expect and --against both say what the answers should be; remove one"
            )
        if self.expected and len(self.expected) != len(events):
            given = f"{len(events)} events and {len(self.expected)} answers"
            raise UsageError(f"{given}; give one --expect for each event")
        if self.image and self.sandbox not in ENGINES:
            raise UsageError(f"--image needs --sandbox {' or '.join(ENGINES)}; name one")

    def _check_image(self) -> None:
        """Raise UsageError for what an image decides itself."""
        given = {
            "--runtime": self.runtime,
            "--interpreter": self.interpreter,
            "--client": self.client,
        }
        for option, value in given.items():
            if value:
                raise UsageError(f"{option}: an image starts by its own entry point; leave it out")
        if self.sandbox in (NONE, *ENGINES):
            raise UsageError(
                f"--sandbox {self.sandbox}: an image is its own root, in a sandbox of slim's; "
                "leave it out"
            )

    def _headers(self) -> dict[str, str]:
        """Return the headers that come with each event, "Using the Lambda runtime API"."""
        files = {"client-context": self.client_context, "cognito-identity": self.cognito_identity}
        return {
            f"Lambda-Runtime-{name.title()}": json.dumps(json.loads(_json(path, f"--{name}")))
            for name, path in files.items()
            if path
        }


def taken_as_function(name: str, mark: str) -> str:
    """Return the line that says what an artifact is taken for, and how to say otherwise."""
    at = f"it has {printable(mark)} at its root"
    return f"note: {printable(name)} runs as the function, as {at}; a layer: --as-layer\n"


class PostBuildVerify(NamedTuple):
    """How what was just built is run: above these layers, with this function or as it, or alone."""

    run_options: RunOptions
    events: tuple[Path | Inline, ...]
    below: tuple[Path, ...]
    function: Path | None
    #: What the tree is deployed as; None where nobody says, and it runs as a layer.
    deployed_as: DeployedAs | None
    target: str
    prefix: str
    #: The file for which the tree is taken as the function, though nobody says so.
    mark: str = ""
    #: Whether it is an image, which is the function with all around it.
    is_image: bool = False

    @classmethod
    def of(
        cls,
        asked: Asked,
        run_options: RunOptions,
        events: tuple[Path | Inline, ...],
        question: Question,
        role: Role,
    ) -> PostBuildVerify:
        """Return how the zip of what was asked runs, beside and above the zips named there.

        Raises UsageError for roles that do not go together.
        """
        deployed_as, mark = role.deployed_as(asked.function), ""
        if question.as_image and events:
            check_alone(asked, role)
        if deployed_as is None and not question.as_image:
            settings = question.settings
            mark = run_options.function_mark(question.source, settings.target, settings.prefix)
            deployed_as = DeployedAs.FUNCTION if mark else None
        return cls(
            run_options=run_options,
            events=events,
            below=(*asked.base_layers, *asked.siblings),
            function=asked.function,
            deployed_as=deployed_as,
            target=asked.settings.target,
            prefix=asked.settings.prefix,
            mark=mark,
            is_image=question.as_image,
        )

    def check(self) -> None:
        """Raise UsageError or InputError for what would go wrong after the zip is built."""
        if self.events:
            self.job(Path())

    def job(self, built: Path) -> Job:
        """Return the job that runs the artifact. Raises as ``RunOptions.job`` does."""
        if self.is_image:
            return self.run_options.job(self.events, (), None, target=self.target, image=built)
        is_function = self.deployed_as is DeployedAs.FUNCTION
        layers = self.below if is_function else (*self.below, built)
        function = built if is_function else self.function
        return self.run_options.job(
            self.events,
            layers,
            function,
            target=self.target,
            prefix=self.prefix,
            of_function=is_function,
        )

    def prove(self, built: Path, tell: Tell) -> Proof:
        """Run the zip or image, and judge its answers; say before what is not kept from it.

        Raises as ``job`` does.
        """
        from slimmer.verify.proof import prove

        if self.mark:
            tell(taken_as_function("the tree", self.mark))
        return prove(self.job(built), tell)


def _original(spec: RunSpec, against: ArtifactRef, *, of_function: bool) -> RunSpec:
    bounds = Bounds(ORIGINAL_BELOW_BYTES, MAX_MEMBERS)
    if may_be_image(Path(against.path)):
        return replace(spec, root=against, layers=(), function=None, sandbox=_apart(spec.sandbox))
    if of_function or spec.root:
        spec = replace(spec, root=None)
        return replace(spec, function=against, bounds=bounds)
    return replace(spec, layers=(*spec.layers[:-1], against), bounds=bounds)


def _apart(sandbox: str | None) -> str | None:
    """Return a sandbox that an image can run in."""
    return None if sandbox in (NONE, *ENGINES) else sandbox


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"--env {text!r}: write it as NAME=VALUE")
    return name, value


def _event(number: int, given: Path | Inline) -> Event:
    """Return an event; one without a file is called by its place on the command line."""
    name = f"event {number}" if isinstance(given, Inline) else given.name
    return Event(name, _json(given, "--event"))


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not a value", name, 0)


def _json(given: Path | Inline, option: str) -> bytes:
    """Return the bytes of a file, or what stands in its place; they are JSON."""
    name = f"{option} {given.name}".rstrip() if isinstance(given, Inline) else str(given)
    name = printable(name)
    try:
        data = given.text if isinstance(given, Inline) else _start(given)
        if len(data) > MAX_PAYLOAD_BYTES:
            raise InputError(f"{name}: larger than the 6 MiB that Lambda takes; make it smaller")
        # NaN and the like are Python's own; a number of any length is JSON
        json.loads(data.decode(), parse_constant=_no_constant, parse_int=str)
    except OSError as error:
        reason = reason_of(error)
        raise InputError(f"{name}: cannot be read ({reason}); name another {option}") from None
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "") or "it is not UTF-8, or nested too deep"
        at = getattr(error, "lineno", 1)
        raise InputError(f"{name}:{at}: not JSON ({reason}); fix it, or name another") from None
    return data


def _start(path: Path) -> bytes:
    """Return as much of a file as shows whether Lambda takes it."""
    with path.open("rb") as file:
        return file.read(MAX_PAYLOAD_BYTES + 1)
