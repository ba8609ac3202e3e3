"""From a plan to the members of an image's new layer: what differs from the layers that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from slimmer.build.contents import Contents
from slimmer.formats.oci import WHITEOUT
from slimmer.inputs.base import Rooted
from slimmer.model.attributes import Attributes
from slimmer.model.base_tree import BaseTree
from slimmer.model.plan import Generated, Keep, Link, Plan, Shipped
from slimmer.model.times import ZIP_TIME_S
from slimmer.model.tree import Kind
from slimmer.outputs.layer import LayerMember, Loaded
from slimmer.paths import folder_of, parents


def layer_members(
    plan: Plan, contents: Contents, image: Rooted, base: BaseTree
) -> list[LayerMember]:
    """Return what ships and is not in the layers that stay, and what hides what is in them.

    Folders around what ships are members too: they have owners and modes.
    """
    folders = {folder for step in plan.shipped for folder in parents(step.entry.path)}
    steps = {step.entry.path: step for step in plan.shipped}
    names = {
        step.entry.path
        for step in plan.steps
        if step.entry.kind is Kind.DIRECTORY and step.entry.path in folders.union(steps)
    }
    found = [
        LayerMember(path, Kind.DIRECTORY, image.attributes(path), ZIP_TIME_S)
        for path in names
        if path not in base.alike
    ]
    files = [step for step in plan.shipped if step.entry.kind is not Kind.DIRECTORY]
    found += [
        _member(step, steps, contents, image) for step in files if step.entry.path not in base.alike
    ]
    names_of = Counter(each.same for each in found)
    found = [each if names_of[each.same] > 1 else each._replace(same="") for each in found]
    return [*found, *_whiteouts(image, base)]


def _member(
    step: Shipped, steps: dict[str, Shipped], contents: Contents, image: Rooted
) -> LayerMember:
    entry, time_s = step.entry, step.time_s if isinstance(step, Keep) else ZIP_TIME_S
    attributes = _attributes(step, image)
    if entry.kind is not Kind.FILE:
        return LayerMember(entry.path, entry.kind, attributes, time_s)
    has_bytes = steps[step.to] if isinstance(step, Link) else step

    def load() -> Loaded:
        content = contents.take(has_bytes)
        return Loaded(content.data, None if has_bytes is not step else content.change)

    return LayerMember(
        entry.path, Kind.FILE, attributes, time_s, load, _same(has_bytes, image, attributes)
    )


def _attributes(step: Shipped, image: Rooted) -> Attributes:
    if not isinstance(step, Generated):
        return image.attributes(step.entry.path)
    owner = image.attributes(step.source).owner
    return Attributes(0o755 if step.entry.executable else 0o644, owner)


def _same(has_bytes: Shipped, image: Rooted, attributes: Attributes) -> str:
    """Return what all names of one file have in common: its number, and its attributes."""
    if isinstance(has_bytes, Generated):
        return ""
    number = image.attributes(has_bytes.entry.path).number
    return repr((number, attributes.mode, attributes.owner, attributes.xattrs))


def _whiteouts(image: Rooted, base: BaseTree) -> Iterator[LayerMember]:
    """Yield what hides that of the layers that stay which layers above had taken away."""
    there = image.tree.by_path
    for path in sorted(base.paths):
        above = folder_of(path)
        parent = there.get(above) if above else None
        if path in there or (above and (parent is None or parent.kind is not Kind.DIRECTORY)):
            continue
        if above and above not in base.folders:
            continue
        name = path[len(above) + 1 :] if above else path
        whiteout = f"{above}/{WHITEOUT}{name}" if above else WHITEOUT + name
        yield LayerMember(whiteout, Kind.FILE, Attributes(0), ZIP_TIME_S, lambda: Loaded(b""))
