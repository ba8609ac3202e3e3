"""An artifact laid out once, run with and without caches, beside a folder that it may write.

What is put into the artifact's folder is put into the scratch folder of one workspace.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from slimmer.errors import InputError
from slimmer.folders import files_in
from slimmer.model.times import ZIP_TIME_S
from slimmer.verify.model import Job, NotStartable, Run
from slimmer.verify.rootfs import FUNCTION, LAYERS, Mount
from slimmer.verify.runner import run
from slimmer.verify.sandboxes import RootfsSpec, choose
from slimmer.verify.workspace import FOLDERS, Workspace, laid_out

#: Where the function sees the folder that it may write.
DESK = "/tmp/slim-warm"  # noqa: S108 - the function's own
_END_S = 60.0  # a JVM writes its archive after it was told to end
_TOOL_S = 300.0


@dataclass(frozen=True)
class Plot:
    """Where an artifact runs; ``place`` is where Lambda unpacks it: /opt or /var/task."""

    workspace: Workspace
    job: Job
    place: str

    @property
    def root(self) -> Path:
        """The folder of the artifact on this machine."""
        return self.workspace.scratch / FOLDERS[self.place]

    @property
    def desk(self) -> Path:
        """The folder that the function may write, on this machine."""
        return self.workspace.scratch / "desk"

    def run(self, env: Mapping[str, str]) -> Run:
        """Run the events with further variables, and let the runtime end by itself.

        A variable that the function has already keeps its value before the new one. Raises
        InputError for a function that cannot be started.
        """
        given = self.workspace.spec.env
        both = {n: f"{given[n]} {value}" if n in given else value for n, value in env.items()}
        spec = replace(self.workspace.spec, env={**given, **both})
        try:
            start = replace(self.workspace, spec=spec).start()
        except NotStartable as reason:
            raise InputError(f"{reason}") from None
        return run(replace(start, end_s=_END_S), self.job.events, self.job.limits)

    def run_tool(self, *argv: str) -> str:
        """Run a program in the sandbox; return why it failed, or nothing."""
        launch = self.workspace.launch
        done = subprocess.run(  # noqa: S603 - the user's own runtime
            [*launch.argv, *argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TOOL_S,
            check=False,
            env={"PATH": os.defpath},
            **launch.options,
        )
        said = (done.stdout + done.stderr).strip().splitlines()
        return (said[-1] if said else f"exit code {done.returncode}") if done.returncode else ""

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files into the artifact's folder, as a zip's are unpacked."""
        for path, data in files.items():
            file = self.root / path
            folders = [each for each in file.parents if not each.exists()]
            for folder in reversed(folders):
                folder.mkdir()
                folder.chmod(0o755)  # whatever the umask
            file.write_bytes(data)
            file.chmod(0o644)
            os.utime(file, (ZIP_TIME_S, ZIP_TIME_S))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files that were put."""
        for path in paths:
            (self.root / path).unlink()

    def put_on_desk(self, name: str, text: str) -> str:
        """Write a file that the function may read; return where the function sees it."""
        file = self.desk / name
        file.write_text(text, "utf-8")
        file.chmod(0o644)
        return f"{DESK}/{name}"

    def from_desk(self) -> dict[str, bytes]:
        """Return the files that lie in the folder which the function may write, by their paths."""
        found = files_in(self.desk)
        files = (file for file in found if file.is_file() and not file.is_symlink())
        return {str(file.relative_to(self.desk)): file.read_bytes() for file in files}


@contextmanager
def plot(job: Job) -> Iterator[Plot]:
    """Give the plot of a job, whose artifact is the function, or the last layer without one.

    Raises as :func:`slimmer.verify.workspace.laid_out` does.
    """
    with laid_out(job.spec) as workspace:
        desk = workspace.scratch / "desk"
        desk.mkdir()
        desk.chmod(0o777)  # for the function, which runs as another user
        mounts = (*workspace.mounts, Mount("own", DESK, str(desk)))
        rootfs = RootfsSpec(mounts, workspace.scratch / "root")
        _, launch, _ = choose(workspace.sandbox, rootfs)
        opened = replace(workspace, mounts=mounts, launch=launch)
        yield Plot(opened, job, LAYERS if job.spec.layers else FUNCTION)
