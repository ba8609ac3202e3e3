"""What is wrong with a container image for Lambda: findings on its documents and its start.

Sources: AWS Lambda Developer Guide, "Create a Lambda function using a container image" (manifests
of Docker's v2.2 and OCI 1.0, no multi-architecture images, Lambda's own user); OCI image format 1.1
for media types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from slimmer.formats.executable import why_not
from slimmer.formats.oci import images_of
from slimmer.inputs.image import ImageTree
from slimmer.inputs.image_documents import ImageDocuments
from slimmer.inputs.image_layers import Layer
from slimmer.inputs.image_programs import is_folder, program, started, working_folder
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.tree_links import resolve
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_KIND = ("application/vnd.oci.image.", "application/vnd.docker.")
_TAKEN = {
    "the manifest": (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ),
    "the configuration": (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    ),
}
_LAYERS = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar",
)
_PACKINGS = {"": "", "+gzip": "gzip", ".gzip": "gzip", "+zstd": "zstd", ".zstd": "zstd"}
_ARCHITECTURES = ("amd64", "arm64")
_MACHINES = {62: "amd64", 183: "arm64", 3: "386", 40: "arm", 243: "riscv64"}  # e_machine
_SHOWN = 3
_WASTED_BYTES = 1_000_000  # from here on it is worth a line


def document_findings(name: str, said: ImageDocuments) -> Iterator[Finding]:
    """Yield what Lambda refuses of an image's documents."""
    around = f"{printable(name)}: "
    yield from _of_index(around, said)
    if said.parts is None:
        return
    types = {
        "the manifest": said.parts.media_type,
        "the configuration": said.parts.config.media_type,
    }
    for what, given in types.items():
        if given not in _TAKEN[what] and (given or what != "the manifest"):
            yield _media_type(around, what, given)
    wrong: Counter[str] = Counter()
    for at, (layer, packing) in enumerate(zip(said.parts.layers, said.packings, strict=True), 1):
        kind = next((k for k in _LAYERS if layer.media_type.startswith(k)), "")
        told = _PACKINGS.get(layer.media_type.removeprefix(kind)) if kind else None
        if told is None:
            yield _media_type(around, f"layer {at}", layer.media_type)
        elif packing is not None and packing != told:
            yield finding(
                "image-packing",
                f"{around}layer {at} is {_packed(packing)}, and its media type says "
                f"{_packed(told)}; pack it again, or use --fix",
            )
        elif told != "gzip" and not said.is_saved:
            wrong[told] += 1
    for told, count in wrong.items():
        yield _packing(around, told, count)


def _of_index(around: str, said: ImageDocuments) -> Iterator[Finding]:
    images = list({each.digest: each for each in images_of(said.listed)}.values())
    about = len({each.digest for each in said.listed}) - len(images)
    parts = []
    if len(images) > 1:
        names = sorted({each.architecture for each in images if each.architecture})
        parts.append(
            f"{len(images)} images" + (f" ({', '.join(map(printable, names))})" if names else "")
        )
    if about:
        parts.append(count_text(about, "attestation"))
    if parts or said.is_nested:
        what = f"an index of {' and '.join(parts)}" if parts else "an index of one image"
        yield finding(
            "image-index",
            f"{around}{what}, and Lambda takes the manifest of one image; build it for one "
            "platform with --provenance=false, or use --fix",
        )


def _media_type(around: str, what: str, given: str) -> Finding:
    reason = next((w for w in ("encrypted", "nondistributable", "foreign") if w in given), "")
    said = f" ({reason})" if reason else ""
    return finding(
        "image-media-type",
        f"{around}{what} is of the media type {printable(given[:80]) or 'none'}{said}, which "
        "Lambda refuses; build the image again with the usual types",
    )


def _packed(packing: str) -> str:
    return f"packed with {packing}" if packing else "not compressed"


def _packing(around: str, packing: str, count: int) -> Finding:
    layers = f"{count_text(count, 'layer')} {'is' if count == 1 else 'are'} {_packed(packing)}"
    if packing:
        line = f"{around}{layers}, and AWS says nothing of it; use gzip, or --fix"
        return finding("image-packing", line, Severity.WARN)
    return finding("image-packing", f"{around}{layers}, which Lambda refuses; use gzip, or --fix")


def start_findings(name: str, source: ImageTree) -> Iterator[Finding]:
    """Yield what keeps an image from starting on Lambda."""
    around, config = f"{printable(name)}: ", source.config
    system = config.document.get("os") or "linux"
    if system != "linux" or config.architecture not in ("", *_ARCHITECTURES):
        what = f"{printable(str(system))} on {printable(config.architecture)}"
        yield finding("image-processor", f"{around}for {what}, and Lambda has amd64 and arm64")
    if config.user not in ("", "0", "root"):
        user = printable(config.user)
        line = f"{around}it names the user {user}; Lambda runs it as one who may read what all may"
        yield finding("image-user", line)
    command = started(source).command
    if not command:
        line = f"{around}no Entrypoint and no Cmd, so Lambda has nothing to start; name one"
        yield finding("image-entry", line)
        return
    folder = working_folder(source)
    if not is_folder(source, folder):
        line = f"{around}it starts in {printable(folder)}, which is not there; make it"
        yield finding("image-entry", line)
    yield from _entry_findings(around, source, command[0])


def _entry_findings(around: str, source: ImageTree, name: str) -> Iterator[Finding]:
    found, shown = program(source, name), printable(name)
    if found is None:
        yield finding(
            "image-entry",
            f"{around}the entry point {shown} is not there; put it in, or fix the name",
        )
        return

    def exists(path: str) -> bool:
        return resolve(source.tree, path.strip("/")).end is not None

    reason = why_not(found.head, mode=found.mode, exists=exists)
    if reason:
        yield finding("image-entry", f"{around}the entry point {shown} {reason}")
    elif found.head.startswith(b"\x7fELF"):
        number = int.from_bytes(found.head[18:20], "little")
        machine = _MACHINES.get(number, f"machine {number}")
        said = source.config.architecture
        if said and machine != said:
            yield finding(
                "image-processor",
                f"{around}the entry point {shown} is for {machine}, and the image says "
                f"{printable(said)}; build it for that",
            )


def layer_findings(name: str, layers: tuple[Layer, ...]) -> Iterator[Finding]:
    """Yield a note where layers hold much that is not in the tree."""
    lost = sorted((each for layer in layers for each in layer.lost), key=lambda e: -e.size_bytes)
    wasted = sum(each.size_bytes for each in lost)
    if wasted >= _WASTED_BYTES:
        shown = ", ".join(printable(each.path) for each in lost[:_SHOWN])
        more = ", …" if len(lost) > _SHOWN else ""
        yield finding(
            "image-wasted",
            f"{printable(name)}: {count_text(len(lost), 'file')} of {size_text(wasted)} in its "
            f"layers are taken away or written over by later ones ({shown}{more})",
        )
