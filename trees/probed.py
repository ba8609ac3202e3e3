"""The project's own trees, each with a function of many uses: an event says which is asked for.

``probes/`` holds the functions. A name that begins with ``use_`` is a use that a shrink is given,
``bad_`` a wrong use of the same, ``new_`` a feature that no event of the shrink asks for.
"""

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from slimmer.ecosystems.stubs import LIST, asked_for
from trees import HERE, jvm, node, proofs, wheels
from trees.mix import make_release
from trees.otp import otp_layer

PROBES = HERE / "probes"
FILE = "slim.shrink.toml:"
#: What may become of a feature: as before, an error with the row, one without, another answer.
WORKS, NAMED, FAILS, SILENT = "works", "fails and names the row", "fails", "SILENTLY WRONG"
TOLD = "answers otherwise and the log names the row"
_VARIES = re.compile(r"(?:0x)?[0-9a-f]*[0-9][0-9a-f]*")
_NAME = re.compile(r"\b(?:use|bad|new)_[a-z]+\b")


class Answer(NamedTuple):
    """What one event was answered: ``answer``, ``error``, or nothing; and its text."""

    kind: str
    text: str
    #: All of an error, with what differs by itself.
    whole: str = ""

    def is_like(self, other: "Answer") -> bool:
        """Return whether two answers say the same."""
        return (self.kind, self.text) == (other.kind, other.text)


@dataclass(frozen=True)
class Probed:
    """A tree with its function, in a folder of its own."""

    folder: Path
    tree: Path
    source: Path
    target: str = "lambda"
    runs_as: tuple[str, ...] = ()
    is_function: bool = False
    env: Mapping[str, str] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        """Return the names of one kind, in the order of the source."""
        found = dict.fromkeys(_NAME.findall(self.source.read_text("utf-8")))
        return [name for name in found if name.startswith(f"{kind}_")]

    def shrink(
        self, uses: Sequence[str], *options: str, program: Sequence[str] = ()
    ) -> proofs.Done:
        """Write slim.shrink.toml from these events; ``program`` takes slim's arguments instead."""
        own = ("--target", self.target, *self.runs_as)
        own += ("--as-function",) if self.is_function else ()
        args = ("shrink", str(self.tree), *own, *self._events(uses), *options)
        return proofs.slim(*args, cwd=self.folder, env=self.env, program=program)

    def build(self, name: str, *options: str) -> Path:
        """Build the tree quickly; return the zip."""
        args = ("build", str(self.tree), "-o", name, "--target", self.target, "--level", "1")
        done = proofs.slim(*args, *options, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"slim cannot build {self.tree}:\n{done.stdout}{done.stderr}")
        return self.folder / name

    def ask(self, artifact: Path, names: Sequence[str]) -> dict[str, Answer]:
        """Return what each event is answered; where a process ends at one, what it wrote."""
        events = self._run(artifact, names)["events"]
        answers = {name: _answer(event) for name, event in zip(names, events, strict=True)}
        for name in names:
            if not answers[name].kind:  # what came before has ended it, or this one did
                answers[name] = self.alone(artifact, name)
        return answers

    def alone(self, artifact: Path, name: str) -> Answer:
        """Return what one event is answered by a process of its own, with all that it logs."""
        run = self._run(artifact, [name])
        found = _answer(run["events"][0])
        return found._replace(whole=found.whole + run["output"])

    def starts(
        self, artifact: Path, other: Path, names: Sequence[str], count: int
    ) -> dict[str, Any]:
        """Return the figures of fresh starts, in turn with another artifact's."""
        options = ("--against", other.name, "--starts", str(count))
        figures: dict[str, Any] = self._verified(artifact, names, *options)["starts"]["figures"]
        return figures

    def _run(self, artifact: Path, names: Sequence[str]) -> dict[str, Any]:
        run: dict[str, Any] = self._verified(artifact, names)["run"]
        return run

    def _verified(self, artifact: Path, names: Sequence[str], *options: str) -> dict[str, Any]:
        own = ("--function", artifact.name) if self.is_function else (artifact.name,)
        args = ("verify", *own, "--target", self.target, *self.runs_as, *self._events(names))
        proofs.slim(*args, *options, "--json", "run.json", cwd=self.folder, env=self.env)
        document: dict[str, Any] = json.loads((self.folder / "run.json").read_bytes())
        return document

    def shrunk(
        self, uses: Sequence[str], before: Mapping[str, Answer], *options: str
    ) -> dict[str, str]:
        """Return what becomes of each name after a shrink with some uses."""
        done = self.shrink(uses, *options)
        if done.returncode:
            raise RuntimeError(f"slim cannot shrink {self.tree}:\n{done.stdout}{done.stderr}")
        return judged(self, before, self.build("after.zip", "--shrink", "slim.shrink.toml"))

    def _events(self, names: Sequence[str]) -> list[str]:
        return [word for name in names for word in ("--event", json.dumps({"do": name}))]


def _answer(event: dict[str, Any]) -> Answer:
    """Return what was answered, without what differs by itself: stacks, addresses, numbers."""
    said = event["answer"]
    if event["answered"] == "error":
        words = (said.get("errorType"), said.get("errorMessage"))
        return Answer("error", _VARIES.sub("0", json.dumps(words)), json.dumps(said))
    return Answer(event["answered"] or "", json.dumps(said))


def judge(before: Answer, after: Answer, dropped: bytes) -> str:
    """Return what a feature does after a shrink; ``dropped`` is the list that ships."""
    if before.is_like(after):
        return WORKS
    is_named = FILE in after.whole or asked_for(dropped, after.whole)
    if after.kind == "response":
        return TOLD if is_named else SILENT
    return NAMED if is_named else FAILS


def judged(probed: Probed, before: Mapping[str, Answer], artifact: Path) -> dict[str, str]:
    """Return what each name does in a shrunk artifact."""
    with zipfile.ZipFile(artifact) as archive:
        dropped = archive.read(LIST) if LIST in archive.namelist() else b""
    after = probed.ask(artifact, list(before))
    found = {name: judge(before[name], after[name], dropped) for name in before}
    for name, what in found.items():
        if what in {FAILS, SILENT}:  # what it logs tells more
            alone = probed.alone(artifact, name)
            found[name] = judge(before[name], alone, dropped)
    return found


def lay_out(name: str, folder: Path) -> Probed:
    """Lay out one of LAYOUTS in a new folder. Raises Unavailable."""
    folder.mkdir()
    return LAYOUTS[name](folder)


def _otp(folder: Path) -> Probed:
    """Lay out the layer, and a function that was compiled with it."""
    source = PROBES / "probe.ex"
    layer = otp_layer()
    _compiled(layer, source, folder / "function/ebin")
    shutil.make_archive(str(folder / "function"), "zip", folder / "function")
    runs = (
        "--function",
        "function.zip",
        "--handler",
        "probe.handle",
        "--runtime",
        "provided.al2023",
    )
    return Probed(folder, layer, source, runs_as=runs)


def _compiled(layer: Path, source: Path, dest: Path) -> None:
    dest.mkdir(parents=True)
    path = f"{layer.resolve() / 'bin'}:{os.defpath}"
    argv = ["elixirc", "--ignore-module-conflict", "-o", str(dest), str(source)]
    env = {"HOME": str(dest), "LANG": "C.UTF-8", "PATH": path}
    subprocess.run(argv, env=env, capture_output=True, check=True)


def _mix(folder: Path) -> Probed:
    source = PROBES / "probe.ex"
    app = shutil.copytree(HERE / "mix_app", folder / "app")
    shutil.copyfile(source, app / "lib/probe.ex")
    shutil.copyfile(PROBES / "runtime.ex", app / "lib/runtime.ex")
    make_release(otp_layer(), app, folder / "tree")
    shutil.copy(app / "bootstrap", folder / "tree/bootstrap")
    return Probed(folder, folder / "tree", source)


def _node(folder: Path) -> Probed:
    tree = shutil.copytree(node.application(), folder / "tree", symlinks=True)
    shutil.copy(PROBES / "probe.mjs", tree)
    path = f"{node.home() / 'bin'}:{os.environ['PATH']}"
    runs = ("--handler", "probe.handler")
    source = PROBES / "probe.mjs"
    return Probed(folder, tree, source, "nodejs22.x", runs, is_function=True, env={"PATH": path})


def _clojure(folder: Path) -> Probed:
    tree = shutil.copytree(jvm.tree(), folder / "tree", symlinks=True)
    shutil.copy(HERE / "jvm_app/bootstrap", tree)
    shutil.copyfile(PROBES / "probe.clj", tree / "runtime.clj")
    return Probed(folder, tree, PROBES / "probe.clj")


def _eight(folder: Path) -> Probed:
    tree = shutil.copytree(wheels.layer(*wheels.EIGHT), folder / "tree", symlinks=True)
    (folder / "function").mkdir()
    shutil.copy(PROBES / "app.py", folder / "function")
    shutil.make_archive(str(folder / "function"), "zip", folder / "function")
    runs = ("--function", "function.zip", "--handler", "app.handler", "--runtime", proofs.PYTHON)
    return Probed(folder, tree, PROBES / "app.py", "lambda-image", runs)


LAYOUTS: Mapping[str, Callable[[Path], Probed]] = {
    "OTP and Elixir layer": _otp,
    "Mix release": _mix,
    "Node application": _node,
    "JRE and Clojure uberjar": _clojure,
    proofs.EIGHT: _eight,
}
