"""Container images as sources: an OCI layout, in a folder or a tar, and a tar of ``docker save``.

All that is read is held to its digest before anything is made of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, UsageError
from slimmer.formats import FormatError
from slimmer.formats.oci import (
    MAX_DOCUMENT_BYTES,
    Descriptor,
    ImageConfig,
    SavedImage,
    blob_path,
    images_of,
    parse_config,
    parse_index,
    parse_manifest,
    parse_saved,
    split_digest,
)
from slimmer.formats.tar import FILE, HARD_LINK, LINK, TarMember, tar_members
from slimmer.inputs.extent import Extent, gathered, opened, said_of, unpacked
from slimmer.inputs.layers import Layers
from slimmer.inputs.overlay import Overlay
from slimmer.inputs.tar_tree import Placed, StoredTree, tar_data, tree_of_tar
from slimmer.model.attributes import PLAIN_FOLDER, Attributes
from slimmer.model.base_tree import NO_BASE, BaseTree
from slimmer.model.tree import Kind
from slimmer.text import printable

MAX_IMAGE_BYTES = 10 * 1024**3  # of all layers unpacked, as Lambda's quota on images has it
MAX_INDEXES = 4  # one in the other
_MARK, _INDEX, _SAVED = "oci-layout", "index.json", "manifest.json"
_SHORT = 19  # characters of a digest that are shown: sha256: and twelve digits
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}  # as Go calls what --arch names

Find = Callable[[str], Extent | None]  # the name of a file or member -> its bytes, if it is there


class ImageLayer(NamedTuple):
    """A layer of an image."""

    #: As the image has it, and its tar.
    blob: Extent
    tar: Extent
    diff_id: str
    media_type: str


class _Told(NamedTuple):
    """What an image has beside its configuration and tree."""

    layers: tuple[ImageLayer, ...]
    annotations: Mapping[str, str]
    names: tuple[str, ...]


class ImageTree(StoredTree):
    """The tree that an image's layers make, and how the image is started."""

    def __init__(self, path: Path, placed: Mapping[str, Placed], config: ImageConfig, told: _Told):
        super().__init__(path, placed)
        self.config = config
        self.layers = told.layers
        self.annotations = told.annotations
        #: What the image is called.
        self.names = told.names

    def attributes(self, path: str) -> Attributes:
        """Return the attributes of a path; those of a plain folder where no layer names it."""
        placed = self._placed.get(path)
        return placed.attributes if placed else PLAIN_FOLDER

    def replaced(self, folder: str, tree: Overlay) -> ImageTree:
        """Return the image with what a tree, which was laid over it, has in a folder.

        A path that the image has keeps its attributes; what is new has the folder's owner. Raises
        InputError where it cannot be read.
        """
        new = [entry for entry in tree.tree.entries if tree.source_of(entry.path) is not self]
        files = [entry for entry in new if entry.kind is Kind.FILE]
        data = gathered((tree.read(entry.path) for entry in files), str(self.path))
        owner = self.attributes(folder).owner
        placed = {path: each for path, each in self._placed.items() if path in tree.tree.by_path}
        start = 0
        for at, entry in enumerate(new):
            is_file = entry.kind is Kind.FILE
            old = placed.get(entry.path)
            is_known = old is not None and old.entry.kind is entry.kind
            mode = 0o644 if is_file and not entry.executable else 0o755
            said = old.attributes if old and is_known else Attributes(mode, owner)
            own = data.within(start, entry.size_bytes) if is_file else None
            number = (len(self.layers), at)
            attributes = said._replace(target=entry.target, number=number)
            mtime_ns = tree.mtime_ns(entry.path) if is_file else 0
            placed[entry.path] = Placed(entry, mtime_ns, own, attributes)
            start += entry.size_bytes if is_file else 0
        told = _Told(self.layers, self.annotations, self.names)
        return ImageTree(self.path, placed, self.config, told)

    def of_base(self, count: int) -> BaseTree:
        """Return what the lowest layers make, and what of it the image still has as it is.

        Raises UsageError where the image has not so many layers.
        """
        if not count:
            return NO_BASE
        if count > len(self.layers):
            raise UsageError(
                f"--base-layers {count}: the image has {len(self.layers)} layers; name fewer"
            )
        below = Layers(MAX_IMAGE_BYTES)
        for layer in self.layers[:count]:
            below.apply(tar_members(layer.tar.read, layer.tar.size_bytes), layer.tar)
        placed = below.placed()
        alike = {path for path, each in placed.items() if _is_same(each, self._placed.get(path))}
        folders = {path for path, each in placed.items() if each.entry.kind is Kind.DIRECTORY}
        return BaseTree(count, frozenset(placed), frozenset(alike), frozenset(folders))


def _is_same(one: Placed, other: Placed | None) -> bool:
    """Return whether a path has the same content and attributes, whatever their times."""
    if other is None or one.entry != other.entry:
        return False
    if one.entry.kind is Kind.DIRECTORY:
        return one.attributes._replace(number=other.attributes.number) == other.attributes
    return one.attributes == other.attributes


def open_layout(path: Path, arch: str) -> ImageTree:
    """Return the image in an OCI layout. Raises InputError for what cannot be read or is wrong."""
    with said_of(str(path), "an image"):
        return _of_layout(path, finder_in(path), arch)


def finder_in(path: Path, data: Extent | None = None) -> Find:
    """Return what finds the files of an image: in a folder, or in the tar ``data``.

    Raises InputError where that cannot be read.
    """
    if data is not None:
        with said_of(str(path), "a tar"):
            return _finder(tar_members(data.read, data.size_bytes), data)

    def find(name: str) -> Extent | None:
        place = path / name
        is_inside = place.is_file() and not place.is_symlink()
        return opened(place) if is_inside else None

    return find


def open_tar(path: Path, arch: str) -> StoredTree:
    """Return a tar as a source: the image in it, or the tree that it unpacks to.

    One that is compressed is unpacked once. Raises InputError when it cannot be read, is a bomb,
    or has what must not be unpacked.
    """
    return tree_in(data_of(path), path, arch)


def data_of(path: Path) -> Extent:
    """Return the bytes of a tar, not compressed. Raises InputError when it cannot be read."""
    with said_of(str(path), "a tar"):
        return tar_data(path)


def tree_in(data: Extent, path: Path, arch: str) -> StoredTree:
    """Return what a tar holds that is not compressed; ``path`` names it. Raises InputError."""
    with said_of(str(path), "a tar"):
        members = list(tar_members(data.read, data.size_bytes))
        find = _finder(members, data)
    with said_of(str(path), "an image"):
        if find(_MARK) and find(_INDEX):
            return _of_layout(path, find, arch)
        saved = _saved(find)
        if saved:
            return _of_saved(path, find, saved, arch)
    with said_of(str(path), "a tar"):
        return tree_of_tar(members, data, path)


def _finder(members: Iterable[TarMember], data: Extent) -> Find:
    """Return what finds members of a tar; older tars of Docker name a layer twice by a link."""
    known = {posixpath.normpath(member.name): member for member in members}

    def find(name: str) -> Extent | None:
        member = known.get(posixpath.normpath(name))
        if member is not None and member.kind in (LINK, HARD_LINK):
            folder = posixpath.dirname(name) if member.kind == LINK else ""
            member = known.get(posixpath.normpath(posixpath.join(folder, member.target)))
        if member is None or member.kind != FILE:
            return None
        return data.within(member.start, member.size_bytes)

    return find


def _of_layout(path: Path, find: Find, arch: str) -> ImageTree:
    index = find(_INDEX)
    found = parse_index(_document(index)) if index else ()
    for _ in range(MAX_INDEXES):
        chosen = _chosen(path, found, arch)
        if not chosen.is_index:
            break
        found = parse_index(_document(_blob(find, chosen)))
    else:
        raise FormatError("its indexes name one another")
    manifest = parse_manifest(_document(_blob(find, chosen)))
    config = parse_config(_document(_blob(find, manifest.config)))
    same = (each.name for each in found if each.digest == chosen.digest)
    names = tuple(dict.fromkeys(filter(None, same)))
    blobs = [(_blob(find, layer), layer.media_type) for layer in manifest.layers]
    return _image(path, config, blobs, arch, _Told((), manifest.annotations, names))


def _saved(find: Find) -> tuple[SavedImage, ...]:
    """Return the images of ``docker save``; none where a file of the same name says otherwise."""
    listed = find(_SAVED)
    if listed is None:
        return ()
    try:
        images = parse_saved(_document(listed))
    except FormatError:
        return ()
    return images if all(image.config for image in images) else ()


def _of_saved(path: Path, find: Find, saved: tuple[SavedImage, ...], arch: str) -> ImageTree:
    if len(saved) > 1:
        tags = ", ".join(printable(image.tags[0]) for image in saved if image.tags)
        raise InputError(
            f"{printable(str(path))}: {len(saved)} images are in it ({tags}); save one of them"
        )
    config = parse_config(_document(_named(find, saved[0].config)))
    blobs = [(_named(find, name), "") for name in saved[0].layers]
    return _image(path, config, blobs, arch, _Told((), {}, saved[0].tags))


def _image(
    path: Path, config: ImageConfig, blobs: list[tuple[Extent, str]], arch: str, told: _Told
) -> ImageTree:
    if arch and config.architecture not in ("", ARCHITECTURES[arch]):
        raise _no_image_for(path, arch, [config.architecture])
    if len(blobs) != len(config.diff_ids):
        raise FormatError(
            f"its configuration names {len(config.diff_ids)} layers, its manifest {len(blobs)}"
        )
    layers, found = Layers(MAX_IMAGE_BYTES), []
    for (blob, media_type), diff_id in zip(blobs, config.diff_ids, strict=True):
        try:
            tar = unpacked(blob, str(path), MAX_IMAGE_BYTES)
            _check(tar, diff_id)
            layers.apply(tar_members(tar.read, tar.size_bytes), tar)
            found.append(ImageLayer(blob, tar, diff_id, media_type))
        except FormatError as error:
            raise FormatError(f"the layer {diff_id[:_SHORT]}: {error}") from None
    placed = layers.placed()
    if not placed:
        raise InputError(f"{printable(str(path))}: the image is empty; there is nothing to pack")
    return ImageTree(path, placed, config, told._replace(layers=tuple(found)))


def _chosen(path: Path, found: tuple[Descriptor, ...], arch: str) -> Descriptor:
    """Return the image, or the one for the processor. Raises InputError where there is not one."""
    images = list({each.digest: each for each in images_of(found)}.values())
    names = sorted({each.architecture for each in images if each.architecture})
    fitting = [e for e in images if not arch or e.architecture in ("", ARCHITECTURES[arch])]
    if not images:
        raise FormatError("it names no image")
    if not fitting:
        raise _no_image_for(path, arch, names)
    if len(fitting) > 1:
        advice = "save one of them" if arch or len(names) < 2 else "name one with --arch"
        what = f" ({', '.join(map(printable, names))})" if names else ""
        raise InputError(f"{printable(str(path))}: {len(fitting)} images are in it{what}; {advice}")
    return fitting[0]


def _no_image_for(path: Path, arch: str, names: Iterable[str]) -> InputError:
    others = ", ".join(map(printable, names))
    return InputError(
        f"{printable(str(path))}: no image for {ARCHITECTURES[arch]} is in it, only for {others}; "
        f"build one for it, or take another processor"
    )


def _named(find: Find, name: str) -> Extent:
    found = find(name)
    if found is None:
        raise FormatError(f"{printable(name)} is missing in it")
    return found


def _blob(find: Find, wanted: Descriptor) -> Extent:
    """Return a blob. Raises FormatError where it is missing or another than its digest says."""
    found = _named(find, blob_path(wanted.digest))
    if found.size_bytes != wanted.size_bytes:
        raise FormatError(f"the blob {wanted.digest[:_SHORT]} has another size than is said of it")
    _check(found, wanted.digest)
    return found


def _check(data: Extent, digest: str) -> None:
    algorithm, digits = split_digest(digest)
    if data.digest(algorithm) != digits:
        raise FormatError(f"what should be {digest[:_SHORT]} has another digest")


def _document(data: Extent) -> bytes:
    return data.read(0, MAX_DOCUMENT_BYTES + 1)
