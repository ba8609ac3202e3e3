"""Container images: their index, manifest and configuration (OCI image format 1.1, Docker's v2.2).

An index names a manifest for each processor, a manifest the configuration and the layers, the
configuration how the image is started. ``docker save`` writes a list of images instead.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from slimmer.formats import FormatError

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024  # of an index, manifest or configuration, as registries have
MAX_LAYERS = 500  # four times what Docker's storage takes
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"  # names in a layer: what is gone from those below it
_ATTESTATION = "vnd.docker.reference.type"  # an annotation of what is about a manifest, no image
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_DEFAULT_PLACE = "docker.io/library/"  # which people leave out
_DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})")
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_LAYER = re.compile(
    r"application/vnd\.(?:oci\.image\.layer\.v1\.tar|docker\.image\.rootfs\.diff\.tar)"
    r"(?:[+.](?:gzip|zstd))?"
)
#: What makes a layer one that cannot be read here, by what its media type holds.
_UNREADABLE = {"encrypted": "encrypted", "nondistributable": "foreign", "foreign": "foreign"}


class Descriptor(NamedTuple):
    """What names a blob: what it is, by which digest it is found, and how large it is."""

    media_type: str
    #: Its algorithm, a colon, hexadecimal digits.
    digest: str
    size_bytes: int
    #: The processor as Go calls it, such as amd64; empty where nothing is said.
    architecture: str = ""
    system: str = ""
    is_attestation: bool = False
    #: What the image is called, with its tag, where an index says so.
    name: str = ""

    @property
    def is_index(self) -> bool:
        """Whether it names manifests, and is none itself."""
        return self.media_type in _INDEXES


class Manifest(NamedTuple):
    """What an image is made of."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str]


class Parts(NamedTuple):
    """What a manifest says that it and its parts are."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]


class SavedImage(NamedTuple):
    """An image in a tar of ``docker save``: names of members of the tar."""

    config: str
    layers: tuple[str, ...]
    tags: tuple[str, ...]


class ImageConfig(NamedTuple):
    """How an image is started, and what its layers unpack to."""

    #: As Go calls it, such as amd64.
    architecture: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: tuple[str, ...]
    working_folder: str
    #: Whom it names to run as, which Lambda does not follow.
    user: str
    #: The digest of each layer's tar before it is compressed, the lowest first.
    diff_ids: tuple[str, ...]
    #: All that the document says.
    document: Mapping[str, Any]


def parse_index(data: bytes) -> tuple[Descriptor, ...]:
    """Return what an index names. Raises FormatError for what is none."""
    return tuple(map(_descriptor, _list(_document(data), "manifests")))


def parse_manifest(data: bytes) -> Manifest:
    """Return what a manifest names.

    Raises FormatError for what is none, and where a layer is encrypted, foreign or no layer.
    """
    document = _document(data)
    config = _descriptor(document.get("config"))
    layers = tuple(map(_descriptor, _list(document, "layers")))
    _check_count(layers)
    for layer in layers:
        kind = next((said for word, said in _UNREADABLE.items() if word in layer.media_type), "")
        if kind:
            raise FormatError(f"the layer {layer.digest} is {kind}")
        if not _LAYER.fullmatch(layer.media_type):
            raise FormatError(f"the layer {layer.digest} is of a media type that is not known")
    said = _table(document.get("annotations") or {})
    return Manifest(config, layers, {key: _text(said, key) for key in said})


def parse_parts(data: bytes) -> Parts:
    """Return what a manifest says that it and its parts are, whether they can be read or not.

    Raises FormatError for what is no manifest.
    """
    document = _document(data)
    config = _descriptor(document.get("config"))
    layers = tuple(map(_descriptor, _list(document, "layers")))
    _check_count(layers)
    return Parts(_text(document, "mediaType"), config, layers)


def parse_saved(data: bytes) -> tuple[SavedImage, ...]:
    """Return the images that ``docker save`` lists. Raises FormatError for what is no such list."""
    found = _json(data)
    rows = [_table(row) for row in (found if isinstance(found, list) else [None])]
    images = tuple(
        SavedImage(_text(row, "Config"), _texts(row, "Layers"), _texts(row, "RepoTags"))
        for row in rows
    )
    for image in images:
        _check_count(image.layers)
    return images


def parse_config(data: bytes) -> ImageConfig:
    """Return an image's configuration. Raises FormatError for what is none."""
    document = _document(data)
    how = _table(document.get("config") or {})
    diff_ids = _texts(_table(document.get("rootfs")), "diff_ids")
    return ImageConfig(
        architecture=_text(document, "architecture"),
        entrypoint=_texts(how, "Entrypoint"),
        command=_texts(how, "Cmd"),
        environment=_texts(how, "Env"),
        working_folder=_text(how, "WorkingDir"),
        user=_text(how, "User"),
        diff_ids=tuple(":".join(split_digest(each)) for each in diff_ids),
        document=document,
    )


def split_digest(text: str) -> tuple[str, str]:
    """Return a digest's algorithm and digits. Raises FormatError for what cannot be checked."""
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise FormatError(f"{text[:80]!r} is no digest of sha256 or sha512")
    return match[1] or match[3], match[2] or match[4]


def blob_path(digest: str) -> str:
    """Return where a blob lies in a layout."""
    return "blobs/" + digest.replace(":", "/")


def images_of(found: Iterable[Descriptor]) -> list[Descriptor]:
    """Return those of an index that are images, and not something about one."""
    return [each for each in found if not each.is_attestation and each.system != "unknown"]


def _check_count(layers: tuple[object, ...]) -> None:
    if len(layers) > MAX_LAYERS:
        raise FormatError("it has too many layers")


def _descriptor(value: object) -> Descriptor:
    row = _table(value)
    size_bytes = row.get("size")
    if not isinstance(size_bytes, int) or isinstance(size_bytes, bool) or size_bytes < 0:
        raise FormatError("a descriptor has no size")
    platform = _table(row.get("platform") or {})
    digest = ":".join(split_digest(_text(row, "digest")))
    annotations = _table(row.get("annotations") or {})
    return Descriptor(
        media_type=_text(row, "mediaType"),
        digest=digest,
        size_bytes=size_bytes,
        architecture=_text(platform, "architecture"),
        system=_text(platform, "os"),
        is_attestation=_ATTESTATION in annotations,
        name=next(filter(None, map(functools.partial(_name, annotations), _NAMES)), ""),
    )


def _name(annotations: dict[str, object], key: str) -> str:
    """Return what an annotation calls an image; empty where it only has a tag."""
    name = _text(annotations, key).removeprefix(_DEFAULT_PLACE)
    return name if ":" in name.rpartition("/")[2] else ""


def _document(data: bytes) -> dict[str, object]:
    return _table(_json(data))


def _json(data: bytes) -> object:
    if len(data) > MAX_DOCUMENT_BYTES:
        raise FormatError("its index, manifest or configuration is too long")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise FormatError("its index, manifest or configuration is no JSON") from None


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FormatError("its index, manifest or configuration is of another form")
    return value


def _list(table: dict[str, object], key: str) -> list[object]:
    value = table.get(key)
    if not isinstance(value, list):
        raise FormatError(f"its index, manifest or configuration has no {key}")
    return value


def _text(table: dict[str, object], key: str) -> str:
    """Return a text; empty where there is none. Raises FormatError for what is no text."""
    value = table.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormatError(f"its {key} is no text")
    return value


def _texts(table: dict[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key)
    return tuple(_each_text([] if value is None else value, key))


def _each_text(value: object, key: str) -> Iterator[str]:
    if not isinstance(value, list):
        raise FormatError(f"its {key} is no list")
    for each in value:
        if not isinstance(each, str):
            raise FormatError(f"its {key} holds what is no text")
        yield each
