"""``slim init``: look at a project, and write a slim.toml for it."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.frame import command
from slimmer.cli.options import IN
from slimmer.cli.outputs import emit, write_files
from slimmer.cli.paths import real_path
from slimmer.errors import EXIT_OK, UsageError
from slimmer.text import printable

_NAME, _BOOTSTRAP, _MANIFEST = "slim.toml", "bootstrap", "package.json"
_MAX_BYTES = 4_000_000  # of a file that is looked at


@command("--dry-run")
@click.argument("folder", type=IN, default=".")
def init(folder: Path, *, dry_run: bool) -> int:
    """Look at the project in FOLDER, and write a slim.toml with an artifact for each function.

    It reads templates of SAM, CloudFormation and the Serverless Framework, Terraform's files, lock
    files and the manifests of Python, Node.js, Elixir and Clojure. A slim.toml that is there stays.
    """
    from slimmer.config.artifacts import parse_artifacts
    from slimmer.config.handlers import ENDINGS, STEMS
    from slimmer.config.proposal import FILES, Project, proposal
    from slimmer.inputs.generated import generated_in
    from slimmer.targets import target_names
    from slimmer.toml import Table

    if not folder.is_dir():
        raise UsageError(f"{printable(str(folder))}: not a folder; name that of the project")
    file = folder / _NAME
    if file.exists() and not dry_run:
        raise UsageError(f"{printable(str(file))}: already there; see slim init --dry-run")
    found = {name: folder / name for name in FILES if (folder / name).is_file()}
    found |= {f"{path.parent.name}/{path.name}": path for path in folder.glob(f"*/{_MANIFEST}")}
    files = {name: f.read_bytes() for name, f in found.items() if f.stat().st_size <= _MAX_BYTES}
    events = [
        path.relative_to(folder).as_posix()
        for pattern in ("event.json", "events/*.json")
        for path in sorted(folder.glob(pattern))
    ]
    names = frozenset(path.name for path in folder.iterdir())
    inner = [
        path.relative_to(folder).as_posix()
        for name in FILES
        for path in sorted(folder.glob(f"*/{name}"))
    ]
    sources = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("__init__.py", *(f"{stem}{ending}" for stem in STEMS for ending in ENDINGS))
        for path in (folder / name, *sorted(folder.glob(f"*/{name}")), *_in_packages(folder, name))
        if path.is_file() and path.stat().st_size <= _MAX_BYTES
    }
    started = [
        path.parent.relative_to(folder).as_posix()
        for path in (folder / _BOOTSTRAP, *sorted(folder.glob(f"*/{_BOOTSTRAP}")))
        if path.is_file()
    ]
    name = real_path(folder).name
    generated = generated_in(folder, folder / "package-lock.json")
    project = Project(name, files, names, events, inner, sources, started, generated)
    text, source = proposal(project, frozenset(target_names()))
    parse_artifacts(Table.parse(text, _NAME))  # what slim writes it must read
    if dry_run:
        emit(text)
        return EXIT_OK
    write_files({_NAME: file}, {_NAME: text.encode()})
    origin = f", from {source}" if source else ""
    emit(f"wrote {printable(str(file))}{origin}; look at it, then slim build\n")
    return EXIT_OK


def _in_packages(folder: Path, name: str) -> list[Path]:
    """Return the files of a name in the packages of src/, as of uv init, and in src/ of folders."""
    return [*sorted(folder.glob(f"src/*/{name}")), *sorted(folder.glob(f"*/src/{name}"))]
