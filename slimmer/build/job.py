"""What a build starts from: the question about a tree, and what its zip should be."""

from __future__ import annotations

from dataclasses import dataclass

from slimmer.cache.cache import NO_CACHE, Cache
from slimmer.config.settings import Settings
from slimmer.decide.question import Question
from slimmer.ecosystems.python import COMPILE
from slimmer.ecosystems.python.bytecode import Compiler, abi_tags
from slimmer.ecosystems.python.compiler import Interpreter
from slimmer.errors import UsageError
from slimmer.model.forms import ZIP
from slimmer.model.warm import COLD, Warm
from slimmer.secrets.kinds import NO_SECRETS, SecretRules
from slimmer.targets import Target, without_zip_limits
from slimmer.text import printable


@dataclass(frozen=True)
class Job:
    """A question, and what a build needs beside it."""

    question: Question
    #: The zip's name, without folder.
    name: str = "artifact.zip"
    #: Compiles bytecode where the settings ask for it.
    compiler: Compiler | None = None
    #: What ``slim warm`` made, and the build ships.
    warm: Warm = COLD
    #: Whether what is not in the zip is compressed too, for the report.
    measure_dropped: bool = False
    #: Whether the packages and licences of what ships are read, for the report.
    with_packages: bool = False
    #: What must never ship.
    secret_rules: SecretRules = NO_SECRETS
    #: Into how many layers the zip is parted at most; 1: it stays one zip.
    layers: int = 1
    #: The codes of the findings that fail; None: those that fail by default.
    fail_on: frozenset[str] | None = None
    #: The form in which the artifact comes out.
    form: str = ZIP
    #: What an image is called.
    tags: tuple[str, ...] = ()
    #: What former builds found.
    cache: Cache = NO_CACHE
    #: Whether only the size of the zip is estimated, and none is made.
    estimates: bool = False

    @property
    def target(self) -> Target:
        """What the artifact is deployed on. Raises UsageError without a target."""
        target = self.question.deployment.target
        if target is None:
            raise UsageError("a build needs a target; name one with --target")
        return target if self.form == ZIP else without_zip_limits(target)


def check_python(settings: Settings, *, named: bool) -> None:
    """Raise UsageError where an interpreter is named on the command line and not used."""
    if named and settings.pyc != COMPILE:
        raise UsageError(f"--python is only used with --pyc {COMPILE}; add that")


def compiler_for(question: Question) -> Compiler | None:
    """Return the interpreter that compiles bytecode; None where none is to be compiled.

    One that is not named is ``python3.X`` on PATH, as the target or the tree's extension modules
    say. Raises UsageError where none is known, or where the target or these modules are for
    another version.
    """
    settings = question.settings
    if settings.pyc != COMPILE:
        return None
    tags = abi_tags(question.source.tree)
    wanted = " or ".join(sorted(f"python3.{tag.removeprefix('cpython-3')}" for tag in tags))
    language = question.deployment.target.language if question.deployment.target else None
    version = language.version if language and language.name == "python" else ""
    command = settings.python or (f"python{version}" if version else wanted)
    if not command or " or " in command:
        raise UsageError(
            f"--pyc {COMPILE} needs an interpreter of the target's version; "
            f"name it with --python {wanted or 'EXE'}, or name a --target of Python"
        )
    interpreter = Interpreter(command)
    if version and interpreter.tag != _tag(version):
        raise UsageError(
            f"--python {printable(command)}: it is {interpreter.title}, and the target has Python "
            f"{version}; name python{version}"
        )
    if tags and interpreter.tag not in tags:
        raise UsageError(
            f"--python {printable(command)}: it is {interpreter.title}, and the tree's "
            f"extension modules are for {wanted}; name that one"
        )
    return interpreter


def _tag(version: str) -> str:
    """Return the tag of CPython's version, such as cpython-312."""
    return f"cpython-{version.replace('.', '')}"
