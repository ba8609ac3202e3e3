"""Reading the container image that the gate looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from slimmer.check.gate import IMAGE, CheckedZip
from slimmer.check.image_lint import document_findings, layer_findings, start_findings
from slimmer.errors import InputError
from slimmer.inputs.image import (
    ARCHITECTURES,
    ImageTree,
    data_of,
    finder_in,
    open_layout,
    tree_in,
)
from slimmer.inputs.image_documents import documents_of
from slimmer.inputs.image_layers import Layer, Lost, layers_of
from slimmer.inputs.looks import is_layout, is_stream
from slimmer.inputs.streams import stream_data
from slimmer.inputs.tar_tree import Placed, StoredTree
from slimmer.inventory.inventory import Inventory, inventory_of_tree
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Selector
from slimmer.model.tree import Entry, Kind
from slimmer.rules.packs import Pack
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import SecretRules, load_secret_rules
from slimmer.secrets.matcher import Search
from slimmer.secrets.scanner import Found, Secret, find_secrets
from slimmer.text import printable

#: What one manifest and gzip mend.
_MENDED = frozenset(("image-index", "image-media-type", "image-packing"))


class Looked(NamedTuple):
    """What is known of an image, what is said of the secrets in it, and itself or why it is not."""

    checked: CheckedZip
    secrets: list[Finding]
    image: ImageTree | InputError


def mended(checked: CheckedZip) -> CheckedZip:
    """Return what was found of an image, of which one as Lambda takes it was written."""
    findings = (
        each._replace(severity=Severity.NOTE) if each.code in _MENDED else each
        for each in checked.findings
    )
    return checked._replace(findings=tuple(findings))


def read_image(path: Path, arch: str, packs: Sequence[Pack], allowed: Sequence[Selector]) -> Looked:
    """Return what is known of an image.

    Of several images that for the processor ``arch`` is looked at. What cannot be read is a
    finding, too; raises InputError for what is no image.
    """
    name = str(path) if is_stream(path) else path.name or str(path)
    data = None if is_layout(path) else stream_data(path) if is_stream(path) else data_of(path)
    documents = documents_of(finder_in(path, data), ARCHITECTURES.get(arch, "amd64"))
    findings = list(document_findings(name, documents))
    try:
        source = tree_in(data, path, arch) if data else open_layout(path, arch)
    except InputError as error:
        said = {each.code for each in findings if each.severity is Severity.FAIL}
        if "image-media-type" not in said and not (said and "images are in it" in str(error)):
            findings.append(finding("image-unreadable", str(error)))
        return Looked(CheckedZip(IMAGE, Inventory(name, (), 0), 0, tuple(findings)), [], error)
    if not isinstance(source, ImageTree):
        raise InputError(
            f"{printable(str(path))}: a tar of files, and no image; name a zip, or an image"
        )
    layers = layers_of(source)
    findings += [*start_findings(name, source), *layer_findings(name, layers)]
    stored = sum(layer.stored_bytes for layer in layers)
    inventory = inventory_of_tree(name, source.tree, packs)
    checked = CheckedZip(
        IMAGE,
        Inventory(name, inventory.items, stored),
        len(source.tree.entries),
        tuple(findings),
        sum(layer.unpacked_bytes for layer in layers),
    )
    rules = load_secret_rules(examples=False)
    secrets = secret_findings(rules, _secrets(name, source, layers, rules), allowed)
    return Looked(checked, secrets, source)


def _secrets(
    name: str, source: ImageTree, layers: tuple[Layer, ...], rules: SecretRules
) -> Iterator[tuple[str, Found]]:
    """Yield what is secret in the tree, in what layers hold besides, and in the configuration."""
    files = [entry.path for entry in source.tree.entries if entry.kind is Kind.FILE]
    yield name, find_secrets(rules, source, [(path, path) for path in files])
    for at, layer in enumerate(layers, start=1):
        if layer.lost:
            gone = _Gone(source.path, layer.lost)
            found = find_secrets(rules, gone, [(each.path, each.path) for each in layer.lost])
            yield f"{name}, layer {at}, gone from the tree", found
    yield f"{name}, configuration", Found(tuple(_in_config(source.config.document, rules)))


class _Gone(StoredTree):
    """The files of a layer that are not in the tree."""

    def __init__(self, path: Path, lost: Sequence[Lost]):
        placed = {
            each.path: Placed(Entry(each.path, Kind.FILE, each.size_bytes), 0, each.data)
            for each in lost
        }
        super().__init__(path, placed)


def _in_config(document: Mapping[str, Any], rules: SecretRules) -> Iterator[Secret]:
    search = Search(rules)
    for place, text in _texts(document):
        if kinds := search.kinds_in(text.encode("utf-8", "surrogatepass")):
            yield Secret(place, tuple(kinds))


def _texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a configuration that people write, each with its place."""
    how = document.get("config") or {}
    for key in ("Env", "Entrypoint", "Cmd"):
        rows = how.get(key)
        for at, text in enumerate(rows if isinstance(rows, list) else ()):
            name = text.partition("=")[0] if key == "Env" else str(at + 1)
            yield f"{key} {name}", text
    labels = how.get("Labels")
    for name, text in labels.items() if isinstance(labels, dict) else ():
        if isinstance(text, str):
            yield f"Labels {name}", f"{name}={text}"
    history = document.get("history")
    for at, row in enumerate(history if isinstance(history, list) else (), start=1):
        for key in ("created_by", "comment"):
            text = row.get(key) if isinstance(row, dict) else None
            if isinstance(text, str):
                yield f"history {at}", text
