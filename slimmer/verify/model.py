"""The nouns of a proof, all immutable: events, answers, and what came of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from slimmer.inputs.extent import Extent

NONE = "none"  # the sandbox that is none
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100  # of an answer, as Lambda's own message has it
MAX_STREAM_BYTES = 200 * 1024 * 1024  # of a streamed one, "Response streaming"


class NotStartable(Exception):  # noqa: N818 - it reads as what it says
    """The function cannot be started; the message says why."""


class ArtifactRef(NamedTuple):
    """A zip or a folder that is to be unpacked; a folder's content goes below ``prefix``."""

    path: str
    prefix: str = ""
    #: Gives the bytes of an image whose path names no file. Raises InputError.
    read: Callable[[], Extent] | None = None


class Bounds(NamedTuple):
    """The most that may be unpacked: whole bytes that must not be reached, and members."""

    below_bytes: int
    members: int


@dataclass(frozen=True)
class RunSpec:
    """What is to be unpacked and how it is to be run.

    ``layers`` go to /opt in order, ``function`` to /var/task; together they stay within
    ``bounds``. ``sandbox`` is the one that must be used, or None for the best there is.
    ``image`` is that of a container. ``root`` is a container image in a file or folder, which is
    the function with all around it; then there are no layers. ``headers`` come with each event, as
    of the client context. ``interpreter`` is the program of a managed runtime, and ``client`` the
    folder of what speaks to the Runtime API; empty for what is found.
    """

    layers: tuple[ArtifactRef, ...]
    function: ArtifactRef | None
    bounds: Bounds
    runtime: str
    handler: str
    memory_bytes: int
    env: Mapping[str, str]
    sandbox: str | None
    image: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    interpreter: str = ""
    client: str = ""
    root: ArtifactRef | None = None


class Event(NamedTuple):
    """One event: the name of its file, and the JSON that the function is given."""

    name: str
    body: bytes


class Answer(NamedTuple):
    """What a function posted for an event: a response, or an error in Lambda's form."""

    kind: Literal["response", "error"]
    #: Its bytes, of a longer one the first :data:`MAX_PAYLOAD_BYTES`.
    body: bytes
    content_type: str = ""
    is_streamed: bool = False
    #: The error that ended a stream, in Lambda's form.
    error_after: bytes = b""
    #: The size of all that was posted, where ``body`` is not all of it.
    size_bytes: int = 0
    #: The digest of all that was posted, in hexadecimal digits.
    sha256: str = ""


class Failure(NamedTuple):
    """Why a run ended otherwise than with every event answered: a stable code, and a line."""

    code: str
    message: str


class Invocation(NamedTuple):
    """One event and what came of it; ``seconds`` are from its handing out to its answer."""

    event: str
    answer: Answer | None = None
    seconds: float | None = None


class Limits(NamedTuple):
    """What a run may take: seconds for each event and for the start, memory in whole bytes."""

    timeout_s: float
    init_s: float
    memory_bytes: int


class MostInit(NamedTuple):
    """What the CPU of init may be, as medians of starts; None for any."""

    cpu_s: float | None = None
    #: To the original's.
    ratio: float | None = None


ANY: Final = MostInit()


@dataclass(frozen=True)
class Job:
    """What a proof starts from: what is run, the events, and what the answers should be.

    ``expected`` holds the JSON for each event, or nothing. ``original`` is what is run for
    comparison, or None.
    """

    spec: RunSpec
    events: tuple[Event, ...]
    limits: Limits
    expected: tuple[bytes, ...] = ()
    #: Whether answers hold no keys but those that are expected.
    is_exact: bool = False
    original: RunSpec | None = None
    #: The places of the answers that are not compared with the original's.
    ignored: tuple[str, ...] = ()
    #: How many fresh starts are measured after the run; each is given the first event.
    starts: int = 0
    #: What the init of these starts may take.
    most: MostInit = ANY


@dataclass(frozen=True)
class Run:
    """What came of running an artifact once.

    ``init_s`` is from the start to the first request for an event, ``first_s`` to the first
    answer. ``peak_bytes`` is the most memory that all its processes had together, and
    ``processes`` the most there were. ``return_s`` is from the last answer until no process
    was left. ``output`` is the end of what it wrote.
    """

    invocations: tuple[Invocation, ...]
    failure: Failure | None = None
    init_s: float | None = None
    first_s: float | None = None
    return_s: float | None = None
    peak_bytes: int = 0
    processes: int = 0
    #: The CPU seconds of all processes up to the first request, and up to the first answer.
    init_cpu_s: float | None = None
    first_cpu_s: float | None = None
    output: str = ""
    #: What is doubtful, though Lambda would live with it.
    warnings: tuple[str, ...] = ()


class AnswerCheck(NamedTuple):
    """What is wrong with the answer to one event; empty where nothing is.

    ``unstable`` are the places that differ between two runs of the original as well;
    ``warning`` is what is doubtful, though not wrong.
    """

    wrong: str = ""
    unstable: tuple[str, ...] = ()
    warning: str = ""


class Spread(NamedTuple):
    """The median of values, with the quarters below and above it."""

    median: float
    low: float
    high: float


class Figure(NamedTuple):
    """What starts took of one thing: by the artifact, by the original, and the ratio of pairs."""

    name: str
    artifact: Spread
    original: Spread | None
    ratio: Spread | None


@dataclass(frozen=True)
class Starts:
    """The figures of so many fresh starts."""

    count: int
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        """Return the figure of a name, where it could be measured."""
        return next((figure for figure in self.figures if figure.name == name), None)


class Emulated(NamedTuple):
    """What came of an image's entry point without the Runtime API, under an emulator in it."""

    #: The emulator, as the entry script names it.
    program: str
    run: Run
    checks: tuple[AnswerCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every event was answered as it should be."""
        return self.run.failure is None and not any(check.wrong for check in self.checks)


@dataclass(frozen=True)
class Proof:
    """A run, the run that it is compared with, and the judgement on each event."""

    run: Run
    checks: tuple[AnswerCheck, ...]
    sandbox: str
    hidden: tuple[str, ...]
    memory_bytes: int
    warnings: tuple[str, ...] = ()
    original: Run | None = None
    #: The places of the answers that were not compared with the original's, as was asked.
    ignored: tuple[str, ...] = ()
    #: The figures of fresh starts, where they were asked for.
    starts: Starts | None = None
    #: The other way of an image's entry script, where it has one.
    emulated: Emulated | None = None

    @property
    def passed(self) -> bool:
        """Whether every event was answered as it should be, and the run ended in order."""
        whole = self.run.failure is None and all(
            invocation.answer for invocation in self.run.invocations
        )
        both = self.emulated is None or self.emulated.passed
        return whole and both and not any(check.wrong for check in self.checks)
