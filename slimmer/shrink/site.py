"""An artifact laid out once, run many times: watched, and without what may go.

What may go is moved out of the way and back, within the scratch folder of one workspace.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from slimmer.errors import UsageError
from slimmer.folders import remove
from slimmer.inputs.image_programs import started
from slimmer.paths import parents
from slimmer.verify.emulated import run_emulated
from slimmer.verify.model import NONE, Job, Run
from slimmer.verify.proof import run_events
from slimmer.verify.rootfs import FUNCTION, LAYERS, Mount
from slimmer.verify.trace.supervisor import Trace, traced
from slimmer.verify.trace.syscalls import Access
from slimmer.verify.workspace import FOLDERS, Workspace, laid_out

NOTHING: Mapping[str, str] = MappingProxyType({})
#: Where the function sees a folder that it may write in a run at the desk.
DESK = "/tmp/slim-shrink"  # noqa: S108 - the function's own


@dataclass(frozen=True)
class Site:
    """Where an artifact runs."""

    workspace: Workspace
    job: Job
    #: Where Lambda unpacks it: /opt or /var/task; empty for an image, which is the root.
    place: str

    @property
    def seen_at(self) -> str:
        """Where it lies for the function, which is elsewhere where there is no sandbox."""
        return self.workspace.where[self.place] if self.place else ""

    @property
    def _root(self) -> Path:
        image = self.workspace.root
        return Path(image.folder) if image else self.workspace.scratch / FOLDERS[self.place]

    def watch(self, env: Mapping[str, str] = NOTHING) -> tuple[Run, frozenset[Access]]:
        """Run the events, and return what the processes named; ``env`` is set besides.

        Raises UsageError.
        """
        spec = self.workspace.spec
        spec = replace(spec, env={**spec.env, **env})
        with traced(self.workspace.launch) as (launch, trace):
            workspace = replace(self.workspace, launch=launch, spec=spec)
            result = run_events(workspace, self.job)
        return result, _seen(trace)

    def watch_emulated(self) -> tuple[Run, frozenset[Access]] | None:
        """Return the same of an image without the Runtime API, under the emulator in it.

        None where its entry script names no emulator that is there.
        """
        image = self.workspace.root
        if image is None or not image.emulator(started(image.source).command)[1]:
            return None
        with traced(self.workspace.apart()) as (launch, trace):
            result = run_emulated(image, launch, self.job)
        return result, _seen(trace)

    def run_at_desk(self, env: Callable[[str], Mapping[str, str]]) -> tuple[Run, list[bytes]]:
        """Run the events with a folder that they may write; return the files that lie in it then.

        ``env`` gives variables, of where the function sees the folder. What the function has of
        them already stands before.
        """
        workspace = self.workspace
        desk = workspace.scratch / "desk"
        desk.mkdir()
        desk.chmod(0o777)  # for the function, which runs as another user
        try:
            place = str(desk) if workspace.sandbox == NONE else DESK
            launch = workspace.with_mounts((Mount("own", DESK, str(desk)),))
            given = workspace.spec.env
            more = {n: f"{given.get(n, '')} {value}".strip() for n, value in env(place).items()}
            spec = replace(workspace.spec, env={**given, **more})
            result = run_events(replace(workspace, spec=spec, launch=launch), self.job)
            files = [file for file in sorted(desk.iterdir()) if file.is_file()]
            return result, [file.read_bytes() for file in files if not file.is_symlink()]
        finally:
            remove(desk)

    def read(self, path: str) -> bytes:
        """Return a file as it ships. Raises OSError."""
        return (self._root / path).read_bytes()

    def run_without(
        self, paths: Iterable[str], added: Mapping[str, bytes], whole: Iterable[str] = ()
    ) -> Run:
        """Run the events without these files and links, and with others in their place.

        ``whole`` are the paths whose folders go too, where nothing is left in them: Python takes
        an empty folder for a package. Afterwards all is as before.
        """
        with self._moved({*paths, *added}), self._without_folders(whole), self._added(added):
            return run_events(self.workspace, self.job)

    @contextmanager
    def _without_folders(self, paths: Iterable[str]) -> Iterator[None]:
        folders = {folder for path in paths for folder in parents(path)}
        gone: list[tuple[Path, int]] = []
        try:
            for folder in sorted(folders, key=len, reverse=True):  # what is inside goes first
                place = self._root / folder
                with contextlib.suppress(OSError):  # something is left in it, or it is no folder
                    mode = place.lstat().st_mode & 0o7777
                    place.rmdir()
                    gone.append((place, mode))
            yield
        finally:
            for place, mode in reversed(gone):
                place.mkdir(exist_ok=True)
                place.chmod(mode)

    @contextmanager
    def _moved(self, paths: Iterable[str]) -> Iterator[None]:
        root = self._root
        aside = self.workspace.scratch / "aside"
        aside.mkdir()
        moved: list[tuple[Path, Path]] = []
        try:
            for number, path in enumerate(sorted(paths)):
                there, away = root / path, aside / str(number)
                with contextlib.suppress(FileNotFoundError):
                    there.rename(away)
                    moved.append((there, away))
            yield
        finally:
            for there, away in moved:
                away.rename(there)
            aside.rmdir()

    @contextmanager
    def _added(self, files: Mapping[str, bytes]) -> Iterator[None]:
        root = self._root
        try:
            for path, data in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(data)
            yield
        finally:
            for path in files:
                (root / path).unlink(missing_ok=True)


@contextmanager
def site(job: Job) -> Iterator[Site]:
    """Give the site of a job, whose artifact is the image, the function, or the last layer.

    Raises as :func:`slimmer.verify.workspace.laid_out` does.
    """
    place = LAYERS if job.spec.layers else FUNCTION
    with laid_out(job.spec) as workspace:
        yield Site(workspace, job, "" if workspace.root else place)


def _seen(trace: Trace) -> frozenset[Access]:
    """Return what processes named. Raises UsageError where some of it could not be seen."""
    if trace.unread:
        raise UsageError(
            f"{trace.unread:,} calls of the function cannot be watched, so what it uses is not "
            "known; run slim shrink where it is built for this processor"
        )
    return frozenset(trace.accesses)
