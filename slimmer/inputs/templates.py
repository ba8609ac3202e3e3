"""The deployment templates in or above a folder that is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from slimmer.inputs.base import Source
from slimmer.model.tree import Kind

#: The names of templates, of SAM and CloudFormation, and of the Serverless Framework.
SAM = ("template.yaml", "template.yml", "template.json")
SERVERLESS = ("serverless.yml", "serverless.yaml", "serverless.json")
_ABOVE = 3  # folders around the tree in which a template is looked for


class Template(NamedTuple):
    """A template that was found."""

    #: Its name, without folder.
    name: str
    #: Where the tree lies, relative to the template's folder.
    tree: str
    data: bytes


def find_templates(source: Source, root: Path | None) -> Iterator[Template]:
    """Yield the templates at a tree's top, and those of SAM in the folders around it.

    ``root`` is where the tree lies, None for one in an archive, around which there is nothing.
    A file that cannot be read is passed over, since nobody named it.
    """
    if root is None:
        for name in (*SAM, *SERVERLESS):
            entry = source.tree.by_path.get(name)
            if entry is not None and entry.kind is Kind.FILE:
                yield Template(name, ".", source.read(name))
        return
    top = root.resolve()
    for folder in (top, *top.parents[:_ABOVE]):
        for name in (*SAM, *SERVERLESS) if folder == top else SAM:
            file = folder / name
            if file.is_file():
                try:
                    yield Template(name, top.relative_to(folder).as_posix(), file.read_bytes())
                except OSError:
                    continue
