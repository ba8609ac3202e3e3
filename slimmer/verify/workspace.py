"""The site of a run: a scratch folder with everything unpacked, and how to start in it.

Whatever happens, the folder is gone when the site is left.
"""

from __future__ import annotations

import contextlib
import os
import platform
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.formats.executable import HEAD_BYTES, why_not
from slimmer.model.forms import ENGINES
from slimmer.text import printable
from slimmer.verify.engines import BOOTSTRAP as OF_IMAGE
from slimmer.verify.engines import container
from slimmer.verify.extension_roll import MOST_EXTENSIONS
from slimmer.verify.host import hidden_mounts, host_mounts
from slimmer.verify.image_root import ImageRoot, unpack_image
from slimmer.verify.image_start import check_program, image_command
from slimmer.verify.machine_shell import machine_shell
from slimmer.verify.model import NONE, ArtifactRef, NotStartable, RunSpec
from slimmer.verify.rootfs import (
    FUNCTION,
    LANGUAGE,
    LAYERS,
    NOT_FOR_EXTENSIONS,
    RUNTIME,
    SEARCH_PATHS,
    Mount,
    environment,
    rootfs,
)
from slimmer.verify.runner import Start
from slimmer.verify.runtimes.program import Program
from slimmer.verify.runtimes.table import prepare
from slimmer.verify.sandboxes import SANDBOXES, Launch, RootfsSpec, choose
from slimmer.verify.scratch import scratch_folder
from slimmer.verify.stage import Command
from slimmer.verify.unpack import unpack

BOOTSTRAP, EXTENSIONS = "bootstrap", "extensions"
_MOST_BYTES = 1 << 20
WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
#: The folders of the scratch folder that lie at Lambda's places.
FOLDERS = {LAYERS: "opt", FUNCTION: "task", RUNTIME: "runtime"}


@dataclass(frozen=True)
class Workspace:
    """A plot that is laid out. ``where`` says where /opt and the like are for the function."""

    spec: RunSpec
    scratch: Path
    program: Program | None
    mounts: tuple[Mount, ...]
    where: Mapping[str, str]
    sandbox: str
    launch: Launch
    hidden: tuple[str, ...]
    warnings: tuple[str, ...]
    #: The image that is the root of it, if it is one.
    root: ImageRoot | None = None

    def start(self) -> Start:
        """Return how the function is started. Raises NotStartable, saying why it cannot be."""
        if self.root:
            return self._start_image(self.root)
        command = self._command()
        env = environment(
            handler=self.spec.handler,
            memory_bytes=self.spec.memory_bytes,
            runtime=self.spec.runtime,
            where=self.where,
        )
        for name, value in (self.program.env if self.program else {}).items():
            own = self._here(value)
            env[name] = f"{own}:{env[name]}" if name in env else own
        if self.launch.container:
            env = self.launch.container.variables(env)
        runtime = Command(command, {**env, **self.spec.env})
        cwd = str(self.scratch / "task")
        return Start(self.launch, runtime, self._extensions(runtime.env), cwd, self.spec.headers)

    def apart(self) -> Launch:
        """Return the same launch with a network of its own."""
        return SANDBOXES[self.sandbox](self._rootfs()._replace(is_private=True))

    def with_mounts(self, mounts: tuple[Mount, ...]) -> Launch:
        """Return the same launch with more mounts over those that it has."""
        made = self._rootfs()
        return SANDBOXES[self.sandbox](made._replace(mounts=(*made.mounts, *mounts)))

    def _rootfs(self) -> RootfsSpec:
        cwd = _folder(self.root) if self.root else FUNCTION
        return RootfsSpec(self.mounts, self.scratch / "root", cwd, self.launch.shell)

    def _start_image(self, root: ImageRoot) -> Start:
        of_lambda = environment(
            handler=self.spec.handler,
            memory_bytes=self.spec.memory_bytes,
            runtime="",
            where=self.where,
        )
        command = image_command(root, self.spec.handler)
        runtime = Command(command, {**root.variables(of_lambda), **self.spec.env})
        kept = {k: v for k, v in runtime.env.items() if k not in NOT_FOR_EXTENSIONS}
        names = root.inside(f"{LAYERS}/{EXTENSIONS}")
        extensions = {name: Command([f"{LAYERS}/{EXTENSIONS}/{name}"], kept) for name in names}
        for name, extension in extensions.items():
            check_program(root, extension.argv[0], f"the extension {printable(name)}")
        return Start(self.launch, runtime, extensions, root.folder, self.spec.headers)

    def read(self, name: str) -> bytes:
        """Return the beginnings of the files of a name at the roots of image, function, layers."""
        files = [self.scratch / FOLDERS[place] / name for place in (FUNCTION, LAYERS)]
        files = [Path(self.root.folder) / name] if self.root else files
        found = [_head(file, _MOST_BYTES) for file in files if _is_plain(file)]
        return b"\n".join(found)

    def _extensions(self, env: Mapping[str, str]) -> dict[str, Command]:
        """Return the programs that Lambda starts beside the runtime, by the names of their files.

        Raises NotStartable for one that cannot be.
        """
        own = self.program.env if self.program else {}
        kept = {k: v for k, v in env.items() if k not in NOT_FOR_EXTENSIONS}
        kept = {k: v for k, v in kept.items() if k not in own or k in SEARCH_PATHS}
        folder = self.scratch / "opt" / EXTENSIONS
        found = sorted(folder.iterdir()) if folder.is_dir() else ()
        files = [file for file in found if not file.is_dir()]
        if len(files) > MOST_EXTENSIONS:
            line = f"{LAYERS}/{EXTENSIONS} holds {len(files)} extensions"
            raise NotStartable(f"{line}, and Lambda starts at most {MOST_EXTENSIONS}; drop some")
        for file in files:
            shown = f"the extension {LAYERS}/{EXTENSIONS}/{printable(file.name)}"
            if reason := _why_not(shown, file, self._exists):
                raise NotStartable(reason)
        place = f"{self.where[LAYERS]}/{EXTENSIONS}"
        return {file.name: Command([f"{place}/{file.name}"], kept) for file in files}

    def _command(self) -> list[str]:
        if self.program is not None:
            return [*self._wrapper(), *(self._here(part) for part in self.program.command)]
        for place in (FUNCTION, LAYERS):
            file = self.scratch / FOLDERS[place] / BOOTSTRAP
            if os.path.lexists(file):
                name = f"{place}/{BOOTSTRAP}"
                reason = _why_not(name, file, self._exists)
                if reason:
                    raise NotStartable(reason)
                return [f"{self.where[place]}/{BOOTSTRAP}"]
        raise NotStartable(
            f"neither {FUNCTION}/{BOOTSTRAP} nor {LAYERS}/{BOOTSTRAP} is there; put one in, or "
            "name a managed runtime with --runtime"
        )

    def _wrapper(self) -> list[str]:
        """Return the script that a managed runtime starts instead of itself, if there is one.

        "Modifying the runtime environment" in the AWS Lambda Developer Guide.
        """
        path = self.spec.env.get(WRAPPER, "")
        if path and not self._exists(self._here(path)):
            raise NotStartable(
                f"{WRAPPER} is {printable(path)}, and that is not there; name a file"
            )
        return [self._here(path)] if path else []

    def _here(self, paths: str) -> str:
        """Return where paths of Lambda's are, with colons between, elsewhere without a sandbox."""
        return ":".join(self._at(path) for path in paths.split(":"))

    def _at(self, path: str) -> str:
        for place, real in self.where.items():
            if (path + "/").startswith(place + "/"):
                return real + path[len(place) :]
        return path

    def _exists(self, path: str) -> bool:
        """Return whether an absolute path is there for the function; of an image, that it may."""
        if self.launch.container:
            return True
        if self.sandbox == NONE:
            return Path(path).exists()
        return _seen(path, self.mounts)


def check_startable(spec: RunSpec) -> None:
    """Raise UsageError for a managed runtime that ``laid_out`` would not find here.

    That is known before there is anything to unpack.
    """
    if spec.root is None and spec.sandbox not in ENGINES:
        with scratch_folder() as scratch:
            prepare(spec, scratch / "runtime")


@contextlib.contextmanager
def laid_out(spec: RunSpec) -> Iterator[Workspace]:
    """Unpack everything into a scratch folder, which is gone afterwards.

    Raises InputError for what cannot be unpacked, UsageError for a runtime or a sandbox
    that cannot be had here.
    """
    with scratch_folder() as scratch:
        if spec.root is not None:
            yield _image(spec, spec.root, scratch)
            return
        bounds = spec.bounds
        used = unpack(spec.layers, scratch / "opt", LAYERS, bounds)
        left = bounds._replace(below_bytes=bounds.below_bytes - used)
        unpack((spec.function,) if spec.function else (), scratch / "task", FUNCTION, left)
        if spec.sandbox in ENGINES:
            yield _contained(spec, scratch)
            return
        program = prepare(spec, scratch / "runtime")
        places = {place: str(scratch / name) for place, name in FOLDERS.items()}
        hidden, names = hidden_mounts()
        mounts = rootfs(host_mounts(scratch), hidden, places, program.mounts if program else ())
        (scratch / "root").mkdir()
        name, launch, warning = choose(spec.sandbox, RootfsSpec(mounts, scratch / "root"))
        warnings = [warning] if warning else []
        where = {place: place for place in places}
        if name == NONE:
            where = {**places, LANGUAGE: _linked(program, scratch)}
        seen = () if name == NONE else names
        yield Workspace(spec, scratch, program, mounts, where, name, launch, seen, tuple(warnings))


def _image(spec: RunSpec, given: ArtifactRef, scratch: Path) -> Workspace:
    """Return what is run with an image as its root."""
    shell, brought = machine_shell()
    root = unpack_image(given, scratch / "image", platform.machine())
    (scratch / "root").mkdir()
    mounts = (*root.mounts(scratch), *brought)
    made = RootfsSpec(mounts, scratch / "root", _folder(root), shell)
    name, launch, warning = choose(spec.sandbox, made, may_be_none=False)
    warnings = (warning, *root.doubts) if warning else root.doubts
    where = {place: place for place in FOLDERS}
    return Workspace(spec, scratch, None, mounts, where, name, launch, (), warnings, root)


def _folder(root: ImageRoot) -> str:
    """Return where an image starts; the top where the folder that it names is not there."""
    return root.working_folder if root.is_folder(root.working_folder) else "/"


def _contained(spec: RunSpec, scratch: Path) -> Workspace:
    """Return what is run in a container, where the image knows how a managed runtime starts."""
    is_managed = bool(spec.runtime) and not spec.runtime.startswith("provided")
    if is_managed and not spec.handler:
        raise UsageError(f"--runtime {spec.runtime} needs --handler, such as app.handler")
    made = container(spec.sandbox or "", spec.image, is_managed=is_managed)
    own = {place: str(scratch / name) for place, name in FOLDERS.items()}
    launch = Launch(made.argv(spec.image, own), {}, 0, container=made)
    program = Program((OF_IMAGE,)) if is_managed else None
    where = {place: place for place in own}
    return Workspace(spec, scratch, program, (), where, made.engine, launch, (), ())


def _linked(program: Program | None, scratch: Path) -> str:
    """Make links in place of mounts, where there is no sandbox; return where /var/lang is.

    They lead to the programs in what is /var/lang/bin, and to the folders in /var/runtime.
    """
    folder = scratch / "lang"
    (folder / "bin").mkdir(parents=True)
    for name, real in (program.programs if program else {}).items():
        (folder / "bin" / name).symlink_to(real)
    for mount in program.mounts if program else ():
        if mount.place.startswith(f"{RUNTIME}/"):
            place = scratch / FOLDERS[RUNTIME] / Path(mount.place).name
            place.rmdir()
            place.symlink_to(mount.source)
    return str(folder)


def left_over(workspace: Workspace) -> tuple[str, ...]:
    """Return a warning where the folder of a workspace that was left could not be removed."""
    folder = workspace.scratch
    return (f"{folder}: could not be removed; remove it",) if os.path.lexists(folder) else ()


def _why_not(name: str, file: Path, exists: Callable[[str], bool]) -> str:
    """Return why a file cannot be started, empty where nothing speaks against it."""
    if file.is_symlink() and not file.exists():
        return ""  # its target may be somewhere that only the function can see
    if not file.is_file():
        return f"{name} is not a file; make it a program"
    mode = file.stat().st_mode
    if not mode & stat.S_IROTH and mode & stat.S_IXOTH:
        return ""  # may be run though not read
    head = _head(file) if mode & stat.S_IROTH else b""
    reason = why_not(head, mode=mode, machine=platform.machine(), exists=exists)
    return f"{name} {reason}" if reason else ""


def _seen(path: str, mounts: Sequence[Mount]) -> bool:
    """Return whether a path leads to something under these mounts; where in doubt, it does."""
    for mount in reversed(mounts):
        if path != mount.place and not path.startswith(mount.place.rstrip("/") + "/"):
            continue
        rest = path[len(mount.place) :]
        if mount.kind == "link":
            target = posixpath.join(posixpath.dirname(mount.place), mount.source)
            return _seen(posixpath.normpath(target + rest), mounts)
        if mount.kind == "bind":
            real = os.path.realpath(mount.source + rest)
            covered = any(
                real == m.place or real.startswith(m.place + "/")
                for m in mounts
                if m.kind in ("empty", "nothing")
            )
            return os.path.lexists(mount.source + rest) and not covered
        return mount.kind in ("proc", "dev")
    return False


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _head(file: Path, most_bytes: int = HEAD_BYTES) -> bytes:
    with file.open("rb") as opened:
        return opened.read(most_bytes)
