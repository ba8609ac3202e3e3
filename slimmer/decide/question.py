"""The question that a run asks: what becomes of each path of a tree that is deployed somewhere.

``build``, ``explain``, ``inspect`` and ``rules`` ask it in the same words, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from slimmer.cache.readings import NO_READINGS, Readings
from slimmer.config.settings import Settings
from slimmer.config.shrink_file import parse_shrink
from slimmer.decide.entries import Entries, entries_of
from slimmer.decide.ignore import ignored
from slimmer.ecosystems.context import NOWHERE, Deployment
from slimmer.errors import UsageError
from slimmer.inputs.base import Source
from slimmer.inputs.folder import Folder
from slimmer.inputs.overlay import Overlay
from slimmer.inputs.templates import find_templates
from slimmer.inputs.zip_tree import ZipTree, open_zip
from slimmer.model.base_tree import NO_BASE, BaseTree
from slimmer.model.findings import Finding, finding
from slimmer.model.forms import FOLDER, IMAGES, ZIP, DeployedAs
from slimmer.model.rules import Rule, Tier, Verdict
from slimmer.model.shrunk import NOTHING, Shrunk
from slimmer.model.started import Started
from slimmer.rules.packs import Pack, load_packs
from slimmer.targets import find_targets
from slimmer.text import printable
from slimmer.toml import read_text

_IMAGE_TARGET = "lambda-image"
OF_IMAGES = ("lambda", _IMAGE_TARGET)  # the targets of what brings its own system


class Output(NamedTuple):
    """In which form an artifact comes out, and how many layers of an image stay below it."""

    form: str = ZIP
    base_layers: int = 0


AS_ZIP = Output()


@dataclass(frozen=True)
class Question:
    """All that decides what becomes of a tree, and nothing else."""

    source: Source
    packs: tuple[Pack, ...]
    settings: Settings
    deployment: Deployment = NOWHERE
    #: What there is to say of how the question was put.
    findings: tuple[Finding, ...] = ()
    #: What ``slim shrink`` found that no event needs.
    shrunk: Shrunk = NOTHING
    #: Whether that ships, and tells when it is used.
    observes: bool = False
    #: What the tree's own ``.slimignore`` says, the weightiest last.
    ignored: tuple[Rule, ...] = ()
    #: Drops that are only tried: what a guard asks for comes back.
    tried: Mapping[str, Verdict] = field(default_factory=dict)
    #: Whether what nothing reaches is looked for where it only is told.
    tells_reach: bool = True
    #: How the image is started whose root the tree is; None for any other tree.
    started: Started | None = None
    #: Whether what comes out has owners, modes and devices, as an image has.
    as_image: bool = False
    #: What lies in layers of the image that stay as they are.
    base: BaseTree = NO_BASE
    #: What former builds found in the files.
    readings: Readings = NO_READINGS

    def at(self, tier: Tier) -> Question:
        """Return the same question at a tier; what is only told is told at its own tier alone."""
        settings = replace(self.settings, tier=tier)
        return replace(self, settings=settings, tells_reach=tier is self.settings.tier)

    def deployed_as(self, kind: DeployedAs | None) -> Question:
        """Return the same question about what is deployed as a function, or as a layer."""
        return replace(self, deployment=replace(self.deployment, deployed_as=kind))

    def shaken(self) -> Question:
        """Return the same question with ``--tree-shake``."""
        return replace(self, settings=replace(self.settings, tree_shake=True))


def ask(
    source: Source,
    settings: Settings,
    siblings: Iterable[Path] = (),
    base_layers: Iterable[Path] = (),
    output: Output = AS_ZIP,
) -> Question:
    """Return the question about a tree that goes where the settings say.

    ``siblings`` are the zips deployed beside it, ``base_layers`` those below it. Raises UsageError
    for a target that there is not and for a file of ``slim shrink`` that cannot be followed,
    InputError for a zip that cannot be read.
    """
    image = _started(source, settings)
    if isinstance(source, Folder) and source.is_root:
        settings = replace(settings, entry=())
    as_image = output.form in IMAGES or (output.form == FOLDER and image is not None)
    if as_image:
        settings = replace(settings, target=_image_target(settings.target))
    target, targets = find_targets(settings.target)
    beside = tuple(open_zip(path) for path in siblings)
    below = tuple(open_zip(path) for path in base_layers)
    deployment = Deployment(
        target=target, targets=targets, siblings=(*beside, *below), base_layers=below
    )
    shrunk = NOTHING
    if settings.shrink:
        file = Path(settings.shrink)
        shrunk = parse_shrink(read_text(file), printable(file.name))
    started = Entries() if settings.entry else _of_templates(source, settings.prefix)
    settings = replace(settings, entry=settings.entry or started.names)
    return Question(
        source,
        load_packs(),
        settings,
        deployment,
        findings=(*started.findings, *(_no_start(image) if image and not as_image else ())),
        shrunk=shrunk,
        started=image,
        as_image=as_image,
        base=_base(source, output),
        ignored=ignored(source, gitignore=settings.gitignore),
    )


def _image_target(name: str) -> str:
    """Return the target of an image. Raises UsageError for one that brings its own system."""
    if name not in OF_IMAGES:
        raise UsageError(
            f"--target {name}: an image brings its own system; remove it, or write a zip"
        )
    return _IMAGE_TARGET


def _base(source: Source, output: Output) -> BaseTree:
    """Return what lies in the layers that stay. Raises UsageError where there are none."""
    if not output.base_layers:
        return NO_BASE
    from slimmer.inputs.image import ImageTree  # noqa: PLC0415 - what few trees need

    if output.form not in IMAGES or not isinstance(source, ImageTree):
        raise UsageError("--base-layers is of an image that becomes one; remove it")
    return source.of_base(output.base_layers)


def _started(source: Source, settings: Settings) -> Started | None:
    """Return how the image is started that a source is; None for any other source."""
    if isinstance(source, Folder) and source.is_root:
        return Started(settings.entry)
    if isinstance(source, Folder | ZipTree):
        return None
    from slimmer.inputs.image import ImageTree  # noqa: PLC0415 - what few trees need
    from slimmer.inputs.image_programs import started  # noqa: PLC0415

    return started(source) if isinstance(source, ImageTree) else None


def _no_start(image: Started) -> Iterator[Finding]:
    """Yield what of an image no zip can hold."""
    started = " ".join(image.command) or "nothing"
    variables = f"; {len(image.environment)} variables" if image.environment else ""
    yield finding(
        "image-config",
        f"a zip does not say how its image is started: {printable(started)}, in "
        f"{printable(image.folder)}{variables}; give the function a handler or a "
        "bootstrap that does so, and set its environment",
    )


def _of_templates(source: Source, prefix: str) -> Entries:
    """Return what the templates in the tree and around it say that is started."""
    is_root = isinstance(source, Folder) and source.is_root  # and its templates are of others
    root = source.root if isinstance(source, (Folder, Overlay)) and not is_root else None
    return entries_of(find_templates(source, root), source.tree, prefix)
