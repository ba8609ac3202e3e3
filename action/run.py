"""What the Action's step runs: slim, and then what GitHub shows of it.

Inputs come as ``SLIM_*`` variables. Writes the outputs to ``$GITHUB_OUTPUT``, the report to
``$GITHUB_STEP_SUMMARY`` and each finding as an annotation to standard output; the exit code is
slim's. The formats are those of GitHub's "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from slimmer.errors import EXIT_OK, EXIT_USAGE, SlimError, UsageError

MODES = ("build", "check")
COMMANDS = {"fail": "error", "warn": "warning", "note": "notice"}
NOTHING_DONE = "slim ended without a report; remove --help and the like from options"
SHOWN = 10
"""GitHub shows so many annotations of each severity for one step, and no more."""


class Inputs(NamedTuple):
    """What the step was told; ``paths`` and ``options`` are what stood on a line each."""

    mode: str
    paths: tuple[str, ...]
    function: str
    output: str
    max: str
    baseline: str
    max_growth: str
    options: tuple[str, ...]
    target: str = ""
    arch: str = ""
    tier: str = ""
    verify: tuple[str, ...] = ()
    base_ref: str = ""


class Note(NamedTuple):
    """One annotation: its workflow command, the file that it is of, and its words."""

    command: str
    file: str
    title: str
    message: str


def inputs_from(env: Mapping[str, str]) -> Inputs:
    """Return the inputs that the variables hold. Raises UsageError for what cannot be run."""
    words = {name: env.get(f"SLIM_{name.upper()}", "").strip() for name in Inputs._fields}
    found = Inputs(
        mode=words["mode"],
        paths=_lines(env.get("SLIM_PATH", "")),
        function=words["function"],
        output=words["output"],
        max=words["max"],
        baseline=words["baseline"],
        max_growth=words["max_growth"],
        options=_lines(words["options"]),
        target=words["target"],
        arch=words["arch"],
        tier=words["tier"],
        verify=_lines(env.get("SLIM_VERIFY", "")),
        base_ref=words["base_ref"],
    )
    if found.mode not in MODES:
        raise UsageError(f"mode must be {' or '.join(MODES)}, not {found.mode!r}")
    if found.mode == "build" and len(found.paths) != 1:
        raise UsageError(f"path must name one tree to build, and names {len(found.paths)}")
    if found.mode == "check" and not (found.paths or found.function):
        raise UsageError("path must name the zips to check, one a line")
    _check_mode(found)
    return found


def _check_mode(found: Inputs) -> None:
    """Raise UsageError for an input that the mode would not look at."""
    building = found.mode == "build"
    others = ("base_ref",) if building else ("arch", "tier", "verify")
    for name in others:
        if getattr(found, name):
            other = "check" if building else "build"
            raise UsageError(f"{name.replace('_', '-')} is for mode {other}; remove it")
    if found.base_ref and not found.baseline:
        raise UsageError("base-ref needs to know the file; name it as baseline")
    if found.base_ref.startswith("-"):
        raise UsageError(f"base-ref {found.base_ref!r} is no branch; name one, such as main")


def baseline_of(inputs: Inputs, folder: Path) -> Inputs:
    """Return the inputs with the baseline that stands in the branch of ``base_ref``.

    Raises UsageError where git cannot fetch it; without ``base_ref`` nothing changes.
    """
    if not inputs.base_ref:
        return inputs
    name = os.path.relpath(inputs.baseline)
    fetch = ("git", "fetch", "--quiet", "--depth=1", "origin", "--", inputs.base_ref)
    show = ("git", "show", f"FETCH_HEAD:./{name}")
    for command in (fetch, show):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            why = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason"])[-1]
            raise UsageError(
                f"the baseline {name} of {inputs.base_ref} cannot be read ({why}); commit one "
                "there, or remove base-ref"
            )
    file = folder / "baseline.json"
    file.write_bytes(done.stdout)
    return inputs._replace(baseline=str(file))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def arguments(inputs: Inputs, report: Path, summary: Path) -> list[str]:
    """Return slim's arguments; the user's options stand before those that the step relies on."""
    building = inputs.mode == "build"
    pairs = [
        ("--with" if building else "--function", inputs.function),
        ("--max", inputs.max),
        ("--target", inputs.target),
        ("--arch", inputs.arch),
        ("--tier", inputs.tier),
        *(("--verify", event) for event in inputs.verify),
        ("--output", inputs.output),
        ("--baseline", inputs.baseline),
        ("--max-growth", inputs.max_growth),
    ]
    given = [word for pair in pairs if pair[1] for word in pair]
    faces = ["--json", str(report), "--markdown", str(summary)]
    return [inputs.mode, *given, *inputs.options, *faces, "--", *inputs.paths]


def run_slim(argv: Sequence[str]) -> tuple[int, str]:
    """Run slim; return its exit code and what it said on standard error.

    While it prints, the runner follows no command: a file's name may look like one.
    """
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    slim = [sys.executable, "-I", "-m", "slimmer"]  # whatever PYTHONPATH and folder the job has
    done = subprocess.run([*slim, *argv], stderr=subprocess.PIPE, check=False)
    said = done.stderr.decode("utf-8", "replace")
    print(said, end="")
    print(f"\n::{token}::", flush=True)
    return done.returncode, said


def outputs_of(inputs: Inputs, report: dict[str, Any]) -> dict[str, str]:
    """Return the outputs that speak of the zips, by name; sizes are whole bytes."""
    if inputs.mode == "check":
        return _outputs_of_zips([*inputs.paths, *filter(None, [inputs.function])], report["total"])
    artifact = next(iter(report["artifacts"]), None)
    if artifact is None:
        return {}
    return {
        "zip": _place(inputs.output or artifact["name"]) if report["written"] else "",
        "zip-bytes": str(artifact["zip_bytes"]),
        "unzipped-bytes": str(artifact["unzipped_bytes"]),
        "sha256": artifact["sha256"],
        "code-sha256": artifact["code_sha256"],
    }


def _outputs_of_zips(zips: Sequence[str], total: Mapping[str, int]) -> dict[str, str]:
    digests = [hashlib.sha256(Path(name).read_bytes()).digest() for name in zips]
    return {
        "zip": "\n".join(map(_place, zips)),
        "zip-bytes": str(total["zip_bytes"]),
        "unzipped-bytes": str(total["unzipped_bytes"]),
        "sha256": "\n".join(digest.hex() for digest in digests),
        "code-sha256": "\n".join(base64.b64encode(digest).decode() for digest in digests),
    }


def _place(name: str) -> str:
    """Return a path that later steps understand, which may start in another folder."""
    return str(Path(name).absolute())


def notes_of(inputs: Inputs, report: dict[str, Any], code: int, said: str) -> list[Note]:
    """Return an annotation for each finding, and one where slim failed for another reason."""
    title = f"slim {inputs.mode}"
    file = inputs.paths[0] if inputs.paths else inputs.function
    notes = [
        Note(COMMANDS[found["severity"]], file, f"{title}: {found['code']}", found["message"])
        for found in report.get("findings", ())
    ]
    if code != EXIT_OK and not any(note.command == "error" for note in notes):
        lines = said.strip().splitlines() or [f"ended with exit code {code}; see the log"]
        notes.append(Note("error", file, title, lines[-1].removeprefix("slim: ")))
    return notes


def fitting(notes: Sequence[Note]) -> list[Note]:
    """Return as many annotations as GitHub shows; the last of a severity stands for the rest."""
    shown = []
    for command in COMMANDS.values():
        same = [note for note in notes if note.command == command]
        over = len(same) - SHOWN
        if over > 0:
            more = f"and {over + 1} more; the step's summary and log have them"
            same = [*same[: SHOWN - 1], same[SHOWN - 1]._replace(message=more)]
        shown += same
    return shown


def command_line(note: Note, root: Path) -> str:
    """Return the workflow command that annotates a file, named as seen from ``root``."""
    properties = {
        "file": os.path.relpath(note.file, root) if note.file else "",
        "title": note.title,
    }
    given = ",".join(f"{name}={_escaped(text, ',:')}" for name, text in properties.items() if text)
    return f"::{note.command} {given}::{_escaped(note.message, '')}"


def _escaped(text: str, also: str) -> str:
    """Return the text with %, line ends and the characters of ``also`` as %XX."""
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + also else c for c in text)


def output_lines(outputs: Mapping[str, str]) -> str:
    """Return outputs as GITHUB_OUTPUT takes them; no value can end its own block."""
    end = f"end-{secrets.token_hex(16)}"
    return "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in outputs.items())


def failure_summary(mode: str, said: str) -> str:
    """Return a summary for a run that left no report: what slim said."""
    indented = "".join(f"    {line}\n" for line in said.strip().splitlines())
    return f"### slim {mode} failed\n\n{indented}"


def _append(variable: str, text: str) -> None:
    name = os.environ.get(variable)
    if name:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)


def step(inputs: Inputs, folder: Path) -> int:
    """Run slim with its reports in ``folder``, hand over what it found, return its exit code."""
    report_file, summary_file = folder / "report.json", folder / "summary.md"
    inputs = baseline_of(inputs, folder)
    argv = arguments(inputs, report_file, summary_file)
    code, said = run_slim(argv)
    report = json.loads(report_file.read_bytes()) if report_file.is_file() else {}
    if code == EXIT_OK and not report:
        code, said = EXIT_USAGE, NOTHING_DONE
    outputs = {
        "ok": "true" if code == EXIT_OK else "false",
        "report": str(report_file) if report else "",
        "markdown": str(summary_file) if report else "",
    }
    if report:
        outputs |= outputs_of(inputs, report)
    _append("GITHUB_OUTPUT", output_lines(outputs))
    summary = summary_file.read_text("utf-8") if report else failure_summary(inputs.mode, said)
    _append("GITHUB_STEP_SUMMARY", summary)
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    for note in fitting(notes_of(inputs, report, code, said)):
        print(command_line(note, root))
    return code


def main() -> int:
    """Run the step with the inputs of this process; return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the log takes any name
    try:
        inputs = inputs_from(os.environ)
        return step(inputs, Path(tempfile.mkdtemp(prefix="slim-", dir=os.environ["RUNNER_TEMP"])))
    except SlimError as error:
        print(command_line(Note("error", "", "slim", str(error)), Path()))
        _append("GITHUB_OUTPUT", output_lines({"ok": "false"}))
        _append("GITHUB_STEP_SUMMARY", failure_summary(os.environ.get("SLIM_MODE", ""), str(error)))
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
